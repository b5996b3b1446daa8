/* SPDX-License-Identifier: Apache-2.0 */
/* When the runtime's own executable must be put out of the reach of what it starts. */
#pragma once

#include <stddef.h>

struct error;
struct mxcrt;
struct plan;

/* Before config.json is even parsed, where no policy will change the answer: nothing is then done
 * twice. */
int protect_early(struct mxcrt *rt, const char *config, size_t n, struct error *err);
/* By the plan: a container that could write our executable must not be started from it. */
int protect(struct mxcrt *rt, const struct plan *plan, struct error *err);
