/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a container. */
#pragma once

#include "apply/cgroup.h"

struct container;
struct error;
struct mxcrt;
struct plan;
struct record;

/* What is known about the end of init before its cgroup may be gone. */
struct ending {
	int status; /* of init, by its parent; -1 = not known here */
	struct cgroup_stats stats;
};
/* What it has used until now, for the audit; nothing where it is not audited. systemd removes a
 * scope as soon as its last process has ended: who asks later finds nothing. */
void ending_measure(const struct record *record, struct ending *ending);
/* Undo create and everything since: processes, cgroup, placeholders, record; poststop hooks; events
 * container.exit and container.delete. */
int container_destroy(struct mxcrt *rt, struct container *container, const struct ending *ending,
		      struct error *err);
/* The same, once every process of it has been killed. */
int container_end(struct mxcrt *rt, struct container *container, struct error *err);
/* OCI lifecycle, step 13: a hook that fails is a warning. */
void poststop_run(const struct plan *plan);
