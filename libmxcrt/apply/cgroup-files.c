/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a cgroup directory: small texts, read and written whole. */
#include "apply/cgroup-files.h"

#include "base/error.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <poll.h>
#include <string.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

int cgroup_mount_open(struct error *err)
{
	struct statfs fs;
	autofd fd = open("/sys/fs/cgroup", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return fail_sys(err, "open /sys/fs/cgroup");
	if (fstatfs(fd, &fs) < 0)
		return fail_sys(err, "look at /sys/fs/cgroup");
	if (fs.f_type != CGROUP2_SUPER_MAGIC) {
		(void)fail(
			err, ERROR_HOST,
			"/sys/fs/cgroup is no cgroup2 file system, and version 1 is not supported");
		return fail_remedy(err, "boot with systemd.unified_cgroup_hierarchy=1");
	}
	return fd_take(&fd);
}

int cgroup_directory_open(int mount, const char *path)
{
	while (*path == '/')
		path++;
	return open_resolved(mount, *path ? path : ".", O_RDONLY | O_DIRECTORY, 0,
			     RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
}

static int text_read(int fd, char *buffer, size_t size)
{
	ssize_t n = pread(fd, buffer, size - 1, 0);

	if (n < 0)
		return -1;
	buffer[n] = '\0';
	return 0;
}

int cgroup_file_read(int cgroup, const char *file, char *buffer, size_t size)
{
	autofd fd = openat(cgroup, file, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -1 : text_read(fd, buffer, size);
}

static bool number_parse(const char *text, uint64_t *ret)
{
	char number[24];
	size_t n = strcspn(text, " \n");

	if (n >= sizeof(number))
		return false;
	memcpy(number, text, n);
	number[n] = '\0';
	if (str_equal(number, "max")) {
		*ret = UINT64_MAX;
		return true;
	}
	return str_to_u64(number, UINT64_MAX, ret) == 0;
}

static bool number_find(const char *text, const char *name, uint64_t *ret)
{
	size_t n = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		if (*line == '\n')
			line++;
		if (strncmp(line, name, n) == 0 && line[n] == ' ')
			return number_parse(line + n + 1, ret);
	}
	return false;
}

bool cgroup_number_read(int cgroup, const char *file, const char *name, uint64_t *ret)
{
	char text[4096];

	if (cgroup_file_read(cgroup, file, text, sizeof(text)) < 0)
		return false;
	return name ? number_find(text, name, ret) : number_parse(text, ret);
}

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC,
			    &now); /* cannot fail: the clock exists, the pointer is ours */
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int cgroup_event_await(int cgroup, const char *name, uint64_t value, int timeout_ms)
{
	char text[256];
	uint64_t current;
	int64_t end = now_ms() + timeout_ms;
	autofd fd = openat(cgroup, "cgroup.events", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	/* Each read arms the notification of the next change. */
	for (;;) {
		if (text_read(fd, text, sizeof(text)) < 0)
			return -1;
		if (number_find(text, name, &current) && current == value)
			return 1;
		int64_t left = end - now_ms();
		struct pollfd poll_fd = { .fd = fd, .events = POLLPRI };
		if (left <= 0)
			return 0;
		if (poll(&poll_fd, 1, (int)left) < 0 && errno != EINTR)
			return -1;
	}
}
