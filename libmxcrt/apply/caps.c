/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities of the payload, and the promise that exec gives no more. */
#include "apply/caps.h"

#include "apply/step.h"
#include "base/log.h"
#include "plan/plan.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CAPABILITY_BITS = 64 };

struct capability_sets {
	uint64_t effective, permitted, inheritable;
};

static uint64_t bit(int number)
{
	return UINT64_C(1) << number;
}

int caps_drop_bounding(const struct plan *plan, struct handles *handles, struct error *err)
{
	(void)handles;
	if (!plan->caps.is_set)
		return 0;
	for (int number = 0; number < CAPABILITY_BITS; number++) {
		if (plan->caps.bounding & bit(number))
			continue;
		if (prctl(PR_CAPBSET_DROP, number, 0, 0, 0) == 0)
			continue;
		/* EINVAL: beyond the last that this kernel knows. */
		if (errno == EINVAL)
			return 0;
		return fail_sys(err, "drop %s from the bounding set", capability_name(number));
	}
	return 0;
}

static int sets_get(struct capability_sets *ret_sets)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};

	if (syscall(SYS_capget, &header, data) < 0)
		return -1;
	*ret_sets = (struct capability_sets){
		.effective = data[0].effective | (uint64_t)data[1].effective << 32,
		.permitted = data[0].permitted | (uint64_t)data[1].permitted << 32,
		.inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32,
	};
	return 0;
}

static int sets_put(const struct capability_sets *sets)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ (uint32_t)sets->effective, (uint32_t)sets->permitted,
		  (uint32_t)sets->inheritable },
		{ (uint32_t)(sets->effective >> 32), (uint32_t)(sets->permitted >> 32),
		  (uint32_t)(sets->inheritable >> 32) },
	};

	return (int)syscall(SYS_capset, &header, data);
}

static void warn_missing(uint64_t missing)
{
	for (int number = 0; number < CAPABILITY_BITS; number++)
		if (missing & bit(number) && capability_name(number))
			log_warning("%s is not held by the runtime, going on without it",
				    capability_name(number));
}

/* The OCI specification: what cannot be granted is a warning, not a failure. The payload never gets
 * more than the document asks. */
static int sets_put_held(struct capability_sets *sets, struct error *err)
{
	struct capability_sets held;

	if (sets_get(&held) < 0)
		return fail_sys(err, "read the capabilities held");
	warn_missing((sets->permitted | sets->inheritable) & ~held.permitted);
	sets->permitted &= held.permitted;
	sets->effective &= held.permitted;
	sets->inheritable &= held.permitted;
	if (sets_put(sets) < 0)
		return fail_sys(err, "set the capabilities");
	return 0;
}

/* Called as its own step so that ambient capabilities, which need both sets, come last. */
static int ambient_raise(uint64_t ambient, struct error *err)
{
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return fail_sys(err, "clear the ambient capabilities");
	for (int number = 0; number < CAPABILITY_BITS; number++) {
		if (!(ambient & bit(number)))
			continue;
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0) < 0)
			return fail_sys(err, "raise %s as an ambient capability",
					capability_name(number));
	}
	return 0;
}

int caps_assume(const struct plan *plan, struct handles *handles, struct error *err)
{
	const struct plan_caps *caps = &plan->caps;
	struct capability_sets sets = {
		.effective = caps->effective,
		.permitted = caps->permitted,
		.inheritable = caps->inheritable,
	};

	(void)handles;
	if (!caps->is_set)
		return 0;
	if (sets_put(&sets) < 0) {
		if (errno != EPERM)
			return fail_sys(err, "set the capabilities");
		TRY(sets_put_held(&sets, err));
	}
	/* Only what is permitted and inheritable can be ambient; the rest was said above or is the
	 * document's own contradiction. */
	return ambient_raise(caps->ambient & sets.permitted & sets.inheritable, err);
}

int privileges_freeze(const struct plan *plan, struct handles *handles, struct error *err)
{
	(void)handles;
	if (plan->process.no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fail_sys(err, "set no_new_privs");
	return 0;
}
