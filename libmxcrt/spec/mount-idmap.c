/* SPDX-License-Identifier: Apache-2.0 */
/* Id-mapped mounts: the options `idmap` and `ridmap`, and the maps of a mount. */
#include "base/error.h"
#include "base/str.h"
#include "plan/plan.h"
#include "spec/lower.h"

#include <string.h>

/* "FILES-HOST-SIZE", as in "0-1000-10". */
static int triplet_read(const char *text, struct plan_id_map *ret_map)
{
	uint64_t numbers[3];

	for (int i = 0; i < 3; i++) {
		char digits[16] = "";
		size_t n = strcspn(text, "-");
		if (n >= sizeof(digits) || (i < 2) != (text[n] == '-'))
			return -1;
		memcpy(digits, text, n);
		if (str_to_u64(digits, UINT32_MAX - 1, &numbers[i]) < 0)
			return -1;
		text += n + (i < 2);
	}
	if (numbers[2] == 0 || numbers[0] + numbers[2] > UINT32_MAX ||
	    numbers[1] + numbers[2] > UINT32_MAX)
		return -1;
	*ret_map = (struct plan_id_map){ (uint32_t)numbers[0], (uint32_t)numbers[1],
					 (uint32_t)numbers[2] };
	return 0;
}

/* An id of the container as the host knows it; a range must lie within one of its maps. */
static int host_id_find(const struct plan_id_maps *maps, struct plan_id_map *map)
{
	for (size_t i = 0; i < maps->rows.n; i++) {
		const struct plan_id_map *row = &maps->rows.items[i];
		if (map->host < row->container || map->host - row->container >= row->size ||
		    map->size > row->size - (map->host - row->container))
			continue;
		map->host = row->host + (map->host - row->container);
		return 0;
	}
	return -1;
}

/* "0-1000-10#20-3000-1"; with '@' before a triplet its second number is an id of the container. */
static int triplets_read(struct arena *arena, const char *text, const struct plan_id_maps *own,
			 struct plan_id_maps *ret_maps)
{
	for (char **word = str_split(arena, text, '#'); *word; word++) {
		struct plan_id_map map;
		bool is_relative = (*word)[0] == '@';
		if (triplet_read(*word + is_relative, &map) < 0)
			return -1;
		if (is_relative && host_id_find(own, &map) < 0)
			return -1;
		*arena_push(arena, &ret_maps->rows) = map;
	}
	return 0;
}

/* What podman and crun write: "uids=0-1000-10;gids=0-1000-10". */
int mount_maps_read(const struct lowering *lowering, const char *text, struct plan_mount *mount,
		    struct error *err)
{
	const struct plan_ids *own = &lowering->plan->ids;

	for (char **part = str_split(lowering->arena, text, ';'); *part; part++) {
		bool is_uids = str_starts(*part, "uids=");
		int read = -1;
		if (is_uids)
			read = triplets_read(lowering->arena, *part + 5, &own->uid_maps,
					     &mount->uid_maps);
		else if (str_starts(*part, "gids="))
			read = triplets_read(lowering->arena, *part + 5, &own->gid_maps,
					     &mount->gid_maps);
		if (read == 0)
			continue;
		(void)spec_fail(err, mount->origin, "'%s' in option 'idmap' is no id map", *part);
		return fail_remedy(err, "write uids=FILES-HOST-SIZE and gids=FILES-HOST-SIZE, or "
					"uidMappings and gidMappings");
	}
	return 0;
}

static int maps_lower(const struct lowering *lowering, const struct spec_mount *from,
		      struct plan_mount *mount, struct error *err)
{
	if (mount->uid_maps.rows.n > 0 || mount->gid_maps.rows.n > 0)
		return spec_fail(err, mount->origin,
				 "the maps are given in option 'idmap' and in uidMappings");
	TRY(spec_lower_id_maps(lowering, &from->uid_maps,
			       arena_printf(lowering->arena, "%s.uidMappings", mount->origin),
			       &mount->uid_maps, err));
	return spec_lower_id_maps(lowering, &from->gid_maps,
				  arena_printf(lowering->arena, "%s.gidMappings", mount->origin),
				  &mount->gid_maps, err);
}

int mount_idmap_lower(const struct lowering *lowering, const struct spec_mount *from,
		      struct plan_mount *mount, struct error *err)
{
	bool is_mapped = from->uid_maps.n > 0 || from->gid_maps.n > 0;

	if (!is_mapped && !mount->idmap)
		return 0;
	if (mount->kind != PLAN_MOUNT_BIND) {
		(void)spec_fail(err, mount->origin, "only a bind mount can map ids");
		return fail_remedy(err, "add 'bind' or 'rbind', or remove the maps");
	}
	if (is_mapped)
		TRY(maps_lower(lowering, from, mount, err));

	mount->idmap = true;
	size_t uids = mount->uid_maps.rows.n, gids = mount->gid_maps.rows.n;
	if ((uids > 0) != (gids > 0)) {
		(void)spec_fail(err, mount->origin, "uidMappings and gidMappings go together");
		return fail_remedy(err, "add %s", uids > 0 ? "gidMappings" : "uidMappings");
	}
	if (uids == 0 && lowering->plan->namespaces.of[NAMESPACE_USER].mode == NAMESPACE_INHERIT) {
		(void)spec_fail(err, mount->origin,
				"option 'idmap' has no maps, and the container no user namespace");
		return fail_remedy(err, "add uidMappings and gidMappings to the mount");
	}
	return 0;
}
