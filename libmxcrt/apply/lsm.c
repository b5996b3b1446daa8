/* SPDX-License-Identifier: Apache-2.0 */
/* The label that AppArmor or SELinux gives the payload. */
#include "apply/lsm.h"

#include "apply/proc.h"
#include "apply/step.h"
#include "base/arena.h"
#include "plan/plan.h"

#include <errno.h>

static int apparmor_label(const char *profile, int proc, struct error *err)
{
	autoarena arena = {};
	const char *command = arena_printf(&arena, "exec %s", profile);

	if (proc_write(proc, "self/attr/apparmor/exec", command) == 0)
		return 0;
	(void)fail_sys(err, "set the AppArmor profile '%s'", profile);
	if (err->sys_errno == ENOENT)
		(void)fail_remedy(
			err, "load the profile on the host (apparmor_parser), or ask for another");
	return fail_field(err, "config.json process.apparmorProfile");
}

static int selinux_label(const char *label, int proc, struct error *err)
{
	if (proc_write(proc, "self/attr/exec", label) == 0)
		return 0;
	(void)fail_sys(err, "set the SELinux label '%s'", label);
	return fail_field(err, "config.json process.selinuxLabel");
}

int lsm_label_exec(const struct plan *plan, struct handles *handles, struct error *err)
{
	if (plan->process.apparmor)
		TRY(apparmor_label(plan->process.apparmor, handles->proc, err));
	if (plan->process.selinux)
		TRY(selinux_label(plan->process.selinux, handles->proc, err));
	return 0;
}
