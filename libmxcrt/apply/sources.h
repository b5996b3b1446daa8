/* SPDX-License-Identifier: Apache-2.0 */
/* What must be opened with the caller's rights before there is a container: the trees to attach. */
#pragma once

#include <stdbool.h>

struct error;
struct handles;
struct plan;
struct plan_mount;

/*
 * Host, before the clone: detached clones of the root and of every bind source, into
 * handles->sources. Where the caller may not clone mounts
 * and the container gets a user namespace, they stay -1 and init opens them itself (source_open).
 */
int sources_open(const struct plan *plan, struct handles *handles, struct error *err);

/* The detached tree of one bind mount, of the caller's view: a descriptor, or -1 with *err. Under a
 * policy no link in another, writable volume is followed. */
int source_open(const struct plan *plan, const struct plan_mount *mount, struct error *err);
/* The detached, recursive tree of the root. */
int source_open_root(const struct plan *plan, struct error *err);
