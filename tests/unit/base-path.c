/* SPDX-License-Identifier: Apache-2.0 */
/* Paths: one normal form, no way upwards, parents before children. */
#include "test.h"

#include "base/arena.h"
#include "base/path.h"

#include <string.h>

TEST(normal_form_has_no_empty_and_no_dot_components)
{
	static const struct {
		const char *path, *normal;
	} rows[] = {
		{ "/", "/" },
		{ "//", "/" },
		{ "/.", "/" },
		{ "/./", "/" },
		{ "/a", "/a" },
		{ "//a/./b/", "/a/b" },
		{ "/a//b///c", "/a/b/c" },
		{ "/a/.", "/a" },
		{ "/...", "/..." },
		{ "/..a/b..", "/..a/b.." },
		{ "/.a", "/.a" },
		{ "/a b/é", "/a b/é" },
	};
	autoarena arena = {};
	struct error err;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *normal;
		expect_ok(path_normalize(&arena, rows[i].path, &normal, &err), &err);
		expect_text(normal, rows[i].normal);
	}
}

TEST(relative_and_upward_paths_are_no_normal_paths)
{
	autoarena arena = {};
	struct error err;
	const char *normal = "untouched";
	expect_fail(path_normalize(&arena, "", &normal, &err), &err, "path '' is not absolute");
	expect_fail(path_normalize(&arena, "a/b", &normal, &err), &err, "'a/b' is not absolute");
	expect_fail(path_normalize(&arena, "./a", &normal, &err), &err, "not absolute");
	expect_fail(path_normalize(&arena, "/..", &normal, &err), &err, "'/..' contains '..'");
	expect_fail(path_normalize(&arena, "/a/../b", &normal, &err), &err, "contains '..'");
	expect_fail(path_normalize(&arena, "/a/b/..", &normal, &err), &err, "contains '..'");
	expect_int(err.kind, ERROR_CONFIG);
	expect_text(normal, "untouched");
}

TEST(a_normal_path_has_at_most_4095_bytes)
{
	autoarena arena = {};
	struct error err;
	const char *normal;
	char path[8192];
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[4095] = '\0';
	expect_ok(path_normalize(&arena, path, &normal, &err), &err);
	expect_int(strlen(normal), 4095);
	path[4095] = 'a';
	path[4096] = '\0';
	expect_fail(path_normalize(&arena, path, &normal, &err), &err, "more than 4095 bytes");
	/* What counts is the normal form. */
	memset(path, '/', 4096);
	expect_ok(path_normalize(&arena, path, &normal, &err), &err);
	expect_text(normal, "/");
}

TEST(cleaning_takes_relative_paths_from_the_root_and_stops_there)
{
	static const struct {
		const char *path, *clean;
	} rows[] = {
		{ "", "/" },
		{ ".", "/" },
		{ "..", "/" },
		{ "../..", "/" },
		{ "a", "/a" },
		{ "a/b/", "/a/b" },
		{ "/a/../b", "/b" },
		{ "/a/b/../../../c", "/c" },
		{ "/../../etc/passwd", "/etc/passwd" },
		{ "/a/./b/..", "/a" },
		{ "/abc/..", "/" },
		{ "/a/...", "/a/..." },
		{ "//proc//", "/proc" },
	};
	autoarena arena = {};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect_text(path_clean(&arena, rows[i].path), rows[i].clean);
}

TEST(beneath_means_whole_components)
{
	expect(path_is_beneath("/a", "/a"));
	expect(path_is_beneath("/a/b", "/a"));
	expect(path_is_beneath("/a", "/"));
	expect(path_is_beneath("/", "/"));
	expect(!path_is_beneath("/ab", "/a"));
	expect(!path_is_beneath("/a", "/a/b"));
	expect(!path_is_beneath("/", "/a"));
	expect(!path_is_beneath("/b", "/a"));
}

TEST(the_part_below_has_no_leading_slash)
{
	expect_text(path_below("/a/b/c", "/a"), "b/c");
	expect_text(path_below("/a", "/a"), "");
	expect_text(path_below("/a/b", "/"), "a/b");
	expect_text(path_below("/", "/"), "");
}

TEST(joining_puts_one_slash)
{
	autoarena arena = {};
	expect_text(path_join(&arena, "/a", "b"), "/a/b");
	expect_text(path_join(&arena, "/a/", "/b"), "/a/b");
	expect_text(path_join(&arena, "/", "b"), "/b");
	expect_text(path_join(&arena, "/", "/b"), "/b");
	expect_text(path_join(&arena, "/a", ""), "/a");
	expect_text(path_join(&arena, "/", ""), "/");
	expect_text(path_join(&arena, "", "b"), "b");
	expect_text(path_join(&arena, "a", "b/c"), "a/b/c");
}

TEST(base_and_parent_are_the_two_sides_of_the_last_slash)
{
	autoarena arena = {};
	expect_text(path_base("/a/b"), "b");
	expect_text(path_base("/"), "");
	expect_text(path_base("b"), "b");
	expect_text(path_parent(&arena, "/a/b"), "/a");
	expect_text(path_parent(&arena, "/a"), "/");
	expect_text(path_parent(&arena, "/"), "/");
}

TEST(a_parent_precedes_its_children_and_they_its_siblings)
{
	/* '!', '-' and ' ' are smaller bytes than '/'. */
	static const char *const order[] = {
		"/",    "/a",     "/a/b", "/a/b/c", "/a/c", "/a!",
		"/a-b", "/a-b/c", "/aa",  "/b",     "/b c", "/\xc3\xa9",
	};
	enum { N = sizeof(order) / sizeof(order[0]) };
	for (size_t i = 0; i < N; i++) {
		for (size_t j = 0; j < N; j++) {
			int compared = path_compare(order[i], order[j]);
			expect_int((compared > 0) - (compared < 0), (i > j) - (i < j));
		}
	}
}
