/* SPDX-License-Identifier: Apache-2.0 */
/* Per-process settings that are numbers: resource limits, out-of-memory score, personality,
 * priorities. */
#include "apply/rlimits.h"

#include "apply/proc.h"
#include "apply/step.h"
#include "plan/plan.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <linux/sched/types.h>
#include <stdio.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static int rlimit_failed(const struct plan_rlimit *rlimit, struct error *err)
{
	(void)fail_sys(err, "set %s to %llu, at most %llu", rlimit->name,
		       (unsigned long long)rlimit->soft, (unsigned long long)rlimit->hard);
	if (err->sys_errno == EPERM)
		(void)fail_remedy(err, "ask for no more than the hard limit of the runtime itself");
	return fail_field(err, "%s", rlimit->origin ? rlimit->origin : "");
}

static int rlimit_raise(pid_t pid, const struct plan_rlimit *rlimit, struct error *err)
{
	struct rlimit64 limit;
	__rlimit_resource_t resource = (__rlimit_resource_t)rlimit->resource;

	if (prlimit64(pid, resource, NULL, &limit) < 0)
		return rlimit_failed(rlimit, err);
	if (rlimit->hard <= limit.rlim_max)
		return 0;
	limit.rlim_max = rlimit->hard;
	if (prlimit64(pid, resource, &limit, NULL) < 0)
		return rlimit_failed(rlimit, err);
	return 0;
}

int rlimits_raise(const struct plan *plan, struct handles *handles, struct error *err)
{
	/* Elsewhere init has the same rights over its limits as the host process. */
	if (plan->namespaces.of[NAMESPACE_USER].mode == NAMESPACE_INHERIT)
		return 0;
	for (size_t i = 0; i < plan->process.rlimits.n; i++)
		TRY(rlimit_raise(handles->init, &plan->process.rlimits.items[i], err));
	return 0;
}

int rlimits_set(const struct plan *plan, struct handles *handles, struct error *err)
{
	(void)handles;
	for (size_t i = 0; i < plan->process.rlimits.n; i++) {
		const struct plan_rlimit *rlimit = &plan->process.rlimits.items[i];
		struct rlimit64 limit = { .rlim_cur = rlimit->soft, .rlim_max = rlimit->hard };

		if (setrlimit64((__rlimit_resource_t)rlimit->resource, &limit) < 0)
			return rlimit_failed(rlimit, err);
	}
	return 0;
}

static int self_write_shown(int proc, const char *path, const char *value)
{
	(void)prctl(PR_SET_DUMPABLE, 1);
	int result = proc_write(proc, path, value);
	int saved = errno;
	(void)prctl(PR_SET_DUMPABLE, 0);
	errno = saved;
	return result;
}

int oom_score_set(const struct plan *plan, struct handles *handles, struct error *err)
{
	char path[48] = "self/oom_score_adj", value[16];

	if (!plan->process.has_oom_score)
		return 0;
	if (handles->init > 0)
		(void)snprintf(path, sizeof(path), "%d/oom_score_adj", handles->init);
	(void)snprintf(value, sizeof(value), "%d", plan->process.oom_score);
	if (proc_write(handles->proc, path, value) == 0)
		return 0;
	/* A bridge that hides does not own its own files; nobody can look at it before it joins. */
	if (errno == EACCES && handles->init <= 0 &&
	    self_write_shown(handles->proc, path, value) == 0)
		return 0;

	(void)fail_sys(err, "set the out-of-memory score to %d", plan->process.oom_score);
	if (err->sys_errno == EACCES || err->sys_errno == EPERM)
		(void)fail_remedy(err, "without CAP_SYS_RESOURCE the score can only be raised");
	return fail_field(err, "config.json process.oomScoreAdj");
}

int personality_set(const struct plan *plan, struct handles *handles, struct error *err)
{
	(void)handles;
	if (plan->process.has_personality &&
	    personality((unsigned long)plan->process.personality) < 0)
		return fail_sys(err, "set personality 0x%llx",
				(unsigned long long)plan->process.personality);
	return 0;
}

static int cpu_scheduler_set(const struct plan_scheduler *scheduler, struct error *err)
{
	struct sched_attr attributes = {
		.size = sizeof(attributes),
		.sched_policy = scheduler->policy,
		.sched_flags = scheduler->flags,
		.sched_nice = scheduler->nice,
		.sched_priority = scheduler->priority,
		.sched_runtime = scheduler->runtime,
		.sched_deadline = scheduler->deadline,
		.sched_period = scheduler->period,
	};

	if (syscall(SYS_sched_setattr, 0, &attributes, 0) == 0)
		return 0;
	(void)fail_sys(err, "set the scheduling policy");
	return fail_field(err, "%s", scheduler->origin ? scheduler->origin : "");
}

static int io_priority_set(const struct plan_io_priority *priority, struct error *err)
{
	if (syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0,
		    IOPRIO_PRIO_VALUE(priority->class, priority->level)) == 0)
		return 0;
	(void)fail_sys(err, "set the I/O priority");
	return fail_field(err, "%s", priority->origin ? priority->origin : "");
}

int scheduler_set(const struct plan *plan, struct handles *handles, struct error *err)
{
	(void)handles;
	if (plan->process.scheduler.is_set)
		TRY(cpu_scheduler_set(&plan->process.scheduler, err));
	if (plan->process.io_priority.is_set)
		TRY(io_priority_set(&plan->process.io_priority, err));
	return 0;
}
