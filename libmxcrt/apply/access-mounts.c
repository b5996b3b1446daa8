/* SPDX-License-Identifier: Apache-2.0 */
/* The container's mounts as the kernel lists them: other ways to the same object, and the way back
 * to the host. */
#include "apply/access-nodes.h"

#include "apply/step.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOUNTINFO_MAX = 16 << 20 };

/* "\040" and its like, in place. */
static void unescape(char *text)
{
	char *to = text;
	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && from[1] && from[2] && from[3]) {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/* "63 43 254:0 /root /mount/point options…" */
static void mount_add(struct access_view *view, char *line)
{
	char *save = NULL, *words[5];
	for (size_t i = 0; i < 5; i++) {
		words[i] = strtok_r(i == 0 ? line : NULL, " ", &save);
		if (!words[i])
			return;
	}
	uint64_t id, parent;
	if (str_to_u64(words[0], UINT64_MAX, &id) < 0 ||
	    str_to_u64(words[1], UINT64_MAX, &parent) < 0)
		return;
	unescape(words[3]);
	unescape(words[4]);
	struct access_mount *mount = arena_push(view->arena, &view->mounts);
	*mount = (struct access_mount){
		.id = id,
		.parent = parent,
		.device = words[2],
		.root = words[3],
		.path = words[4],
	};
}

static const struct access_mount *mount_by_id(const struct access_view *view, uint64_t id)
{
	for (size_t i = 0; i < view->mounts.n; i++)
		if (view->mounts.items[i].id == id)
			return &view->mounts.items[i];
	return NULL;
}

static bool is_of_container(const struct access_view *view, const struct access_mount *mount)
{
	for (size_t steps = 0; mount && steps <= view->mounts.n; steps++) {
		if (mount->id == view->root.mount)
			return true;
		mount = mount_by_id(view, mount->parent);
	}
	return false;
}

int access_mounts_read(struct access_view *view, struct error *err)
{
	char *text;
	size_t n;
	TRY(file_read(view->arena, view->handles->proc, "self/mountinfo", MOUNTINFO_MAX, &text, &n,
		      err));
	char *save = NULL;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		mount_add(view, line);

	const struct access_mount *root = mount_by_id(view, view->root.mount);
	if (!root)
		return fail(err, ERROR_BUG, "the container's root is not among the mounts");
	const char *above = root->path;
	for (size_t i = 0; i < view->mounts.n; i++) {
		struct access_mount *mount = &view->mounts.items[i];
		if (!is_of_container(view, mount) || !path_is_beneath(mount->path, above))
			mount->path = NULL;
		else
			mount->path = arena_printf(view->arena, "/%s",
						   path_below(mount->path, above));
	}
	return 0;
}

static const char *join_below(struct arena *arena, const char *directory, const char *below)
{
	return *below ? path_join(arena, directory, below) : directory;
}

/* The object at PATH is NODE's, or of NODE's tree, too: the same intent holds for it. */
static int alias_add(struct access_view *view, struct access_node node, const char *path,
		     bool must_be_same, struct error *err)
{
	enum access_mode mode = access_mode_at(view, path);
	/* Read-only everywhere where no grant says otherwise. */
	if (mode >= node.mode || (node.mode == ACCESS_READ && mode != ACCESS_WRITE))
		return 0;
	struct access_object object;
	autofd fd = access_open(view, path, &object);
	/* Hidden by another mount, or gone: not a way to it. */
	if (fd < 0 || (must_be_same && !access_is_same(&object, &node.object)))
		return 0;
	(void)err;
	node.path = path;
	node.object = object;
	node.fd = fd_take(&fd);
	node.tree = -1;
	struct access_node *added = arena_push(view->arena, &view->nodes);
	*added = node;
	return 0;
}

static int aliases_of(struct access_view *view, struct access_node node, struct error *err)
{
	const struct access_mount *own = mount_by_id(view, node.object.mount);
	if (!own || !own->path || !path_is_beneath(node.path, own->path))
		return 0;
	const char *place = join_below(view->arena, own->root, path_below(node.path, own->path));

	for (size_t i = 0; i < view->mounts.n; i++) {
		const struct access_mount *mount = &view->mounts.items[i];
		if (mount == own || !mount->path || !str_equal(mount->device, own->device))
			continue;
		if (path_is_beneath(place, mount->root)) {
			const char *path = join_below(view->arena, mount->path,
						      path_below(place, mount->root));
			TRY(alias_add(view, node, path, true, err));
		} else if (node.mode == ACCESS_NOTHING && path_is_beneath(mount->root, place)) {
			/* A mount of something inside of what is denied, unless that has a grant of
			 * its own. */
			const char *inside = join_below(view->arena, node.path,
							path_below(mount->root, place));
			if (access_mode_at(view, inside) == ACCESS_NOTHING)
				TRY(alias_add(view, node, mount->path, false, err));
		}
	}
	return 0;
}

int access_aliases_add(struct access_view *view, struct error *err)
{
	size_t n = view->nodes.n;
	for (size_t i = 0; i < n; i++) {
		const struct access_node *node = &view->nodes.items[i];
		if (node->mode >= ACCESS_READ && !node->is_missing)
			TRY(aliases_of(view, *node, err));
	}
	return 0;
}

bool access_host_path(const struct access_view *view, uint64_t mount, const char *path,
		      const char **ret_base, const char **ret_rest)
{
	const struct plan *plan = view->plan;
	/* A mount that came along inside of a recursive bind: the host has it below the same
	 * source. */
	const struct access_mount *at = mount_by_id(view, mount);
	for (; at && at->path; at = mount_by_id(view, at->parent)) {
		if (!path_is_beneath(path, at->path))
			return false;
		*ret_rest = path_below(path, at->path);
		*ret_base = plan->mounts.root;
		if (at->id == view->root.mount)
			return true;
		for (size_t i = 0; i < plan->mounts.rows.n; i++) {
			const struct plan_mount *row = &plan->mounts.rows.items[i];
			struct access_object object;
			int fd = view->handles->sources[i];
			if (fd < 0 || access_look(fd, &object) < 0 || object.mount != at->id)
				continue;
			*ret_base = row->source;
			return row->kind == PLAN_MOUNT_BIND;
		}
	}
	return false;
}
