/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a cgroup's controllers, read into numbers; a file that is not there is none. */
#include "apply/cgroup-figures.h"

#include "apply/cgroup-files.h"
#include "base/fd.h"
#include "base/str.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_MAX = 16384 };

/* A whole file in the arena, "" without. */
static char *text_of(struct arena *arena, int cgroup, const char *file)
{
	char text[TEXT_MAX] = "";

	if (cgroup_file_read(cgroup, file, text, sizeof(text)) < 0)
		text[0] = '\0';
	return arena_strdup(arena, text);
}

/* NAME and number, which SEPARATOR divides; what is none is left out. */
static void counter_add(struct arena *arena, struct cgroup_counters *counters, char *pair,
			char separator)
{
	char *middle = strchr(pair, separator);
	uint64_t value;

	if (!middle || str_to_u64(middle + 1, UINT64_MAX, &value) < 0)
		return;
	*middle = '\0';
	*arena_push(arena, &counters->list) = (struct cgroup_counter){ pair, value };
}

static struct cgroup_counters counters_of(struct arena *arena, int cgroup, const char *file)
{
	struct cgroup_counters counters = {};

	for (char **line = str_split(arena, text_of(arena, cgroup, file), '\n'); *line; line++)
		counter_add(arena, &counters, *line, ' ');
	return counters;
}

uint64_t cgroup_counter(const struct cgroup_counters *counters, const char *name)
{
	for (size_t i = 0; i < counters->list.n; i++)
		if (str_equal(counters->list.items[i].name, name))
			return counters->list.items[i].value;
	return 0;
}

/* PREFIX.current, .max and .peak, and how often .events counts that the limit was met. */
static struct cgroup_usage usage_of(int cgroup, const char *prefix)
{
	struct cgroup_usage usage = {};
	const struct {
		const char *file, *name;
		uint64_t *target;
	} files[] = {
		{ "current", NULL, &usage.usage },
		{ "max", NULL, &usage.limit },
		{ "peak", NULL, &usage.peak },
		{ "events", "max", &usage.failures },
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char file[64];
		(void)snprintf(file, sizeof(file), "%s.%s", prefix, files[i].file);
		(void)cgroup_number_read(cgroup, file, files[i].name, files[i].target);
	}
	return usage;
}

/* "8:0 rbytes=1 wbytes=2 …" */
static void io_of(struct arena *arena, int cgroup, struct cgroup_figures *figures)
{
	for (char **line = str_split(arena, text_of(arena, cgroup, "io.stat"), '\n'); *line;
	     line++) {
		struct cgroup_device_io device = {};
		unsigned major, minor;
		if (sscanf(*line, "%u:%u ", &major, &minor) != 2)
			continue;
		device.major = major;
		device.minor = minor;
		for (char **pair = str_split(arena, *line, ' '); *pair; pair++)
			counter_add(arena, &device.counters, *pair, '=');
		*arena_push(arena, &figures->io) = device;
	}
}

static struct pressure_line pressure_line(struct arena *arena, const char *line)
{
	struct pressure_line result = { "0", "0", "0", 0 };

	for (char **pair = str_split(arena, line, ' '); *pair; pair++) {
		const char *value = strchr(*pair, '=');
		if (!value)
			continue;
		value++;
		/* Digits and a point: a number in JSON, as it stands. */
		if (strspn(value, "0123456789.") != strlen(value) || !*value)
			continue;
		if (str_starts(*pair, "avg10="))
			result.avg10 = value;
		else if (str_starts(*pair, "avg60="))
			result.avg60 = value;
		else if (str_starts(*pair, "avg300="))
			result.avg300 = value;
		else if (str_starts(*pair, "total="))
			(void)str_to_u64(value, UINT64_MAX, &result.total);
	}
	return result;
}

static struct pressure pressure_of(struct arena *arena, int cgroup, const char *file)
{
	struct pressure pressure = { .some = { "0", "0", "0", 0 }, .full = { "0", "0", "0", 0 } };

	for (char **line = str_split(arena, text_of(arena, cgroup, file), '\n'); *line; line++) {
		if (str_starts(*line, "some "))
			pressure.some = pressure_line(arena, *line);
		else if (str_starts(*line, "full "))
			pressure.full = pressure_line(arena, *line);
		else
			continue;
		pressure.is_known = true;
	}
	return pressure;
}

/* The page sizes are in the names: hugetlb.2MB.current. */
static void hugetlb_of(struct arena *arena, int cgroup, struct cgroup_figures *figures)
{
	static const char prefix[] = "hugetlb.", suffix[] = ".current";
	int copy = openat(cgroup, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (copy < 0)
		return;
	autodir directory = fdopendir(copy);
	if (!directory) {
		(void)close(copy);
		return;
	}
	for (struct dirent *entry; (entry = readdir(directory));) {
		size_t n = strlen(entry->d_name);
		if (!str_starts(entry->d_name, prefix) || !str_ends(entry->d_name, suffix) ||
		    strstr(entry->d_name, ".rsvd."))
			continue;
		char *size = arena_strndup(arena, entry->d_name + strlen(prefix),
					   n - strlen(prefix) - strlen(suffix));
		*arena_push(arena, &figures->hugetlb) = (struct cgroup_hugetlb){
			size, usage_of(cgroup, arena_printf(arena, "%s%s", prefix, size))
		};
	}
}

static const char *line_of(struct arena *arena, int cgroup, const char *file)
{
	char *text = text_of(arena, cgroup, file);

	text[strcspn(text, "\n")] = '\0';
	return text;
}

void cgroup_figures(struct arena *arena, int cgroup, struct cgroup_figures *ret_figures)
{
	struct cgroup_figures figures = {
		.cpu = counters_of(arena, cgroup, "cpu.stat"),
		.memory_stat = counters_of(arena, cgroup, "memory.stat"),
		.memory_events = counters_of(arena, cgroup, "memory.events"),
		.memory = usage_of(cgroup, "memory"),
		.swap = usage_of(cgroup, "memory.swap"),
		.pids = usage_of(cgroup, "pids"),
		.cpus = line_of(arena, cgroup, "cpuset.cpus.effective"),
		.mems = line_of(arena, cgroup, "cpuset.mems.effective"),
		.cpu_pressure = pressure_of(arena, cgroup, "cpu.pressure"),
		.memory_pressure = pressure_of(arena, cgroup, "memory.pressure"),
		.io_pressure = pressure_of(arena, cgroup, "io.pressure"),
	};

	io_of(arena, cgroup, &figures);
	hugetlb_of(arena, cgroup, &figures);
	*ret_figures = figures;
}

int cgroup_events_open(int cgroup)
{
	return openat(cgroup, "memory.events", O_RDONLY | O_CLOEXEC);
}

bool cgroup_event_count(int events, const char *name, uint64_t *ret)
{
	autoarena arena = {};
	struct cgroup_counters counters = {};
	char text[1024];
	ssize_t n = pread(events, text, sizeof(text) - 1, 0);

	if (n < 0)
		return false;
	text[n] = '\0';
	for (char **line = str_split(&arena, text, '\n'); *line; line++)
		counter_add(&arena, &counters, *line, ' ');
	*ret = cgroup_counter(&counters, name);
	return true;
}
