/* SPDX-License-Identifier: Apache-2.0 */
/* From created to running, over a link that reaches init. */
#pragma once

#include <stdbool.h>

struct creation;
struct error;
struct mxcrt;
struct plan;
struct record;

struct starting {
	const struct record *record;
	const struct plan *plan; /* for poststart hooks; NULL = none to run */
	int link, pidfd;
	bool has_failed_hook; /* after a failure: the lifecycle goes on with the container's end */
};
/* Say WORD_START and hear whether the payload was executed; watcher, audit event, poststart hooks.
 */
int start_payload(struct mxcrt *rt, struct starting *starting, struct error *err);
