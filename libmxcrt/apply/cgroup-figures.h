/* SPDX-License-Identifier: Apache-2.0 */
/* Every figure that the controllers of a cgroup give, for the verb events. */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

/* One line of a *.pressure file: averages in percent as the kernel wrote them, microseconds. */
struct pressure_line {
	const char *avg10, *avg60, *avg300;
	uint64_t total;
};
/* is_known: the kernel measures it. */
struct pressure {
	bool is_known;
	struct pressure_line some, full;
};
struct cgroup_counter {
	const char *name;
	uint64_t value;
};
struct cgroup_counters {
	ARRAY(struct cgroup_counter) list;
};
/* usage, limit (UINT64_MAX = none), the highest usage, how often the limit was met. */
struct cgroup_usage {
	uint64_t usage, limit, peak, failures;
};
struct cgroup_device_io {
	uint64_t major, minor;
	struct cgroup_counters counters; /* "rbytes", "wios", … */
};
struct cgroup_hugetlb {
	const char *size; /* "2MB" */
	struct cgroup_usage usage;
};

/* What a controller that is not there would say is 0 or empty. */
struct cgroup_figures {
	struct cgroup_counters cpu, memory_stat, memory_events;
	struct cgroup_usage memory, swap, pids;
	ARRAY(struct cgroup_device_io) io;
	ARRAY(struct cgroup_hugetlb) hugetlb;
	const char *cpus, *mems; /* "0-3,5", "" = unknown */
	struct pressure cpu_pressure, memory_pressure, io_pressure;
};
void cgroup_figures(struct arena *arena, int cgroup, struct cgroup_figures *ret_figures);
/* Of the counter NAME, 0 when there is none. */
uint64_t cgroup_counter(const struct cgroup_counters *counters, const char *name);

/* memory.events, for poll(2) with POLLPRI: a descriptor, or -1 where nothing counts memory. */
int cgroup_events_open(int cgroup);
/* The counter NAME of it; arms the next notification. False once the cgroup is gone. */
bool cgroup_event_count(int events, const char *name, uint64_t *ret);
