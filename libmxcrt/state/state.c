/* SPDX-License-Identifier: Apache-2.0 */
/* The directories of the state root: reserved, locked, listed, removed. */
#include "state/record.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

int state_id_check(const char *id, struct error *err)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.+-";
	size_t n = strlen(id);

	if (n > 0 && n <= STATE_ID_MAX && n <= NAME_MAX && strspn(id, allowed) == n &&
	    !str_equal(id, ".") && !str_equal(id, ".."))
		return 0;
	(void)fail(err, ERROR_CONFIG, "invalid container id '%.64s'", id);
	(void)fail_remedy(err, "use 1 to %d letters, digits, '_', '+', '-' and '.'", NAME_MAX);
	return fail_code(err, "malformed_id");
}

static const char *root_default(struct arena *arena, bool is_root)
{
	const char *runtime_dir = getenv("XDG_RUNTIME_DIR");

	/* podman gives its rootless runtimes --root; by hand the user's own directory is the only
	 * one others cannot write. */
	if (is_root || !runtime_dir || runtime_dir[0] != '/')
		return is_root ? "/run/mxc-runtime"
			       : arena_printf(arena, "/tmp/mxc-runtime-%u", geteuid());
	return arena_printf(arena, "%s/mxc-runtime", runtime_dir);
}

int state_root_open(struct arena *arena, const char *path, bool is_root, int *ret_root,
		    struct error *err)
{
	const char *chosen = path ? path : root_default(arena, is_root);
	/* In /tmp anybody may have put a link where the default is looked for. */
	int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (path ? 0 : O_NOFOLLOW);
	autofd fd = open(chosen, flags);

	if (fd < 0 && errno == ENOENT) {
		if (directories_make(chosen, 0755) < 0 ||
		    (mkdir(chosen, 0700) < 0 && errno != EEXIST))
			return fail_sys(err, "make the state directory '%s'", chosen);
		fd = open(chosen, flags);
	}
	if (fd < 0)
		return fail_sys(err, "open the state directory '%s'", chosen);

	struct stat st;
	if (fstat(fd, &st) < 0)
		return fail_sys(err, "look at the state directory '%s'", chosen);
	/* Someone else's directory, or one that others may write, would let them choose our
	 * records. */
	if ((st.st_uid != geteuid() && st.st_uid != 0) || (st.st_mode & S_IWOTH)) {
		(void)fail(err, ERROR_HOST,
			   "the state directory '%s' belongs to another user or is writable by all",
			   chosen);
		return fail_remedy(err, "name another one with --root");
	}
	*ret_root = fd_take(&fd);
	return 0;
}

int state_peek(int root, const char *id, struct state *ret_state, struct error *err)
{
	TRY(state_id_check(id, err));
	autofd fd = openat(root, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		if (errno != ENOENT)
			return fail_sys(err, "open the state of container '%s'", id);
		(void)fail(err, ERROR_CONFIG, "container '%s' does not exist", id);
		return fail_code(err, "stale_id");
	}
	*ret_state = (struct state){
		.root = root, .directory = fd_take(&fd), .lock = -1, .id = id
	};
	return 0;
}

int state_lock(struct state *state, struct error *err)
{
	/* An open file description of its own: children inherit the directory, and must not inherit
	 * the lock. */
	state->lock = openat(state->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* ENOENT: a directory that was removed has no "." any more. */
	if (state->lock < 0 && errno != ENOENT)
		return fail_sys(err, "open the state of container '%s'", state->id);
	while (state->lock >= 0 && flock(state->lock, LOCK_EX) < 0)
		if (errno != EINTR)
			return fail_sys(err, "lock the state of container '%s'", state->id);

	/* It may have been removed while we waited. */
	struct stat st;
	if (state->lock >= 0 && fstat(state->lock, &st) < 0)
		return fail_sys(err, "look at the state of container '%s'", state->id);
	if (state->lock >= 0 && st.st_nlink > 0)
		return 0;
	(void)fail(err, ERROR_CONFIG, "container '%s' does not exist", state->id);
	return fail_code(err, "stale_id");
}

int state_open(int root, const char *id, struct state *ret_state, struct error *err)
{
	autostate state = {};

	TRY(state_peek(root, id, &state, err));
	TRY(state_lock(&state, err));
	*ret_state = state;
	state.id = NULL;
	return 0;
}

int state_reserve(int root, const char *id, struct state *ret_state, struct error *err)
{
	TRY(state_id_check(id, err));
	if (mkdirat(root, id, 0700) < 0) {
		if (errno != EEXIST)
			return fail_sys(err, "make the state of container '%s'", id);
		(void)fail(err, ERROR_CONFIG, "container '%s' already exists", id);
		return fail_remedy(err, "delete it first, or take another id");
	}
	if (state_open(root, id, ret_state, err) == 0)
		return 0;
	/* Empty still, unless somebody removed it and it is another one's by now. */
	if (!str_equal(err->code, "stale_id"))
		(void)unlinkat(root, id, AT_REMOVEDIR);
	return -1;
}

void state_close(struct state *state)
{
	if (state->id) {
		fd_close(&state->directory);
		fd_close(&state->lock);
	}
	state->id = NULL;
}

/* Of what one call lists; the record stays. */
static int entries_remove(const struct state *state, const char *at, const char *end,
			  struct error *err)
{
	for (; at < end; at += ((const struct dirent64 *)(const void *)at)->d_reclen) {
		const struct dirent64 *entry = (const void *)at;
		int flags = entry->d_type == DT_DIR ? AT_REMOVEDIR : 0;
		if (str_equal(entry->d_name, ".") || str_equal(entry->d_name, "..") ||
		    str_equal(entry->d_name, RECORD_FILE))
			continue;
		if (unlinkat(state->directory, entry->d_name, flags) < 0 && errno != ENOENT)
			return fail_sys(err, "remove '%s' of container '%s'", entry->d_name,
					state->id);
	}
	return 0;
}

int state_remove(struct state *state, struct error *err)
{
	/* Of the lock there is a descriptor already: no further one may be to be had. */
	autofd own = state->lock >= 0
			     ? -1
			     : openat(state->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int list = state->lock >= 0 ? state->lock : own;
	alignas(struct dirent64) char buffer[4096];

	if (list < 0 || lseek(list, 0, SEEK_SET) < 0)
		return fail_sys(err, "list the state of container '%s'", state->id);
	for (;;) {
		ssize_t n = getdents64(list, buffer, sizeof(buffer));
		if (n < 0)
			return fail_sys(err, "list the state of container '%s'", state->id);
		if (n == 0)
			break;
		TRY(entries_remove(state, buffer, buffer + n, err));
	}
	/* Last: whoever looks meanwhile still learns what this container is. */
	if (unlinkat(state->directory, RECORD_FILE, 0) < 0 && errno != ENOENT &&
	    (errno != EISDIR || unlinkat(state->directory, RECORD_FILE, AT_REMOVEDIR) < 0))
		return fail_sys(err, "remove '%s' of container '%s'", RECORD_FILE, state->id);
	if (unlinkat(state->root, state->id, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return fail_sys(err, "remove the state of container '%s'", state->id);
	return 0;
}

static int name_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int state_ids(struct arena *arena, int root, struct strings *ret_ids, struct error *err)
{
	autofd copy = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	autodir dir = copy >= 0 ? fdopendir(copy) : NULL;
	ARRAY(const char *) names = {};
	struct error ignored = {};

	if (!dir)
		return fail_sys(err, "list the state directory");
	copy = -1;
	for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
		if (state_id_check(entry->d_name, &ignored) == 0)
			*arena_push(arena, &names) = arena_strdup(arena, entry->d_name);
	if (names.n > 0)
		qsort(names.items, names.n, sizeof(names.items[0]), name_compare);
	*ret_ids = (struct strings){ .items = names.items, .n = names.n };
	return 0;
}
