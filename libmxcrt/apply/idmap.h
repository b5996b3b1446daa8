/* SPDX-License-Identifier: Apache-2.0 */
/* Id-mapped mounts: a user namespace that exists only to carry a map. */
#pragma once

struct error;
struct handles;
struct plan;
struct plan_id_maps;
struct plan_mount;

/*
 * Host: TREE (detached) shows its files through the maps that MOUNT asks for (its own, or the
 * container's). PROC is the runtime's own /proc.
 */
int idmap_apply(const struct plan *plan, const struct plan_mount *mount, int proc, int tree,
		struct error *err);
/* A user namespace with these maps: a descriptor, or -1 with *err. */
int idmap_namespace(const struct plan_id_maps *uids, const struct plan_id_maps *gids, int proc,
		    struct error *err);
