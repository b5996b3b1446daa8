/* SPDX-License-Identifier: Apache-2.0 */
/* The container's cgroup (v2): made or asked of systemd, limited, filtered, frozen, killed,
 * measured, removed. */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct error;
struct handles;
struct plan;

/* Where the cgroup will be, and the scope's name (each NULL where not known or none), for the
 * record: before anything is made. */
int cgroup_intend(const struct plan *plan, struct handles *handles, const char **ret_path,
		  const char **ret_scope, struct error *err);
/* Host, before clone: manager FILESYSTEM makes it (handles->cgroup, ->cgroup_path); an exec
 * (is_joined) opens handles->cgroup_path; with SYSTEMD and NONE nothing happens here and clone goes
 * without CLONE_INTO_CGROUP. handles->cgroup stays -1 where none may be had. */
int cgroup_create(const struct plan *plan, struct handles *handles, struct error *err);
/* Host: kills what is in it and removes what cgroup_create or cgroup_scope made. */
void cgroup_undo(const struct plan *plan, struct handles *handles);
/* Host, after clone, before WORD_GO: manager SYSTEMD: a scope with handles->init in it; fills
 * handles->scope, ->cgroup, ->cgroup_path. */
int cgroup_scope(const struct plan *plan, struct handles *handles, struct error *err);
/* The limits of the plan as properties of the running scope handles->scope (update). */
int cgroup_scope_update(const struct plan *plan, struct handles *handles, struct error *err);
/* Host: plan->cgroup.values into handles->cgroup. */
int cgroup_limits(const struct plan *plan, struct handles *handles, struct error *err);
/* The same for a running container, through systemd too where it has handles->scope; all or
 * nothing. */
int cgroup_update(const struct plan *plan, struct handles *handles, struct error *err);
/* Host: the cgroup and the files that the kernel lists for it to plan->cgroup.owner
 * (config-linux.md, Cgroup ownership). */
int cgroup_give(const struct plan *plan, struct handles *handles, struct error *err);
/* Host: the device rules as a BPF program on handles->cgroup. */
int cgroup_filter_devices(const struct plan *plan, struct handles *handles, struct error *err);
/* The same for a cgroup that has such a program: replaced at once, no access goes by unfiltered. */
int cgroup_refilter_devices(const struct plan *plan, struct handles *handles, struct error *err);

/* PATH as in handles->cgroup_path ("/…" below the cgroup2 mount): a directory descriptor, or -1
 * (sys_errno ENOENT when it is gone). */
int cgroup_open(const char *path, struct error *err);
/* The cgroup of a process, below the cgroup2 mount; PROC is handles->proc or AT_FDCWD-like
 * descriptor of /proc. */
int cgroup_of_process(struct arena *arena, int proc, pid_t pid, const char **ret_path,
		      struct error *err);
/* Every process in the tree: SIGKILL at once by cgroup.kill, other signals one by one. */
int cgroup_kill(int cgroup, int signal, struct error *err);
struct cgroup_pids {
	ARRAY(pid_t) list;
};
/* Every process in the tree, children's included. */
int cgroup_pids(struct arena *arena, int cgroup, struct cgroup_pids *ret_pids, struct error *err);
/* Freeze or thaw, and wait until it is so. */
int cgroup_freeze(int cgroup, bool frozen, struct error *err);
bool cgroup_is_frozen(int cgroup);
/* Wait, however long, until it is thawed or the process of PIDFD has ended. */
int cgroup_thaw_await(int cgroup, int pidfd, struct error *err);
/* Whether any process lives in the tree. */
bool cgroup_is_populated(int cgroup);
/* Wait for the last process to leave (bounded), then remove the tree; SCOPE: stop systemd's unit
 * first, NULL = none. Gone is success. */
int cgroup_remove(const char *path, const char *scope, struct error *err);

struct cgroup_stats {
	bool has_cpu, has_memory, has_memory_peak, has_pids, has_pids_peak, has_io;
	uint64_t cpu_usec, cpu_user_usec, cpu_system_usec; /* microseconds */
	uint64_t memory, memory_peak, oom_kills;           /* bytes; count */
	uint64_t pids, pids_peak;
	uint64_t io_read, io_written; /* bytes, all devices */
};
/* Whatever controllers are there; what is not has its has_ flag false. Never fails. */
void cgroup_stats(int cgroup, struct cgroup_stats *ret_stats);
