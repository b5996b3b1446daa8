/* SPDX-License-Identifier: Apache-2.0 */
/* Reading JSON: what RFC 8259 allows, no more, within limits, and errors say where. */
#include "test.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>

static int read(struct arena *arena, const char *text, struct json **ret_root, struct error *err)
{
	return json_read(arena, "c.json", text, strlen(text), NULL, ret_root, err);
}

TEST(every_type_of_value_is_read)
{
	autoarena arena = {};
	struct error err;
	struct json *root;
	expect_ok(read(&arena,
		       " {\"n\":null,\"t\":true,\"f\":false,\"i\":-12,"
		       "\"s\":\"x\",\"a\":[1,[]],\"o\":{}}\n",
		       &root, &err),
		  &err);
	expect_int(root->type, JSON_OBJECT);
	expect_int(root->n, 7);
	expect_text(root->keys[0], "n");
	expect_text(root->keys[6], "o");
	expect_int(json_get(root, "n")->type, JSON_NULL);
	expect_int(json_get(root, "t")->boolean, 1);
	expect_int(json_get(root, "f")->type, JSON_BOOL);
	expect_int(json_get(root, "f")->boolean, 0);
	expect_int(json_get(root, "i")->magnitude, 12);
	expect(json_get(root, "i")->is_negative);
	expect_text(json_get(root, "s")->text, "x");
	expect_int(json_get(root, "a")->n, 2);
	expect_int(json_get(root, "a")->items[1].type, JSON_ARRAY);
	expect_int(json_get(root, "a")->items[1].n, 0);
	expect_int(json_get(root, "o")->n, 0);
}

TEST(a_document_may_be_any_single_value)
{
	autoarena arena = {};
	struct error err;
	struct json *root;
	expect_ok(read(&arena, "7", &root, &err), &err);
	expect_int(root->magnitude, 7);
	expect_ok(read(&arena, "\"x\"", &root, &err), &err);
	expect_text(root->text, "x");
	expect_ok(read(&arena, "null", &root, &err), &err);
	expect_int(root->type, JSON_NULL);
}

TEST(get_finds_keys_of_objects_only)
{
	autoarena arena = {};
	struct error err;
	struct json *root;
	expect(json_get(NULL, "a") == NULL);
	expect_ok(read(&arena, "[1]", &root, &err), &err);
	expect(json_get(root, "a") == NULL);
	expect_ok(read(&arena, "{\"a\":1}", &root, &err), &err);
	expect(json_get(root, "b") == NULL);
	expect(json_get(json_get(root, "a"), "a") == NULL);
	expect_int(json_get(root, "a")->magnitude, 1);
}

TEST(integers_keep_their_whole_range)
{
	static const struct {
		const char *text;
		uint64_t magnitude;
		int is_integer, is_negative;
	} rows[] = {
		{ "0", 0, 1, 0 },
		{ "-0", 0, 1, 0 },
		{ "-1", 1, 1, 1 },
		{ "9223372036854775807", INT64_MAX, 1, 0 },
		{ "-9223372036854775808", 1ULL << 63, 1, 1 },
		{ "18446744073709551615", UINT64_MAX, 1, 0 },
		{ "18446744073709551616", 0, 0, 0 },
		{ "-9223372036854775809", 0, 0, 1 },
		{ "1e3", 0, 0, 0 },
		{ "1E+3", 0, 0, 0 },
		{ "1.0", 0, 0, 0 },
		{ "-1.5", 0, 0, 1 },
		{ "1e999999", 0, 0, 0 },
	};
	autoarena arena = {};
	struct error err;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct json *root;
		expect_ok(read(&arena, rows[i].text, &root, &err), &err);
		expect_int(root->type, JSON_NUMBER);
		expect_text(root->text, rows[i].text);
		expect_int(root->is_integer, rows[i].is_integer);
		expect_int(root->is_negative, rows[i].is_negative);
		if (rows[i].is_integer)
			expect(root->magnitude == rows[i].magnitude);
	}
}

TEST(a_number_of_a_thousand_digits_is_kept_as_text)
{
	autoarena arena = {};
	struct error err;
	struct json *root;
	char *digits = arena_printf(&arena, "%01000d", 0);
	memset(digits, '9', 1000);
	expect_ok(read(&arena, digits, &root, &err), &err);
	expect(!root->is_integer);
	expect_text(root->text, digits);
}

TEST(escapes_are_decoded)
{
	autoarena arena = {};
	struct error err;
	struct json *root;
	expect_ok(read(&arena,
		       "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20AC\\ud83d\\ude00\\\\u0000\"",
		       &root, &err),
		  &err);
	expect_text(root->text, "\"\\/\b\f\n\r\tA\u00e9\u20ac\U0001f600\\u0000");
	expect_int(root->n, strlen(root->text));
}

TEST(escaped_keys_are_decoded)
{
	autoarena arena = {};
	struct error err;
	struct json *root;
	expect_ok(read(&arena, "{\"\\u0061\\n\":1}", &root, &err), &err);
	expect_text(root->keys[0], "a\n");
}

struct wrong {
	const char *text, *problem;
};

static void expect_refused(const struct wrong *rows, size_t n)
{
	autoarena arena = {};
	for (size_t i = 0; i < n; i++) {
		struct error err;
		struct json untouched, *root = &untouched;
		expect_fail(read(&arena, rows[i].text, &root, &err), &err, rows[i].problem);
		expect_int(err.kind, ERROR_CONFIG);
		expect(root == &untouched);
	}
}

TEST(syntax_errors_say_line_and_column)
{
	static const struct wrong rows[] = {
		{ "", "c.json:1:1: premature EOF" },
		{ "  \n ", "c.json:2:2: premature EOF" },
		{ "[1", "c.json:1:3: premature EOF" },
		{ "{\"a\":", "c.json:1:6: premature EOF" },
		{ "\"abc", "premature EOF" },
		{ "[1,]", "c.json:1:4: unallowed token" },
		{ "{\"a\":1,}", "c.json:1:8: " },
		{ "{\n  \"a\" 1}",
		  "c.json:2:7: object key and value must be separated by a colon" },
		{ "{\"é\" 1}", "c.json:1:6: " },
		{ "{a:1}", "c.json:1:2: invalid char" },
		{ "{1:1}", "invalid object key" },
		{ "[tru]", "invalid string" },
		{ "nul", "invalid string" },
		{ "[1 2]", "c.json:1:4: after array element" },
		{ "[01]", "after array element" },
		{ "[1.]", "malformed number" },
		{ "[-]", "malformed number" },
		{ "[+1]", "invalid char" },
		{ "[.5]", "invalid char" },
		{ "[NaN]", "invalid char" },
		{ "[1e]", "malformed number" },
		{ "'a'", "invalid char" },
		{ "\xef\xbb\xbf{}", "invalid char" },
		{ "[\\u0041]", "invalid char" },
		{ "/* x */ 1", "comment" },
		{ "// x\n1", "comment" },
		{ "}", "unallowed token" },
		{ "[}", "unallowed token" },
		{ "{]", "invalid object key" },
		{ "\"\\q\"", "inside a string" },
		{ "\"\\u12g4\"", "invalid (non-hex) character" },
		{ "\"a\tb\"", "invalid character inside string" },
		{ "\"a\nb\"", "invalid character inside string" },
		{ "\"\\", "inside a string" },
		{ "\"\\u12", "invalid (non-hex) character" },
	};
	expect_refused(rows, sizeof(rows) / sizeof(rows[0]));
}

TEST(bytes_after_the_document_are_refused)
{
	static const struct wrong rows[] = {
		{ "{}x", "trailing garbage" },   { "{}}", "trailing garbage" },
		{ "{} {}", "trailing garbage" }, { "1 2", "trailing garbage" },
		{ "null,", "trailing garbage" }, { "[]\n\n[]", "c.json:3:" },
	};
	expect_refused(rows, sizeof(rows) / sizeof(rows[0]));
}

TEST(a_nul_byte_is_refused_in_and_outside_of_strings)
{
	autoarena arena = {};
	struct error err;
	struct json *root;
	expect_fail(json_read(&arena, "c.json", "[1]\0", 4, NULL, &root, &err), &err,
		    "trailing garbage");
	expect_fail(json_read(&arena, "c.json", "\"a\0b\"", 5, NULL, &root, &err), &err,
		    "inside string");
	expect_fail(json_read(&arena, "c.json", NULL, 0, NULL, &root, &err), &err, "premature EOF");
}

TEST(an_escaped_nul_is_refused_in_values_and_keys)
{
	static const struct wrong rows[] = {
		{ "[\"a\\u0000b\"]", "c.json:1:4: NUL in a string" },
		{ "{\"\\u0000\":1}", "NUL in a string" },
		{ "{\n\"a\":\"\\\\\\u0000\"}", "c.json:2:8: NUL in a string" },
	};
	expect_refused(rows, sizeof(rows) / sizeof(rows[0]));
}

TEST(half_a_surrogate_pair_is_refused)
{
	static const struct wrong rows[] = {
		{ "\"\\ud800\"", "c.json:1:2: first half" },
		{ "\"\\uD83D\\\"", "first half" },
		{ "\"\\ud83dx\"", "first half" },
		{ "\"\\ud83d\\n\"", "first half" },
		{ "\"\\ud83d\\\\q\"", "first half" },
		{ "\"\\ud83d\\u0041\"", "first half" },
		{ "\"\\ud83d\\ud83d\"", "first half" },
		{ "\"\\udc00\"", "second half" },
		{ "\"\\uDFFF\\ud800\"", "second half" },
		{ "\"\\ud83d\\ude00\\ude00\"", "c.json:1:14: second half" },
	};
	expect_refused(rows, sizeof(rows) / sizeof(rows[0]));
}

TEST(invalid_utf8_is_refused)
{
	static const struct wrong rows[] = {
		{ "[\"a\xff\"]", "c.json:1:4: invalid UTF-8" },
		{ "\"\xc0\x80\"", "invalid UTF-8" },
		{ "\"\xed\xa0\x80\"", "invalid UTF-8" },
		{ "\"\xf5\x80\x80\x80\"", "invalid UTF-8" },
		{ "\"\xe2\x82\"", "invalid UTF-8" },
		{ "\xff", "c.json:1:1: invalid UTF-8" },
	};
	expect_refused(rows, sizeof(rows) / sizeof(rows[0]));
}

TEST(duplicate_keys_are_refused_at_their_place)
{
	static const struct wrong rows[] = {
		{ "{\"a\":1,\n \"a\":2}", "c.json:2:2: duplicate key 'a'" },
		{ "{\"x\":{\"b\":1,\"c\":2,\"b\":3}}", "c.json:1:19: duplicate key 'b'" },
		{ "{\"a\":1,\"\\u0061\":2}", "duplicate key 'a'" },
		{ "{\"\":1,\"\":2}", "duplicate key ''" },
	};
	expect_refused(rows, sizeof(rows) / sizeof(rows[0]));
}

TEST(equal_keys_in_different_objects_are_fine)
{
	autoarena arena = {};
	struct error err;
	struct json *root;
	expect_ok(read(&arena, "{\"a\":{\"a\":[{\"a\":1},{\"a\":2}]},\"A\":1}", &root, &err), &err);
}

/* {"k0":0,"k1":0,…} of n members, one of them with another's key when duplicate >= 0. */
static const char *wide_object(struct arena *arena, int n, int duplicate)
{
	struct text text = { .arena = arena };
	text_add(&text, "{");
	for (int i = 0; i < n; i++)
		text_printf(&text, "%s\n\"k%d\":%d", i ? "," : "", i == duplicate ? n - 1 - i : i,
			    i);
	text_add(&text, "}");
	return text.data;
}

TEST(duplicates_are_found_in_objects_of_every_size)
{
	static const int sizes[] = { 2, 3, 31, 32, 33, 34, 100, 5000 };
	autoarena arena = {};
	struct error err;
	struct json *root;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		int n = sizes[i];
		expect_ok(read(&arena, wide_object(&arena, n, -1), &root, &err), &err);
		expect_int(root->n, n);
		expect_int(root->items[n - 1].magnitude, n - 1);
		expect_fail(read(&arena, wide_object(&arena, n, n - 1), &root, &err), &err,
			    "duplicate key 'k0'");
		char place[32];
		(void)snprintf(place, sizeof(place), "c.json:%d:1: ", n + 1); /* fits */
		expect_contains(err.text, place);
	}
}

TEST(a_long_duplicate_key_is_cut_in_the_message)
{
	autoarena arena = {};
	struct error err;
	struct json *root;
	const char *key = arena_printf(&arena, "%0200d", 0);
	const char *text = arena_printf(&arena, "{\"%s\":1,\"%s\":2}", key, key);
	expect_fail(read(&arena, text, &root, &err), &err, "duplicate key '000");
	expect(strlen(err.text) < 120);
}

static const char *nested(struct arena *arena, size_t depth)
{
	char *text = arena_alloc(arena, 2 * depth + 1);
	memset(text, '[', depth);
	memset(text + depth, ']', depth);
	return text;
}

TEST(the_default_depth_is_64)
{
	autoarena arena = {};
	struct error err;
	struct json *root;
	expect_ok(read(&arena, nested(&arena, 64), &root, &err), &err);
	expect_fail(read(&arena, nested(&arena, 65), &root, &err), &err,
		    "c.json:1:65: nested too deeply");
	expect_fail(read(&arena, nested(&arena, 1000000), &root, &err), &err, "nested too deeply");
}

TEST(depth_counts_what_is_open_not_what_was)
{
	autoarena arena = {};
	struct error err;
	struct json *root;
	struct json_limits limits = { .bytes = 1000, .depth = 2, .values = 100 };
	const char *text = "[[],[],[],{},{},{}]";
	expect_ok(json_read(&arena, "c.json", text, strlen(text), &limits, &root, &err), &err);
	expect_int(root->n, 6);
	text = "[[],{\"a\":[]}]";
	expect_fail(json_read(&arena, "c.json", text, strlen(text), &limits, &root, &err), &err,
		    "nested too deeply");
}

TEST(the_number_of_values_is_limited)
{
	autoarena arena = {};
	struct error err;
	struct json *root;
	struct json_limits limits = { .bytes = 1000, .depth = 10, .values = 4 };
	expect_ok(json_read(&arena, "c.json", "[1,2,3]", 7, &limits, &root, &err), &err);
	expect_fail(json_read(&arena, "c.json", "[1,2,3,4]", 9, &limits, &root, &err), &err,
		    "too many values");
	expect_fail(json_read(&arena, "c.json", "[[[[[]]]]]", 10, &limits, &root, &err), &err,
		    "too many values");
	expect_fail(json_read(&arena, "c.json", "[{},{},\"\",null]", 15, &limits, &root, &err),
		    &err, "too many values");
	expect_fail(json_read(&arena, "c.json", "[true,1,{},false]", 17, &limits, &root, &err),
		    &err, "too many values");
}

TEST(the_number_of_bytes_is_limited)
{
	autoarena arena = {};
	struct error err;
	struct json *root;
	struct json_limits limits = { .bytes = 4, .depth = 10, .values = 4 };
	expect_ok(json_read(&arena, "c.json", "[12]", 4, &limits, &root, &err), &err);
	expect_fail(json_read(&arena, "c.json", "[123]", 5, &limits, &root, &err), &err,
		    "c.json: larger than 4 bytes");
}

TEST(types_have_names)
{
	expect_text(json_type_name(JSON_NULL), "null");
	expect_text(json_type_name(JSON_BOOL), "boolean");
	expect_text(json_type_name(JSON_NUMBER), "number");
	expect_text(json_type_name(JSON_STRING), "string");
	expect_text(json_type_name(JSON_ARRAY), "array");
	expect_text(json_type_name(JSON_OBJECT), "object");
}
