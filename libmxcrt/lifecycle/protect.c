/* SPDX-License-Identifier: Apache-2.0 */
/* CVE-2019-5736: a container overwrites the runtime through /proc/PID/exe. */
#include "lifecycle/protect.h"

#include "apply/self.h"
#include "base/error.h"
#include "lifecycle/runtime.h"

#include <string.h>

static int protect_now(struct mxcrt *rt, struct error *err)
{
	TRY(self_protect(rt->options.argv, err));
	rt->is_protected = true;
	return 0;
}

int protect_early(struct mxcrt *rt, const char *config, size_t n, struct error *err)
{
	static const char policy_keys[] = "io.mxc.";

	/* A policy brings Landlock, which keeps the executable without a second start. An escaped
	 * key only costs that start. */
	if (!rt->options.argv || memmem(config, n, policy_keys, strlen(policy_keys)) ||
	    !self_is_writable())
		return 0;
	return protect_now(rt, err);
}

int protect(struct mxcrt *rt, const struct plan *plan, struct error *err)
{
	if (!rt->options.argv || rt->is_protected || !self_is_exposed(plan))
		return 0;
	return protect_now(rt, err);
}
