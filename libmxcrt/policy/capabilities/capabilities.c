/* SPDX-License-Identifier: Apache-2.0 */
/* capabilities: the most that config.json's sets may keep. */
#include "policy/section.h"

#include "base/error.h"
#include "base/str.h"
#include "plan/narrow.h"
#include "plan/plan.h"

struct capabilities {
	struct policy_list allow;
};

static const struct field rows[] = {
	{ "allow", FIELD_CUSTOM, offsetof(struct capabilities, allow), .custom = policy_read_list },
	{},
};
static const struct fields fields = { "capabilities", sizeof(struct capabilities), rows };

enum { CAPABILITIES_MAX = 64 };

static int unknown(const struct policy_item *item, struct error *err)
{
	const char *names[CAPABILITIES_MAX];
	size_t n = 0;
	for (int i = 0; i < CAPABILITIES_MAX && capability_name(i); i++)
		names[n++] = capability_name(i);
	return policy_fail_unknown(item, "capability", names, n, err);
}

static const struct plan_access *first_denied(const struct plan *plan)
{
	for (size_t i = 0; i < plan->filesystem.rows.n; i++)
		if (plan->filesystem.rows.items[i].intent == ACCESS_DENY)
			return &plan->filesystem.rows.items[i];
	return NULL;
}

/* What other promises of the policy stand against. */
static int conflict_check(const struct policy_item *item, const char *name, const struct plan *plan,
			  struct error *err)
{
	if (str_equal(name, "CAP_DAC_OVERRIDE") || str_equal(name, "CAP_DAC_READ_SEARCH")) {
		const struct plan_access *denied = first_denied(plan);
		if (denied)
			return fail_policy(err, item->origin, "take it out of capabilities.allow",
					   "%s would open '%s', which is denied (%s)", name,
					   denied->path, denied->origin);
	}
	if (str_equal(name, "CAP_NET_ADMIN") || str_equal(name, "CAP_NET_RAW"))
		return fail_policy(err, item->origin, "take it out of capabilities.allow",
				   "%s would get around the policy's network section", name);
	return 0;
}

static int lower(const void *section, const struct policy_target *target, struct error *err)
{
	const struct capabilities *capabilities = section;
	uint64_t keep = 0;
	for (size_t i = 0; i < capabilities->allow.rows.n; i++) {
		const struct policy_item *item = &capabilities->allow.rows.items[i];
		int number = capability_number(item->text);
		if (number < 0)
			return unknown(item, err);
		TRY(conflict_check(item, capability_name(number), target->plan, err));
		keep |= UINT64_C(1) << number;
	}
	plan_narrow_caps(target->plan, keep);
	return 0;
}

const struct policy_section policy_capabilities = { "capabilities", &fields, .lower = lower };
