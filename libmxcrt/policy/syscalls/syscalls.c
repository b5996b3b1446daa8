/* SPDX-License-Identifier: Apache-2.0 */
/* syscalls: the profile of system calls, and its refinement. */
#include "policy/section.h"

#include "base/error.h"
#include "plan/plan.h"
#include "plan/syscalls.h"

struct syscalls_section {
	struct policy_choice profile;
	struct policy_list allow, deny;
};

static const char *const profiles[] = { "agent", "strict", "developer", "none", NULL };
static const enum syscall_profile profile_values[] = { SYSCALLS_AGENT, SYSCALLS_STRICT,
						       SYSCALLS_DEVELOPER, SYSCALLS_NONE };

static int profile_read(const struct field_context *context, const struct json *value,
			const char *path, void *target, struct error *err)
{
	return policy_read_choice(context, value, path, profiles, target, err);
}

static const struct field rows[] = {
	{ "profile", FIELD_CUSTOM, offsetof(struct syscalls_section, profile),
	  .custom = profile_read, .names = profiles },
	{ "allow", FIELD_CUSTOM, offsetof(struct syscalls_section, allow),
	  .custom = policy_read_list },
	{ "deny", FIELD_CUSTOM, offsetof(struct syscalls_section, deny),
	  .custom = policy_read_list },
	{},
};
static const struct fields fields = { "syscalls", sizeof(struct syscalls_section), rows };

/* The names of a list for the plan, each checked. */
static int names_check(const struct policy_list *list, struct error *err)
{
	for (size_t i = 0; i < list->rows.n; i++) {
		const struct policy_item *item = &list->rows.items[i];
		if (syscall_find(item->text))
			continue;
		const char *nearest = syscall_nearest(item->text);
		return policy_fail_unknown(item, "system call", &nearest, nearest ? 1 : 0, err);
	}
	return 0;
}

static int refinement_check(const struct syscalls_section *section, struct error *err)
{
	const struct policy_list *list = section->allow.rows.n > 0 ? &section->allow
								   : &section->deny;
	if (list->rows.n > 0 && profile_values[section->profile.value] == SYSCALLS_NONE)
		return fail_policy(err, list->rows.items[0].origin,
				   "choose another syscalls.profile, or leave this out",
				   "the profile 'none' has nothing to refine");
	TRY(names_check(&section->allow, err));
	return names_check(&section->deny, err);
}

static int lower(const void *data, const struct policy_target *target, struct error *err)
{
	const struct syscalls_section *section = data;
	struct plan *plan = target->plan;

	TRY(refinement_check(section, err));
	plan->seccomp.profile = profile_values[section->profile.value];
	plan->seccomp.origin = section->profile.origin ? section->profile.origin
						       : "default of syscalls.profile";
	for (size_t i = 0; i < section->allow.rows.n; i++)
		*arena_push(plan->arena, &plan->seccomp.allow) = section->allow.rows.items[i].text;
	for (size_t i = 0; i < section->deny.rows.n; i++)
		*arena_push(plan->arena, &plan->seccomp.deny) = section->deny.rows.items[i].text;
	return 0;
}

const struct policy_section policy_syscalls = { "syscalls", &fields, .lower = lower };
