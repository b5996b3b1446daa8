/* SPDX-License-Identifier: Apache-2.0 */
/* The verb update: other limits for a container that runs, within its policy. */
#include "apply/cgroup.h"
#include "apply/resctrl.h"
#include "apply/step.h"
#include "base/error.h"
#include "base/io.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "lifecycle/container.h"
#include "lifecycle/events.h"
#include "lifecycle/load.h"
#include "lifecycle/runtime.h"
#include "plan/plan.h"
#include "spec/spec.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { RESOURCES_LIMIT = 1 << 20 };

enum setting_type { SETTING_SIZE, SETTING_NUMBER, SETTING_TEXT };

#define AT(member) offsetof(struct mxcrt_update_options, member)
/* clang-format off */
static const struct {
	const char *section, *key, *option;
	enum setting_type type;
	size_t offset;
} settings[] = {
	{ "memory", "limit", "memory", SETTING_SIZE, AT(memory) },
	{ "memory", "reservation", "memory-reservation", SETTING_SIZE, AT(memory_reservation) },
	{ "memory", "swap", "memory-swap", SETTING_SIZE, AT(memory_swap) },
	{ "memory", "kernel", "kernel-memory", SETTING_SIZE, AT(kernel_memory) },
	{ "memory", "kernelTCP", "kernel-memory-tcp", SETTING_SIZE, AT(kernel_memory_tcp) },
	{ "cpu", "shares", "cpu-shares", SETTING_NUMBER, AT(cpu_shares) },
	{ "cpu", "quota", "cpu-quota", SETTING_NUMBER, AT(cpu_quota) },
	{ "cpu", "period", "cpu-period", SETTING_NUMBER, AT(cpu_period) },
	{ "cpu", "burst", "cpu-burst", SETTING_NUMBER, AT(cpu_burst) },
	{ "cpu", "idle", "cpu-idle", SETTING_NUMBER, AT(cpu_idle) },
	{ "cpu", "realtimeRuntime", "cpu-rt-runtime", SETTING_NUMBER, AT(cpu_rt_runtime) },
	{ "cpu", "realtimePeriod", "cpu-rt-period", SETTING_NUMBER, AT(cpu_rt_period) },
	{ "cpu", "cpus", "cpuset-cpus", SETTING_TEXT, AT(cpuset_cpus) },
	{ "cpu", "mems", "cpuset-mems", SETTING_TEXT, AT(cpuset_mems) },
	{ "pids", "limit", "pids-limit", SETTING_NUMBER, AT(pids_limit) },
	{ "blockIO", "weight", "blkio-weight", SETTING_NUMBER, AT(blkio_weight) },
	/* No member of linux.resources: spec/update takes it beside them. */
	{ "intelRdt", "l3CacheSchema", "l3-cache-schema", SETTING_TEXT, AT(l3_cache_schema) },
	{ "intelRdt", "memBwSchema", "mem-bw-schema", SETTING_TEXT, AT(mem_bw_schema) },
};
/* clang-format on */
#undef AT
enum { SETTINGS = sizeof(settings) / sizeof(settings[0]) };

static const char *given(const struct mxcrt_update_options *options, size_t i)
{
	return *(const char *const *)(const void *)((const char *)options + settings[i].offset);
}

static int setting_add(struct text *out, size_t i, const char *value, struct error *err)
{
	int64_t number = -1;
	uint64_t size;

	if (settings[i].type == SETTING_TEXT) {
		json_add_string(out, settings[i].key, value);
		return 0;
	}
	bool is_right = settings[i].type == SETTING_SIZE && !str_equal(value, "-1")
				? str_to_size(value, &size) == 0
				: str_to_i64(value, INT64_MIN, INT64_MAX, &number) == 0;
	if (!is_right) {
		(void)fail(err, ERROR_CONFIG, "option --%s: '%s' is not a %s", settings[i].option,
			   value, settings[i].type == SETTING_SIZE ? "size" : "number");
		return fail_remedy(err, settings[i].type == SETTING_SIZE
						? "write bytes, a size like '512M', or -1"
						: "write it in digits");
	}
	if (settings[i].type == SETTING_SIZE && !str_equal(value, "-1"))
		json_add_uint(out, settings[i].key, size);
	else
		json_add_int(out, settings[i].key, number);
	return 0;
}

/* The options as the document that would say the same. */
static int settings_write(const struct mxcrt_update_options *options, struct text *out,
			  struct error *err)
{
	const char *section = NULL;

	json_open(out, NULL, '{');
	for (size_t i = 0; i < SETTINGS; i++) {
		const char *value = given(options, i);
		if (!value)
			continue;
		if (section && !str_equal(section, settings[i].section))
			json_close(out, '}');
		if (!str_equal(section, settings[i].section))
			json_open(out, settings[i].section, '{');
		section = settings[i].section;
		TRY(setting_add(out, i, value, err));
	}
	if (section)
		json_close(out, '}');
	json_close(out, '}');
	return 0;
}

/* Engines give a pipe as well as a file. */
static int resources_read(struct mxcrt *rt, const char *path, const struct json **ret_asked,
			  struct error *err)
{
	bool is_input = str_equal(path, "-");
	autofd file = is_input ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	char *bytes = arena_alloc(&rt->arena, RESOURCES_LIMIT + 1);

	if (file < 0)
		return fail_sys(err, "open '%s'", path);
	ssize_t n = read_some(file, bytes, RESOURCES_LIMIT + 1);
	if (n < 0)
		return fail_sys(err, "read '%s'", path);
	if (n > RESOURCES_LIMIT)
		return fail(err, ERROR_CONFIG, "'%s' is larger than %d bytes", path,
			    RESOURCES_LIMIT);
	TRY(spec_update_read(&rt->arena, is_input ? "resources" : path, bytes, (size_t)n, ret_asked,
			     err));
	if (json_get(*ret_asked, "intelRdt"))
		return fail(err, ERROR_CONFIG, "'intelRdt' is no member of linux.resources");
	return 0;
}

static int asked_read(struct mxcrt *rt, const struct mxcrt_update_options *options,
		      const struct json **ret_asked, struct error *err)
{
	struct text out = { .arena = &rt->arena };
	const struct json *asked = NULL, *refined;

	if (options->resources)
		TRY(resources_read(rt, options->resources, &asked, err));
	TRY(settings_write(options, &out, err));
	TRY(spec_update_read(&rt->arena, "option", out.data, out.n, &refined, err));
	*ret_asked = spec_update_refine(&rt->arena, asked, refined);
	return 0;
}

static int alive_check(const struct container *container, struct error *err)
{
	const struct record *record = &container->record;
	enum status status = container_status(container);

	if (status != STATUS_CREATED && status != STATUS_RUNNING && status != STATUS_PAUSED) {
		(void)fail(err, ERROR_CONFIG, "container '%s' is %s, not running", record->id,
			   status_names[status]);
		return fail_code(err, status == STATUS_STOPPED ? "already_stopped" : "not_started");
	}
	if (record->cgroup && record->cgroup[0])
		return 0;
	(void)fail(err, ERROR_HOST, "container '%s' has no cgroup that could be limited",
		   record->id);
	return fail_remedy(err, "create it with a cgroup manager");
}

static int schemas_check(const struct change *change, const struct json *asked, struct error *err)
{
	if (!json_get(asked, "intelRdt") || change->was->resctrl.is_active)
		return 0;
	(void)fail(err, ERROR_CONFIG, "the container is in no group of resctrl");
	(void)fail_field(err, "option %s",
			 json_get(json_get(asked, "intelRdt"), "l3CacheSchema") ? "l3-cache-schema"
										: "mem-bw-schema");
	return fail_remedy(err, "create it with linux.intelRdt, on a host with resctrl mounted");
}

/* The policy's limits are the most; and its devices, which it narrowed, are not for changing. */
static int grants_check(const struct change *change, const struct json *asked, struct error *err)
{
	const struct plan_cgroup *was = &change->was->cgroup, *want = &change->asked->cgroup;

	if (!change->loaded.is_governed)
		return 0;
	const struct plan_cgroup_value *grant = plan_cgroup_excess(was, want,
								   &change->loaded.plan->cgroup);
	if (grant)
		return fail_policy(err, grant->origin, "ask for no more, or widen the policy",
				   "the update asks for more than '%s' in '%s', which the policy "
				   "grants",
				   grant->value, grant->file);
	if (spec_update_has_devices(asked) && !plan_cgroup_devices_equal(was, want))
		return fail_policy(err, "resources devices", "leave the devices as they are",
				   "under a policy the devices of a container do not change");
	return 0;
}

/* Of what systemd is told, too, only what was asked about: each property it is told makes it write
 * all files of the section. */
static void properties_keep(struct plan_cgroup *cgroup, const struct json *asked)
{
	struct plan_cgroup none = {};

	plan_cgroup_init(&none);
	if (!spec_update_touches(asked, "memory.max")) {
		cgroup->memory_max = none.memory_max;
		cgroup->memory_low = none.memory_low;
		cgroup->memory_swap_max = none.memory_swap_max;
	}
	if (!spec_update_touches(asked, "cpu.max")) {
		cgroup->cpu_weight = none.cpu_weight;
		cgroup->cpu_quota_us = none.cpu_quota_us;
		cgroup->cpu_period_us = none.cpu_period_us;
		cgroup->cpuset_cpus = cgroup->cpuset_mems = NULL;
	}
	if (!spec_update_touches(asked, "pids.max"))
		cgroup->pids_max = none.pids_max;
	if (!spec_update_touches(asked, "io.weight"))
		cgroup->io_weight = none.io_weight;
}

/* Only what was asked about: a limit that nobody mentions may by now be refused for a reason of its
 * own, a device that is gone. */
static struct plan plan_of(struct mxcrt *rt, const struct change *change, const struct json *asked)
{
	struct plan plan = *change->loaded.plan;
	struct plan_cgroup *cgroup = &plan.cgroup;
	const struct plan_cgroup all = *cgroup;

	properties_keep(cgroup, asked);
	memset(&cgroup->values, 0, sizeof(cgroup->values));
	for (size_t i = 0; i < all.values.n; i++)
		if (spec_update_touches(asked, all.values.items[i].file))
			*arena_push(&rt->arena, &cgroup->values) = all.values.items[i];
	cgroup->has_device_filter = all.has_device_filter && spec_update_has_devices(asked) &&
				    !plan_cgroup_devices_equal(&change->was->cgroup,
							       &change->asked->cgroup);
	return plan;
}

/* One mechanism after the other; what a later one refuses is taken back from those before it. */
static int apply_all(const struct change *change, const struct plan *plan, struct handles *handles,
		     bool has_schemas, struct error *err)
{
	struct error ignored = {}; /* the first one is the one to tell */
	struct plan was = *plan;

	was.cgroup.devices = change->was->cgroup.devices;
	if (has_schemas)
		TRY(resctrl_update(plan, handles, err));
	int result = cgroup_refilter_devices(plan, handles, err);
	if (result == 0 && cgroup_update(plan, handles, err) < 0) {
		(void)cgroup_refilter_devices(&was, handles, &ignored);
		result = -1;
	}
	if (result < 0 && has_schemas)
		(void)resctrl_update(change->was, handles, &ignored);
	return result;
}

static int apply(struct mxcrt *rt, const struct container *container, const struct change *change,
		 const struct json *asked, struct error *err)
{
	const struct record *record = &container->record;
	struct plan plan = plan_of(rt, change, asked);
	struct handles handles;

	handles_init(&handles, &rt->arena);
	handles.proc = container->proc;
	handles.cgroup_path = record->cgroup;
	handles.scope = record->scope && record->scope[0] ? record->scope : NULL;
	autofd cgroup = TRY(cgroup_open(record->cgroup, err));
	handles.cgroup = cgroup;
	return apply_all(change, &plan, &handles, json_get(asked, "intelRdt") != NULL, err);
}

/* On record before in force: what a later verb reads is never less than what holds. */
static int change_container(struct mxcrt *rt, const struct container *container,
			    const struct json *asked, struct error *err)
{
	struct change change = {};
	struct error lost = {};
	char line[1024];

	TRY(alive_check(container, err));
	TRY(load_changed(rt, &container->state, &container->record, asked, &change, err));
	TRY(schemas_check(&change, asked, err));
	TRY(grants_check(&change, asked, err));
	TRY(load_resave(&container->state, change.loaded.config, change.loaded.config_n, err));
	if (apply(rt, container, &change, asked, err) == 0)
		return 0;
	if (load_resave(&container->state, change.config, change.config_n, &lost) < 0)
		log_warning("the record of '%s' has limits that are not in force: %s, going on",
			    container->record.id, error_format(&lost, line, sizeof(line)));
	return -1;
}

static int update(struct mxcrt *rt, const char *id, const struct mxcrt_update_options *options,
		  struct error *err)
{
	autocontainer container = { .proc = -1, .pidfd = -1 };
	struct text facts = { .arena = &rt->arena };
	const struct json *asked;

	TRY(asked_read(rt, options, &asked, err));
	TRY(container_open(rt, id, true, &container, err));
	int result = change_container(rt, &container, asked, err);
	if (container.record.is_audited) {
		text_add(&facts, "\"resources\":");
		json_write(&facts, asked);
		event_note(rt, &(struct event){ .name = "container.update",
						.record = &container.record,
						.failure = result < 0 ? err : NULL,
						.extra = facts.data });
	}
	return result;
}

int mxcrt_update(struct mxcrt *rt, const char *id, const struct mxcrt_update_options *options)
{
	struct error err = {};

	return runtime_result(rt, update(rt, id, options, &err), &err);
}
