/* SPDX-License-Identifier: Apache-2.0 */
/* The mount calls of the kernel that work on descriptors, never on paths seen twice. */
#include "apply/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>

int tree_clone(int at, const char *path, bool recursive)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
	if (recursive)
		flags |= AT_RECURSIVE;
	if (!*path)
		flags |= AT_EMPTY_PATH;
	return open_tree(at, path, flags);
}

int tree_attach(int tree, int target)
{
	return move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

static int change_once(int tree, const struct tree_change *change, uint64_t clear)
{
	struct mount_attr attr = {
		.attr_set = change->set,
		.attr_clr = clear,
		.propagation = change->propagation,
	};
	/* The kernel wants the whole field cleared by whoever sets one of its values. */
	if (attr.attr_set & MOUNT_ATTR__ATIME)
		attr.attr_clr |= MOUNT_ATTR__ATIME;
	if (!attr.attr_set && !attr.attr_clr && !attr.propagation)
		return 0;
	unsigned flags = AT_EMPTY_PATH | (change->recursive ? AT_RECURSIVE : 0);
	return mount_setattr(tree, "", flags, &attr, sizeof(attr));
}

int tree_change(int tree, const struct tree_change *change)
{
	int result = change_once(tree, change, change->clear);
	if (result < 0 && errno == EPERM && change->clear)
		return change_once(tree, change, 0);
	return result;
}
