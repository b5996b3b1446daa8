/* SPDX-License-Identifier: Apache-2.0 */
/* What a container has used so far, as far as its cgroup's controllers tell. */
#include "apply/cgroup.h"

#include "apply/cgroup-files.h"
#include "base/str.h"

#include <string.h>

enum { IO_TEXT = 16384 };

/* The sum of "KEY=number" over all lines of io.stat, one per device. */
static uint64_t sum(const char *text, const char *key)
{
	uint64_t total = 0, value;
	char number[24];

	for (const char *at = strstr(text, key); at; at = strstr(at, key)) {
		at += strlen(key);
		size_t n = strcspn(at, " \n");
		if (n >= sizeof(number))
			continue;
		memcpy(number, at, n);
		number[n] = '\0';
		if (str_to_u64(number, UINT64_MAX, &value) == 0)
			total += value;
	}
	return total;
}

static void io_stats(int cgroup, struct cgroup_stats *stats)
{
	char text[IO_TEXT];

	if (cgroup_file_read(cgroup, "io.stat", text, sizeof(text)) < 0)
		return;
	stats->has_io = true;
	stats->io_read = sum(text, "rbytes=");
	stats->io_written = sum(text, "wbytes=");
}

void cgroup_stats(int cgroup, struct cgroup_stats *ret_stats)
{
	struct cgroup_stats stats = {};

	stats.has_cpu = cgroup_number_read(cgroup, "cpu.stat", "usage_usec", &stats.cpu_usec);
	(void)cgroup_number_read(cgroup, "cpu.stat", "user_usec", &stats.cpu_user_usec);
	(void)cgroup_number_read(cgroup, "cpu.stat", "system_usec", &stats.cpu_system_usec);
	stats.has_memory = cgroup_number_read(cgroup, "memory.current", NULL, &stats.memory);
	stats.has_memory_peak = cgroup_number_read(cgroup, "memory.peak", NULL, &stats.memory_peak);
	(void)cgroup_number_read(cgroup, "memory.events", "oom_kill", &stats.oom_kills);
	stats.has_pids = cgroup_number_read(cgroup, "pids.current", NULL, &stats.pids);
	stats.has_pids_peak = cgroup_number_read(cgroup, "pids.peak", NULL, &stats.pids_peak);
	io_stats(cgroup, &stats);
	*ret_stats = stats;
}
