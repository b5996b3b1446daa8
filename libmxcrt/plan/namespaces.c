/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of each kind of namespace, and what a set of them asks for. */
#include "plan/namespaces.h"

#include <sched.h>

const struct namespace_info namespace_infos[NAMESPACE_KINDS] = {
	[NAMESPACE_USER] = { "user", "user", CLONE_NEWUSER },
	[NAMESPACE_PID] = { "pid", "pid", CLONE_NEWPID },
	[NAMESPACE_MOUNT] = { "mount", "mnt", CLONE_NEWNS },
	[NAMESPACE_NETWORK] = { "network", "net", CLONE_NEWNET },
	[NAMESPACE_IPC] = { "ipc", "ipc", CLONE_NEWIPC },
	[NAMESPACE_UTS] = { "uts", "uts", CLONE_NEWUTS },
	[NAMESPACE_CGROUP] = { "cgroup", "cgroup", CLONE_NEWCGROUP },
	[NAMESPACE_TIME] = { "time", "time", CLONE_NEWTIME },
};

void plan_namespaces_flags(const struct plan_namespaces *namespaces, int *ret_new, int *ret_join)
{
	int flags[] = { [NAMESPACE_INHERIT] = 0, [NAMESPACE_NEW] = 0, [NAMESPACE_JOIN] = 0 };

	for (int kind = 0; kind < NAMESPACE_KINDS; kind++)
		flags[namespaces->of[kind].mode] |= namespace_infos[kind].clone_flag;

	*ret_new = flags[NAMESPACE_NEW];
	*ret_join = flags[NAMESPACE_JOIN];
}

bool plan_namespaces_need_bridge(const struct plan_namespaces *namespaces)
{
	int new_flags, join_flags;
	plan_namespaces_flags(namespaces, &new_flags, &join_flags);

	/*
	 * One process cannot both keep the rights of the caller's user namespace, which the joins
	 * need, and enter another.
	 */
	if (namespaces->of[NAMESPACE_USER].mode == NAMESPACE_JOIN)
		return true;
	if (namespaces->of[NAMESPACE_USER].mode == NAMESPACE_NEW && join_flags != 0)
		return true;
	return namespaces->of[NAMESPACE_PID].mode == NAMESPACE_JOIN &&
	       namespaces->of[NAMESPACE_PID].path;
}
