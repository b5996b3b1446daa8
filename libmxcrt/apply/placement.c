/* SPDX-License-Identifier: Apache-2.0 */
/* CPU affinity and NUMA memory policy, by system calls that take sets of numbers. */
#include "apply/placement.h"

#include "plan/plan.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { WORD_BITS = 64, ALL_CPUS_WORDS = 8192 / WORD_BITS };

static int cpus_set(const struct plan_affinity *affinity, const struct plan_numbers *cpus,
		    const char *member, struct error *err)
{
	if (syscall(SYS_sched_setaffinity, 0, cpus->n * sizeof(*cpus->words), cpus->words) == 0)
		return 0;
	(void)fail_sys(err, "run on the CPUs '%s'", cpus->text);
	if (err->sys_errno == EINVAL)
		(void)fail_remedy(err, "name CPUs that are there and that the cgroup allows");
	return fail_field(err, "%s.%s", affinity->origin, member);
}

int affinity_begin(const struct plan *plan, struct handles *handles, struct error *err)
{
	const struct plan_affinity *affinity = &plan->process.affinity;

	(void)handles;
	return affinity->initial.n > 0 ? cpus_set(affinity, &affinity->initial, "initial", err) : 0;
}

int affinity_set(const struct plan *plan, struct handles *handles, struct error *err)
{
	const struct plan_affinity *affinity = &plan->process.affinity;
	uint64_t all[ALL_CPUS_WORDS];

	(void)handles;
	if (affinity->final.n > 0)
		return cpus_set(affinity, &affinity->final, "final", err);
	if (!affinity->is_cgroup)
		return 0;
	/* Every CPU that the cgroup allows, also those that the runtime itself was kept from. */
	memset(all, 0xff, sizeof(all));
	if (syscall(SYS_sched_setaffinity, 0, sizeof(all), all) < 0)
		return fail_sys(err, "run on all CPUs of the cgroup");
	return 0;
}

int memory_policy_set(const struct plan *plan, struct handles *handles, struct error *err)
{
	const struct plan_memory_policy *policy = &plan->process.memory_policy;

	(void)handles;
	if (!policy->is_set)
		return 0;
	/* The kernel reads one bit less than it is told. */
	unsigned long bits = policy->nodes.n * WORD_BITS + 1;
	if (syscall(SYS_set_mempolicy, (long)policy->mode,
		    policy->nodes.n > 0 ? policy->nodes.words : NULL,
		    policy->nodes.n > 0 ? bits : 0) == 0)
		return 0;
	(void)fail_sys(err, "set the memory policy%s%s", policy->nodes.n > 0 ? " on nodes " : "",
		       policy->nodes.n > 0 ? policy->nodes.text : "");
	if (err->sys_errno == ENOSYS)
		(void)fail_remedy(err, "this kernel has no NUMA: remove it, or use a kernel with "
				       "CONFIG_NUMA");
	if (err->sys_errno == EINVAL)
		(void)fail_remedy(err,
				  "name nodes that have memory and that the cgroup allows, and "
				  "a mode and flags that this kernel knows");
	return fail_field(err, "%s", policy->origin);
}
