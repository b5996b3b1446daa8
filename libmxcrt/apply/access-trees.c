/* SPDX-License-Identifier: Apache-2.0 */
/* The policy's nodes made true by mounts: writable clones, read-only and empty covers, pinned
 * ancestors. */
#include "apply/access-nodes.h"

#include "apply/step.h"
#include "apply/tree.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

enum { COVER = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC };

static int fail_node(const struct access_node *node, const char *what, struct error *err)
{
	fail_sys(err, "%s '%s'", what, node->path);
	return fail_field(err, "%s", node->row->origin);
}

/* Some program at PATH, or somewhere below or above it, may be executed by the policy's own list.
 */
static bool is_listed_for_exec(const struct plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->filesystem.exec_paths.n; i++) {
		const char *listed = plan->filesystem.exec_paths.items[i].path;
		if (path_is_beneath(listed, path) || path_is_beneath(path, listed))
			return true;
	}
	return false;
}

static uint64_t attributes_of(const struct access_view *view, const struct access_node *node)
{
	uint64_t set = MOUNT_ATTR_NOSUID;
	if (!path_is_beneath(node->path, "/dev"))
		set |= MOUNT_ATTR_NODEV;
	if (!node->executes && !is_listed_for_exec(view->plan, node->path))
		set |= MOUNT_ATTR_NOEXEC;
	/* config.json's read-only root is not there yet, but it is no wider for that. */
	bool on_root = node->object.mount == view->root.mount && view->plan->mounts.root_read_only;
	if (node->mode == ACCESS_READ || on_root)
		set |= MOUNT_ATTR_RDONLY;
	return set;
}

static enum access_mode mode_above(const struct access_view *view, const char *path)
{
	const struct access_node *above = access_nodes_above(view, path, false);
	return above ? above->mode : ACCESS_NONE;
}

static bool is_root(const struct access_node *node)
{
	return str_equal(node->path, "/");
}

/* A writable tree inside of another is part of it; sockets and devices are not kept by mounts. */
static bool wants_clone(const struct access_view *view, const struct access_node *node)
{
	bool is_grant = node->mode == ACCESS_WRITE || node->mode == ACCESS_READ;
	if (!is_grant || is_root(node))
		return false;
	const struct access_node *above = access_nodes_above(view, node->path, false);
	/* Whatever it is: nothing but its own mount leads to it. */
	if (above && above->mode == ACCESS_NOTHING)
		return true;
	if (node->mode == ACCESS_READ ||
	    !(S_ISDIR(node->object.mode) || S_ISREG(node->object.mode)))
		return false;
	return !above || above->mode != ACCESS_WRITE || above->executes != node->executes;
}

/* Terminals change owner while the container lives, which Landlock and the kernel's own checks
 * govern. */
static int unseal_terminals(const struct access_view *view, struct error *err)
{
	for (size_t i = 0; i < view->plan->mounts.rows.n; i++) {
		const struct plan_mount *mount = &view->plan->mounts.rows.items[i];
		int fd = view->handles->sources[i];
		struct tree_change open = { .clear = MOUNT_ATTR_RDONLY };
		bool is_terminals = str_equal(mount->type, "devpts") &&
				    !(mount->set & MOUNT_ATTR_RDONLY);
		if (fd >= 0 && is_terminals && tree_change(fd, &open) < 0)
			return fail_sys(err, "make '%s' writable again", mount->target);
	}
	return 0;
}

/* A writable "/" is writable as config.json has it, but for the kernel's own files. */
static int seal_kernel_views(const struct access_view *view, struct error *err)
{
	for (size_t i = 0; i < view->plan->mounts.rows.n; i++) {
		const struct plan_mount *mount = &view->plan->mounts.rows.items[i];
		int fd = view->handles->sources[i];
		struct tree_change seal = { .set = MOUNT_ATTR_RDONLY, .recursive = true };
		bool is_view = path_is_beneath(mount->target, "/proc") ||
			       path_is_beneath(mount->target, "/sys");
		if (fd >= 0 && is_view && tree_change(fd, &seal) < 0)
			return fail_sys(err, "make '%s' read-only", mount->target);
	}
	return 0;
}

/* Everything becomes read-only, but the root itself until rootfs_finish: hooks of the engine still
 * write there. */
static int seal(const struct access_view *view, struct error *err)
{
	if (access_mode_at(view, "/") == ACCESS_WRITE)
		return seal_kernel_views(view, err);

	struct statvfs before;
	struct tree_change all = { .set = MOUNT_ATTR_RDONLY, .recursive = true };
	struct tree_change open = { .clear = MOUNT_ATTR_RDONLY };
	int root = view->handles->root;
	if (fstatvfs(root, &before) < 0 || tree_change(root, &all) < 0)
		return fail_sys(err, "make the container's tree read-only");
	if (!(before.f_flag & ST_RDONLY) && tree_change(root, &open) < 0)
		return fail_sys(err, "make the container's root writable for hooks");
	return unseal_terminals(view, err);
}

int access_trees_clone(struct access_view *view, struct error *err)
{
	for (size_t i = 0; i < view->nodes.n; i++) {
		struct access_node *node = &view->nodes.items[i];
		if (!wants_clone(view, node))
			continue;
		struct tree_change change = { .set = attributes_of(view, node), .recursive = true };
		node->tree = tree_clone(node->fd, "", true);
		if (node->tree < 0 || tree_change(node->tree, &change) < 0)
			return fail_node(node, "make a mount of", err);
	}
	return seal(view, err);
}

/* The place where NODE is attached, in the tree as it is by now, and still the object that was
 * judged. */
static int place_open(const struct access_view *view, const struct access_node *node,
		      struct error *err)
{
	struct access_object object;
	autofd place = access_open(view, node->path, &object);
	if (place < 0)
		return fail_node(node, "find again", err);
	if (mode_above(view, node->path) != ACCESS_NOTHING &&
	    !access_is_same(&object, &node->object)) {
		fail(err, ERROR_POLICY, "'%s' was replaced while the container was made",
		     node->path);
		return fail_field(err, "%s", node->row->origin);
	}
	return fd_take(&place);
}

static int cover_self(const struct access_view *view, const struct access_node *node, uint64_t set,
		      struct error *err)
{
	autofd place = TRY(place_open(view, node, err));
	autofd tree = tree_clone(place, "", true);
	struct tree_change change = { .set = set, .recursive = true };
	if (tree < 0 || tree_change(tree, &change) < 0 || tree_attach(tree, place) < 0)
		return fail_node(node, "keep by a mount", err);
	return 0;
}

/* Between a writable tree and what is kept in it: an ancestor renamed away would take the keeping
 * with it. */
static int pin_ancestors(struct access_view *view, const struct access_node *node,
			 struct error *err)
{
	const struct access_node *above = access_nodes_above(view, node->path, false);
	if (!above || above->mode != ACCESS_WRITE)
		return 0;
	for (const char *at = node->path + strlen(above->path) + !is_root(above);; at++) {
		at = strchr(at, '/');
		if (!at)
			return 0;
		struct access_node ancestor = *node;
		ancestor.path = arena_strndup(view->arena, node->path, (size_t)(at - node->path));
		autofd fd = access_open(view, ancestor.path, &ancestor.object);
		if (fd < 0)
			return fail_node(&ancestor, "pin", err);
		/* A mount is its own pin. */
		struct access_object above_it;
		autofd parent = access_open(view, path_parent(view->arena, ancestor.path),
					    &above_it);
		if (parent < 0)
			return fail_node(&ancestor, "pin", err);
		if (above_it.mount == ancestor.object.mount)
			TRY(cover_self(view, &ancestor, 0, err));
	}
}

/* The mode-0000 object: the host's clone the first time, afterwards clones of it where it was
 * attached. */
struct denied {
	int directory, file;
	bool directory_used, file_used;
};

static void denied_close(struct denied *denied)
{
	fd_close(&denied->directory);
	fd_close(&denied->file);
}

static int denied_open(const struct handles *handles, int from_host, const char *name,
		       struct error *err)
{
	if (from_host >= 0)
		return fcntl(from_host, F_DUPFD_CLOEXEC, 3);
	/* The host could not clone; we can, by the path that both of us see. */
	char path[4096];
	if (!handles->denied_path ||
	    snprintf(path, sizeof(path), "%s/%s", handles->denied_path, name) >= (int)sizeof(path))
		return fail(err, ERROR_BUG, "no object to cover denied paths with");
	autofd tree = tree_clone(AT_FDCWD, path, false);
	struct tree_change change = { .set = COVER };
	if (tree < 0 || tree_change(tree, &change) < 0)
		return fail_sys(err, "clone '%s'", path);
	return fd_take(&tree);
}

static int denied_next(struct denied *denied, const struct handles *handles, bool is_directory,
		       struct error *err)
{
	int *fd = is_directory ? &denied->directory : &denied->file;
	bool *used = is_directory ? &denied->directory_used : &denied->file_used;
	if (*fd < 0)
		*fd = TRY(denied_open(
			handles, is_directory ? handles->denied_directory : handles->denied_file,
			is_directory ? "denied.d" : "denied", err));
	int next = *used ? tree_clone(*fd, "", false) : fcntl(*fd, F_DUPFD_CLOEXEC, 3);
	if (next < 0)
		return fail_sys(err, "clone the object that covers denied paths");
	*used = true;
	return next;
}

static bool is_granted_within(const struct access_view *view, const struct access_node *denied,
			      const struct access_node *node)
{
	return (node->mode == ACCESS_WRITE || node->mode == ACCESS_READ) && node->tree >= 0 &&
	       path_is_beneath(node->path, denied->path) && !str_equal(node->path, denied->path) &&
	       mode_above(view, node->path) == ACCESS_NOTHING;
}

static bool has_grants(const struct access_view *view, const struct access_node *denied)
{
	for (size_t i = 0; i < view->nodes.n; i++)
		if (is_granted_within(view, denied, &view->nodes.items[i]))
			return true;
	return false;
}

/* Directories that can be passed but not listed, down to the place where a grant will be attached.
 */
static int make_way(const struct access_view *view, int top, const struct access_node *denied,
		    const struct access_node *grant, struct error *err)
{
	const char *below = path_below(grant->path, denied->path);
	for (const char *slash = strchr(below, '/'); slash; slash = strchr(slash + 1, '/')) {
		const char *way = arena_strndup(view->arena, below, (size_t)(slash - below));
		if (mkdirat(top, way, 0111) < 0 && errno != EEXIST)
			return fail_node(grant, "make the way to", err);
	}
	int made = S_ISDIR(grant->object.mode) ? mkdirat(top, below, 0111)
					       : mknodat(top, below, S_IFREG, 0);
	if (made < 0 && errno != EEXIST)
		return fail_node(grant, "make the way to", err);
	return 0;
}

static int fence_open(struct error *err)
{
	autofd context = fsopen("tmpfs", FSOPEN_CLOEXEC);
	if (context < 0 || fsconfig(context, FSCONFIG_SET_STRING, "source", "denied", 0) < 0 ||
	    fsconfig(context, FSCONFIG_SET_STRING, "mode", "0111", 0) < 0 ||
	    fsconfig(context, FSCONFIG_SET_STRING, "size", "64k", 0) < 0 ||
	    fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return fail_sys(err, "make a directory that hides all but what is granted in it");
	int tree = fsmount(context, FSMOUNT_CLOEXEC, COVER & ~MOUNT_ATTR_RDONLY);
	if (tree < 0)
		return fail_sys(err, "make a directory that hides all but what is granted in it");
	return tree;
}

/* A denied directory in which something is granted: a bare tree of our own that leads to the grants
 * and nowhere else. */
static int fence(const struct access_view *view, const struct access_node *node, int place,
		 struct error *err)
{
	autofd tree = TRY(fence_open(err));
	for (size_t i = 0; i < view->nodes.n; i++)
		if (is_granted_within(view, node, &view->nodes.items[i]))
			TRY(make_way(view, tree, node, &view->nodes.items[i], err));
	struct tree_change change = { .set = MOUNT_ATTR_RDONLY };
	if (tree_change(tree, &change) < 0 || tree_attach(tree, place) < 0)
		return fail_node(node, "deny", err);
	return 0;
}

static int deny(const struct access_view *view, const struct access_node *node,
		struct denied *denied, struct error *err)
{
	/* Covered with what is above it. */
	if (mode_above(view, node->path) == ACCESS_NOTHING)
		return 0;
	autofd place = TRY(place_open(view, node, err));
	if (S_ISDIR(node->object.mode) && has_grants(view, node))
		return fence(view, node, place, err);
	autofd tree = TRY(denied_next(denied, view->handles, S_ISDIR(node->object.mode), err));
	if (tree_attach(tree, place) < 0)
		return fail_node(node, "deny", err);
	return 0;
}

static int attach_clone(const struct access_view *view, struct access_node *node, struct error *err)
{
	autofd place = TRY(place_open(view, node, err));
	if (tree_attach(node->tree, place) < 0)
		return fail_node(node, "grant", err);
	return 0;
}

/* A volume that is only read is read-only by now; nothing in it is a program unless the policy says
 * so. */
static int forbid_exec(const struct access_view *view, const struct access_node *node,
		       struct error *err)
{
	struct tree_change change = { .set = attributes_of(view, node) };
	for (size_t i = 0; i < view->plan->mounts.rows.n; i++) {
		const struct plan_mount *mount = &view->plan->mounts.rows.items[i];
		int fd = view->handles->sources[i];
		if (fd >= 0 && mount->kind == PLAN_MOUNT_BIND &&
		    str_equal(mount->target, node->path) && tree_change(fd, &change) < 0)
			return fail_node(node, "restrict the mount on", err);
	}
	return 0;
}

static int read_only(const struct access_view *view, struct access_node *node, struct error *err)
{
	if (node->tree >= 0)
		return attach_clone(view, node, err);
	if (mode_above(view, node->path) == ACCESS_WRITE)
		return cover_self(view, node, attributes_of(view, node), err);
	return forbid_exec(view, node, err);
}

static int attach(struct access_view *view, struct access_node *node, struct denied *denied,
		  struct error *err)
{
	if (node->mode != ACCESS_WRITE || node->is_pinned)
		TRY(pin_ancestors(view, node, err));
	switch (node->mode) {
	case ACCESS_PIN: return cover_self(view, node, 0, err);
	case ACCESS_WRITE:
		if (node->tree >= 0)
			return attach_clone(view, node, err);
		return node->is_pinned ? cover_self(view, node, 0, err) : 0;
	case ACCESS_READ: return read_only(view, node, err);
	case ACCESS_NOTHING: return deny(view, node, denied, err);
	case ACCESS_NONE: break;
	}
	return 0;
}

int access_trees_attach(struct access_view *view, struct error *err)
{
	__attribute__((cleanup(denied_close))) struct denied denied = { .directory = -1,
									.file = -1 };
	/* Parents before children: what is attached above would hide what was attached below. */
	for (size_t i = 0; i < view->nodes.n; i++)
		TRY(attach(view, &view->nodes.items[i], &denied, err));
	return 0;
}
