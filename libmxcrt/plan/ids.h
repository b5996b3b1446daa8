/* SPDX-License-Identifier: Apache-2.0 */
/* Who the process is: user, groups, umask, and the maps of a user namespace. */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

struct plan_id_map {
	uint32_t container, host, size;
};
struct plan_id_maps {
	ARRAY(struct plan_id_map) rows;
};
struct plan_ids {
	uint32_t uid, gid;
	ARRAY(uint32_t) groups;
	bool has_umask;
	uint32_t umask;
	struct plan_id_maps uid_maps, gid_maps; /* rows only with a new user namespace */
};
