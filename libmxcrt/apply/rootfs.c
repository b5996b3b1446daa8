/* SPDX-License-Identifier: Apache-2.0 */
/* The container's root: attached, made the process's own, sealed. */
#include "apply/rootfs.h"

#include "apply/access.h"
#include "apply/mounts.h"
#include "apply/sources.h"
#include "apply/step.h"
#include "apply/tree.h"
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PROPAGATION = MS_SHARED | MS_SLAVE | MS_PRIVATE | MS_UNBINDABLE };

/*
 * The host's tree as this namespace sees it: nothing that happens here may reach the host. Trees
 * that are to stay shared with the host were cloned before and keep their own ties.
 */
static int propagation_cut(const struct plan *plan, struct error *err)
{
	uint64_t asked = plan->mounts.root_propagation;
	struct tree_change change = {
		.propagation = asked & MS_PRIVATE ? MS_PRIVATE : MS_SLAVE,
		.recursive = true,
	};
	autofd top = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (top < 0 || tree_change(top, &change) < 0)
		return fail_sys(err, "cut mount propagation to the host");
	return 0;
}

/* The root's tree follows the host only when asked to; under a policy it never answers. */
static uint64_t root_propagation(const struct plan *plan)
{
	uint64_t asked = plan->mounts.root_propagation;
	if (!(asked & (MS_SHARED | MS_SLAVE)))
		return MS_PRIVATE;
	if ((asked & MS_SLAVE) || plan->filesystem.is_active)
		return MS_SLAVE;
	return 0;
}

int rootfs_attach(const struct plan *plan, struct handles *handles, struct error *err)
{
	const char *path = plan->mounts.root;
	size_t last = plan->mounts.rows.n;
	TRY(propagation_cut(plan, err));

	autofd tree = handles->sources ? fd_take(&handles->sources[last]) : -1;
	if (tree < 0)
		tree = TRY(source_open_root(plan, err));
	struct stat st;
	if (fstat(tree, &st) < 0)
		return fail_sys(err, "root file system '%s'", path);
	if (!S_ISDIR(st.st_mode))
		return fail(err, ERROR_CONFIG, "root file system '%s' is not a directory", path);
	struct tree_change change = { .propagation = root_propagation(plan), .recursive = true };
	if (tree_change(tree, &change) < 0)
		return fail_sys(err, "set the propagation of the root file system '%s'", path);

	/* Over its own path, where hooks look for it. */
	unsigned flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS;
	int moved = move_mount(tree, "", AT_FDCWD, path, flags);
	/* Root of a user namespace may be unable to walk there, but can always reach "/". */
	if (moved < 0 && errno == EACCES)
		moved = move_mount(tree, "", AT_FDCWD, "/", flags);
	if (moved < 0)
		return fail_sys(err, "attach the root file system '%s'", path);
	handles->root = fd_take(&tree);
	return 0;
}

/*
 * Where the runtime itself lives in an initramfs, which cannot be pivoted away: move over it. In a
 * mere chroot that would cover the chroot only, and whoever joins the namespace later (exec) would
 * stand in the host's files: so join it here, and look.
 */
static int root_move(const struct handles *handles, struct error *err)
{
	struct stat root, seen;

	if (mount(".", "/", NULL, MS_MOVE, NULL) < 0)
		return fail_sys(err, "move the container's root over '/'");
	autofd namespace = openat(handles->proc, "self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (namespace < 0 || setns(namespace, CLONE_NEWNS) < 0)
		return fail_sys(err, "enter the container's root");
	if (fstat(handles->root, &root) < 0 || stat("/", &seen) < 0)
		return fail_sys(err, "look at the container's root");
	if (root.st_dev == seen.st_dev && root.st_ino == seen.st_ino)
		return chdir("/") < 0 ? fail_sys(err, "enter '/'") : 0;
	(void)fail(err, ERROR_HOST,
		   "the runtime stands in a chroot: its root is not that of its mount namespace");
	(void)fail_field(err, "option --no-pivot");
	return fail_remedy(err, "start it outside of the chroot, or where it can pivot");
}

int rootfs_pivot(const struct plan *plan, struct handles *handles, struct error *err)
{
	if (fchdir(handles->root) < 0)
		return fail_sys(err, "enter the root file system '%s'", plan->mounts.root);
	if (plan->mounts.no_pivot)
		return root_move(handles, err);

	/* Both arguments the same: the old root ends up stacked on the new one, no directory for it
	 * is needed. */
	if (syscall(SYS_pivot_root, ".", ".") < 0) {
		int cause = errno;
		fail_sys(err, "pivot to the root file system '%s'", plan->mounts.root);
		if (cause == EINVAL)
			fail_remedy(err, "on an initramfs use --no-pivot");
		return -1;
	}
	if (umount2(".", MNT_DETACH) < 0)
		return fail_sys(err, "detach the host's root");
	if (chdir("/") < 0)
		return fail_sys(err, "enter '/'");
	return 0;
}

int rootfs_finish(const struct plan *plan, struct handles *handles, struct error *err)
{
	uint64_t asked = plan->mounts.root_propagation;
	struct tree_change change = {
		.propagation = plan->filesystem.is_active ? 0 : asked & PROPAGATION,
		.recursive = asked & MS_REC,
	};
	if (tree_change(handles->root, &change) < 0)
		return fail_sys(err, "set the propagation of '/'");

	struct tree_change seal = { .set = MOUNT_ATTR_RDONLY };
	bool sealed = plan->mounts.root_read_only || access_seals_root(plan);
	if (sealed && tree_change(handles->root, &seal) < 0)
		return fail_sys(err, "make '/' read-only");
	return mounts_seal(plan, handles, err);
}
