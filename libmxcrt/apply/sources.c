/* SPDX-License-Identifier: Apache-2.0 */
/* What must be opened with the caller's rights before there is a container: the trees to attach. */
#include "apply/sources.h"

#include "apply/idmap.h"
#include "apply/step.h"
#include "apply/tree.h"
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>

int source_open(const struct plan_mount *mount, struct error *err)
{
	int tree = tree_clone(AT_FDCWD, mount->source, mount->is_recursive);
	if (tree >= 0)
		return tree;

	int cause = errno;
	fail_sys(err, "open '%s' to mount it on '%s'", mount->source, mount->target);
	/* A user namespace may not tear apart what its creator mounted together. */
	if (cause == EINVAL && !mount->is_recursive)
		fail_remedy(err, "use 'rbind' instead of 'bind'");
	return fail_field(err, "%s", mount->origin);
}

int source_open_root(const struct plan *plan, struct error *err)
{
	int tree = tree_clone(AT_FDCWD, plan->mounts.root, true);
	if (tree < 0) {
		(void)fail_sys(err, "root file system '%s'", plan->mounts.root);
		return fail_field(err, "config.json root.path");
	}
	return tree;
}

static int sources_open_binds(const struct plan *plan, struct handles *handles, struct error *err)
{
	for (size_t i = 0; i < plan->mounts.rows.n; i++) {
		const struct plan_mount *mount = &plan->mounts.rows.items[i];
		if (mount->kind != PLAN_MOUNT_BIND)
			continue;
		handles->sources[i] = TRY(source_open(mount, err));
		if (mount->idmap)
			TRY(idmap_apply(plan, mount, handles->proc, handles->sources[i], err));
	}
	return 0;
}

int sources_open(const struct plan *plan, struct handles *handles, struct error *err)
{
	size_t n = plan->mounts.rows.n;
	handles->sources = arena_alloc(handles->arena, (n + 1) * sizeof(*handles->sources));
	handles->sources_n = n + 1;
	for (size_t i = 0; i <= n; i++)
		handles->sources[i] = -1;

	handles->sources[n] = tree_clone(AT_FDCWD, plan->mounts.root, true);
	if (handles->sources[n] >= 0)
		return sources_open_binds(plan, handles, err);
	/* Without a right to mount here, init opens them, in the user namespace where it has it. */
	if (errno == EPERM && plan->namespaces.of[NAMESPACE_USER].mode != NAMESPACE_INHERIT)
		return 0;
	(void)fail_sys(err, "root file system '%s'", plan->mounts.root);
	return fail_field(err, "config.json root.path");
}
