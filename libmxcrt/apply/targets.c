/* SPDX-License-Identifier: Apache-2.0 */
/* Places in the container's tree: found, or made, without ever leaving it. */
#include "apply/targets.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As many links as the kernel follows in one path. */
enum { LINKS_MAX = 40 };

struct search {
	struct arena arena;
	int root;
	int links;
};

static int make_path(struct search *search, const char *path, enum target_kind kind,
		     struct error *err);

static void search_free(struct search *search)
{
	arena_free(&search->arena);
}

/* A link that leads nowhere yet: what it names is made, as seen from the directory HOLDER. */
static int make_through_link(struct search *search, int holder, const char *path,
			     enum target_kind kind, struct error *err)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(holder, path_base(path), text, sizeof(text) - 1);
	if (n < 0)
		return fail_sys(err, "mount point '%s' appeared while it was made", path);
	text[n] = '\0';
	if (++search->links > LINKS_MAX)
		return fail(err, ERROR_HOST, "mount point '%s' leads through too many links", path);

	const char *named = text[0] == '/' ? text
					   : path_join(&search->arena,
						       path_parent(&search->arena, path), text);
	return make_path(search, path_clean(&search->arena, named), kind, err);
}

/* PATH is known to be missing, or to end in a link that dangles. */
static int make_missing(struct search *search, const char *path, enum target_kind kind,
			struct error *err)
{
	autofd parent = TRY(
		make_path(search, path_parent(&search->arena, path), TARGET_DIRECTORY, err));
	const char *name = path_base(path);

	int made = kind == TARGET_DIRECTORY ? mkdirat(parent, name, 0755)
					    : mknodat(parent, name, S_IFREG | 0644, 0);
	if (made < 0 && errno == EEXIST)
		return make_through_link(search, parent, path, kind, err);
	if (made < 0)
		return fail_sys(err, "make mount point '%s'", path);

	int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC | (kind == TARGET_DIRECTORY ? O_DIRECTORY : 0);
	int fd = openat(parent, name, flags);
	if (fd < 0)
		return fail_sys(err, "open mount point '%s'", path);
	return fd;
}

static int make_path(struct search *search, const char *path, enum target_kind kind,
		     struct error *err)
{
	int fd = open_in_root(search->root, path, 0);
	if (fd >= 0)
		return fd;
	if (errno != ENOENT || path[1] == '\0')
		return fail_sys(err, "mount point '%s'", path);
	return make_missing(search, path, kind, err);
}

int target_open(int root, const char *path, enum target_kind kind, struct error *err)
{
	__attribute__((cleanup(search_free))) struct search search = { .root = root };
	return make_path(&search, path, kind, err);
}

int target_open_parent(int root, const char *path, struct error *err)
{
	__attribute__((cleanup(search_free))) struct search search = { .root = root };
	return make_path(&search, path_parent(&search.arena, path), TARGET_DIRECTORY, err);
}
