/* SPDX-License-Identifier: Apache-2.0 */
/* Whole reads and writes, replacement by rename, and openat2. */
#include "base/io.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/fd.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int write_all(int fd, const void *bytes, size_t n)
{
	const char *at = bytes;
	while (n > 0) {
		ssize_t written = write(fd, at, n);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -1;
		at += written;
		n -= (size_t)written;
	}
	return 0;
}

ssize_t read_some(int fd, void *buffer, size_t n)
{
	size_t done = 0;
	while (done < n) {
		ssize_t got = read(fd, (char *)buffer + done, n - done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

/* All of the file, but no more than limit + 1 bytes. GUESS is the size it claims: 0 in /proc. */
static char *file_slurp(struct arena *arena, int fd, size_t guess, size_t limit, size_t *ret_n)
{
	size_t capacity = guess > 0 ? guess + 1 : 4096, n = 0;
	char *bytes = NULL;
	for (;;) {
		if (capacity > limit + 1)
			capacity = limit + 1;
		char *wider = arena_alloc(arena, capacity + 1);
		if (n > 0)
			memcpy(wider, bytes, n);
		bytes = wider;

		ssize_t got = read_some(fd, bytes + n, capacity - n);
		if (got < 0)
			return NULL;
		n += (size_t)got;
		if (n < capacity || n > limit) {
			*ret_n = n;
			return bytes;
		}
		capacity *= 2;
	}
}

int file_read(struct arena *arena, int directory, const char *path, size_t limit, char **ret_bytes,
	      size_t *ret_n, struct error *err)
{
	assert(limit < SSIZE_MAX);
	/* NONBLOCK: a FIFO is refused below, not waited for. */
	autofd fd = openat(directory, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return fail_sys(err, "open '%s'", path);

	struct stat st;
	if (fstat(fd, &st) < 0)
		return fail_sys(err, "stat '%s'", path);
	if (!S_ISREG(st.st_mode))
		return fail(err, ERROR_CONFIG, "'%s' is not a regular file", path);
	if ((uintmax_t)st.st_size > limit)
		return fail(err, ERROR_CONFIG, "'%s' is larger than %zu bytes", path, limit);

	size_t n;
	char *bytes = file_slurp(arena, fd, (size_t)st.st_size, limit, &n);
	if (!bytes)
		return fail_sys(err, "read '%s'", path);
	if (n > limit)
		return fail(err, ERROR_CONFIG, "'%s' is larger than %zu bytes", path, limit);
	*ret_bytes = bytes;
	if (ret_n)
		*ret_n = n;
	return 0;
}

/* The new contents, complete, under a name that nobody else uses. */
static int replacement_write(int directory, const char *name, const void *bytes, size_t n,
			     mode_t mode)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	autofd fd = openat(directory, name, flags, mode);
	if (fd < 0)
		return -1;
	/* The umask of whoever called us has no say. */
	if (fchmod(fd, mode) < 0)
		return -1;
	return write_all(fd, bytes, n);
}

int file_replace(int directory, const char *name, const void *bytes, size_t n, mode_t mode,
		 struct error *err)
{
	uint64_t random;
	if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return fail_sys(err, "random name beside '%s'", name);
	char beside[PATH_MAX];
	int length = snprintf(beside, sizeof(beside), "%s.%016" PRIx64 ".new", name, random);
	if (length < 0 || (size_t)length >= sizeof(beside)) {
		errno = ENAMETOOLONG;
		return fail_sys(err, "replace '%s'", name);
	}

	if (replacement_write(directory, beside, bytes, n, mode) < 0 ||
	    renameat(directory, beside, directory, name) < 0) {
		(void)fail_sys(err, "replace '%s'", name); /* before unlink changes errno */
		(void)unlinkat(directory, beside, 0);      /* may never have been made */
		return -1;
	}
	return 0;
}

int file_write_at(int directory, const char *path, const char *value)
{
	autofd fd = openat(directory, path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;

	/* In one call: the kernel takes each write to such a file as a whole request. */
	size_t n = strlen(value);
	ssize_t written;
	do
		written = write(fd, value, n);
	while (written < 0 && errno == EINTR);
	if (written < 0)
		return -1;
	if ((size_t)written != n) {
		errno = EIO;
		return -1;
	}
	return 0;
}

int open_resolved(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve)
{
	/* EAGAIN: something was renamed meanwhile. Who renames for ever must not keep us here. */
	enum { ATTEMPTS = 1000 };
	struct open_how how = { .flags = flags | O_CLOEXEC, .mode = mode, .resolve = resolve };

	for (int attempt = 0;;) {
		long fd = syscall(SYS_openat2, directory, path, &how, sizeof(how));
		if (fd >= 0)
			return (int)fd;
		if (errno != EINTR && (errno != EAGAIN || ++attempt == ATTEMPTS))
			return -1;
	}
}

int open_in_root(int root, const char *path, uint64_t extra_flags)
{
	uint64_t resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
	return open_resolved(root, path, O_PATH | extra_flags, 0, resolve);
}

struct fd_path fd_path(int fd)
{
	struct fd_path path;
	(void)snprintf(path.text, sizeof(path.text), "/proc/self/fd/%d", fd); /* any int fits */
	return path;
}

int directories_make(const char *path, mode_t mode)
{
	char copy[PATH_MAX];
	size_t n = strlen(path);

	if (n >= sizeof(copy)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(copy, path, n + 1);
	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, mode) < 0 && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	return 0;
}
