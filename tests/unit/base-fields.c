/* SPDX-License-Identifier: Apache-2.0 */
/* Field tables: every type of row, what is required, what is unknown, and the paths in errors. */
#include "test.h"

#include "base/arena.h"
#include "base/fields.h"
#include "base/json.h"

#include <stdint.h>
#include <string.h>

struct point {
	int64_t x, y;
	bool has_y;
};

struct sample {
	const char *string;
	bool boolean, has_boolean;
	int64_t i64, i64_small;
	uint64_t u64, u64_small;
	uint32_t u32, u32_small;
	struct strings strings;
	struct string_map map;
	int mode;
	struct point point;
	struct point *pointer;
	struct objects points;
	const struct json *json;
	size_t custom;
	const char *custom_path;
};

static const struct fields point_fields = {
	.name = "point",
	.size = sizeof(struct point),
	.rows =
		(const struct field[]){
			{ "x", FIELD_I64, offsetof(struct point, x), .required = true },
			{ "y", FIELD_I64, offsetof(struct point, y),
			  offsetof(struct point, has_y) },
			{},
		},
};

static int custom_read(const struct field_context *context, const struct json *value,
		       const char *path, void *target, struct error *err)
{
	(void)context;
	if (value->type != JSON_ARRAY)
		return fail(err, ERROR_CONFIG, "custom wants an array at %s", path);
	*(size_t *)target = value->n;
	return 0;
}

static const char *const modes[] = { "off", "enforce", "audit", NULL };

static const struct fields sample_fields = {
	.name = "sample",
	.size = sizeof(struct sample),
	.rows =
		(const struct field[]){
			{ "string", FIELD_STRING, offsetof(struct sample, string) },
			{ "boolean", FIELD_BOOL, offsetof(struct sample, boolean),
			  offsetof(struct sample, has_boolean) },
			{ "i64", FIELD_I64, offsetof(struct sample, i64) },
			{ "i64Small", FIELD_I64, offsetof(struct sample, i64_small), .min = -1000,
			  .max = 1000 },
			{ "u64", FIELD_U64, offsetof(struct sample, u64) },
			{ "u64Small", FIELD_U64, offsetof(struct sample, u64_small), .min = 2,
			  .max = 10 },
			{ "u32", FIELD_U32, offsetof(struct sample, u32) },
			{ "u32Small", FIELD_U32, offsetof(struct sample, u32_small), .min = 1,
			  .max = 65535 },
			{ "strings", FIELD_STRINGS, offsetof(struct sample, strings) },
			{ "map", FIELD_STRING_MAP, offsetof(struct sample, map) },
			{ "mode", FIELD_ENUM, offsetof(struct sample, mode), .names = modes },
			{ "point", FIELD_OBJECT, offsetof(struct sample, point),
			  .object = &point_fields },
			{ "pointer", FIELD_OBJECT_PTR, offsetof(struct sample, pointer),
			  .object = &point_fields },
			{ "points", FIELD_OBJECTS, offsetof(struct sample, points),
			  .object = &point_fields },
			{ "json", FIELD_JSON, offsetof(struct sample, json) },
			{ "ignored", FIELD_IGNORED },
			{ "refused", FIELD_REFUSED, .reason = "Windows only",
			  .remedy = "remove it" },
			{ "refusedBare", FIELD_REFUSED },
			{ "custom", FIELD_CUSTOM, offsetof(struct sample, custom),
			  .custom = custom_read },
			{},
		},
};

static int read_as(const struct field_context *context, const char *text, struct sample *sample,
		   struct error *err)
{
	struct json *root;
	*sample = (struct sample){};
	TRY(json_read(context->arena, "test", text, strlen(text), NULL, &root, err));
	return fields_read(context, &sample_fields, root, "", sample, err);
}

static int read(struct arena *arena, const char *text, struct sample *sample, struct error *err)
{
	struct field_context context = { .arena = arena, .document = "policy", .is_strict = true };
	return read_as(&context, text, sample, err);
}

TEST(scalars_land_in_their_members)
{
	autoarena arena = {};
	struct error err;
	struct sample sample;
	expect_ok(read(&arena,
		       "{\"string\":\"x\",\"boolean\":true,\"i64\":-5,"
		       "\"u64\":6,\"u32\":7,\"mode\":\"audit\"}",
		       &sample, &err),
		  &err);
	expect_text(sample.string, "x");
	expect(sample.boolean && sample.has_boolean);
	expect_int(sample.i64, -5);
	expect_int(sample.u64, 6);
	expect_int(sample.u32, 7);
	expect_int(sample.mode, 2);
}

TEST(what_is_absent_stays_zero_and_is_known_to_be_absent)
{
	autoarena arena = {};
	struct error err;
	struct sample sample;
	expect_ok(read(&arena, "{}", &sample, &err), &err);
	expect_text(sample.string, NULL);
	expect(!sample.has_boolean);
	expect(sample.pointer == NULL);
	expect(sample.json == NULL);
	expect_ok(read(&arena, "{\"boolean\":false}", &sample, &err), &err);
	expect(sample.has_boolean && !sample.boolean);
}

TEST(lists_and_maps_keep_their_order_and_end_in_null)
{
	autoarena arena = {};
	struct error err;
	struct sample sample;
	expect_ok(read(&arena, "{\"strings\":[\"b\",\"a\"],\"map\":{\"io.x/y\":\"1\",\"a\":\"2\"}}",
		       &sample, &err),
		  &err);
	expect_int(sample.strings.n, 2);
	expect_text(sample.strings.items[0], "b");
	expect_text(sample.strings.items[1], "a");
	expect_text(sample.strings.items[2], NULL);
	expect_int(sample.map.n, 2);
	expect_text(sample.map.keys[0], "io.x/y");
	expect_text(sample.map.values[1], "2");
	expect_ok(read(&arena, "{\"strings\":[],\"map\":{}}", &sample, &err), &err);
	expect_text(sample.strings.items[0], NULL);
	expect_int(sample.map.n, 0);
}

TEST(objects_are_read_by_their_own_tables)
{
	autoarena arena = {};
	struct error err;
	struct sample sample;
	expect_ok(read(&arena,
		       "{\"point\":{\"x\":1},\"pointer\":{\"x\":2,\"y\":3},"
		       "\"points\":[{\"x\":4},{\"x\":5,\"y\":6}]}",
		       &sample, &err),
		  &err);
	expect_int(sample.point.x, 1);
	expect(!sample.point.has_y);
	expect_int(sample.pointer->x, 2);
	expect_int(sample.pointer->y, 3);
	const struct point *points = sample.points.items;
	expect_int(sample.points.n, 2);
	expect_int(points[0].x, 4);
	expect_int(points[1].x, 5);
	expect(points[1].has_y && !points[0].has_y);
}

TEST(json_ignored_and_custom_rows_do_as_they_say)
{
	autoarena arena = {};
	struct error err;
	struct sample sample;
	expect_ok(read(&arena, "{\"json\":null,\"ignored\":{\"a\":[1]},\"custom\":[1,2,3]}",
		       &sample, &err),
		  &err);
	expect_int(sample.json->type, JSON_NULL);
	expect_int(sample.custom, 3);
	expect_fail(read(&arena, "{\"custom\":1}", &sample, &err), &err,
		    "custom wants an array at custom");
}

TEST(integer_types_have_their_limits)
{
	static const char *const right[] = {
		"{\"i64\":-9223372036854775808}",
		"{\"i64\":9223372036854775807}",
		"{\"u64\":18446744073709551615}",
		"{\"u32\":4294967295}",
		"{\"i64Small\":-1000}",
		"{\"i64Small\":1000}",
		"{\"u64Small\":2}",
		"{\"u64Small\":10}",
		"{\"u32Small\":1}",
		"{\"u32Small\":65535}",
		"{\"u64\":0}",
		"{\"u64\":-0}",
	};
	static const char *const wrong[] = {
		"{\"i64\":9223372036854775808}",
		"{\"u32\":4294967296}",
		"{\"u32\":-1}",
		"{\"u64\":-1}",
		"{\"i64Small\":-1001}",
		"{\"i64Small\":1001}",
		"{\"u64Small\":1}",
		"{\"u64Small\":11}",
		"{\"u32Small\":0}",
		"{\"u32Small\":65536}",
		"{\"i64Small\":18446744073709551615}",
	};
	autoarena arena = {};
	struct error err;
	struct sample sample;
	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++)
		expect_ok(read(&arena, right[i], &sample, &err), &err);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		expect_fail(read(&arena, wrong[i], &sample, &err), &err, " is not within ");
	expect_ok(read(&arena, right[0], &sample, &err), &err);
	expect(sample.i64 == INT64_MIN);
	expect_ok(read(&arena, right[2], &sample, &err), &err);
	expect(sample.u64 == UINT64_MAX);
	expect_fail(read(&arena, "{\"u32Small\":0}", &sample, &err), &err,
		    "0 is not within 1…65535 (policy u32Small)");
}

TEST(numbers_that_are_no_integers_are_refused)
{
	autoarena arena = {};
	struct error err;
	struct sample sample;
	expect_fail(read(&arena, "{\"i64\":1.5}", &sample, &err), &err,
		    "expected an integer, found 1.5");
	expect_fail(read(&arena, "{\"u64\":1e3}", &sample, &err), &err,
		    "expected an integer, found 1e3");
	expect_fail(read(&arena, "{\"u32\":18446744073709551616}", &sample, &err), &err,
		    "expected an integer");
	expect_fail(read(&arena, "{\"i64\":-9223372036854775809}", &sample, &err), &err,
		    "expected an integer");
}

TEST(a_value_of_another_type_is_refused_with_its_path)
{
	static const struct {
		const char *text, *problem;
	} rows[] = {
		{ "{\"string\":1}", "expected string, found number (policy string)" },
		{ "{\"string\":null}", "expected string, found null (policy string)" },
		{ "{\"boolean\":\"true\"}", "expected boolean, found string (policy boolean)" },
		{ "{\"i64\":\"1\"}", "expected number, found string (policy i64)" },
		{ "{\"u64\":true}", "expected number, found boolean (policy u64)" },
		{ "{\"u32\":[]}", "expected number, found array (policy u32)" },
		{ "{\"strings\":\"a\"}", "expected array, found string (policy strings)" },
		{ "{\"strings\":[\"a\",1]}", "expected string, found number (policy strings[1])" },
		{ "{\"map\":[]}", "expected object, found array (policy map)" },
		{ "{\"map\":{\"a\":1}}", "expected string, found number (policy map.a)" },
		{ "{\"map\":{\"io.x/y\":1}}",
		  "expected string, found number (policy map[\"io.x/y\"])" },
		{ "{\"map\":{\"\":{}}}", "expected string, found object (policy map[\"\"])" },
		{ "{\"mode\":1}", "expected string, found number (policy mode)" },
		{ "{\"point\":[]}", "expected object, found array (policy point)" },
		{ "{\"pointer\":1}", "expected object, found number (policy pointer)" },
		{ "{\"points\":{}}", "expected array, found object (policy points)" },
		{ "{\"points\":[{\"x\":1},2]}",
		  "expected object, found number (policy points[1])" },
		{ "{\"points\":[{\"x\":1},{\"x\":\"\"}]}",
		  "expected number, found string (policy points[1].x)" },
		{ "[]", "expected object, found array (policy)" },
	};
	autoarena arena = {};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct error err;
		struct sample sample;
		expect_fail(read(&arena, rows[i].text, &sample, &err), &err, rows[i].problem);
		expect_int(err.kind, ERROR_POLICY);
	}
}

TEST(a_required_key_must_be_there)
{
	autoarena arena = {};
	struct error err;
	struct sample sample;
	expect_fail(read(&arena, "{\"points\":[{\"x\":1},{\"y\":1}]}", &sample, &err), &err,
		    "required, but missing (policy points[1].x)");
	expect_fail(read(&arena, "{\"point\":{}}", &sample, &err), &err,
		    "required, but missing (policy point.x)");
}

TEST(an_unknown_value_of_a_list_brings_a_suggestion_or_the_list)
{
	autoarena arena = {};
	struct error err;
	struct sample sample;
	expect_fail(read(&arena, "{\"mode\":\"enforced\"}", &sample, &err), &err,
		    "unknown value 'enforced' (policy mode); did you mean 'enforce'?");
	expect_fail(read(&arena, "{\"mode\":\"x\"}", &sample, &err), &err,
		    "write one of 'off', 'enforce', 'audit'");
}

TEST(an_unknown_key_is_an_error_when_strict_with_the_nearest_as_remedy)
{
	autoarena arena = {};
	struct error err;
	struct sample sample;
	expect_fail(read(&arena, "{\"sting\":\"x\"}", &sample, &err), &err,
		    "unknown key 'sting' (policy sting); did you mean 'string'?");
	expect_fail(read(&arena, "{\"point\":{\"x\":1,\"somethingElse\":2}}", &sample, &err), &err,
		    "unknown key 'somethingElse' (policy point.somethingElse)");
	expect_text(err.remedy, "");
	expect_fail(read(&arena, "{\"a b\":1}", &sample, &err), &err, "(policy [\"a b\"])");
	/* What would be refused is no good advice. */
	expect_fail(read(&arena, "{\"refuse\":1}", &sample, &err), &err, "unknown key 'refuse'");
	expect_text(err.remedy, "");
}

TEST(a_refused_key_says_why_and_what_to_do)
{
	autoarena arena = {};
	struct error err;
	struct sample sample;
	expect_fail(read(&arena, "{\"refused\":1}", &sample, &err), &err,
		    "Windows only (policy refused); remove it");
	expect_fail(read(&arena, "{\"refusedBare\":null}", &sample, &err), &err,
		    "not supported (policy refusedBare)");
}

TEST(a_lenient_document_ignores_unknown_keys_and_blames_the_config)
{
	autoarena arena = {};
	struct error err;
	struct sample sample;
	struct field_context context = { .arena = &arena, .document = "config.json" };
	expect_ok(read_as(&context, "{\"whatever\":[1],\"string\":\"x\"}", &sample, &err), &err);
	expect_text(sample.string, "x");
	expect_fail(read_as(&context, "{\"points\":[1]}", &sample, &err), &err,
		    "(config.json points[0])");
	expect_int(err.kind, ERROR_CONFIG);
}

TEST(null_is_absent_where_the_document_says_so)
{
	autoarena arena = {};
	struct error err;
	struct sample sample;
	struct field_context context = { &arena, "config.json", .null_is_absent = true };
	expect_ok(read_as(&context,
			  "{\"string\":null,\"boolean\":null,\"pointer\":null,\"points\":null,"
			  "\"mode\":null,"
			  "\"refused\":null,\"custom\":null,\"json\":null}",
			  &sample, &err),
		  &err);
	expect(!sample.has_boolean && !sample.pointer && !sample.json);
	expect_fail(read_as(&context, "{\"point\":{\"x\":null}}", &sample, &err), &err,
		    "required, but missing");
	expect_fail(read_as(&context, "{\"strings\":[null]}", &sample, &err), &err,
		    "expected string, found null");
}
