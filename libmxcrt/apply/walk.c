/* SPDX-License-Identifier: Apache-2.0 */
/* A path of the container walked by hand, to know every link on it and where it stops. */
#include "apply/walk.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* As many as the kernel follows in one path. */
enum { LINKS_MAX = 40 };

int walk_open(int root, const char *path)
{
	uint64_t how = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
	return open_resolved(root, path, O_PATH | O_NOFOLLOW, 0, how);
}

void walk_close(struct walk *walk)
{
	fd_close(&walk->fd);
}

static int walk_to(struct walk *walk, const char *path, struct error *err)
{
	fd_close(&walk->fd);
	walk->path = path;
	walk->fd = walk_open(walk->root, path);
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
	return n > 0 ? arena_strndup(walk->arena, name, n) : NULL;
}

static int walk_link(struct walk *walk, int link, const char *path, struct error *err)
{
	struct statfs fs;
	if (fstatfs(link, &fs) < 0)
		return fail_sys(err, "look up '%s'", path);
	if (fs.f_type == PROC_SUPER_MAGIC)
		return fail(err, ERROR_POLICY, "the path leads through '%s', a link of /proc",
			    path);
	if (++walk->links > LINKS_MAX)
		return fail(err, ERROR_POLICY, "the path leads through too many links");
	if (walk->on_link)
		TRY(walk->on_link(walk->context, link, path, err));

	char text[PATH_MAX];
	ssize_t n = readlinkat(link, "", text, sizeof(text) - 1);
	if (n < 0)
		return fail_sys(err, "read link '%s'", path);
	text[n] = '\0';
	walk->pending = path_join(walk->arena, text, walk->pending);
	return text[0] == '/' ? walk_to(walk, "/", err) : 0;
}

static int walk_step(struct walk *walk, const char *name, struct error *err)
{
	if (str_equal(name, "."))
		return 0;
	if (str_equal(name, ".."))
		return walk_to(walk, path_parent(walk->arena, walk->path), err);

	const char *path = path_join(walk->arena, walk->path, name);
	autofd fd = openat(walk->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		walk->is_missing = true;
		walk->is_partial = walk->pending[strspn(walk->pending, "/")] != '\0';
		walk->path = path;
		return 0;
	}
	if (fd < 0 && errno == ENOTDIR) {
		walk->is_blocked = true;
		return 0;
	}
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0)
		return fail_sys(err, "look up '%s'", path);
	if (S_ISLNK(st.st_mode))
		return walk_link(walk, fd, path, err);

	walk->path = path;
	fd_close(&walk->fd);
	walk->fd = fd_take(&fd);
	return 0;
}

int walk_run(struct walk *walk, const char *path, struct error *err)
{
	/* Most paths have no link in them, and are there. */
	struct stat st;
	walk->path = path;
	walk->fd = walk_open(walk->root, path);
	if (walk->fd >= 0 && fstat(walk->fd, &st) == 0 && !S_ISLNK(st.st_mode))
		return 0;

	TRY(walk_to(walk, "/", err));
	walk->pending = path;
	while (!walk->is_missing && !walk->is_blocked) {
		const char *name = walk_next(walk);
		if (!name)
			break;
		TRY(walk_step(walk, name, err));
	}
	return 0;
}
