/* SPDX-License-Identifier: Apache-2.0 */
/* `process.scheduler` and `process.ioPriority`. */
#include "base/error.h"
#include "base/str.h"
#include "plan/plan.h"
#include "spec/lower.h"

static const char *const policy_names[] = {
	"SCHED_OTHER", "SCHED_FIFO", "SCHED_RR",       "SCHED_BATCH",
	"SCHED_ISO",   "SCHED_IDLE", "SCHED_DEADLINE", NULL,
};
/* The kernel's numbers of those names (linux/sched.h). */
static const uint32_t policies[] = { 0, 1, 2, 3, 4, 5, 6 };

static const struct {
	const char *name;
	uint64_t flag;
} scheduler_flags[] = {
	{ "SCHED_FLAG_RESET_ON_FORK", 0x01 },  { "SCHED_FLAG_RECLAIM", 0x02 },
	{ "SCHED_FLAG_DL_OVERRUN", 0x04 },     { "SCHED_FLAG_KEEP_POLICY", 0x08 },
	{ "SCHED_FLAG_KEEP_PARAMS", 0x10 },    { "SCHED_FLAG_UTIL_CLAMP_MIN", 0x20 },
	{ "SCHED_FLAG_UTIL_CLAMP_MAX", 0x40 }, {},
};

#define AT(member) offsetof(struct spec_scheduler, member)
static const struct field scheduler_rows[] = {
	{ "policy", FIELD_ENUM, AT(policy), .required = true, .names = policy_names },
	{ "nice", FIELD_I64, AT(nice), .min = -20, .max = 19 },
	{ "priority", FIELD_I64, AT(priority), .min = 0, .max = 99 },
	{ "flags", FIELD_STRINGS, AT(flags) },
	{ "runtime", FIELD_U64, AT(runtime) },
	{ "deadline", FIELD_U64, AT(deadline) },
	{ "period", FIELD_U64, AT(period) },
	{},
};
#undef AT
const struct fields spec_scheduler_fields = { "scheduler", sizeof(struct spec_scheduler),
					      scheduler_rows };

/* By index of the names: IOPRIO_CLASS_RT is 1. */
static const char *const class_names[] = { "IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE",
					   "IOPRIO_CLASS_IDLE", NULL };

#define AT(member) offsetof(struct spec_io_priority, member)
static const struct field io_priority_rows[] = {
	{ "class", FIELD_ENUM, AT(class), .required = true, .names = class_names },
	{ "priority", FIELD_I64, AT(priority), .required = true, .min = 0, .max = 7 },
	{},
};
#undef AT
const struct fields spec_io_fields = { "ioPriority", sizeof(struct spec_io_priority),
				       io_priority_rows };

static int read_flags(const struct strings *names, const char *origin, uint64_t *ret_flags,
		      struct error *err)
{
	uint64_t flags = 0;

	for (size_t i = 0; i < names->n; i++) {
		size_t row = 0;
		while (scheduler_flags[row].name &&
		       !str_equal(scheduler_flags[row].name, names->items[i]))
			row++;
		if (!scheduler_flags[row].name)
			return spec_fail(err, origin, "scheduler flag '%s' is unknown",
					 names->items[i]);
		flags |= scheduler_flags[row].flag;
	}
	*ret_flags = flags;
	return 0;
}

/* The kernel's own conditions; its answer would not say which of them failed. */
static int check_deadline(const struct spec_scheduler *from, const char *origin, struct error *err)
{
	enum { RUNTIME_LEAST = 1024 };

	if (from->runtime < RUNTIME_LEAST)
		return spec_fail(err, origin, "SCHED_DEADLINE needs a runtime of at least %d ns",
				 RUNTIME_LEAST);
	if (from->runtime > from->deadline)
		return spec_fail(err, origin, "the runtime is longer than the deadline");
	if (from->period && from->deadline > from->period)
		return spec_fail(err, origin, "the deadline is longer than the period");
	return 0;
}

static int lower_scheduler(const struct lowering *lowering, const struct spec_scheduler *from,
			   const char *origin, struct error *err)
{
	enum { FIFO = 1, ROUND_ROBIN = 2, DEADLINE = 6 };
	uint32_t policy = policies[from->policy];
	bool is_realtime = policy == FIFO || policy == ROUND_ROBIN;
	uint64_t flags = 0;

	TRY(read_flags(&from->flags, origin, &flags, err));
	if (is_realtime != (from->priority > 0))
		return spec_fail(err, origin,
				 is_realtime ? "%s needs a priority of 1 to 99"
					     : "%s takes no priority",
				 policy_names[from->policy]);
	if (policy == DEADLINE)
		TRY(check_deadline(from, origin, err));
	else if (from->runtime || from->deadline || from->period)
		return spec_fail(err, origin, "%s takes no runtime, deadline and period",
				 policy_names[from->policy]);
	lowering->plan->process.scheduler = (struct plan_scheduler){
		.is_set = true,
		.policy = policy,
		.priority = (uint32_t)from->priority,
		.nice = (int32_t)from->nice,
		.flags = flags,
		.runtime = from->runtime,
		.deadline = from->deadline,
		.period = from->period,
		.origin = origin,
	};
	return 0;
}

int spec_lower_scheduling(const struct lowering *lowering, const struct spec_process *process,
			  const char *origin, struct error *err)
{
	lowering->plan->process.scheduler = (struct plan_scheduler){};
	lowering->plan->process.io_priority = (struct plan_io_priority){};

	if (process->io_priority)
		lowering->plan->process.io_priority = (struct plan_io_priority){
			.is_set = true,
			.class = (unsigned)process->io_priority->class + 1,
			.level = (unsigned)process->io_priority->priority,
			.origin = arena_printf(lowering->arena, "%sioPriority", origin),
		};
	if (!process->scheduler)
		return 0;
	return lower_scheduler(lowering, process->scheduler,
			       arena_printf(lowering->arena, "%sscheduler", origin), err);
}
