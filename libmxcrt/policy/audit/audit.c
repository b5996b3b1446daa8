/* SPDX-License-Identifier: Apache-2.0 */
/* audit: what is written down, and whether the container may run without it. */
#include "policy/section.h"

#include "base/error.h"
#include "plan/plan.h"

struct audit {
	struct policy_choice level;
	bool required, has_required;
};

static const char *const levels[] = { "lifecycle", "denials", "activity", NULL };

static int level_read(const struct field_context *context, const struct json *value,
		      const char *path, void *target, struct error *err)
{
	return policy_read_choice(context, value, path, levels, target, err);
}

static const struct field rows[] = {
	{ "level", FIELD_CUSTOM, offsetof(struct audit, level), .custom = level_read,
	  .names = levels },
	{ "required", FIELD_BOOL, offsetof(struct audit, required),
	  .present = offsetof(struct audit, has_required) },
	{},
};
static const struct fields fields = { "audit", sizeof(struct audit), rows };

static int lower(const void *section, const struct policy_target *target, struct error *err)
{
	const struct audit *audit = section;
	if (audit->level.value != AUDIT_LIFECYCLE) {
		(void)fail_policy(
			err, audit->level.origin, "set it to 'lifecycle'",
			"level '%s' needs the collector, which is not built in this version",
			levels[audit->level.value]);
		return fail_code(err, "backend_unavailable");
	}
	target->plan->audit = (struct plan_audit){ .is_active = true,
						   .level = AUDIT_LIFECYCLE,
						   .is_required = !audit->has_required ||
								  audit->required };
	return 0;
}

const struct policy_section policy_audit = { "audit", &fields, .lower = lower };
