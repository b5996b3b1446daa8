/* SPDX-License-Identifier: Apache-2.0 */
/* `update`: what is asked, merged over the resources of config.json. */
#include "test.h"

#include "base/json.h"
#include "base/str.h"
#include "plan/plan.h"
#include "spec/spec.h"

#include <string.h>

/* The resources of config.json that has RESOURCES, after ASKED. */
static const char *merged(struct arena *arena, const char *resources, const char *asked)
{
	const char *config = arena_printf(
		arena, "{\"a\":1.50,\"linux\":{\"b\":\"\\u0007\",\"resources\":%s}}", resources);
	struct text out = { .arena = arena }, part = { .arena = arena };
	const struct json *tree;
	struct json *root;
	struct error err = {};

	expect_ok(spec_update_read(arena, "resources", asked, strlen(asked), &tree, &err), &err);
	expect_ok(spec_update_merge(arena, config, strlen(config), tree, &out, &err), &err);
	expect(strstr(out.data, "{\"a\":1.50,\"linux\":{\"b\":\"\\u0007\",") != NULL);
	expect_ok(json_read(arena, "merged", out.data, out.n, NULL, &root, &err), &err);
	json_write(&part, json_get(json_get(root, "linux"), "resources"));
	return part.data;
}

TEST(what_is_asked_stands_beside_what_is_not)
{
	autoarena arena = {};

	expect_text(merged(&arena, "{\"cpu\":{\"quota\":5,\"period\":9},\"pids\":{\"limit\":1}}",
			   "{\"cpu\":{\"quota\":7},\"memory\":{\"limit\":3}}"),
		    "{\"cpu\":{\"quota\":7,\"period\":9},\"pids\":{\"limit\":1},"
		    "\"memory\":{\"limit\":3}}");
	expect_text(merged(&arena, "{}", "{}"), "{}");
}

TEST(zero_is_a_value_only_where_it_is_one)
{
	autoarena arena = {};

	expect_text(merged(&arena, "{\"memory\":{\"limit\":5},\"cpu\":{\"cpus\":\"1\",\"idle\":1}}",
			   "{\"memory\":{\"limit\":0,\"swap\":null},"
			   "\"cpu\":{\"cpus\":\"\",\"idle\":0},\"pids\":{\"limit\":0}}"),
		    "{\"memory\":{\"limit\":5},\"cpu\":{\"cpus\":\"1\",\"idle\":0},"
		    "\"pids\":{\"limit\":0}}");
}

TEST(lists_are_merged_by_what_their_elements_are_about)
{
	autoarena arena = {};

	expect_text(merged(&arena,
			   "{\"blockIO\":{\"throttleReadBpsDevice\":["
			   "{\"major\":8,\"minor\":0,\"rate\":1},"
			   "{\"major\":8,\"minor\":1,\"rate\":2}]},"
			   "\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":0}]}",
			   "{\"blockIO\":{\"throttleReadBpsDevice\":["
			   "{\"major\":8,\"minor\":1,\"rate\":7},"
			   "{\"major\":9,\"minor\":1,\"rate\":3}]},"
			   "\"hugepageLimits\":[{\"pageSize\":\"1GB\",\"limit\":4}]}"),
		    "{\"blockIO\":{\"throttleReadBpsDevice\":["
		    "{\"major\":8,\"minor\":0,\"rate\":1},{\"major\":8,\"minor\":1,\"rate\":7},"
		    "{\"major\":9,\"minor\":1,\"rate\":3}]},"
		    "\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":0},"
		    "{\"pageSize\":\"1GB\",\"limit\":4}]}");
	expect_text(merged(&arena, "{\"devices\":[{\"allow\":true}]}",
			   "{\"devices\":[{\"allow\":false}]}"),
		    "{\"devices\":[{\"allow\":false}]}");
}

TEST(memory_without_a_limit_frees_swap)
{
	autoarena arena = {};
	const char *both = "{\"memory\":{\"limit\":5,\"swap\":9}}";

	expect_text(merged(&arena, both, "{\"memory\":{\"limit\":-1}}"),
		    "{\"memory\":{\"limit\":-1}}");
	expect_text(merged(&arena, both, "{\"memory\":{\"limit\":-1,\"swap\":7}}"),
		    "{\"memory\":{\"limit\":-1,\"swap\":7}}");
}

TEST(the_unified_section_does_not_undo_what_is_asked)
{
	autoarena arena = {};
	const char *unified = "{\"unified\":{\"memory.max\":\"1\",\"memory.high\":\"2\"}}";

	expect_text(merged(&arena, unified, "{\"memory\":{\"limit\":5}}"),
		    "{\"unified\":{\"memory.high\":\"2\"},\"memory\":{\"limit\":5}}");
	expect_text(merged(&arena, unified,
			   "{\"memory\":{\"limit\":5},\"unified\":{\"memory.max\":\"6\"}}"),
		    "{\"unified\":{\"memory.max\":\"6\",\"memory.high\":\"2\"},"
		    "\"memory\":{\"limit\":5}}");
}

TEST(schemas_go_beside_the_resources)
{
	autoarena arena = {};
	const char *config = "{\"linux\":{\"intelRdt\":{\"closID\":\"a\"},\"resources\":{}}}";
	const char *asked = "{\"intelRdt\":{\"memBwSchema\":\"MB:0=20\"}}";
	struct text out = { .arena = &arena };
	const struct json *tree;
	struct error err = {};

	expect_ok(spec_update_read(&arena, "option", asked, strlen(asked), &tree, &err), &err);
	expect_ok(spec_update_merge(&arena, config, strlen(config), tree, &out, &err), &err);
	expect_text(out.data, "{\"linux\":{\"intelRdt\":{\"closID\":\"a\","
			      "\"memBwSchema\":\"MB:0=20\"},\"resources\":{}}}");
}

TEST(a_wrong_type_is_an_error_that_names_the_member)
{
	autoarena arena = {};
	const char *text = "{\"memory\":{\"limit\":\"5\"}}";
	const struct json *tree;
	struct error err = {};

	expect_int(spec_update_read(&arena, "resources", text, strlen(text), &tree, &err), -1);
	expect_text(err.field, "resources memory.limit");
	expect_int(spec_update_read(&arena, "resources", "[]", 2, &tree, &err), -1);
}

TEST(what_is_asked_touches_whole_sections_and_single_files)
{
	autoarena arena = {};
	const char *text = "{\"cpu\":{\"quota\":5},\"memory\":{},\"unified\":{\"io.max\":\"x\"}}";
	const struct json *tree;
	struct error err = {};

	expect_ok(spec_update_read(&arena, "resources", text, strlen(text), &tree, &err), &err);
	expect(spec_update_touches(tree, "cpu.weight") && spec_update_touches(tree, "cpuset.mems"));
	expect(spec_update_touches(tree, "io.max") && !spec_update_touches(tree, "io.weight"));
	expect(!spec_update_touches(tree, "memory.max") && !spec_update_touches(tree, "pids.max"));
	expect(!spec_update_has_devices(tree));
}
