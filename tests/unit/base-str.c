/* SPDX-License-Identifier: Apache-2.0 */
/* Conversions accept whole numbers only; suggestions are near; texts grow. */
#include "test.h"

#include "base/arena.h"
#include "base/str.h"

#include <stdint.h>
#include <string.h>

TEST(two_nulls_are_equal_and_one_is_not)
{
	expect(str_equal(NULL, NULL));
	expect(!str_equal(NULL, ""));
	expect(!str_equal("", NULL));
	expect(str_equal("a", "a"));
	expect(!str_equal("a", "b"));
}

TEST(starts_and_ends_look_at_whole_prefixes)
{
	expect(str_starts("abc", "ab"));
	expect(str_starts("abc", ""));
	expect(!str_starts("ab", "abc"));
	expect(str_ends("abc", "bc"));
	expect(str_ends("abc", ""));
	expect(!str_ends("bc", "abc"));
	expect(!str_ends("abcd", "bc"));
}

TEST(an_unsigned_number_is_digits_and_nothing_else)
{
	static const char *const wrong[] = { "",   " 1",  "1 ",  "+1",  "-1", "-0",
					     "1x", "0x1", "1.0", "1e3", "٣" };
	uint64_t number = 77;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		expect_int(str_to_u64(wrong[i], UINT64_MAX, &number), -1);
	expect_int(number, 77);
	expect_int(str_to_u64("007", UINT64_MAX, &number), 0);
	expect_int(number, 7);
}

TEST(unsigned_limits_are_kept)
{
	uint64_t number = 77;
	expect_int(str_to_u64("18446744073709551615", UINT64_MAX, &number), 0);
	expect(number == UINT64_MAX);
	expect_int(str_to_u64("18446744073709551616", UINT64_MAX, &number), -1);
	expect_int(str_to_u64("99999999999999999999999999", UINT64_MAX, &number), -1);
	expect_int(str_to_u64("255", 255, &number), 0);
	expect_int(str_to_u64("256", 255, &number), -1);
	expect_int(number, 255);
}

TEST(signed_limits_are_kept)
{
	int64_t number = 77;
	expect_int(str_to_i64("-9223372036854775808", INT64_MIN, INT64_MAX, &number), 0);
	expect(number == INT64_MIN);
	expect_int(str_to_i64("9223372036854775807", INT64_MIN, INT64_MAX, &number), 0);
	expect(number == INT64_MAX);
	expect_int(str_to_i64("-9223372036854775809", INT64_MIN, INT64_MAX, &number), -1);
	expect_int(str_to_i64("9223372036854775808", INT64_MIN, INT64_MAX, &number), -1);
	expect_int(str_to_i64("-1001", -1000, 1000, &number), -1);
	expect_int(str_to_i64("1001", -1000, 1000, &number), -1);
	expect(number == INT64_MAX);
	expect_int(str_to_i64("-1000", -1000, 1000, &number), 0);
	expect_int(number, -1000);
	expect_int(str_to_i64("-0", -1000, 1000, &number), 0);
	expect_int(number, 0);
	expect_int(str_to_i64("-", -1000, 1000, &number), -1);
	expect_int(str_to_i64("--1", -1000, 1000, &number), -1);
	expect_int(str_to_i64("", -1000, 1000, &number), -1);
}

TEST(sizes_have_units_of_1024)
{
	static const struct {
		const char *text;
		uint64_t size;
	} rows[] = {
		{ "0", 0 },
		{ "4096", 4096 },
		{ "10B", 10 },
		{ "1k", 1 << 10 },
		{ "1Ki", 1 << 10 },
		{ "1KB", 1 << 10 },
		{ "512M", 512ULL << 20 },
		{ "512m", 512ULL << 20 },
		{ "1MiB", 1 << 20 },
		{ "2G", 2ULL << 30 },
		{ "3T", 3ULL << 40 },
		{ "4P", 4ULL << 50 },
		{ "7E", 7ULL << 60 },
		{ "9223372036854775807", INT64_MAX },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t size = 77;
		expect_int(str_to_size(rows[i].text, &size), 0);
		expect(size == rows[i].size);
	}
}

TEST(malformed_and_endless_sizes_are_refused)
{
	static const char *const wrong[] = {
		"",
		"M",
		"-1M",
		"1.5G",
		" 1M",
		"1M ",
		"1MM",
		"1Mi1",
		"1iB",
		"1MBi",
		"1X",
		"1 M",
		"8E",
		"9223372036854775808",
		"9007199254740992K",
		"99999999999999999999999",
	};
	uint64_t size = 77;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		expect_int(str_to_size(wrong[i], &size), -1);
	expect_int(size, 77);
}

TEST(a_suggestion_is_near_or_none)
{
	static const char *const names[] = { "readonlyPaths", "readwritePaths", "mode", "egress" };
	static const struct {
		const char *text, *nearest;
	} rows[] = {
		{ "readonlyPath", "readonlyPaths" },
		{ "readOnlyPaths", "readonlyPaths" },
		{ "readwritepaths", "readwritePaths" },
		{ "mdoe", "mode" },
		{ "egres", "egress" },
		{ "mode", "mode" },
		{ "ode", "mode" },
		{ "mo", NULL },
		{ "", NULL },
		{ "something", NULL },
		{ "a-text-that-is-much-longer-than-any-key-that-anybody-would-ever-have-written",
		  NULL },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect_text(str_nearest(rows[i].text, names, 4), rows[i].nearest);
	expect_text(str_nearest("mode", NULL, 0), NULL);
}

TEST(very_long_names_are_never_suggested)
{
	char name[100];
	memset(name, 'a', sizeof(name));
	name[65] = '\0';
	const char *names[] = { name };
	char text[100];
	memset(text, 'a', sizeof(text));
	text[64] = '\0';
	expect_text(str_nearest(text, names, 1), NULL);
	name[64] = '\0';
	expect_text(str_nearest(text, names, 1), name);
}

TEST(splitting_keeps_empty_parts_but_nothing_has_no_parts)
{
	autoarena arena = {};
	char **list = str_split(&arena, "a,,bc,", ',');
	expect_text(list[0], "a");
	expect_text(list[1], "");
	expect_text(list[2], "bc");
	expect_text(list[3], "");
	expect_text(list[4], NULL);
	expect_text(str_split(&arena, "", ',')[0], NULL);
	list = str_split(&arena, "one", ',');
	expect_text(list[0], "one");
	expect_text(list[1], NULL);
}

TEST(cutting_spares_whole_characters)
{
	expect_int(str_cut("abc", 5), 3);
	expect_int(str_cut("abc", 3), 3);
	expect_int(str_cut("abc", 2), 2);
	expect_int(str_cut("aé", 2), 1);
	expect_int(str_cut("aé", 3), 3);
	expect_int(str_cut("a😀b", 4), 1);
	expect_int(str_cut("a😀b", 5), 5);
	expect_int(str_cut("é", 1), 0);
	expect_int(str_cut("", 0), 0);
	/* Not UTF-8: somewhere, but not beyond. */
	expect(str_cut("\x80\x80\x80\x80\x80\x80\x80", 6) <= 6);
}

TEST(visible_text_has_no_control_characters_and_fits)
{
	char buffer[16];
	expect_int(str_visible(buffer, sizeof(buffer), "a\tb\x7f"), 10);
	expect_text(buffer, "a\\x09b\\x7f");
	expect_int(str_visible(buffer, 4, "abc"), 3);
	expect_text(buffer, "abc");
	expect_int(str_visible(buffer, 4, "abcd"), 3);
	expect_text(buffer, "abc");
	expect_int(str_visible(buffer, 4, "abé"), 2);
	expect_text(buffer, "ab");
	expect_int(str_visible(buffer, 4, "a\nb"), 1);
	expect_text(buffer, "a");
	expect_int(str_visible(buffer, 1, "abc"), 0);
	expect_text(buffer, "");
	buffer[0] = '#';
	expect_int(str_visible(buffer, 0, "abc"), 0);
	expect_int(buffer[0], '#');
}

TEST(a_text_grows_and_stays_terminated)
{
	autoarena arena = {};
	struct text text = { .arena = &arena };
	text_add(&text, "");
	expect_text(text.data, "");
	for (int i = 0; i < 1000; i++) {
		text_add(&text, "ab");
		text_add_n(&text, "cdx", 2);
		text_printf(&text, "%d", 7);
	}
	expect_int(text.n, 5000);
	expect_int(strlen(text.data), 5000);
	expect_text(text.data + 4990, "abcd7abcd7");
	text_printf(&text, "%05000d", 1);
	expect_int(strlen(text.data), 10000);
}
