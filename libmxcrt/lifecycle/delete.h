/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a container. */
#pragma once

struct container;
struct error;
struct mxcrt;

/* What init's parent knows about its end; -1 = not known here. */
struct ending {
	int status;
};
/* Undo create and everything since: processes, cgroup, placeholders, record; poststop hooks; events
 * container.exit and container.delete. */
int container_destroy(struct mxcrt *rt, struct container *container, const struct ending *ending,
		      struct error *err);
