/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock: the ruleset from paths as the agent sees them, and the point of no return. */
#pragma once

#include <stdint.h>

struct error;
struct handles;
struct plan;

/* What the running kernel has; abi 0 = no Landlock. */
struct landlock_abi {
	int abi;
	uint32_t errata;
};
struct landlock_abi landlock_abi(void);

/*
 * After pivot (or after joining the container's mount namespace): handles->landlock, when the
 * plan has rules.
 */
int landlock_prepare(const struct plan *plan, struct handles *handles, struct error *err);
/* Restrict the calling task. Needs no_new_privs; nothing can be mounted afterwards. */
int landlock_enter(const struct plan *plan, struct handles *handles, struct error *err);
