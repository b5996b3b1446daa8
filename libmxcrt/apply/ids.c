/* SPDX-License-Identifier: Apache-2.0 */
/* User and group ids: root inside a user namespace, and who the payload runs as. */
#include "apply/ids.h"

#include "apply/proc.h"
#include "apply/step.h"
#include "base/str.h"
#include "plan/plan.h"

#include <errno.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

int ids_become_root(const struct plan *plan, struct handles *handles, struct error *err)
{
	(void)handles;
	/* EPERM: the namespace denies setgroups (ids_assume looks closer). EINVAL below: root is
	 * not mapped; the capabilities do without it. */
	if (setgroups(0, NULL) < 0 && errno != EPERM)
		return fail_sys(err, "drop the caller's groups");
	if (setresgid(0, 0, 0) < 0 && errno != EINVAL)
		return fail_sys(err, "become group 0 of the user namespace");
	if (setresuid(0, 0, 0) < 0 && errno != EINVAL)
		return fail_sys(err, "become root of the user namespace");
	if (plan->namespaces.of[NAMESPACE_USER].mode == NAMESPACE_NEW)
		(void)prctl(PR_SET_DUMPABLE, 0);
	return 0;
}

static bool groups_are_denied(int proc)
{
	char text[16];

	return proc_read(proc, "self/setgroups", text, sizeof(text)) >= 0 &&
	       str_starts(text, "deny");
}

int ids_groups_refused(uint32_t group, struct error *err)
{
	(void)fail(err, ERROR_HOST,
		   "the process cannot have group %u beside its own: its user namespace denies "
		   "setgroups",
		   group);
	(void)fail_field(err, "config.json process.user.additionalGids");
	return fail_remedy(err, "remove the group, or map more than the caller's own group id "
				"(newgidmap, /etc/subgid)");
}

static int groups_set(const struct plan_ids *ids, int proc, struct error *err)
{
	if (setgroups(ids->groups.n, ids->groups.items) == 0)
		return 0;
	(void)fail_sys(err, "set %zu additional groups", ids->groups.n);
	if (err->sys_errno != EPERM || !groups_are_denied(proc))
		return -1;
	*err = (struct error){};
	for (size_t i = 0; i < ids->groups.n; i++)
		if (ids->groups.items[i] != ids->gid)
			return ids_groups_refused(ids->groups.items[i], err);
	return 0;
}

int ids_assume(const struct plan *plan, struct handles *handles, struct error *err)
{
	const struct plan_ids *ids = &plan->ids;

	TRY(groups_set(ids, handles->proc, err));
	if (setresgid(ids->gid, ids->gid, ids->gid) < 0)
		return fail_sys(err, "change to group %u", ids->gid);
	/* Capabilities are taken away by caps_assume, by name; root keeps them anyway. */
	if (ids->uid != 0 && prctl(PR_SET_KEEPCAPS, 1) < 0)
		return fail_sys(err, "keep capabilities over the change of user");
	if (setresuid(ids->uid, ids->uid, ids->uid) < 0)
		return fail_sys(err, "change to user %u", ids->uid);
	if (ids->has_umask)
		(void)umask(ids->umask);
	return 0;
}
