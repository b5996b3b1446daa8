/* SPDX-License-Identifier: Apache-2.0 */
/* Writing JSON: always valid, always visible, commas where they belong. */
#include "test.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"

#include <stdint.h>
#include <string.h>

static const char *string(struct arena *arena, const char *text)
{
	struct text out = { .arena = arena };
	json_write_string(&out, text);
	return out.data;
}

TEST(strings_are_quoted_and_escaped)
{
	autoarena arena = {};
	expect_text(string(&arena, ""), "\"\"");
	expect_text(string(&arena, "a b/c"), "\"a b/c\"");
	expect_text(string(&arena, "\"\\"), "\"\\\"\\\\\"");
	expect_text(string(&arena, "é€😀"), "\"é€😀\"");
}

TEST(control_characters_of_both_blocks_are_escaped)
{
	autoarena arena = {};
	expect_text(string(&arena, "\x01\n\x1b\x1f\x7f"),
		    "\"\\u0001\\u000a\\u001b\\u001f\\u007f\"");
	expect_text(string(&arena, "\xc2\x80\xc2\x9f\xc2\xa0"), "\"\\u0080\\u009f\xc2\xa0\"");
}

TEST(characters_that_deceive_a_reader_are_escaped)
{
	autoarena arena = {};
	expect_text(string(&arena, "\u2028\u2029\u202e\u2066\u200f\u061c\ufeff"),
		    "\"\\u2028\\u2029\\u202e\\u2066\\u200f\\u061c\\ufeff\"");
	expect_text(string(&arena, "שלום\u200d"), "\"שלום\u200d\"");
}

TEST(bytes_that_are_no_utf8_become_replacement_characters)
{
	autoarena arena = {};
	expect_text(string(&arena, "a\xff"
				   "b"),
		    "\"a\\ufffdb\"");
	expect_text(string(&arena, "\xe2\x82"), "\"\\ufffd\\ufffd\"");
	expect_text(string(&arena, "\xed\xa0\x80"), "\"\\ufffd\\ufffd\\ufffd\"");
}

static const char *rewritten(struct arena *arena, const char *text)
{
	struct error err;
	struct json *root;
	if (json_read(arena, "test", text, strlen(text), NULL, &root, &err) < 0)
		return arena_strdup(arena, err.text);
	struct text out = { .arena = arena };
	json_write(&out, root);
	return out.data;
}

TEST(what_was_read_is_written_without_spaces_in_the_same_order)
{
	autoarena arena = {};
	const char *text = "{\"b\":[1,-2,3.50,1e3,[],{}],"
			   "\"a\":{\"x\":null,\"y\":true,\"z\":false},\"\":\"\\\"{\"}";
	expect_text(rewritten(&arena, text), text);
	expect_text(rewritten(&arena, " [ 1 , \"[\" , { } ]\n"), "[1,\"[\",{}]");
	expect_text(rewritten(&arena, "18446744073709551616"), "18446744073709551616");
	expect_text(rewritten(&arena, "\"\\ud83d\\ude00\\u0007\""), "\"😀\\u0007\"");
}

TEST(a_number_that_was_never_text_is_written_too)
{
	autoarena arena = {};
	struct text out = { .arena = &arena };
	json_write(&out, &(struct json){ .type = JSON_NUMBER,
					 .is_integer = true,
					 .is_negative = true,
					 .magnitude = 1ULL << 63 });
	expect_text(out.data, "-9223372036854775808");
}

TEST(builders_put_commas_between_members_only)
{
	autoarena arena = {};
	struct text out = { .arena = &arena };
	json_open(&out, NULL, '{');
	json_add_string(&out, "s", "x{");
	json_add_string(&out, "absent", NULL);
	json_add_int(&out, "i", INT64_MIN);
	json_add_uint(&out, "u", UINT64_MAX);
	json_add_bool(&out, "b", true);
	json_open(&out, "a", '[');
	json_add_int(&out, NULL, 1);
	json_add_string(&out, NULL, "[");
	json_open(&out, NULL, '{');
	json_close(&out, '}');
	json_open(&out, NULL, '[');
	json_close(&out, ']');
	json_close(&out, ']');
	json_key(&out, "k:");
	json_write(&out, &(struct json){ .type = JSON_NULL });
	json_close(&out, '}');
	text_add(&out, "\n");
	json_open(&out, NULL, '{');
	json_close(&out, '}');
	expect_text(
		out.data,
		"{\"s\":\"x{\",\"i\":-9223372036854775808,\"u\":18446744073709551615,\"b\":true,"
		"\"a\":[1,\"[\",{},[]],\"k:\":null}\n{}");
}
