/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime's own /proc, opened once and checked, so that nothing mounted over it later can
 * redirect a write. */
#include "apply/proc.h"

#include "base/error.h"
#include "base/fd.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { PROC_ROOT_INODE = 1 };

int proc_open(struct error *err)
{
	autofd fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fail_sys(err, "open /proc");

	struct statfs fs;
	if (fstatfs(fd, &fs) < 0)
		return fail_sys(err, "look at /proc");
	struct stat st;
	if (fstat(fd, &st) < 0)
		return fail_sys(err, "look at /proc");
	if (fs.f_type != PROC_SUPER_MAGIC || st.st_ino != PROC_ROOT_INODE)
		return fail(err, ERROR_HOST, "/proc is not the root of a proc file system");
	return fd_take(&fd);
}

int proc_open_at(int proc, const char *path, int flags)
{
	return open_resolved(proc, path, (uint64_t)(unsigned)flags, 0,
			     RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV);
}

int proc_write(int proc, const char *path, const char *value)
{
	autofd fd = proc_open_at(proc, path, O_WRONLY);
	if (fd < 0)
		return -1;

	size_t n = strlen(value);
	ssize_t written = write(fd, value, n);
	if (written < 0)
		return -1;
	/* These files take a value whole or not at all. */
	if ((size_t)written != n) {
		errno = EIO;
		return -1;
	}
	return 0;
}

ssize_t proc_read(int proc, const char *path, char *buffer, size_t size)
{
	autofd fd = proc_open_at(proc, path, O_RDONLY);
	if (fd < 0)
		return -1;

	ssize_t n = read_some(fd, buffer, size - 1);
	if (n < 0)
		return -1;
	buffer[n] = '\0';
	return n;
}
