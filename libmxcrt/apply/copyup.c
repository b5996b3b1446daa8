/* SPDX-License-Identifier: Apache-2.0 */
/* A copy of a directory's contents: what a tmpfs with tmpcopyup starts with. */
#include "apply/copyup.h"

#include "base/error.h"
#include "base/fd.h"
#include "base/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Deeper trees are no contents of a temporary directory; it also bounds our stack. */
enum { DEPTH_MAX = 128 };

static int copy_below(int from, int to, int depth, struct error *err);

static int copy_bytes(int from, int to)
{
	for (;;) {
		ssize_t moved = copy_file_range(from, NULL, to, NULL, 1 << 30, 0);
		if (moved == 0)
			return 0;
		if (moved < 0 &&
		    (errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP || errno == ENOSYS))
			break;
		if (moved < 0 && errno != EINTR)
			return -1;
	}

	char buffer[65536];
	for (;;) {
		ssize_t n = read_some(from, buffer, sizeof(buffer));
		if (n <= 0)
			return (int)n;
		if (write_all(to, buffer, (size_t)n) < 0)
			return -1;
	}
}

static int copy_file(int from, int to, const char *name)
{
	autofd source = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (source < 0)
		return -1;
	autofd copy = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (copy < 0)
		return -1;
	return copy_bytes(source, copy);
}

static int copy_link(int from, int to, const char *name)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(from, name, text, sizeof(text) - 1);
	if (n < 0)
		return -1;
	text[n] = '\0';
	return symlinkat(text, to, name);
}

/* Owner before mode: changing the owner takes away set-id bits. */
static int copy_attributes(int to, const char *name, const struct stat *st)
{
	if (fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	if (!S_ISLNK(st->st_mode) && fchmodat(to, name, st->st_mode & 07777, 0) < 0)
		return -1;
	const struct timespec times[2] = { st->st_atim, st->st_mtim };
	return utimensat(to, name, times, AT_SYMLINK_NOFOLLOW);
}

static int copy_directory(int from, int to, const char *name, int depth, struct error *err)
{
	if (mkdirat(to, name, 0700) < 0)
		return fail_sys(err, "make directory '%s'", name);
	autofd below = openat(from, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	autofd copy = openat(to, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (below < 0 || copy < 0)
		return fail_sys(err, "open directory '%s'", name);
	return copy_below(below, copy, depth + 1, err);
}

static int copy_entry(int from, int to, const char *name, int depth, struct error *err)
{
	struct stat st;
	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return fail_sys(err, "copy '%s'", name);

	int copied = 0;
	if (S_ISDIR(st.st_mode))
		TRY(copy_directory(from, to, name, depth, err));
	else if (S_ISREG(st.st_mode))
		copied = copy_file(from, to, name);
	else if (S_ISLNK(st.st_mode))
		copied = copy_link(from, to, name);
	else if (S_ISFIFO(st.st_mode))
		copied = mknodat(to, name, S_IFIFO | 0600, 0);
	else
		return 0;
	if (copied < 0 || copy_attributes(to, name, &st) < 0)
		return fail_sys(err, "copy '%s'", name);
	return 0;
}

static int copy_below(int from, int to, int depth, struct error *err)
{
	if (depth > DEPTH_MAX)
		return fail(err, ERROR_CONFIG, "directories to copy are nested too deeply");
	autofd readable = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	autodir entries = readable < 0 ? NULL : fdopendir(readable);
	if (!entries)
		return fail_sys(err, "list a directory to copy");
	(void)fd_take(&readable); /* the stream closes it */

	for (;;) {
		errno = 0;
		const struct dirent *entry = readdir(entries);
		if (!entry && errno != 0)
			return fail_sys(err, "list a directory to copy");
		if (!entry)
			return 0;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		TRY(copy_entry(from, to, entry->d_name, depth, err));
	}
}

int copy_up(int from, int to, struct error *err)
{
	return copy_below(from, to, 0, err);
}
