/* SPDX-License-Identifier: Apache-2.0 */
/* Which containers may be written to images and made again from them. */
#include "plan/checkpoint.h"

#include "base/error.h"
#include "base/str.h"
#include "plan/plan.h"

static int policy_check(const struct plan *plan, const char *verb, struct error *err)
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

/* Network and pid namespaces come back by descriptor, the others by name; these not at all. */
static int namespaces_check(const struct plan *plan, const char *verb, struct error *err)
{
	static const enum namespace_kind unsupported[] = { NAMESPACE_MOUNT, NAMESPACE_CGROUP,
							   NAMESPACE_USER };

	for (size_t i = 0; i < sizeof(unsupported) / sizeof(unsupported[0]); i++) {
		const struct plan_namespace *namespace = &plan->namespaces.of[unsupported[i]];
		if (namespace->mode != NAMESPACE_JOIN)
			continue;
		(void)fail(err, ERROR_CONFIG, "%s: criu cannot restore into a given %s namespace",
			   verb, namespace_infos[unsupported[i]].name);
		(void)fail_field(err, "%s", namespace->origin ? namespace->origin : "");
		return fail_remedy(err, "let the container have its own: leave the path out");
	}
	return 0;
}

int plan_checkpoint_check(const struct plan *plan, const char *verb, struct error *err)
{
	const struct plan_seccomp_config *filter = plan->seccomp.config;

	TRY(policy_check(plan, verb, err));
	TRY(namespaces_check(plan, verb, err));
	if (plan->network.devices.n > 0) {
		(void)fail(err, ERROR_CONFIG,
			   "%s: a device of the host cannot be saved with the network", verb);
		return fail_field(err, "%s", plan->network.devices.items[0].origin);
	}
	if (filter && filter->listener_path) {
		(void)fail(err, ERROR_CONFIG,
			   "%s: who listens to the system call filter would hear no more", verb);
		return fail_field(err, "config.json linux.seccomp.listenerPath");
	}
	return 0;
}

const char *plan_annotation(const struct plan *plan, const char *key)
{
	for (const char **at = plan->annotations; at && at[0]; at += 2)
		if (str_equal(at[0], key))
			return at[1];
	return NULL;
}
