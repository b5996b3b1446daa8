/* SPDX-License-Identifier: Apache-2.0 */
/* The verb events: what a container uses, and when the kernel ends a process of it for memory. */
#include "apply/cgroup-figures.h"
#include "apply/cgroup.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "lifecycle/container.h"
#include "lifecycle/runtime.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

enum { NANOSECONDS_PER_MICROSECOND = 1000, CPUS_MAX = 8192 };

static void add_usage(struct text *out, const char *key, const struct cgroup_usage *usage)
{
	json_open(out, key, '{');
	json_add_uint(out, "limit", usage->limit);
	json_add_uint(out, "usage", usage->usage);
	json_add_uint(out, "max", usage->peak);
	json_add_uint(out, "failcnt", usage->failures);
	json_close(out, '}');
}

static void add_counters(struct text *out, const char *key, const struct cgroup_counters *counters)
{
	json_open(out, key, '{');
	for (size_t i = 0; i < counters->list.n; i++)
		json_add_uint(out, counters->list.items[i].name, counters->list.items[i].value);
	json_close(out, '}');
}

static void add_pressure_line(struct text *out, const char *key, const struct pressure_line *line)
{
	json_open(out, key, '{');
	json_key(out, "avg10");
	text_add(out, line->avg10);
	json_key(out, "avg60");
	text_add(out, line->avg60);
	json_key(out, "avg300");
	text_add(out, line->avg300);
	json_add_uint(out, "total", line->total);
	json_close(out, '}');
}

static void add_pressure(struct text *out, const struct pressure *pressure)
{
	if (!pressure->is_known)
		return;
	json_open(out, "psi", '{');
	add_pressure_line(out, "some", &pressure->some);
	add_pressure_line(out, "full", &pressure->full);
	json_close(out, '}');
}

static void add_cpu(struct text *out, const struct cgroup_figures *figures)
{
	const struct {
		const char *key, *counter;
	} usage[] = { { "total", "usage_usec" },
		      { "kernel", "system_usec" },
		      { "user", "user_usec" } };

	json_open(out, "cpu", '{');
	json_open(out, "usage", '{');
	for (size_t i = 0; i < sizeof(usage) / sizeof(usage[0]); i++)
		json_add_uint(out, usage[i].key,
			      cgroup_counter(&figures->cpu, usage[i].counter) *
				      NANOSECONDS_PER_MICROSECOND);
	json_close(out, '}');
	json_open(out, "throttling", '{');
	json_add_uint(out, "periods", cgroup_counter(&figures->cpu, "nr_periods"));
	json_add_uint(out, "throttledPeriods", cgroup_counter(&figures->cpu, "nr_throttled"));
	json_add_uint(out, "throttledTime",
		      cgroup_counter(&figures->cpu, "throttled_usec") *
			      NANOSECONDS_PER_MICROSECOND);
	json_close(out, '}');
	add_pressure(out, &figures->cpu_pressure);
	json_close(out, '}');
}

/* "0-2,5" as the numbers 0, 1, 2, 5. */
static void add_numbers(struct text *out, const char *key, const char *ranges)
{
	json_open(out, key, '[');
	for (const char *at = ranges; *at;) {
		char *end;
		long first = strtol(at, &end, 10), last = first;
		if (end == at)
			break;
		if (*end == '-')
			last = strtol(end + 1, &end, 10);
		for (long n = first; n <= last && n - first < CPUS_MAX; n++)
			json_add_int(out, NULL, n);
		at = *end == ',' ? end + 1 : end;
		if (at == end)
			break;
	}
	json_close(out, ']');
}

/* Swap with the memory in it, as the readers of this document have counted since version 1. */
static struct cgroup_usage swap_and_memory(const struct cgroup_figures *figures)
{
	struct cgroup_usage swap = figures->swap;

	swap.usage += figures->memory.usage;
	if (swap.limit != UINT64_MAX)
		swap.limit = figures->memory.limit == UINT64_MAX
				     ? UINT64_MAX
				     : swap.limit + figures->memory.limit;
	swap.peak = 0; /* the two peaks were not at one time */
	return swap;
}

static void add_memory(struct text *out, const struct cgroup_figures *figures)
{
	struct cgroup_usage swap = swap_and_memory(figures);
	struct cgroup_usage kernel = { .usage = cgroup_counter(&figures->memory_stat, "kernel") };

	json_open(out, "memory", '{');
	json_add_uint(out, "cache", cgroup_counter(&figures->memory_stat, "file"));
	add_usage(out, "usage", &figures->memory);
	add_usage(out, "swap", &swap);
	add_usage(out, "kernel", &kernel);
	add_counters(out, "raw", &figures->memory_stat);
	add_counters(out, "event_count", &figures->memory_events);
	add_pressure(out, &figures->memory_pressure);
	json_close(out, '}');
}

/* One list of the document: the counters NAMES ("r…", "w…", "d…") of every device. */
static void add_io(struct text *out, const char *key, const struct cgroup_figures *figures,
		   const char *const names[3])
{
	static const char *const operations[3] = { "Read", "Write", "Discard" };

	json_open(out, key, '[');
	for (size_t i = 0; i < figures->io.n; i++)
		for (size_t k = 0; k < 3; k++) {
			const struct cgroup_device_io *device = &figures->io.items[i];
			json_open(out, NULL, '{');
			json_add_uint(out, "major", device->major);
			json_add_uint(out, "minor", device->minor);
			json_add_string(out, "op", operations[k]);
			json_add_uint(out, "value", cgroup_counter(&device->counters, names[k]));
			json_close(out, '}');
		}
	json_close(out, ']');
}

static void add_data(struct text *out, const struct cgroup_figures *figures)
{
	static const char *const bytes[3] = { "rbytes", "wbytes", "dbytes" };
	static const char *const requests[3] = { "rios", "wios", "dios" };

	json_open(out, "data", '{');
	add_cpu(out, figures);
	json_open(out, "cpuset", '{');
	add_numbers(out, "cpus", figures->cpus);
	add_numbers(out, "mems", figures->mems);
	json_close(out, '}');
	add_memory(out, figures);
	json_open(out, "pids", '{');
	json_add_uint(out, "current", figures->pids.usage);
	/* No limit is 0 here. */
	json_add_uint(out, "limit", figures->pids.limit == UINT64_MAX ? 0 : figures->pids.limit);
	json_close(out, '}');
	json_open(out, "blkio", '{');
	add_io(out, "ioServiceBytesRecursive", figures, bytes);
	add_io(out, "ioServicedRecursive", figures, requests);
	add_pressure(out, &figures->io_pressure);
	json_close(out, '}');
	json_open(out, "hugetlb", '{');
	for (size_t i = 0; i < figures->hugetlb.n; i++)
		add_usage(out, figures->hugetlb.items[i].size, &figures->hugetlb.items[i].usage);
	json_close(out, '}');
	json_open(out, "intel_rdt", '{');
	json_close(out, '}');
	json_open(out, "network_interfaces", '[');
	json_close(out, ']');
	json_close(out, '}');
}

static void begin(struct text *out, const char *type, const char *id)
{
	json_open(out, NULL, '{');
	json_add_string(out, "type", type);
	json_add_string(out, "id", id);
}

static const char *stats_line(struct arena *arena, const char *id, int cgroup)
{
	struct text out = { .arena = arena };
	struct cgroup_figures figures;

	cgroup_figures(arena, cgroup, &figures);
	begin(&out, "stats", id);
	add_data(&out, &figures);
	json_close(&out, '}');
	text_add(&out, "\n");
	return out.data;
}

static const char *oom_line(struct arena *arena, const char *id)
{
	struct text out = { .arena = arena };

	begin(&out, "oom", id);
	json_close(&out, '}');
	text_add(&out, "\n");
	return out.data;
}

/* The container and the directory of its cgroup. */
static int measured_open(struct mxcrt *rt, const char *id, struct container *container,
			 int *ret_cgroup, struct error *err)
{
	TRY(container_open(rt, id, false, container, err));
	if (container->status != STATUS_CREATED && container->status != STATUS_RUNNING) {
		(void)fail(err, ERROR_CONFIG, "container not running: '%s' is %s", id,
			   status_names[container->status]);
		return fail_code(err, "already_stopped");
	}
	if (!container->record.cgroup || !container->record.cgroup[0]) {
		(void)fail(err, ERROR_HOST,
			   "container '%s' has no cgroup: nothing counts what it uses", id);
		return fail_remedy(err, "create it with a cgroup manager");
	}
	*ret_cgroup = TRY(cgroup_open(container->record.cgroup, err));
	return 0;
}

static int stats(struct mxcrt *rt, const char *id, const char **ret_text, struct error *err)
{
	autocontainer container = { .proc = -1, .pidfd = -1 };
	autofd cgroup = -1;

	TRY(measured_open(rt, id, &container, &cgroup, err));
	*ret_text = stats_line(&rt->arena, id, cgroup);
	return 0;
}

int mxcrt_stats(struct mxcrt *rt, const char *id, const char **ret_text)
{
	struct error err = {};

	return runtime_result(rt, stats(rt, id, ret_text, &err), &err);
}

struct watching {
	const char *id;
	int cgroup;
	int events; /* memory.events, or -1 */
	uint64_t kills;
	uint64_t interval; /* nanoseconds */
	mxcrt_line_fn take;
	void *data;
};

/* A line for each process that the kernel has ended for memory since the last look. */
static int kills_tell(struct watching *watching)
{
	autoarena arena = {};
	uint64_t kills;

	/* Reading arms the next notification; a cgroup that is gone has no more. */
	if (watching->events < 0 || !cgroup_event_count(watching->events, "oom_kill", &kills)) {
		fd_close(&watching->events);
		return 0;
	}
	int result = 0;
	for (; watching->kills < kills && result == 0; watching->kills++)
		result = watching->take(oom_line(&arena, watching->id), watching->data);
	return result;
}

static int stats_tell(const struct watching *watching)
{
	autoarena arena = {};

	return watching->take(stats_line(&arena, watching->id, watching->cgroup), watching->data);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_BOOTTIME, &now); /* cannot fail: the clock exists */
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Until init has ended, or whoever takes the lines wants no more: what that one said. */
static int watch(struct watching *watching, int pidfd, struct error *err)
{
	uint64_t next = now_ns();

	for (;;) {
		uint64_t now = now_ns();
		if (now >= next) {
			int result = stats_tell(watching);
			if (result != 0)
				return result;
			next = now + watching->interval;
		}
		uint64_t left = next > now ? next - now : 0;
		struct timespec timeout = { .tv_sec = (time_t)(left / 1000000000),
					    .tv_nsec = (long)(left % 1000000000) };
		struct pollfd fds[2] = { { .fd = pidfd, .events = POLLIN },
					 { .fd = watching->events, .events = POLLPRI } };
		int n = ppoll(fds, 2, &timeout, NULL);
		if (n < 0 && errno != EINTR)
			return fail_sys(err, "wait for events of container '%s'", watching->id);
		if (n <= 0)
			continue;
		int result = kills_tell(watching);
		if (result != 0 || fds[0].revents)
			return result;
	}
}

static int events(struct mxcrt *rt, struct watching *watching, struct error *err)
{
	autocontainer container = { .proc = -1, .pidfd = -1 };
	autofd cgroup = -1;

	TRY(measured_open(rt, watching->id, &container, &cgroup, err));
	watching->cgroup = cgroup;
	watching->events = cgroup_events_open(cgroup);
	if (watching->events >= 0 &&
	    !cgroup_event_count(watching->events, "oom_kill", &watching->kills))
		fd_close(&watching->events);
	int result = watch(watching, container.pidfd, err);
	fd_close(&watching->events);
	return result;
}

int mxcrt_events(struct mxcrt *rt, const char *id, uint64_t interval_ns, mxcrt_line_fn take,
		 void *data)
{
	struct watching watching = { .id = id,
				     .cgroup = -1,
				     .events = -1,
				     .interval = interval_ns,
				     .take = take,
				     .data = data };
	struct error err = {};

	if (interval_ns == 0)
		return runtime_result(
			rt, fail(&err, ERROR_CONFIG, "the interval of events is greater than 0"),
			&err);
	return runtime_result(rt, events(rt, &watching, &err), &err);
}
