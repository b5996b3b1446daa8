/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 is taken strictly. */
#include "test.h"

#include "base/utf8.h"

#include <string.h>

static size_t valid(const char *bytes)
{
	return utf8_valid((const unsigned char *)bytes, strlen(bytes));
}

TEST(characters_of_every_length_are_decoded)
{
	static const struct {
		const char *bytes;
		uint32_t character;
		size_t length;
	} rows[] = {
		{ "a", 'a', 1 },
		{ "\x7f", 0x7f, 1 },
		{ "\xc2\x80", 0x80, 2 },
		{ "\xdf\xbf", 0x7ff, 2 },
		{ "\xe0\xa0\x80", 0x800, 3 },
		{ "\xed\x9f\xbf", 0xd7ff, 3 },
		{ "\xee\x80\x80", 0xe000, 3 },
		{ "\xef\xbf\xbf", 0xffff, 3 },
		{ "\xf0\x90\x80\x80", 0x10000, 4 },
		{ "\xf4\x8f\xbf\xbf", 0x10ffff, 4 },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t character = 0;
		const unsigned char *bytes = (const unsigned char *)rows[i].bytes;
		expect_int(utf8_decode(bytes, strlen(rows[i].bytes), &character), rows[i].length);
		expect_int(character, rows[i].character);
	}
}

TEST(overlong_surrogate_cut_and_too_large_forms_are_refused)
{
	static const char *const wrong[] = {
		"\x80", /* continues nothing */
		"\xbf",
		"\xc0\x80", /* overlong NUL */
		"\xc1\xbf",
		"\xe0\x9f\xbf",     /* overlong U+07FF */
		"\xf0\x8f\xbf\xbf", /* overlong U+FFFF */
		"\xed\xa0\x80",     /* surrogates */
		"\xed\xbf\xbf",
		"\xf4\x90\x80\x80", /* beyond U+10FFFF */
		"\xf5\x80\x80\x80",
		"\xf8\x88\x80\x80\x80",
		"\xfe",
		"\xff",
		"\xc3", /* cut */
		"\xe2\x82",
		"\xf0\x9f\x98",
		"\xc3"
		"a",
		"\xe2\x82"
		"a",
	};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		expect_int(valid(wrong[i]), 0);
}

TEST(the_first_wrong_byte_is_found_wherever_it_stands)
{
	char text[64];
	for (size_t at = 0; at < 40; at++) {
		memset(text, 'a', 40);
		text[40] = '\0';
		expect_int(valid(text), 40);
		text[at] = '\xff';
		expect_int(valid(text), at);
	}
	expect_int(valid("ééééééééé"), 18);
	expect_int(valid("aaaaaaaé\xff"), 9);
	expect_int(valid(""), 0);
}
