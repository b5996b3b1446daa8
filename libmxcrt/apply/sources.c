/* SPDX-License-Identifier: Apache-2.0 */
/* What must be opened with the caller's rights before there is a container: the trees to attach. */
#include "apply/sources.h"

#include "apply/idmap.h"
#include "apply/step.h"
#include "apply/tree.h"
#include "base/arena.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>

static bool is_writable_volume(const struct plan_mount *mount)
{
	return mount->kind == PLAN_MOUNT_BIND &&
	       !((mount->set | mount->set_recursive) & MOUNT_ATTR_RDONLY);
}

/* The uppermost volume that SOURCE lies in: whatever is below it an agent may have put there, in
 * this container or one before. */
static const char *volume_above(struct arena *arena, const struct plan *plan, const char *source)
{
	const char *found = NULL;

	for (size_t i = 0; i < plan->mounts.rows.n; i++) {
		const struct plan_mount *other = &plan->mounts.rows.items[i];
		if (!is_writable_volume(other))
			continue;
		const char *path = path_clean(arena, other->source);
		if (path_is_beneath(source, path) && *path_below(source, path) &&
		    (!found || path_is_beneath(found, path)))
			found = path;
	}
	return found;
}

/* No link of an agent's own decides what of the host is mounted. */
static int clone_below(const char *volume, const char *source, bool is_recursive, struct error *err)
{
	autofd top = open(volume, O_PATH | O_CLOEXEC);
	autofd below = top < 0 ? -1
			       : open_resolved(top, path_below(source, volume), O_PATH, 0,
					       RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	int tree = below < 0 ? -1 : tree_clone(below, "", is_recursive);
	if (tree < 0 && errno == ELOOP) {
		(void)fail(err, ERROR_POLICY,
			   "the source '%s' leads through a link in the writable volume '%s'",
			   source, volume);
		return fail_remedy(err,
				   "replace the link by a directory, or name what it leads to");
	}
	return tree;
}

static int clone_source(const struct plan *plan, const struct plan_mount *mount, struct error *err)
{
	autoarena arena = {};

	if (plan->filesystem.is_active) {
		const char *source = path_clean(&arena, mount->source);
		const char *volume = volume_above(&arena, plan, source);
		if (volume)
			return clone_below(volume, source, mount->is_recursive, err);
	}
	return tree_clone(AT_FDCWD, mount->source, mount->is_recursive);
}

int source_open(const struct plan *plan, const struct plan_mount *mount, struct error *err)
{
	int tree = clone_source(plan, mount, err);
	if (tree >= 0)
		return tree;
	if (err->text[0])
		return fail_field(err, "%s", mount->origin);

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
		handles->sources[i] = TRY(source_open(plan, mount, err));
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
	if (err->sys_errno == EPERM)
		(void)fail_remedy(err, "add a 'user' namespace to linux.namespaces, or start the "
				       "runtime in a mount namespace of its own (unshare --mount)");
	return fail_field(err, "config.json root.path");
}
