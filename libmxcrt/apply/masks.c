/* SPDX-License-Identifier: Apache-2.0 */
/* config.json's masked and read-only paths. */
#include "apply/masks.h"

#include "apply/step.h"
#include "apply/tree.h"
#include "base/fd.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { MASK_ATTRIBUTES = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC };

/* What covers files and directories: made when first needed, cloned from where it was attached
 * afterwards. */
struct masks {
	int root;
	int file, directory;
	bool file_used, directory_used;
};

static void masks_close(struct masks *masks)
{
	fd_close(&masks->file);
	fd_close(&masks->directory);
}

/* The null device itself, whoever made the node: any other object under its name could be read or
 * written. */
static int null_open(const struct masks *masks, struct error *err)
{
	autofd null = open_in_root(masks->root, "/dev/null", O_NOFOLLOW);
	struct stat st;
	if (null < 0 || fstat(null, &st) < 0)
		return fail_sys(err, "open '/dev/null' to mask files with");
	if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3))
		return fail(err, ERROR_CONFIG,
			    "'/dev/null' of the container is not the null device");
	autofd tree = tree_clone(null, "", false);
	/* Asked again of the clone: it is what will be attached. */
	if (tree < 0 || fstat(tree, &st) < 0 || !S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3))
		return fail_sys(err, "bind '/dev/null' to mask files with");
	struct tree_change change = { .set = MASK_ATTRIBUTES };
	if (tree_change(tree, &change) < 0)
		return fail_sys(err, "make the mask of files read-only");
	return fd_take(&tree);
}

static int empty_open(struct error *err)
{
	autofd context = fsopen("tmpfs", FSOPEN_CLOEXEC);
	if (context < 0 || fsconfig(context, FSCONFIG_SET_STRING, "source", "tmpfs", 0) < 0 ||
	    fsconfig(context, FSCONFIG_SET_STRING, "nr_inodes", "1", 0) < 0 ||
	    fsconfig(context, FSCONFIG_SET_STRING, "mode", "0555", 0) < 0 ||
	    fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return fail_sys(err, "make an empty directory to mask others with");
	int tree = fsmount(context, FSMOUNT_CLOEXEC, MASK_ATTRIBUTES | MOUNT_ATTR_NODEV);
	if (tree < 0)
		return fail_sys(err, "make an empty directory to mask others with");
	return tree;
}

/* A mount to attach: the first one itself, then clones of it (one that is not attached cannot be
 * cloned on every kernel). */
static int mask_next(int first, bool *used, struct error *err)
{
	int next = *used ? tree_clone(first, "", false) : fcntl(first, F_DUPFD_CLOEXEC, 3);
	if (next < 0)
		return fail_sys(err, "clone a mask");
	*used = true;
	return next;
}

static int mask_tree(struct masks *masks, bool is_directory, struct error *err)
{
	if (is_directory) {
		if (masks->directory < 0)
			masks->directory = TRY(empty_open(err));
		return mask_next(masks->directory, &masks->directory_used, err);
	}
	if (masks->file < 0)
		masks->file = TRY(null_open(masks, err));
	return mask_next(masks->file, &masks->file_used, err);
}

static int mask(struct masks *masks, const char *path, struct error *err)
{
	autofd target = open_in_root(masks->root, path, 0);
	if (target < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	struct stat st;
	if (target < 0 || fstat(target, &st) < 0)
		return fail_sys(err, "mask '%s'", path);

	autofd tree = TRY(mask_tree(masks, S_ISDIR(st.st_mode), err));
	if (tree_attach(tree, target) < 0)
		return fail_sys(err, "mask '%s'", path);
	return 0;
}

static int make_read_only(int root, const char *path, struct error *err)
{
	autofd target = open_in_root(root, path, 0);
	if (target < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (target < 0)
		return fail_sys(err, "make '%s' read-only", path);

	autofd tree = tree_clone(target, "", true);
	struct tree_change change = { .set = MOUNT_ATTR_RDONLY, .recursive = true };
	if (tree < 0 || tree_change(tree, &change) < 0 || tree_attach(tree, target) < 0)
		return fail_sys(err, "make '%s' read-only", path);
	return 0;
}

int masks_apply(const struct plan *plan, struct handles *handles, struct error *err)
{
	__attribute__((cleanup(masks_close))) struct masks masks = {
		.root = handles->root,
		.file = -1,
		.directory = -1,
	};
	for (size_t i = 0; i < plan->mounts.read_only.n; i++)
		if (make_read_only(handles->root, plan->mounts.read_only.items[i], err) < 0)
			return fail_field(err, "config.json linux.readonlyPaths[%zu]", i);
	for (size_t i = 0; i < plan->mounts.masked.n; i++)
		if (mask(&masks, plan->mounts.masked.items[i], err) < 0)
			return fail_field(err, "config.json linux.maskedPaths[%zu]", i);
	return 0;
}
