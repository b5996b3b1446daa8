/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that the engine wants run at points of the life cycle. */
#pragma once

#include "base/arena.h"

enum hook_kind {
	HOOK_PRESTART,
	HOOK_CREATE_RUNTIME,
	HOOK_CREATE_CONTAINER,
	HOOK_START_CONTAINER,
	HOOK_POSTSTART,
	HOOK_POSTSTOP,
	HOOK_KINDS,
};
struct plan_hook {
	const char *path;
	const char **args; /* NULL-terminated; NULL = { path } */
	const char **env;  /* NULL-terminated; NULL = empty */
	unsigned timeout;  /* seconds, 0 = none */
	const char *origin;
};
struct plan_hooks {
	ARRAY(struct plan_hook) of[HOOK_KINDS];
};
extern const char *const hook_kind_names[HOOK_KINDS]; /* "prestart", "createRuntime", … */
