/* SPDX-License-Identifier: Apache-2.0 */
/* The payload: what is executed, and its per-process settings. */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

struct plan_rlimit {
	int resource;
	const char *name;
	uint64_t soft, hard;
	const char *origin;
};
/* sched_setattr(2): POLICY is SCHED_*, FLAGS are SCHED_FLAG_*; times in nanoseconds. */
struct plan_scheduler {
	bool is_set;
	uint32_t policy, priority;
	int32_t nice;
	uint64_t flags, runtime, deadline, period;
	const char *origin;
};
/* ioprio_set(2): CLASS is IOPRIO_CLASS_* (1 real time, 2 best effort, 3 idle), LEVEL 0 … 7. */
struct plan_io_priority {
	bool is_set;
	unsigned class, level;
	const char *origin;
};

/* Numbers of CPUs or memory nodes, as the kernel takes them: bit N % 64 of words[N / 64]. */
struct plan_numbers {
	const char *text; /* as written */
	const uint64_t *words;
	size_t n; /* of words; 0 = not one number */
};
/* set_mempolicy(2): MODE is MPOL_* with its MPOL_F_*. */
struct plan_memory_policy {
	bool is_set;
	unsigned mode;
	struct plan_numbers nodes;
	const char *origin;
};
/* sched_setaffinity(2). */
struct plan_affinity {
	struct plan_numbers initial; /* exec: the runtime's, before the container's cgroup */
	struct plan_numbers final;   /* exec: the process's, in it */
	bool is_cgroup;              /* not the caller's: what cpuset.cpus gives */
	const char *origin;
};

struct plan_process {
	/* NULL-terminated, at least one; NULL when config.json has no process (create only). */
	const char **args;
	const char **env; /* NULL-terminated "K=V" */
	const char *cwd;
	/* That of config.json, also for a further process: what "@workspace" stands for. */
	const char *config_cwd;
	bool terminal;
	uint16_t rows, columns; /* of the terminal, 0 = unset */
	bool no_new_privileges;
	bool has_oom_score;
	int oom_score;
	ARRAY(struct plan_rlimit) rlimits;
	const char *apparmor, *selinux; /* label of the payload, NULL = none */
	bool has_personality;
	uint64_t personality;
	struct plan_scheduler scheduler;
	struct plan_io_priority io_priority;
	struct plan_memory_policy memory_policy;
	struct plan_affinity affinity;
	bool keeps_keyring;    /* the caller's session keyring stays the container's */
	unsigned preserve_fds; /* descriptors 3 … 2+n are kept, and those of LISTEN_FDS */
};
