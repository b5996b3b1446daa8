/* SPDX-License-Identifier: Apache-2.0 */
/* The policy's reach in the file tree, kept by mounts: denied, read-only, writable, pinned. */
#include "apply/access.h"

#include "apply/access-nodes.h"
#include "apply/placeholders.h"
#include "apply/step.h"
#include "apply/tree.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COVER = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC };
/* Nobody's ids; the second where the payload runs as the first. */
enum { NOBODY = 65534, NOBODY_ELSE = 65533 };

static bool has_intent(const struct plan *plan, enum access_intent intent)
{
	for (size_t i = 0; i < plan->filesystem.rows.n; i++)
		if (plan->filesystem.rows.items[i].intent == intent)
			return true;
	return false;
}

bool access_seals_root(const struct plan *plan)
{
	if (!plan->filesystem.is_active)
		return false;
	for (size_t i = 0; i < plan->filesystem.rows.n; i++) {
		const struct plan_access *row = &plan->filesystem.rows.items[i];
		if (row->intent == ACCESS_READ_WRITE && str_equal(row->path, "/"))
			return false;
	}
	return true;
}

static int object_make(const struct plan *plan, int state, const char *name, mode_t type,
		       struct error *err)
{
	int made = type == S_IFDIR ? mkdirat(state, name, 0) : mknodat(state, name, S_IFREG, 0);
	if (made < 0 && errno != EEXIST)
		return fail_sys(err, "make the object '%s' that covers denied paths", name);
	/* An id that the agent does not have; who may not give it away is not root, and is kept out
	 * by the mode. */
	uid_t owner = plan->ids.uid == NOBODY ? NOBODY_ELSE : NOBODY;
	if (fchownat(state, name, owner, owner, AT_SYMLINK_NOFOLLOW) < 0 && errno != EPERM &&
	    errno != EINVAL)
		return fail_sys(err, "give away the object '%s' that covers denied paths", name);
	return 0;
}

/* A clone for init to attach; *ret_tree stays -1 where only init may clone. */
static int object_clone(const struct plan *plan, int state, const char *name, int *ret_tree,
			struct error *err)
{
	autofd tree = tree_clone(state, name, false);
	if (tree < 0 && errno == EPERM &&
	    plan->namespaces.of[NAMESPACE_USER].mode != NAMESPACE_INHERIT)
		return 0;
	struct tree_change change = { .set = COVER, .propagation = MS_PRIVATE };
	if (tree < 0 || tree_change(tree, &change) < 0)
		return fail_sys(err, "clone the object '%s' that covers denied paths", name);
	*ret_tree = fd_take(&tree);
	return 0;
}

static int state_path(struct handles *handles, struct error *err)
{
	char link[64], path[4096];
	(void)snprintf(link, sizeof(link), "self/fd/%d", handles->state);
	ssize_t n = readlinkat(handles->proc, link, path, sizeof(path));
	if (n < 0 || (size_t)n == sizeof(path))
		return fail_sys(err, "find the path of the state directory");
	handles->denied_path = arena_strndup(handles->arena, path, (size_t)n);
	return 0;
}

int access_prepare(const struct plan *plan, struct handles *handles, struct error *err)
{
	if (!plan->filesystem.is_active || !has_intent(plan, ACCESS_DENY))
		return 0;
	TRY(object_make(plan, handles->state, "denied", S_IFREG, err));
	TRY(object_make(plan, handles->state, "denied.d", S_IFDIR, err));
	TRY(object_clone(plan, handles->state, "denied", &handles->denied_file, err));
	TRY(object_clone(plan, handles->state, "denied.d", &handles->denied_directory, err));
	if (handles->denied_file < 0 || handles->denied_directory < 0)
		TRY(state_path(handles, err));

	if (!has_intent(plan, ACCESS_READ_WRITE))
		return 0;
	/* Opened here: init may have no right to the state directory. */
	int flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC;
	handles->placeholders = openat(handles->state, "placeholders", flags, 0600);
	if (handles->placeholders < 0)
		return fail_sys(err, "make the list of placeholders");
	return 0;
}

/* What is noted about the placeholder at NODE, and in which list: -1 where it goes with the
 * container. */
static int record_of(struct access_view *view, const struct access_node *node, uint64_t mount,
		     struct placeholder *ret_placeholder)
{
	*ret_placeholder = (struct placeholder){ .is_directory = node->is_partial ||
								 node->row->is_directory };
	bool is_on_host = access_host_path(view, mount, node->path, &ret_placeholder->base,
					   &ret_placeholder->rest);
	return is_on_host ? view->handles->placeholders : -1;
}

static int placeholder_for(struct access_view *view, struct access_node *node, struct error *err)
{
	struct access_object parent;
	if (access_look(node->fd, &parent) < 0)
		return fail_sys(err, "look up the directory of '%s'", node->path);
	struct placeholder placeholder;
	int record = record_of(view, node, parent.mount, &placeholder);
	if (placeholder_make(record, &placeholder, node->fd, path_base(node->path), err) < 0) {
		/* Nobody can make it there, so nobody will. */
		if (err->sys_errno != EROFS)
			return -1;
		*err = (struct error){};
		return 0;
	}

	autofd made = access_open(view, node->path, &node->object);
	if (made < 0)
		return fail_sys(err, "open the placeholder '%s'", node->path);
	fd_close(&node->fd);
	node->fd = fd_take(&made);
	node->is_missing = false;
	return 0;
}

static int placeholder_found(struct access_view *view, const struct access_node *node,
			     struct error *err)
{
	struct placeholder placeholder;
	int record = record_of(view, node, node->object.mount, &placeholder);
	return record < 0 ? 0 : placeholder_share(record, placeholder, node->fd, err);
}

/* A denied path that is missing where the agent could make it gets something to deny; elsewhere
 * nothing is to be done. */
static int placeholders_add(struct access_view *view, struct error *err)
{
	for (size_t i = 0; i < view->nodes.n; i++) {
		struct access_node *node = &view->nodes.items[i];
		const struct access_node *above = access_nodes_above(view, node->path, false);
		if (node->mode != ACCESS_NOTHING || !above || above->mode != ACCESS_WRITE)
			continue;
		int added = 0;
		if (node->is_missing)
			added = placeholder_for(view, node, err);
		else if ((node->object.mode & 07777) == 0)
			added = placeholder_found(view, node, err);
		if (added < 0)
			return fail_field(err, "%s", node->row->origin);
	}
	return 0;
}

static void missing_drop(struct access_view *view)
{
	size_t kept = 0;
	for (size_t i = 0; i < view->nodes.n; i++) {
		struct access_node *node = &view->nodes.items[i];
		const struct access_node *above = access_nodes_above(view, node->path, false);
		bool is_idle_pin = node->mode == ACCESS_PIN &&
				   !(above && above->mode == ACCESS_WRITE);
		if (node->is_missing || is_idle_pin)
			fd_close(&node->fd);
		else
			view->nodes.items[kept++] = *node;
	}
	view->nodes.n = kept;
}

/* A link that the agent could replace would lead somewhere else than to what is kept: it stays as
 * it is. */
static int links_pin(struct access_view *view, struct error *err)
{
	for (size_t i = 0; i < view->links.n; i++) {
		const struct access_link *link = &view->links.items[i];
		if (link->row->intent == ACCESS_READ_WRITE ||
		    access_mode_at(view, link->path) != ACCESS_WRITE)
			continue;
		struct access_node node = {
			.path = link->path, .row = link->row, .mode = ACCESS_PIN, .tree = -1
		};
		node.fd = access_open(view, link->path, &node.object);
		if (node.fd < 0) {
			fail_sys(err, "look up link '%s'", link->path);
			return fail_field(err, "%s", link->row->origin);
		}
		struct access_node *added = arena_push(view->arena, &view->nodes);
		*added = node;
	}
	return 0;
}

static bool is_same_name(const struct access_view *view, const struct access_node *a,
			 const struct access_node *b)
{
	struct access_object left, right;
	autofd a_parent = access_open(view, path_parent(view->arena, a->path), &left);
	autofd b_parent = access_open(view, path_parent(view->arena, b->path), &right);
	return a_parent >= 0 && b_parent >= 0 && access_is_same(&left, &right) &&
	       str_equal(path_base(a->path), path_base(b->path));
}

/* Names of NODE's object that are kept as NODE is; two bind mounts of one directory are one name.
 */
static uint32_t names_kept(const struct access_view *view, size_t index)
{
	const struct access_node *nodes = view->nodes.items;
	uint32_t n = 0;
	for (size_t i = 0; i < view->nodes.n; i++) {
		if (nodes[i].mode != nodes[index].mode ||
		    !access_is_same(&nodes[i].object, &nodes[index].object))
			continue;
		bool is_new = true;
		for (size_t j = 0; j < i && is_new; j++)
			is_new = !(access_is_same(&nodes[j].object, &nodes[i].object) &&
				   is_same_name(view, &nodes[j], &nodes[i]));
		n += is_new;
	}
	return n;
}

/* A file with a name that nobody denied can be reached by that name, and nothing tells where it is.
 */
static int hard_links_check(const struct access_view *view, struct error *err)
{
	for (size_t i = 0; i < view->nodes.n; i++) {
		const struct access_node *node = &view->nodes.items[i];
		if (!S_ISREG(node->object.mode) || node->object.links < 2)
			continue;
		const struct access_node *above = access_nodes_above(view, node->path, false);
		bool is_kept = node->mode == ACCESS_NOTHING ||
			       (node->mode == ACCESS_READ && above && above->mode == ACCESS_WRITE);
		if (is_kept && names_kept(view, i) < node->object.links)
			return fail_policy(
				err, node->row->origin, "name all its links, or leave it only one",
				"'%s' has %u hard links, by which it could be reached unhindered",
				node->path, node->object.links);
	}
	return 0;
}

static int judge(struct access_view *view, struct error *err)
{
	TRY(access_nodes_find(view, err));
	access_nodes_merge(view);
	TRY(access_mounts_read(view, err));
	TRY(placeholders_add(view, err));
	missing_drop(view);
	TRY(links_pin(view, err));
	access_nodes_merge(view);
	TRY(hard_links_check(view, err));
	TRY(access_aliases_add(view, err));
	access_nodes_merge(view);
	return 0;
}

static void view_close(struct access_view *view)
{
	access_nodes_close(view);
}

int access_apply(const struct plan *plan, struct handles *handles, struct error *err)
{
	if (!plan->filesystem.is_active)
		return 0;
	autoarena arena = {};
	__attribute__((cleanup(view_close))) struct access_view view = {
		.arena = &arena,
		.plan = plan,
		.handles = handles,
	};
	if (access_look(handles->root, &view.root) < 0)
		return fail_sys(err, "look at the container's root");
	TRY(judge(&view, err));
	TRY(access_trees_clone(&view, err));
	return access_trees_attach(&view, err);
}
