/* SPDX-License-Identifier: Apache-2.0 */
/* mxc.conf: strict, one file over the other, the administrator's to mend. */
#include "test.h"

#include "base/arena.h"
#include "policy/conf.h"

#include <string.h>

static int conf(struct arena *arena, const char *text, struct conf *inout, struct error *err)
{
	return conf_read(arena, "mxc.conf", text, strlen(text), inout, err);
}

TEST(every_key_is_read)
{
	autoarena arena = {};
	struct conf read = {};
	struct error err;
	expect_ok(conf(&arena,
		       "{\"_comment\":\"ours\",\"defaultProfile\":\"coding\",\"audit\":{"
		       "\"sinks\":[\"file\",\"journal\"],\"file\":\"/a\",\"sync\":true}}",
		       &read, &err),
		  &err);
	expect_text(read.default_profile, "coding");
	expect(read.audit.has_sinks && read.audit.has_file && read.audit.has_sync);
	expect_int(read.audit.sinks.n, 2);
	expect_text(read.audit.sinks.items[1], "journal");
	expect_text(read.audit.file, "/a");
	expect(read.audit.sync);
}

TEST(an_empty_file_decides_nothing)
{
	autoarena arena = {};
	struct conf read = {};
	struct error err;
	expect_ok(conf(&arena, "{}", &read, &err), &err);
	expect_text(read.default_profile, NULL);
	expect(!read.audit.has_sinks && !read.audit.has_file && !read.audit.has_sync);
}

TEST(a_later_file_replaces_only_what_it_says)
{
	autoarena arena = {};
	struct conf read = {};
	struct error err;
	expect_ok(conf(&arena,
		       "{\"defaultProfile\":\"coding\",\"audit\":{\"file\":\"/a\",\"sync\":true}}",
		       &read, &err),
		  &err);
	expect_ok(conf(&arena, "{\"audit\":{\"sync\":false,\"sinks\":[\"file\"]}}", &read, &err),
		  &err);
	expect_text(read.default_profile, "coding");
	expect_text(read.audit.file, "/a");
	expect(!read.audit.sync);
	expect_int(read.audit.sinks.n, 1);
}

TEST(what_is_wrong_is_refused_with_its_place)
{
	static const struct {
		const char *text, *part;
	} wrong[] = {
		{ "{\"audit\":{\"sinks\":[\"file\",\"syslog\"]}}",
		  "unknown audit sink 'syslog' (mxc.conf audit.sinks[1]); this version has "
		  "\"file\" and \"journal\"" },
		{ "{\"audit\":{\"sinks\":[]}}", "no audit sink is named" },
		{ "{\"audit\":{\"file\":\"a\"}}",
		  "the audit file 'a' is not an absolute path (mxc.conf audit.file)" },
		{ "{\"audit\":{\"file\":\"/a/\"}}", "ends in a slash (mxc.conf audit.file)" },
		{ "{\"audit\":{\"sync\":1}}", "(mxc.conf audit.sync)" },
		{ "{\"audit\":{\"sinc\":true}}", "did you mean 'sync'?" },
		{ "{\"defaultprofile\":\"x\"}", "did you mean 'defaultProfile'?" },
		{ "{\"ceiling\":{}}",
		  "is not built in this version (mxc.conf ceiling); remove it" },
		{ "{\"ceilingMode\":\"x\"}", "is not built in this version" },
		{ "{\"require\":[]}", "is not built in this version" },
		{ "{\"trust\":{}}", "is not built in this version" },
		{ "{\"revoked\":[]}", "is not built in this version" },
		{ "[]", "expected object, found array (mxc.conf)" },
		{ "{", "mxc.conf" },
		{ "", "mxc.conf" },
		{ "{\"audit\":{},\"audit\":{}}", "mxc.conf" },
	};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		autoarena arena = {};
		struct conf read = {};
		struct error err = {};
		expect_fail(conf(&arena, wrong[i].text, &read, &err), &err, wrong[i].part);
		expect_int(err.kind, ERROR_CONFIG);
	}
}
