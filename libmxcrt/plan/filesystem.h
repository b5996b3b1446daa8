/* SPDX-License-Identifier: Apache-2.0 */
/* What the policy lets the agent reach in the file tree, as narrowed by every source. */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

enum access_intent { ACCESS_READ_ONLY, ACCESS_READ_WRITE, ACCESS_DENY };
enum access_base { ACCESS_BASE_IMAGE, ACCESS_BASE_SYSTEM, ACCESS_BASE_NONE };

struct plan_access {
	const char *path;        /* normal, agent's view */
	enum access_intent intent;
	bool is_optional;        /* "-/path": skipped when it does not exist */
	bool is_directory;       /* written with a trailing slash: a placeholder is a directory */
	bool is_volume;          /* an engine's bind mount that no grant covers: denied whole */
	bool allows_execute;     /* set by plan_settle from exec */
	const char *origin;
};
struct plan_exec_path { const char *path; bool is_optional; const char *origin; };
struct plan_filesystem {
	bool is_active;          /* a policy governs this container */
	enum access_base base;
	ARRAY(struct plan_access) rows; /* after plan_settle: sorted by path_compare, one row per path, strictest intent */
	bool exec_base, exec_writable;  /* "@base", "@rw" */
	ARRAY(struct plan_exec_path) exec_paths;
	bool memfd_exec;
};

/*
 * Landlock, as derived by plan_settle. A rule grants `rights` to the subtree at `path` less the subtrees at `holes`; where there are holes the
 * applier grants to the siblings on the way to each hole instead (Landlock cannot subtract).
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
