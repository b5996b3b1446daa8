/* SPDX-License-Identifier: Apache-2.0 */
/* New file systems for a container, and what stands in for one that may not be mounted here. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct error;
struct handles;
struct plan;
struct plan_mount;

/* A tmpfs: what is made in it and mounted in it comes after it, also when it is to be read-only. */
bool filesystem_is_filled(const struct plan_mount *mount);
/* What a new file system is mounted with at once: all its attributes, but read-only where it is yet
 * to be filled. */
uint64_t filesystem_attributes(const struct plan_mount *mount);
/* A detached mount of MOUNT's file system with those attributes: a descriptor, or -1 with *err. */
int filesystem_open(const struct plan *plan, const struct plan_mount *mount, struct error *err);
/* The container's cgroup: a cgroup2 of its own, or its directory of the host's tree. */
int filesystem_open_cgroup(const struct plan *plan, const struct handles *handles,
			   const struct plan_mount *mount, struct error *err);
/* The file system mounted at TARGET (its root) takes MOUNT's superblock options. */
int filesystem_reconfigure(const struct plan_mount *mount, int target, struct error *err);
