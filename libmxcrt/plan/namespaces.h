/* SPDX-License-Identifier: Apache-2.0 */
/* Which namespaces the container gets: inherited, new, or joined. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum namespace_kind {
	NAMESPACE_USER,
	NAMESPACE_PID,
	NAMESPACE_MOUNT,
	NAMESPACE_NETWORK,
	NAMESPACE_IPC,
	NAMESPACE_UTS,
	NAMESPACE_CGROUP,
	NAMESPACE_TIME,
	NAMESPACE_KINDS,
};
enum namespace_mode { NAMESPACE_INHERIT, NAMESPACE_NEW, NAMESPACE_JOIN };

struct plan_namespace {
	enum namespace_mode mode;
	/* JOIN: a namespace file of the runtime's view; NULL = that of plan->join_pid (exec). */
	const char *path;
	const char *origin; /* "config.json linux.namespaces[2]" */
	/* Exec: config.json had it made new for this container, rather than joined or inherited. */
	bool is_own;
};
struct plan_time_offset {
	bool is_set;
	int64_t seconds;
	uint32_t nanoseconds;
};
struct plan_namespaces {
	struct plan_namespace of[NAMESPACE_KINDS];
	int join_pid; /* exec: the container's init, whose namespaces are joined; else 0 */
	struct plan_time_offset monotonic, boottime;
};

struct namespace_info {
	const char *name, *file;
	int clone_flag;
};
/* "network" -> {"network", "net", CLONE_NEWNET}; indexed by enum namespace_kind. */
extern const struct namespace_info namespace_infos[NAMESPACE_KINDS];
/* CLONE_NEW* of all that are new (ret_new) or joined (ret_join). */
void plan_namespaces_flags(const struct plan_namespaces *namespaces, int *ret_new, int *ret_join);
/*
 * A second process must carry the joins: a user namespace is joined, a new one is made beside
 * joins, or (create only: exec joins by plan->join_pid in the host process) a pid namespace is
 * joined by path.
 */
bool plan_namespaces_need_bridge(const struct plan_namespaces *namespaces);
