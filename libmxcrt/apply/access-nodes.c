/* SPDX-License-Identifier: Apache-2.0 */
/* The policy's rows as objects of the container's tree: where each really is, and which intent
 * holds there. */
#include "apply/access-nodes.h"

#include "apply/step.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { LINKS_MAX = 40 };

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
	uint64_t how = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
	autofd fd = open_resolved(view->handles->root, path, O_PATH | O_NOFOLLOW, 0, how);
	if (fd < 0 || access_look(fd, ret_object) < 0)
		return -1;
	return fd_take(&fd);
}

/* Walking a path by hand, to know every link on it and where it stops. */
struct walk {
	struct access_view *view;
	const struct plan_access *row;
	const char *pending; /* what is left to walk */
	const char *path;    /* where we are, free of links */
	int fd;              /* the same */
	struct access_object object;
	int links;
	bool is_missing, is_blocked; /* stopped: no such entry; or not a directory */
};

static void walk_close(struct walk *walk)
{
	fd_close(&walk->fd);
}

static int walk_to(struct walk *walk, const char *path, struct error *err)
{
	fd_close(&walk->fd);
	walk->path = path;
	walk->fd = access_open(walk->view, path, &walk->object);
	if (walk->fd < 0)
		return fail_sys(err, "look up '%s'", path);
	return 0;
}

/* The next component, taken off what is pending; NULL at the end. */
static const char *walk_next(struct walk *walk)
{
	const char *name = walk->pending + strspn(walk->pending, "/");
	size_t n = strcspn(name, "/");
	walk->pending = name + n;
	return n > 0 ? arena_strndup(walk->view->arena, name, n) : NULL;
}

static int walk_link(struct walk *walk, int link, const char *path, struct error *err)
{
	struct statfs fs;
	if (fstatfs(link, &fs) < 0)
		return fail_sys(err, "look up '%s'", path);
	/* These lead elsewhere for every process that follows them. */
	if (fs.f_type == PROC_SUPER_MAGIC)
		return fail(err, ERROR_POLICY, "'%s' leads through '%s', a link of /proc",
			    walk->row->path, path);
	if (++walk->links > LINKS_MAX)
		return fail(err, ERROR_POLICY, "'%s' leads through too many links",
			    walk->row->path);

	char text[PATH_MAX];
	ssize_t n = readlinkat(link, "", text, sizeof(text) - 1);
	if (n < 0)
		return fail_sys(err, "read link '%s'", path);
	text[n] = '\0';
	struct access_link *seen = arena_push(walk->view->arena, &walk->view->links);
	*seen = (struct access_link){ .path = path, .row = walk->row };
	walk->pending = path_join(walk->view->arena, text, walk->pending);
	return text[0] == '/' ? walk_to(walk, "/", err) : 0;
}

static int walk_step(struct walk *walk, const char *name, struct error *err)
{
	struct arena *arena = walk->view->arena;
	if (str_equal(name, "."))
		return 0;
	if (str_equal(name, ".."))
		return walk_to(walk, path_parent(arena, walk->path), err);

	const char *path = path_join(arena, walk->path, name);
	autofd fd = openat(walk->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		walk->is_missing = errno == ENOENT;
		walk->is_blocked = errno == ENOTDIR;
		if (walk->is_missing)
			walk->path = path;
		return 0;
	}
	struct access_object object;
	if (fd < 0 || access_look(fd, &object) < 0)
		return fail_sys(err, "look up '%s'", path);
	if (S_ISLNK(object.mode))
		return walk_link(walk, fd, path, err);

	walk->path = path;
	walk->object = object;
	fd_close(&walk->fd);
	walk->fd = fd_take(&fd);
	return 0;
}

static int walk_run(struct walk *walk, struct error *err)
{
	/* Most paths have no link in them, and are there. */
	walk->path = walk->row->path;
	walk->fd = access_open(walk->view, walk->path, &walk->object);
	if (walk->fd >= 0 && !S_ISLNK(walk->object.mode))
		return 0;

	TRY(walk_to(walk, "/", err));
	walk->pending = walk->row->path;
	for (;;) {
		const char *name = walk_next(walk);
		if (!name)
			return 0;
		TRY(walk_step(walk, name, err));
		if (walk->is_missing || walk->is_blocked)
			return 0;
	}
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

static int node_find(struct access_view *view, const struct plan_access *row, struct error *err)
{
	__attribute__((
		cleanup(walk_close))) struct walk walk = { .view = view, .row = row, .fd = -1 };
	TRY(walk_run(&walk, err));

	bool is_there = !walk.is_missing && !walk.is_blocked;
	enum access_mode mode = mode_of(row);
	if (!is_there && (row->is_optional || row->is_volume) && mode != ACCESS_NOTHING)
		return 0;
	if (!is_there && mode != ACCESS_NOTHING)
		return fail_missing(row, err);
	if (is_there && mode == ACCESS_NOTHING && str_equal(walk.path, "/"))
		return fail_policy(err, row->origin,
				   "deny by not granting: filesystem.base \"none\"",
				   "'%s' is the root of the container and cannot be denied",
				   row->path);
	if (is_there && str_equal(walk.path, "/") && !str_equal(row->path, "/"))
		return fail_policy(err, row->origin, "write '/' if that is meant",
				   "'%s' is a link to '/'", row->path);

	struct access_node *node = arena_push(view->arena, &view->nodes);
	*node = (struct access_node){
		.path = walk.path,
		.row = row,
		/* A file where the denied path has a directory: as long as it stays, the path
		   cannot come into being. */
		.mode = walk.is_blocked ? ACCESS_PIN : mode,
		.is_missing = walk.is_missing,
		.is_partial = walk.is_missing && walk.pending[strspn(walk.pending, "/")] != '\0',
		.executes = row->allows_execute,
		.fd = fd_take(&walk.fd),
		.tree = -1,
		.object = walk.object,
	};
	return 0;
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
