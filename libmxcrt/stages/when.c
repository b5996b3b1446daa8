/* SPDX-License-Identifier: Apache-2.0 */
/* Predicates of the step tables: pure questions to the plan. */
#include "stages/when.h"

#include "plan/plan.h"

bool when_create(const struct plan *plan)
{
	return !plan->is_exec;
}

bool when_exec(const struct plan *plan)
{
	return plan->is_exec;
}

bool when_waits_first(const struct plan *plan)
{
	return plan->is_exec || plan->cgroup.manager == CGROUP_SYSTEMD;
}

bool when_waits_last(const struct plan *plan)
{
	return !when_waits_first(plan);
}

bool when_not_bridged(const struct plan *plan)
{
	return !plan_namespaces_need_bridge(&plan->namespaces);
}

bool when_policy_creates(const struct plan *plan)
{
	return plan->filesystem.is_active && !plan->is_exec;
}

bool when_landlock(const struct plan *plan)
{
	return plan->landlock.is_active;
}

bool when_only_loopback(const struct plan *plan)
{
	return plan->network.only_loopback;
}

bool when_network_given(const struct plan *plan)
{
	return plan->network.only_loopback && !plan->is_exec &&
	       plan->namespaces.of[NAMESPACE_NETWORK].mode == NAMESPACE_JOIN;
}

bool when_terminal(const struct plan *plan)
{
	return plan->process.terminal;
}

bool when_user_namespace(const struct plan *plan)
{
	return plan->namespaces.of[NAMESPACE_USER].mode != NAMESPACE_INHERIT;
}

bool when_user_namespace_new(const struct plan *plan)
{
	return plan->namespaces.of[NAMESPACE_USER].mode == NAMESPACE_NEW;
}

bool when_resctrl(const struct plan *plan)
{
	return plan->resctrl.is_active;
}

bool when_resctrl_new(const struct plan *plan)
{
	return plan->resctrl.is_active && !plan->is_exec;
}

bool when_cgroup_given(const struct plan *plan)
{
	return plan->cgroup.has_owner && !plan->is_exec && !plan->filesystem.is_active;
}

bool when_scope(const struct plan *plan)
{
	return plan->cgroup.manager == CGROUP_SYSTEMD && !plan->is_exec;
}

bool when_affinity(const struct plan *plan)
{
	const struct plan_affinity *affinity = &plan->process.affinity;

	return affinity->initial.n > 0 || affinity->final.n > 0 || affinity->is_cgroup;
}

bool when_net_devices(const struct plan *plan)
{
	return plan->network.devices.n > 0;
}

bool when_host_enters(const struct plan *plan)
{
	return when_host_hooks(plan) || when_net_devices(plan);
}

bool when_host_hooks(const struct plan *plan)
{
	const struct plan_hooks *hooks = &plan->hooks;

	return !plan->is_exec &&
	       (hooks->of[HOOK_PRESTART].n > 0 || hooks->of[HOOK_CREATE_RUNTIME].n > 0);
}
