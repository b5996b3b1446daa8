/* SPDX-License-Identifier: Apache-2.0 */
/* Programs of the engine at points of the life cycle, with the container's state on their standard
 * input. */
#pragma once

#include "plan/hooks.h"

#include <sys/types.h>

struct error;
struct handles;
struct plan;

/* Host, after WORD_READY: prestart, then createRuntime. */
int hooks_create_runtime(const struct plan *plan, struct handles *handles, struct error *err);
/* Init, before pivot. */
int hooks_create_container(const struct plan *plan, struct handles *handles, struct error *err);
/* Init, after WORD_START. */
int hooks_start_container(const struct plan *plan, struct handles *handles, struct error *err);
/* Lifecycle: poststart ("running") and poststop ("stopped"). Ends, but for poststop, at the first
 * that fails or exceeds its timeout. */
int hooks_run(const struct plan *plan, enum hook_kind kind, const char *status, pid_t pid,
	      struct error *err);
