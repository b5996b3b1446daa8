/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 against the examples of NIST, and in pieces of every size. */
#include "test.h"

#include "base/sha256.h"

#include <string.h>

static const char *hex(const char *text)
{
	static char digest[SHA256_HEX];
	sha256_hex(text, strlen(text), digest);
	return digest;
}

TEST(the_examples_of_fips_180_come_out)
{
	expect_text(hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	expect_text(hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	expect_text(hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
		    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	expect_text(hex("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
			"hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"),
		    "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
}

TEST(a_million_letters_come_out)
{
	struct sha256 hash;
	unsigned char digest[32];
	char letters[1000];
	memset(letters, 'a', sizeof(letters));
	sha256_begin(&hash);
	for (int i = 0; i < 1000; i++)
		sha256_add(&hash, letters, sizeof(letters));
	sha256_end(&hash, digest);
	static const unsigned char expected[32] = {
		0xcd, 0xc7, 0x6e, 0x5c, 0x99, 0x14, 0xfb, 0x92, 0x81, 0xa1, 0xc7,
		0xe2, 0x84, 0xd7, 0x3e, 0x67, 0xf1, 0x80, 0x9a, 0x48, 0xa4, 0x97,
		0x20, 0x0e, 0x04, 0x6d, 0x39, 0xcc, 0xc7, 0x11, 0x2c, 0xd0,
	};
	expect_int(memcmp(digest, expected, sizeof(digest)), 0);
}

TEST(pieces_of_any_size_give_the_digest_of_the_whole)
{
	unsigned char text[300];
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (unsigned char)(i * 7);

	for (size_t n = 0; n <= sizeof(text); n++) {
		struct sha256 whole, pieces;
		unsigned char expected[32], actual[32];
		sha256_begin(&whole);
		sha256_add(&whole, text, n);
		sha256_end(&whole, expected);

		sha256_begin(&pieces);
		for (size_t at = 0, piece = 1; at < n; at += piece, piece = piece * 2 % 131 + 1) {
			if (piece > n - at)
				piece = n - at;
			sha256_add(&pieces, text + at, piece);
		}
		sha256_end(&pieces, actual);
		expect_int(memcmp(actual, expected, sizeof(actual)), 0);
	}
}
