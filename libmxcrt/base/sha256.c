/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 as FIPS 180-4 describes it. */
#include "base/sha256.h"

#include <string.h>

/* From the cube roots of the first 64 primes (FIPS 180-4, 4.2.2). */
/* clang-format off */
static const uint32_t constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5,
	0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
	0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
	0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5,
	0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
/* clang-format on */

static uint32_t rotate(uint32_t word, unsigned bits)
{
	return word >> bits | word << (32 - bits);
}

static void schedule_fill(uint32_t schedule[64], const unsigned char block[64])
{
	for (size_t i = 0; i < 16; i++)
		schedule[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
			      (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
	for (size_t i = 16; i < 64; i++) {
		uint32_t a = schedule[i - 15], b = schedule[i - 2];
		uint32_t small0 = rotate(a, 7) ^ rotate(a, 18) ^ a >> 3;
		uint32_t small1 = rotate(b, 17) ^ rotate(b, 19) ^ b >> 10;
		schedule[i] = schedule[i - 16] + small0 + schedule[i - 7] + small1;
	}
}

/* One round; what it makes of d and h becomes the e and a of the next. */
#define ROUND(a, b, c, d, e, f, g, h, i)                                                         \
	do {                                                                                     \
		h += (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + (g ^ (e & (f ^ g))) +      \
		     constants[i] + schedule[i];                                                 \
		d += h;                                                                          \
		h += (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) | (c & (a | b))); \
	} while (0)

static void block_add(uint32_t state[8], const unsigned char block[64])
{
	uint32_t schedule[64];
	schedule_fill(schedule, block);

	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
	/* The letters move instead of the values: that halves the time. */
	for (size_t i = 0; i < 64; i += 8) {
		ROUND(a, b, c, d, e, f, g, h, i);
		ROUND(h, a, b, c, d, e, f, g, i + 1);
		ROUND(g, h, a, b, c, d, e, f, i + 2);
		ROUND(f, g, h, a, b, c, d, e, i + 3);
		ROUND(e, f, g, h, a, b, c, d, i + 4);
		ROUND(d, e, f, g, h, a, b, c, i + 5);
		ROUND(c, d, e, f, g, h, a, b, i + 6);
		ROUND(b, c, d, e, f, g, h, a, i + 7);
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
	state[5] += f;
	state[6] += g;
	state[7] += h;
}

void sha256_begin(struct sha256 *hash)
{
	/* From the square roots of the first eight primes (FIPS 180-4, 5.3.3). */
	*hash = (struct sha256){ .state = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
					    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 } };
}

void sha256_add(struct sha256 *hash, const void *bytes, size_t n)
{
	const unsigned char *at = bytes;
	while (n > 0) {
		size_t filled = hash->length % 64, room = 64 - filled, taken = n < room ? n : room;
		if (taken == 64) {
			block_add(hash->state, at);
		} else {
			memcpy(hash->block + filled, at, taken);
			if (taken == room)
				block_add(hash->state, hash->block);
		}
		hash->length += taken;
		at += taken;
		n -= taken;
	}
}

void sha256_end(struct sha256 *hash, unsigned char digest[32])
{
	/* A one bit, zeros, and the length in bits up to a block's end (FIPS 180-4, 5.1.1). */
	static const unsigned char padding[64] = { 0x80 };
	uint64_t bits = 8 * hash->length;
	size_t filled = hash->length % 64;
	sha256_add(hash, padding, filled < 56 ? 56 - filled : 120 - filled);

	unsigned char length[8];
	for (unsigned i = 0; i < 8; i++)
		length[i] = (unsigned char)(bits >> (56 - 8 * i));
	sha256_add(hash, length, sizeof(length));

	for (unsigned i = 0; i < 32; i++)
		digest[i] = (unsigned char)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
}

void sha256_hex(const void *bytes, size_t n, char ret_hex[SHA256_HEX])
{
	static const char digits[] = "0123456789abcdef";
	struct sha256 hash;
	unsigned char digest[32];
	sha256_begin(&hash);
	sha256_add(&hash, bytes, n);
	sha256_end(&hash, digest);
	for (size_t i = 0; i < sizeof(digest); i++) {
		ret_hex[2 * i] = digits[digest[i] >> 4];
		ret_hex[2 * i + 1] = digits[digest[i] & 15];
	}
	ret_hex[SHA256_HEX - 1] = '\0';
}
