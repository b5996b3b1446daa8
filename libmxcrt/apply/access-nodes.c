/* SPDX-License-Identifier: Apache-2.0 */
/* The policy's rows as objects of the container's tree: where each really is, and which intent
 * holds there. */
#include "apply/access-nodes.h"

#include "apply/step.h"
#include "apply/walk.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int access_look(int fd, struct access_object *ret_object)
{
	struct statx st;
	if (statx(fd, "", AT_EMPTY_PATH,
		  STATX_TYPE | STATX_MODE | STATX_INO | STATX_NLINK | STATX_MNT_ID, &st) < 0)
		return -1;
	*ret_object = (struct access_object){
		.mode = st.stx_mode,
		.device = (uint64_t)st.stx_dev_major << 32 | st.stx_dev_minor,
		.inode = st.stx_ino,
		.mount = st.stx_mnt_id,
		.links = st.stx_nlink,
	};
	return 0;
}

bool access_is_same(const struct access_object *a, const struct access_object *b)
{
	return a->device == b->device && a->inode == b->inode;
}

int access_open(const struct access_view *view, const char *path, struct access_object *ret_object)
{
	autofd fd = walk_open(view->handles->root, path);
	if (fd < 0 || access_look(fd, ret_object) < 0)
		return -1;
	return fd_take(&fd);
}

/* A link on the way of a row. */
struct seeker {
	struct access_view *view;
	const struct plan_access *row;
};

static int link_seen(void *context, int link, const char *path, struct error *err)
{
	(void)link;
	(void)err;
	struct seeker *seeker = context;
	struct access_link *seen = arena_push(seeker->view->arena, &seeker->view->links);
	*seen = (struct access_link){ .path = path, .row = seeker->row };
	return 0;
}

static enum access_mode mode_of(const struct plan_access *row)
{
	switch (row->intent) {
	case ACCESS_READ_ONLY: return ACCESS_READ;
	case ACCESS_READ_WRITE: return ACCESS_WRITE;
	case ACCESS_DENY: break;
	}
	return ACCESS_NOTHING;
}

static int fail_missing(const struct plan_access *row, struct error *err)
{
	return fail_policy(err, row->origin,
			   "create it, or write '-' before it if it may be missing",
			   "'%s' does not exist in the container", row->path);
}

/* The root as a row finds it: it cannot be denied, nor be meant under another name. */
static int check_root(const struct plan_access *row, struct error *err)
{
	if (row->intent == ACCESS_DENY)
		return fail_policy(err, row->origin,
				   "deny by not granting: filesystem.base \"none\"",
				   "'%s' is the root of the container and cannot be denied",
				   row->path);
	if (!str_equal(row->path, "/"))
		return fail_policy(err, row->origin, "write '/' if that is meant",
				   "'%s' is a link to '/'", row->path);
	return 0;
}

static int node_add(struct access_view *view, const struct plan_access *row, struct walk *walk,
		    struct error *err)
{
	struct access_node *node = arena_push(view->arena, &view->nodes);
	*node = (struct access_node){
		.path = walk->path,
		.row = row,
		/* A file where the denied path has a directory: as long as it stays, the path
		   cannot come into being. */
		.mode = walk->is_blocked ? ACCESS_PIN : mode_of(row),
		.is_missing = walk->is_missing,
		.is_partial = walk->is_partial,
		.executes = row->allows_execute,
		.fd = fd_take(&walk->fd),
		.tree = -1,
	};
	if (access_look(node->fd, &node->object) < 0)
		return fail_sys(err, "look at '%s'", node->path);
	return 0;
}

static int node_find(struct access_view *view, const struct plan_access *row, struct error *err)
{
	struct seeker seeker = { .view = view, .row = row };
	__attribute__((cleanup(walk_close))) struct walk walk = {
		.arena = view->arena,
		.root = view->handles->root,
		.on_link = link_seen,
		.context = &seeker,
		.fd = -1,
	};
	TRY(walk_run(&walk, row->path, err));

	bool is_there = !walk.is_missing && !walk.is_blocked;
	if (!is_there && row->intent != ACCESS_DENY)
		return row->is_optional ? 0 : fail_missing(row, err);
	/* With "-" a denied path that is not there needs no placeholder; a volume always is there.
	 */
	if (!is_there && (row->is_optional || row->is_volume))
		return 0;
	if (is_there && str_equal(walk.path, "/"))
		TRY(check_root(row, err));
	return node_add(view, row, &walk, err);
}

int access_nodes_find(struct access_view *view, struct error *err)
{
	for (size_t i = 0; i < view->plan->filesystem.rows.n; i++) {
		const struct plan_access *row = &view->plan->filesystem.rows.items[i];
		if (node_find(view, row, err) < 0)
			return fail_field(err, "%s", row->origin);
	}
	return 0;
}

void access_nodes_close(struct access_view *view)
{
	for (size_t i = 0; i < view->nodes.n; i++) {
		fd_close(&view->nodes.items[i].fd);
		fd_close(&view->nodes.items[i].tree);
	}
}

static int node_compare(const void *a, const void *b)
{
	const struct access_node *left = a, *right = b;
	int order = path_compare(left->path, right->path);
	/* The strictest first: it absorbs the others. */
	return order != 0 ? order : (int)right->mode - (int)left->mode;
}

static void node_absorb(struct access_node *strict, struct access_node *lax)
{
	if (lax->mode != ACCESS_PIN)
		strict->executes = strict->executes && lax->executes;
	strict->is_pinned = strict->is_pinned || lax->is_pinned || lax->mode == ACCESS_PIN;
	fd_close(&lax->fd);
	fd_close(&lax->tree);
}

void access_nodes_merge(struct access_view *view)
{
	struct access_node *nodes = view->nodes.items;
	if (view->nodes.n < 2)
		return;
	qsort(nodes, view->nodes.n, sizeof(*nodes), node_compare);

	size_t kept = 1;
	for (size_t i = 1; i < view->nodes.n; i++) {
		if (str_equal(nodes[kept - 1].path, nodes[i].path))
			node_absorb(&nodes[kept - 1], &nodes[i]);
		else
			nodes[kept++] = nodes[i];
	}
	view->nodes.n = kept;

	/* Hard links and bind mounts: one object under several names. */
	for (size_t i = 0; i < kept; i++) {
		for (size_t j = 0; j < kept; j++) {
			bool is_other = i != j && !nodes[i].is_missing && !nodes[j].is_missing;
			if (is_other && nodes[j].mode > nodes[i].mode &&
			    nodes[i].mode != ACCESS_PIN &&
			    access_is_same(&nodes[i].object, &nodes[j].object))
				nodes[i].mode = nodes[j].mode;
		}
	}
}

const struct access_node *access_nodes_above(const struct access_view *view, const char *path,
					     bool or_at)
{
	/* The longest path decides; while nodes are being added there may be two of it: then the
	 * strictest. */
	const struct access_node *nearest = NULL;
	size_t longest = 0;
	for (size_t i = 0; i < view->nodes.n; i++) {
		const struct access_node *node = &view->nodes.items[i];
		if (node->mode == ACCESS_PIN || !path_is_beneath(path, node->path) ||
		    (!or_at && str_equal(path, node->path)))
			continue;
		size_t n = strlen(node->path);
		if (!nearest || n > longest || (n == longest && node->mode > nearest->mode)) {
			nearest = node;
			longest = n;
		}
	}
	return nearest;
}

enum access_mode access_mode_at(const struct access_view *view, const char *path)
{
	const struct access_node *node = access_nodes_above(view, path, true);
	return node ? node->mode : ACCESS_NONE;
}
