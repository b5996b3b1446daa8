/* SPDX-License-Identifier: Apache-2.0 */
/* The policy's reach in the file tree, kept by mounts: denied, read-only, writable, pinned. */
#pragma once

#include <stdbool.h>

struct error;
struct handles;
struct plan;

/*
 * Host, before the clone, when something is denied: the mode-0000 objects and the list of
 * placeholders, in handles->state.
 */
int access_prepare(const struct plan *plan, struct handles *handles, struct error *err);
/*
 * Init, when all mounts and devices are in place, before pivot: denied, read-only and writable
 * trees, ancestors pinned, placeholders.
 */
int access_apply(const struct plan *plan, struct handles *handles, struct error *err);
/*
 * The root itself becomes read-only, once nothing is created in it any more (rootfs_finish):
 * a policy is active and grants "/" to nobody for writing.
 */
bool access_seals_root(const struct plan *plan);
