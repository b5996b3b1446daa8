/* SPDX-License-Identifier: Apache-2.0 */
/* filesystem: what may be read, written, and not even opened. */
#include "policy/section.h"

#include "base/error.h"
#include "base/path.h"
#include "base/str.h"
#include "plan/narrow.h"
#include "plan/plan.h"

struct filesystem {
	struct policy_list readwrite, readonly, denied;
	struct policy_choice base;
};

static const char *const bases[] = { "image", "system", "none", NULL };

static int base_read(const struct field_context *context, const struct json *value,
		     const char *path, void *target, struct error *err)
{
	return policy_read_choice(context, value, path, bases, target, err);
}

static const struct field rows[] = {
	{ "readwritePaths", FIELD_CUSTOM, offsetof(struct filesystem, readwrite),
	  .custom = policy_read_list },
	{ "readonlyPaths", FIELD_CUSTOM, offsetof(struct filesystem, readonly),
	  .custom = policy_read_list },
	/* What one source denies, no later one can give back by not mentioning it. */
	{ "deniedPaths", FIELD_CUSTOM, offsetof(struct filesystem, denied),
	  .custom = policy_read_list_added },
	{ "base", FIELD_CUSTOM, offsetof(struct filesystem, base), .custom = base_read,
	  .names = bases },
	{},
};
static const struct fields fields = { "filesystem", sizeof(struct filesystem), rows };

static int rows_lower(const struct policy_list *list, enum access_intent intent,
		      const struct policy_target *target, struct error *err)
{
	for (size_t i = 0; i < list->rows.n; i++) {
		const struct policy_item *item = &list->rows.items[i];
		struct policy_path path;
		if (policy_path_read(target, item, &path, err) < 0)
			return fail_remedy(err,
					   "write an absolute path, or '@workspace' and a path");
		if (intent == ACCESS_DENY && str_equal(path.path, "/"))
			return fail_policy(err, item->origin, "set filesystem.base to 'none'",
					   "'/' cannot be denied");
		plan_narrow_access(target->plan,
				   &(struct plan_access){ .path = path.path,
							  .intent = intent,
							  .is_optional = path.is_optional,
							  .is_directory = path.is_directory,
							  .origin = item->origin });
	}
	return 0;
}

/* Nothing in the kernel's own trees is writable unless it is granted by name. */
static void kernel_trees_protect(struct plan *plan)
{
	static const char *const trees[] = { "/proc", "/sys" };
	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
		const struct plan_access *row = plan_access_of(&plan->filesystem, trees[i]);
		if (!row || row->intent != ACCESS_READ_WRITE || str_equal(row->path, trees[i]))
			continue;
		plan_narrow_access(plan, &(struct plan_access){ .path = trees[i],
								.intent = ACCESS_READ_ONLY,
								.is_optional = true,
								.origin = row->origin });
	}
}

static int lower(const void *section, const struct policy_target *target, struct error *err)
{
	const struct filesystem *filesystem = section;
	struct plan *plan = target->plan;

	plan->filesystem.is_active = true;
	plan->filesystem.base = (enum access_base)filesystem->base.value;
	TRY(rows_lower(&filesystem->readwrite, ACCESS_READ_WRITE, target, err));
	TRY(rows_lower(&filesystem->readonly, ACCESS_READ_ONLY, target, err));
	TRY(rows_lower(&filesystem->denied, ACCESS_DENY, target, err));
	kernel_trees_protect(plan);
	plan_narrow_volumes(plan);
	return 0;
}

const struct policy_section policy_filesystem = { "filesystem", &fields, .lower = lower };
