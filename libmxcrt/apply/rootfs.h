/* SPDX-License-Identifier: Apache-2.0 */
/* The container's root: attached, made the process's own, sealed. */
#pragma once

struct error;
struct handles;
struct plan;

/*
 * Init, in its new mount namespace: cut propagation to the host, attach the root's tree over its
 * own path; handles->root.
 */
int rootfs_attach(const struct plan *plan, struct handles *handles, struct error *err);
/*
 * "/" and the working directory become the container's root; the old root stays stacked on it
 * until rootfs_finish.
 */
int rootfs_pivot(const struct plan *plan, struct handles *handles, struct error *err);
/*
 * Detach the old root, set the root's propagation, make read-only what config.json or the policy
 * wants so.
 */
int rootfs_finish(const struct plan *plan, struct handles *handles, struct error *err);
