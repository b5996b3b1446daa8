/* SPDX-License-Identifier: Apache-2.0 */
/* Join a session keyring that belongs to the container (keyrings(7)). */
#include "apply/keyring.h"

#include "apply/step.h"
#include "base/arena.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int keyring_join(const struct plan *plan, struct handles *handles, struct error *err)
{
	const char *name = arena_printf(handles->arena, "_ses.%.200s", plan->id);

	if (plan->process.keeps_keyring ||
	    syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name) >= 0)
		return 0;
	/* No keyrings in this kernel, or an outer sandbox denies them: there is then none to share
	 * either. */
	if (errno == ENOSYS || errno == EPERM)
		return 0;
	(void)fail_sys(err, "join a session keyring");
	return err->sys_errno == EDQUOT
		       ? fail_remedy(err,
				     "raise kernel.keys.maxkeys, or create with --no-new-keyring")
		       : -1;
}
