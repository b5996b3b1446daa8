/* SPDX-License-Identifier: Apache-2.0 */
/* The OCI state object, as hooks, the seccomp listener and `state` get it. */
#pragma once

struct plan;
struct text;

/* The version of the runtime specification that this runtime speaks. */
#define OCI_STATE_VERSION "1.3.0"

/* Appends one line of JSON without newline; PID 0 is left out (the container is stopped). */
void plan_state_json(const struct plan *plan, const char *status, int pid, struct text *out);
