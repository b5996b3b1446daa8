/* SPDX-License-Identifier: Apache-2.0 */
/* mxc-runtime update. */
#include "verb.h"

#define AT(member) offsetof(struct mxcrt_update_options, member)
/* clang-format off */
static const struct option_row options[] = {
	{ "resources", 'r', OPTION_STRING, AT(resources), "FILE",
	  "OCI linux.resources to change, as JSON; - for standard input" },
	{ "memory", 0, OPTION_STRING, AT(memory), "BYTES", "limit of memory; -1 for none" },
	{ "memory-reservation", 0, OPTION_STRING, AT(memory_reservation), "BYTES",
	  "memory that is taken back last" },
	{ "memory-swap", 0, OPTION_STRING, AT(memory_swap), "BYTES",
	  "limit of memory and swap together; -1 for none" },
	{ "kernel-memory", 0, OPTION_STRING, AT(kernel_memory), "BYTES",
	  "ignored: part of --memory" },
	{ "kernel-memory-tcp", 0, OPTION_STRING, AT(kernel_memory_tcp), "BYTES",
	  "ignored: part of --memory" },
	{ "cpu-shares", 0, OPTION_STRING, AT(cpu_shares), "N", "weight of the processors' time" },
	{ "cpu-share", 0, OPTION_STRING, AT(cpu_shares), "N", "the same" },
	{ "cpu-quota", 0, OPTION_STRING, AT(cpu_quota), "US",
	  "processor time within a period; -1 for no limit" },
	{ "cpu-period", 0, OPTION_STRING, AT(cpu_period), "US", "length of the period" },
	{ "cpu-burst", 0, OPTION_STRING, AT(cpu_burst), "US",
	  "time that may be saved up beyond the quota" },
	{ "cpu-idle", 0, OPTION_STRING, AT(cpu_idle), "0|1",
	  "1 runs only when nobody else wants the processor" },
	{ "cpu-rt-runtime", 0, OPTION_STRING, AT(cpu_rt_runtime), "US",
	  "refused unless 0: cgroup v2 has no such limit" },
	{ "cpu-rt-period", 0, OPTION_STRING, AT(cpu_rt_period), "US",
	  "refused unless 0: cgroup v2 has no such limit" },
	{ "cpuset-cpus", 0, OPTION_STRING, AT(cpuset_cpus), "LIST", "processors, like 0-3,7" },
	{ "cpuset-mems", 0, OPTION_STRING, AT(cpuset_mems), "LIST", "memory nodes, like 0-1" },
	{ "pids-limit", 0, OPTION_STRING, AT(pids_limit), "N",
	  "number of processes and threads; -1 for no limit" },
	{ "blkio-weight", 0, OPTION_STRING, AT(blkio_weight), "N",
	  "weight of the disks' time, 10 to 1000" },
	{ "l3-cache-schema", 0, OPTION_STRING, AT(l3_cache_schema), "SCHEMA",
	  "share of the cache, for resctrl" },
	{ "mem-bw-schema", 0, OPTION_STRING, AT(mem_bw_schema), "SCHEMA",
	  "share of the memory's bandwidth, for resctrl" },
	{},
};
/* clang-format on */

static int run(struct mxcrt *rt, int n, char **words, const void *given)
{
	(void)n; /* one word, main has counted */
	return mxcrt_update(rt, words[0], given);
}

/* clang-format off */
const struct verb verb_update = {
	.name = "update", .usage = "ID", .summary = "change the limits of a container",
	.options = options, .values_size = sizeof(struct mxcrt_update_options),
	.least = 1, .most = 1, .run = run,
};
/* clang-format on */
