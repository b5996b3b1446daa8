/* SPDX-License-Identifier: Apache-2.0 */
/* The container's cgroup where systemd makes it: a scope unit around init, with the limits as its
 * properties. */
#include "apply/cgroup-scope.h"

#include "apply/cgroup-bus.h"
#include "apply/cgroup-controllers.h"
#include "apply/cgroup-files.h"
#include "apply/cgroup.h"
#include "apply/step.h"
#include "base/arena.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "plan/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	CPU_SET_BYTES = 1024,  /* 8192 processors, as many as Linux takes */
	QUOTA_STEP_US = 10000, /* systemd keeps whole percents */
	DEFAULT_PERIOD_US = 100000,
	SECOND_US = 1000000,
};

static const uint64_t not_asked = UINT64_MAX;

/* A property is an element of a(sv). All appending functions return libsystemd's result. */
static int add_bool(const struct bus *bus, sd_bus_message *request, const char *name, bool value)
{
	return bus->call.message_append(request, "(sv)", name, "b", (int)value);
}

static int add_string(const struct bus *bus, sd_bus_message *request, const char *name,
		      const char *value)
{
	return bus->call.message_append(request, "(sv)", name, "s", value);
}

static int add_number(const struct bus *bus, sd_bus_message *request, const char *name,
		      uint64_t value)
{
	if (value == not_asked)
		return 0;
	return bus->call.message_append(request, "(sv)", name, "t", value);
}

/* "0-3,8" as the bits that systemd wants; the number of bytes, or -1 when it is no such list. */
static int cpu_set_parse(const char *list, unsigned char bits[CPU_SET_BYTES])
{
	int n = 0;

	memset(bits, 0, CPU_SET_BYTES);
	for (const char *at = list; *at;) {
		char *end;
		unsigned long first = strtoul(at, &end, 10), last = first;
		if (end == at)
			return -1;
		if (*end == '-') {
			at = end + 1;
			last = strtoul(at, &end, 10);
			if (end == at)
				return -1;
		}
		if (first > last || last >= CPU_SET_BYTES * 8 || (*end != ',' && *end != '\0'))
			return -1;
		for (unsigned long i = first; i <= last; i++)
			bits[i / 8] |= (unsigned char)(1U << (i % 8));
		if ((int)(last / 8) + 1 > n)
			n = (int)(last / 8) + 1;
		at = *end == ',' ? end + 1 : end;
	}
	return n;
}

static int add_cpu_set(const struct bus *bus, sd_bus_message *request, const char *name,
		       const char *list)
{
	unsigned char bits[CPU_SET_BYTES];

	if (!list || !*list)
		return 0;
	int n = cpu_set_parse(list, bits);
	if (n < 0)
		return -EINVAL;
	int result = bus->call.message_open_container(request, SD_BUS_TYPE_STRUCT, "sv");
	if (result >= 0)
		result = bus->call.message_append(request, "s", name);
	if (result >= 0)
		result = bus->call.message_open_container(request, SD_BUS_TYPE_VARIANT, "ay");
	if (result >= 0)
		result = bus->call.message_append_array(request, SD_BUS_TYPE_BYTE, bits, (size_t)n);
	if (result >= 0)
		result = bus->call.message_close_container(request);
	return result < 0 ? result : bus->call.message_close_container(request);
}

/* Microseconds of processor time per second, rounded up: the exact quota is written to cpu.max
 * afterwards. */
static uint64_t quota_per_second(const struct plan_cgroup *cgroup)
{
	uint64_t period = cgroup->cpu_period_us == not_asked || cgroup->cpu_period_us == 0
				  ? DEFAULT_PERIOD_US
				  : cgroup->cpu_period_us;
	uint64_t per_second;

	if (cgroup->cpu_quota_us == not_asked)
		return not_asked;
	if (__builtin_mul_overflow(cgroup->cpu_quota_us, (uint64_t)SECOND_US, &per_second))
		return not_asked;
	per_second = (per_second + period - 1) / period;
	return (per_second + QUOTA_STEP_US - 1) / QUOTA_STEP_US * QUOTA_STEP_US;
}

/* What is written to FILE last, NULL = nothing. */
static const char *value_of(const struct plan_cgroup *cgroup, const char *file)
{
	for (size_t i = cgroup->values.n; i-- > 0;)
		if (str_equal(cgroup->values.items[i].file, file))
			return cgroup->values.items[i].value;
	return NULL;
}

/* A number as the file says it, which the unified section may have the last word about; PROPERTY
 * where it says no number. "max" is systemd's infinity, and not the same as not to ask. */
static int add_limit(const struct bus *bus, sd_bus_message *request, const char *name,
		     const char *value, uint64_t property)
{
	uint64_t number;

	if (value && str_starts(value, "max"))
		return bus->call.message_append(request, "(sv)", name, "t", UINT64_MAX);
	if (value && str_to_u64(value, UINT64_MAX - 1, &number) == 0)
		property = number;
	return add_number(bus, request, name, property);
}

/* So that systemd, when it writes the files anew, writes what the plan says. */
static int add_limits(const struct bus *bus, sd_bus_message *request,
		      const struct plan_cgroup *cgroup)
{
	const struct {
		const char *name, *file;
		uint64_t property;
	} numbers[] = {
		{ "MemoryMax", "memory.max", cgroup->memory_max },
		{ "MemoryHigh", "memory.high", not_asked },
		{ "MemoryLow", "memory.low", cgroup->memory_low },
		{ "MemoryMin", "memory.min", not_asked },
		{ "MemorySwapMax", "memory.swap.max", cgroup->memory_swap_max },
		{ "CPUWeight", "cpu.weight", cgroup->cpu_weight },
		{ "TasksMax", "pids.max", cgroup->pids_max },
		{ "IOWeight", "io.weight", cgroup->io_weight },
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		int result = add_limit(bus, request, numbers[i].name,
				       value_of(cgroup, numbers[i].file), numbers[i].property);
		if (result < 0)
			return result;
	}
	const char *quota = value_of(cgroup, "cpu.max");
	int added = quota && str_starts(quota, "max")
			    ? add_limit(bus, request, "CPUQuotaPerSecUSec", quota, not_asked)
			    : add_number(bus, request, "CPUQuotaPerSecUSec",
					 quota_per_second(cgroup));
	if (added < 0)
		return added;
	added = add_number(bus, request, "CPUQuotaPeriodUSec", cgroup->cpu_period_us);
	if (added < 0)
		return added;
	int result = add_cpu_set(bus, request, "AllowedCPUs", cgroup->cpuset_cpus);
	return result < 0 ? result
			  : add_cpu_set(bus, request, "AllowedMemoryNodes", cgroup->cpuset_mems);
}

static int add_accounting(const struct bus *bus, sd_bus_message *request)
{
	static const char *const names[] = { "CPUAccounting", "MemoryAccounting", "TasksAccounting",
					     "IOAccounting", "IPAccounting" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int result = add_bool(bus, request, names[i], true);
		if (result < 0)
			return result;
	}
	return 0;
}

static int add_unit(const struct bus *bus, sd_bus_message *request, const struct plan *plan,
		    pid_t init)
{
	autoarena arena = {};
	const char *slice = plan->cgroup.slice && plan->cgroup.slice[0] ? plan->cgroup.slice
			    : bus->is_user                              ? "user.slice"
									: "system.slice";

	int result = add_string(bus, request, "Description",
				arena_printf(&arena, "mxc container %s", plan->id));
	if (result >= 0)
		result = add_string(bus, request, "Slice", slice);
	if (result >= 0)
		result = bus->call.message_append(request, "(sv)", "PIDs", "au", 1, (uint32_t)init);
	if (result >= 0)
		result = add_bool(bus, request, "Delegate", true);
	if (result >= 0)
		result = add_bool(bus, request, "DefaultDependencies", false);
	if (result >= 0)
		result = add_string(bus, request, "CollectMode", "inactive-or-failed");
	if (result >= 0)
		result = add_accounting(bus, request);
	return result < 0 ? result : add_limits(bus, request, &plan->cgroup);
}

static int request_failed(struct bus *bus, sd_bus_message *request, int result, const char *what,
			  struct error *err)
{
	bus->call.message_unref(request);
	errno = -result;
	if (result == -EINVAL)
		return fail(err, ERROR_CONFIG,
			    "a limit of '%s' is not written as systemd understands it", what);
	return fail_sys(err, "write the properties of '%s'", what);
}

static int scope_start(struct bus *bus, const struct plan *plan, const struct handles *handles,
		       struct error *err)
{
	sd_bus_message *request;

	TRY(bus_request(bus, "StartTransientUnit", &request, err));
	int result = bus->call.message_append(request, "ss", handles->scope, "replace");
	if (result >= 0)
		result = bus->call.message_open_container(request, SD_BUS_TYPE_ARRAY, "(sv)");
	if (result >= 0)
		result = add_unit(bus, request, plan, handles->init);
	if (result >= 0)
		result = bus->call.message_close_container(request);
	if (result >= 0)
		result = bus->call.message_append(request, "a(sa(sv))", 0);
	if (result < 0)
		return request_failed(bus, request, result, handles->scope, err);
	return bus_send_job(bus, request, handles->scope, err);
}

static int unit_reset(struct bus *bus, const char *scope, struct error *err)
{
	sd_bus_message *request;

	TRY(bus_request(bus, "ResetFailedUnit", &request, err));
	int result = bus->call.message_append(request, "s", scope);
	if (result < 0)
		return request_failed(bus, request, result, scope, err);
	return bus_send(bus, request, NULL, scope, err);
}

const char *scope_name(const struct plan *plan, struct arena *arena)
{
	const char *name = plan->cgroup.name && plan->cgroup.name[0] ? plan->cgroup.name : plan->id;
	const char *prefix = plan->cgroup.prefix ? plan->cgroup.prefix : "mxc";

	return arena_printf(arena, "%s%s%s.scope", prefix, prefix[0] ? "-" : "", name);
}

int cgroup_scope(const struct plan *plan, struct handles *handles, struct error *err)
{
	autobus bus = {};
	const char *path;

	if (plan->cgroup.manager != CGROUP_SYSTEMD || plan->cgroup.is_joined)
		return 0;
	TRY(bus_open(&bus, err));
	handles->scope = scope_name(plan, handles->arena);
	if (scope_start(&bus, plan, handles, err) < 0) {
		/* What is left of an earlier container that failed keeps the name until it is
		 * reset. */
		if (!bus_refused_as(&bus, "UnitExists") ||
		    unit_reset(&bus, handles->scope, err) < 0 ||
		    scope_start(&bus, plan, handles, err) < 0) {
			/* Whatever bears the name is not ours to stop. */
			if (bus_refused_as(&bus, "UnitExists"))
				handles->scope = NULL;
			return -1;
		}
	}

	TRY(cgroup_of_process(handles->arena, handles->proc, handles->init, &path, err));
	if (!str_equal(path_base(path), handles->scope))
		return fail(err, ERROR_HOST, "systemd put the container in '%s', not in its scope",
			    path);
	handles->cgroup = TRY(cgroup_open(path, err));
	handles->cgroup_path = path;
	return controllers_complete(&plan->cgroup, handles->cgroup, handles->cgroup_path, err);
}

int cgroup_scope_update(const struct plan *plan, struct handles *handles, struct error *err)
{
	autobus bus = {};
	sd_bus_message *request;

	if (!handles->scope)
		return 0;
	TRY(bus_open(&bus, err));
	TRY(bus_request(&bus, "SetUnitProperties", &request, err));
	int result = bus.call.message_append(request, "sb", handles->scope, 1);
	if (result >= 0)
		result = bus.call.message_open_container(request, SD_BUS_TYPE_ARRAY, "(sv)");
	if (result >= 0)
		result = add_limits(&bus, request, &plan->cgroup);
	if (result >= 0)
		result = bus.call.message_close_container(request);
	if (result < 0)
		return request_failed(&bus, request, result, handles->scope, err);
	return bus_send(&bus, request, NULL, handles->scope, err);
}

int scope_stop(const char *scope, struct error *err)
{
	autobus bus = {};
	sd_bus_message *request;
	struct error ignored = {};

	TRY(bus_open(&bus, err));
	TRY(bus_request(&bus, "StopUnit", &request, err));
	int result = bus.call.message_append(request, "ss", scope, "replace");
	if (result < 0)
		return request_failed(&bus, request, result, scope, err);
	if (bus_send_job(&bus, request, scope, err) < 0 && !bus_refused_as(&bus, "NoSuchUnit"))
		return -1;
	(void)unit_reset(
		&bus, scope,
		&ignored); /* usually collected already; where not, the name becomes free */
	return 0;
}
