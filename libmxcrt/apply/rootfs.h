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
/* "/" and the working directory become the container's root; the host's is gone. */
int rootfs_pivot(const struct plan *plan, struct handles *handles, struct error *err);
/* Set the root's propagation; make it read-only where config.json or the policy wants so. */
int rootfs_finish(const struct plan *plan, struct handles *handles, struct error *err);
