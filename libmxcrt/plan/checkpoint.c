/* SPDX-License-Identifier: Apache-2.0 */
/* Which containers may be written to images and made again from them. */
#include "plan/checkpoint.h"

#include "base/error.h"
#include "base/str.h"
#include "plan/plan.h"

int plan_checkpoint_check(const struct plan *plan, const char *verb, struct error *err)
{
	bool has_policy = plan->policy_source || plan->policy_sha256[0] ||
			  plan->filesystem.is_active || plan->landlock.is_active ||
			  plan->seccomp.profile != SYSCALLS_NONE;

	if (!has_policy)
		return 0;
	return fail_policy(err, "annotation io.mxc.*",
			   "stop this container and start it anew; only containers without "
			   "io.mxc.* annotations and without mxc.conf's defaultProfile can be "
			   "checkpointed and restored",
			   "%s: the policy's Landlock layer cannot be put on processes that "
			   "come from an image, and images may hold any memory and credentials",
			   verb);
}

const char *plan_annotation(const struct plan *plan, const char *key)
{
	for (const char **at = plan->annotations; at && at[0]; at += 2)
		if (str_equal(at[0], key))
			return at[1];
	return NULL;
}
