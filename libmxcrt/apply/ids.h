/* SPDX-License-Identifier: Apache-2.0 */
/* User and group ids: the maps of a new user namespace, root inside it, and who the payload runs
 * as. */
#pragma once

#include <stdint.h>

struct error;
struct handles;
struct plan;

/* Host: uid_map and gid_map of handles->init, or else of handles->bridge. Before that process hides
 * itself (self_hide) or changes ids. */
int ids_write_maps(const struct plan *plan, struct handles *handles, struct error *err);
/* In a user namespace that is new (after the maps) or joined: no groups, gid 0, uid 0; nothing to
 * do elsewhere. */
int ids_become_root(const struct plan *plan, struct handles *handles, struct error *err);
/* The payload's groups, gid, uid and umask; permitted capabilities are kept for caps_assume. */
int ids_assume(const struct plan *plan, struct handles *handles, struct error *err);
/* Fails: GROUP cannot be had where setgroups is denied. For the files of this mechanism. */
int ids_groups_refused(uint32_t group, struct error *err);
