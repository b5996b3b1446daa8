/* SPDX-License-Identifier: Apache-2.0 */
/* What the policy lets the agent reach in the file tree, as narrowed by every source. */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

enum access_intent { ACCESS_READ_ONLY, ACCESS_READ_WRITE, ACCESS_DENY };
enum access_base { ACCESS_BASE_IMAGE, ACCESS_BASE_SYSTEM, ACCESS_BASE_NONE };

struct plan_access {
	const char *path; /* normal, agent's view */
	enum access_intent intent;
	bool is_optional;    /* "-/path": skipped when it does not exist */
	bool is_directory;   /* written with a trailing slash: a placeholder is a directory */
	bool is_volume;      /* an engine's bind mount that no grant covers: denied whole */
	bool allows_execute; /* set by plan_settle from exec */
	const char *origin;
};
struct plan_exec_path {
	const char *path;
	bool is_optional;
	const char *origin;
};
struct plan_filesystem {
	bool is_active; /* a policy governs this container */
	enum access_base base;
	/* After plan_settle: sorted by path_compare, one row per path. */
	ARRAY(struct plan_access) rows;
	bool exec_base, exec_writable; /* "@base", "@rw" */
	ARRAY(struct plan_exec_path) exec_paths;
	bool memfd_exec;
};
struct plan;
struct plan_mount;
/* The row that decides about PATH: the longest that is PATH or above it; NULL: the base decides. */
const struct plan_access *plan_access_of(const struct plan_filesystem *filesystem,
					 const char *path);
/* What the engine brings from outside: a bind mount, or a file system that holds someone's data. */
bool plan_mount_is_volume(const struct plan_mount *mount);
/* PATH lies on a volume. */
bool plan_path_is_volume(const struct plan *plan, const char *path);
/* PATH is the base's own content, as it came: on no volume, and nothing the agent may write. */
bool plan_path_is_base(const struct plan *plan, const char *path);
/* The base's trees: NULL-terminated. */
const char *const *plan_base_trees(enum access_base base);
/* The device nodes that any program expects, whether or not the policy speaks of them. */
bool plan_device_is_standard(const char *path);
struct error;
/* Sort and merge the rows, decide what may be executed in each; contradictions are refused. */
int plan_filesystem_settle(struct plan *plan, struct error *err);

/*
 * Landlock, as derived by plan_settle. A rule grants `rights` to the subtree at `path` less the
 * subtrees at `holes`; where there are holes the applier grants to the siblings on the way to each
 * hole instead (Landlock cannot subtract).
 */
struct plan_landlock_rule {
	const char *path;
	uint64_t rights;
	ARRAY(const char *) holes; /* paths strictly beneath path */
	bool is_optional;
	const char *origin;
};
struct plan_landlock {
	bool is_active;
	int abi;
	uint64_t handled_fs, handled_net, scoped;
	uint32_t restrict_flags;
	ARRAY(struct plan_landlock_rule) rules;
};
