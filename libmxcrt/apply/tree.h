/* SPDX-License-Identifier: Apache-2.0 */
/* Mount trees as descriptors: cloned, changed while detached, attached. All return -1 with errno.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A detached clone of what is at PATH relative to AT ("" = of AT itself); links are followed. */
int tree_clone(int at, const char *path, bool recursive);
/* On top of the object that TARGET (O_PATH) refers to; TREE then is the attached mount's root. */
int tree_attach(int tree, int target);

/* MOUNT_ATTR_* to set and to clear, MS_SHARED … as propagation (0 = leave). */
struct tree_change {
	uint64_t set, clear, propagation;
	bool recursive;
};
/* Flags that a user namespace may not clear stay as they are: never less strict than the source. */
int tree_change(int tree, const struct tree_change *change);
