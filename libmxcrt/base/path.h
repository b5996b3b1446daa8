/* SPDX-License-Identifier: Apache-2.0 */
/* Pure arithmetic on absolute paths; never looks at a file system. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct error;

/* Absolute, no empty, "." or ".." component, no trailing slash, at most 4095 bytes: a copy in
 * normal form ("//a/./b/" is "/a/b"). ".." or a relative path is ERROR_CONFIG. */
int path_normalize(struct arena *arena, const char *path, const char **ret_path, struct error *err);
/* Lexical cleaning as OCI mount destinations need it: relative is taken from "/", ".." stops at
 * "/". Never fails. */
const char *path_clean(struct arena *arena, const char *path);
/* a is b, or lies beneath it; both normal. */
bool path_is_beneath(const char *a, const char *b);
/* The part of path below ancestor, which is one, without leading slash ("" when equal). */
const char *path_below(const char *path, const char *ancestor);
char *path_join(struct arena *arena, const char *directory, const char *name);
const char *path_base(const char *path);                        /* after the last slash */
const char *path_parent(struct arena *arena, const char *path); /* of "/": "/" */
/* An order in which a parent precedes its children, and '/' any other byte. */
int path_compare(const char *a, const char *b);
