/* SPDX-License-Identifier: Apache-2.0 */
/* The policy's reach in the file tree, kept by mounts: denied, read-only, writable, pinned. */
#pragma once

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
 * Called by rootfs_finish: what no grant made writable becomes read-only. Nothing may be created
 * in the root afterwards.
 */
int access_seal(const struct plan *plan, struct handles *handles, struct error *err);
