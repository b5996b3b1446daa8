/* SPDX-License-Identifier: Apache-2.0 */
/* The container's cgroup (v2): where, by whom, and its limits. */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

enum cgroup_manager { CGROUP_FILESYSTEM, CGROUP_SYSTEMD, CGROUP_NONE };

/*
 * The last rule that matches decides. A rule that allows matches an access that asks for no more
 * than the rule's; one that denies matches an access that asks for any of the rule's. What no rule
 * matches is denied.
 */
struct plan_device_rule {
	bool allow;
	char type /* 'a' 'b' 'c' */;
	int64_t major, minor /* -1 = any */;
	bool read, write, mknod;
};
/* "pids.max", "100"; written in order. */
struct plan_cgroup_value {
	const char *file, *value, *origin;
	/* Where FILE is missing, what keeps the limit all the same; NULL = FILE must be there. */
	const char *or_file;
};
struct plan_cgroup {
	enum cgroup_manager manager;
	/* FILESYSTEM: below the cgroup2 mount, "/…"; NULL = chosen by apply from the id. */
	const char *path;
	/* SYSTEMD: from "slice:prefix:name". */
	const char *slice, *prefix, *name;
	/* Rootless: where no cgroup can be made and no limit was asked, go on without. */
	bool may_be_absent;
	bool is_asked;  /* some limit was asked: no cgroup = refused */
	bool is_joined; /* exec, update: the existing cgroup of the container */
	/* A limit of memory below what is in use is refused instead of calling the OOM killer. */
	bool checks_usage;
	/* Who may make cgroups below the container's own, as the host numbers users. */
	bool has_owner;
	uint32_t owner;
	/* cgroup2 files from every limit, in v2 units, unified last. */
	ARRAY(struct plan_cgroup_value) values;
	/* In order; spec/ adds the default devices. */
	ARRAY(struct plan_device_rule) devices;
	bool has_device_filter; /* there are device rules to keep */
	/* The same limits for systemd's properties; UINT64_MAX = not asked. */
	uint64_t memory_max, memory_low, memory_swap_max;
	uint64_t cpu_weight, cpu_quota_us, cpu_period_us;
	uint64_t pids_max, io_weight;
	const char *cpuset_cpus, *cpuset_mems;
};

struct plan;
/* No limit of systemd's properties is asked for. */
void plan_cgroup_init(struct plan_cgroup *cgroup);
/* A further file and its value; FILE and ORIGIN are kept as they are. */
void plan_cgroup_value(struct plan *plan, const char *file, const char *origin, const char *format,
		       ...) __attribute__((format(printf, 4, 5)));
/* The last value may be left out where its file is missing and OR_FILE is there. */
void plan_cgroup_value_or(struct plan *plan, const char *or_file);
/*
 * A row of ASKED that differs from WAS and that GRANTED, the same under a policy, has not: the
 * policy's row that stands against it. NULL when all that changed is granted.
 */
const struct plan_cgroup_value *plan_cgroup_excess(const struct plan_cgroup *was,
						   const struct plan_cgroup *asked,
						   const struct plan_cgroup *granted);
/* The rules of both say the same, in the same order. */
bool plan_cgroup_devices_equal(const struct plan_cgroup *one, const struct plan_cgroup *two);
/*
 * cpu.shares (2 … 262144) to cpu.weight (1 … 10000), blkio.weight (10 … 1000) to io.weight: linear,
 * as other runtimes do.
 */
uint64_t cgroup_weight_of_shares(uint64_t shares);
uint64_t cgroup_io_weight_of_blkio(uint64_t weight);
