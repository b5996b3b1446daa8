/* SPDX-License-Identifier: Apache-2.0 */
/* exec: which programs may start. */
#include "policy/section.h"

#include "base/error.h"
#include "base/str.h"
#include "plan/plan.h"

struct exec {
	struct policy_list paths;
	bool memfd;
};

static const struct field rows[] = {
	{ "paths", FIELD_CUSTOM, offsetof(struct exec, paths), .custom = policy_read_list },
	{ "memfd", FIELD_BOOL, offsetof(struct exec, memfd) },
	{},
};
static const struct fields fields = { "exec", sizeof(struct exec), rows };

static int path_lower(const struct policy_item *item, const struct policy_target *target,
		      struct error *err)
{
	struct plan_filesystem *filesystem = &target->plan->filesystem;
	struct policy_path path;

	if (str_equal(item->text, "@base")) {
		filesystem->exec_base = true;
		return 0;
	}
	if (str_equal(item->text, "@rw")) {
		filesystem->exec_writable = true;
		return 0;
	}
	if (policy_path_read(target, item, &path, err) < 0)
		return fail_remedy(err, "write '@base', '@rw', or an absolute path");
	*arena_push(target->plan->arena, &filesystem->exec_paths) = (struct plan_exec_path){
		.path = path.path, .is_optional = path.is_optional, .origin = item->origin
	};
	return 0;
}

static int lower(const void *section, const struct policy_target *target, struct error *err)
{
	const struct exec *exec = section;
	target->plan->filesystem.memfd_exec = exec->memfd;
	target->plan->filesystem.exec_base = !exec->paths.is_given;
	for (size_t i = 0; i < exec->paths.rows.n; i++)
		TRY(path_lower(&exec->paths.rows.items[i], target, err));
	return 0;
}

const struct policy_section policy_exec = { "exec", &fields, .lower = lower };
