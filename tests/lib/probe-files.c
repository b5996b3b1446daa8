/* SPDX-License-Identifier: Apache-2.0 */
/* The probe's acts on files: everything that reads, writes, names or renames one. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "probe.h"

static int raw_open(const char *path, int flags, mode_t mode)
{
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, mode);
}

static int act_read(char *const *args)
{
	int fd = raw_open(args[0], O_RDONLY, 0);
	if (fd < 0)
		return errno;
	char byte;
	return outcome_closing(fd, outcome(syscall(SYS_read, fd, &byte, 1)));
}

static int fd_print(int fd)
{
	char bytes[4096];
	for (;;) {
		long n = syscall(SYS_read, fd, bytes, sizeof(bytes));
		if (n <= 0)
			return outcome(n);
		(void)fwrite(bytes, 1, (size_t)n, stdout);
	}
}

static int act_cat(char *const *args)
{
	int fd = raw_open(args[0], O_RDONLY, 0);
	if (fd < 0)
		return errno;
	return outcome_closing(fd, fd_print(fd));
}

/* Reads a descriptor that was inherited. */
static int act_cat_fd(char *const *args)
{
	return fd_print((int)number(args[0]));
}

static int put(int fd, const char *text)
{
	long n = syscall(SYS_write, fd, text, strlen(text));
	if (n < 0)
		return errno;
	return (size_t)n == strlen(text) ? 0 : EIO;
}

static int act_write(char *const *args)
{
	int fd = raw_open(args[0], O_WRONLY, 0);
	if (fd < 0)
		return errno;
	return outcome_closing(fd, put(fd, args[1] != NULL ? args[1] : "x"));
}

static int act_write_fd(char *const *args)
{
	return put((int)number(args[0]), args[1]);
}

/* Opening alone: for files where a write would do harm if it went through. */
static int act_open_write(char *const *args)
{
	int fd = raw_open(args[0], O_WRONLY, 0);
	return fd < 0 ? errno : outcome_closing(fd, 0);
}

static int act_open_truncate(char *const *args)
{
	int fd = raw_open(args[0], O_WRONLY | O_TRUNC, 0);
	return fd < 0 ? errno : outcome_closing(fd, 0);
}

static int act_create(char *const *args)
{
	int fd = raw_open(args[0], O_WRONLY | O_CREAT | O_EXCL, 0755);
	if (fd < 0)
		return errno;
	return outcome_closing(fd, args[1] != NULL ? put(fd, args[1]) : 0);
}

static int act_tmpfile(char *const *args)
{
	int fd = raw_open(args[0], O_WRONLY | O_TMPFILE, 0600);
	return fd < 0 ? errno : outcome_closing(fd, 0);
}

static int act_truncate(char *const *args)
{
	return outcome(syscall(SYS_truncate, args[0], 0L));
}

static int act_rename(char *const *args)
{
	return outcome(syscall(SYS_renameat2, AT_FDCWD, args[0], AT_FDCWD, args[1], 0));
}

static int act_exchange(char *const *args)
{
	return outcome(
		syscall(SYS_renameat2, AT_FDCWD, args[0], AT_FDCWD, args[1], RENAME_EXCHANGE));
}

static int act_link(char *const *args)
{
	return outcome(syscall(SYS_linkat, AT_FDCWD, args[0], AT_FDCWD, args[1], 0));
}

static int act_symlink(char *const *args)
{
	return outcome(syscall(SYS_symlinkat, args[0], AT_FDCWD, args[1]));
}

static int act_mknod(char *const *args)
{
	static const struct {
		char letter;
		mode_t type;
	} kinds[] = {
		{ 'c', S_IFCHR },  { 'b', S_IFBLK }, { 'p', S_IFIFO },
		{ 's', S_IFSOCK }, { 'f', S_IFREG }, {},
	};
	dev_t dev = 0;
	if (args[2] != NULL && args[3] != NULL)
		dev = makedev((unsigned)number(args[2]), (unsigned)number(args[3]));
	for (int i = 0; kinds[i].letter != '\0'; i++)
		if (kinds[i].letter == args[1][0])
			return outcome(
				syscall(SYS_mknodat, AT_FDCWD, args[0], kinds[i].type | 0600, dev));
	return EINVAL;
}

static int act_mkdir(char *const *args)
{
	return outcome(syscall(SYS_mkdirat, AT_FDCWD, args[0], 0755));
}

static int act_rmdir(char *const *args)
{
	return outcome(syscall(SYS_unlinkat, AT_FDCWD, args[0], AT_REMOVEDIR));
}

static int act_unlink(char *const *args)
{
	return outcome(syscall(SYS_unlinkat, AT_FDCWD, args[0], 0));
}

static int act_chmod(char *const *args)
{
	return outcome(syscall(SYS_fchmodat, AT_FDCWD, args[0], (mode_t)number(args[1])));
}

static int act_chown(char *const *args)
{
	return outcome(syscall(SYS_fchownat, AT_FDCWD, args[0], (uid_t)number(args[1]),
			       (gid_t)number(args[2]), 0));
}

static int act_setxattr(char *const *args)
{
	return outcome(syscall(SYS_setxattr, args[0], args[1], "1", 1L, 0));
}

static int act_utime(char *const *args)
{
	return outcome(syscall(SYS_utimensat, AT_FDCWD, args[0], NULL, 0));
}

static int act_opath(char *const *args)
{
	int fd = raw_open(args[0], O_PATH, 0);
	return fd < 0 ? errno : outcome_closing(fd, 0);
}

/* What an O_PATH descriptor must not be turned into: reading through its link in /proc. */
static int act_opath_read(char *const *args)
{
	int fd = raw_open(args[0], O_PATH, 0);
	if (fd < 0)
		return errno;
	char link[64];
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	char *const path[] = { link, NULL };
	return outcome_closing(fd, act_read(path));
}

static int act_listdir(char *const *args)
{
	int fd = raw_open(args[0], O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return errno;
	DIR *dir = fdopendir(fd);
	if (dir == NULL)
		return outcome_closing(fd, errno);
	errno = 0;
	for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			printf("%s\n", entry->d_name);
	int result = errno;
	(void)closedir(dir); /* only read */
	return result;
}

/* One line "stat: PATH TYPE MODE UID GID SIZE MAJOR:MINOR". */
static int act_stat(char *const *args)
{
	struct stat st;
	if (syscall(SYS_newfstatat, AT_FDCWD, args[0], &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno;
	static const char kinds[] = "?pc?d?b?f?l?s???";
	printf("stat: %s %c %04o %u %u %lld %u:%u\n", args[0], kinds[(st.st_mode & S_IFMT) >> 12],
	       (unsigned)(st.st_mode & 07777), st.st_uid, st.st_gid, (long long)st.st_size,
	       major(st.st_rdev), minor(st.st_rdev));
	return 0;
}

static int act_readlink(char *const *args)
{
	char text[4096];
	long n = syscall(SYS_readlinkat, AT_FDCWD, args[0], text, sizeof(text) - 1);
	if (n < 0)
		return errno;
	printf("%.*s\n", (int)n, text);
	return 0;
}

static int act_access(char *const *args)
{
	return outcome(syscall(SYS_faccessat, AT_FDCWD, args[0], (int)number(args[1])));
}

static int act_chdir(char *const *args)
{
	return outcome(syscall(SYS_chdir, args[0]));
}

/* Handles name an object without a path: opening one is how a container once left its root. */
static int act_open_by_handle(char *const *args)
{
	struct {
		struct file_handle handle;
		unsigned char room[128];
	} name = { .handle = { .handle_bytes = sizeof(name.room) } };
	int mount_id = 0;
	int fd = raw_open(args[0], O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return errno;
	/* Where no handle can be had, a made-up one still shows whether the call is open. */
	if (syscall(SYS_name_to_handle_at, AT_FDCWD, args[0], &name.handle, &mount_id, 0) < 0)
		name.handle.handle_bytes = 8;
	int opened = (int)syscall(SYS_open_by_handle_at, fd, &name.handle, O_RDONLY | O_CLOEXEC);
	int result = outcome(opened);
	if (opened >= 0)
		(void)close(opened); /* only opened to see whether it can be */
	return outcome_closing(fd, result);
}

static int act_ioctl_flags(char *const *args)
{
	int fd = raw_open(args[0], O_RDONLY, 0);
	if (fd < 0)
		return errno;
	long flags = FS_IMMUTABLE_FL;
	return outcome_closing(fd, outcome(ioctl(fd, FS_IOC_SETFLAGS, &flags)));
}

/* Exchanges two names for some milliseconds, for whoever races with a path's look-up. */
static int act_race(char *const *args)
{
	struct timespec begin, now;
	(void)clock_gettime(CLOCK_MONOTONIC, &begin); /* cannot fail on Linux */
	int result = 0;
	do {
		result = act_exchange(args);
		(void)clock_gettime(CLOCK_MONOTONIC, &now); /* as above */
	} while (result == 0 &&
		 (now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1000000 <
			 number(args[2]));
	return result;
}

const struct act file_acts[] = {
	{ "read", act_read, 1, 1, "PATH: open and read a byte" },
	{ "cat", act_cat, 1, 1, "PATH: print what it holds" },
	{ "cat-fd", act_cat_fd, 1, 1, "FD: print what an inherited descriptor gives" },
	{ "write", act_write, 1, 2, "PATH [TEXT]: open an existing file and write" },
	{ "write-fd", act_write_fd, 2, 2, "FD TEXT: write to an inherited descriptor" },
	{ "open-write", act_open_write, 1, 1, "PATH: open for writing, write nothing" },
	{ "open-truncate", act_open_truncate, 1, 1, "PATH: open with O_TRUNC" },
	{ "create", act_create, 1, 2, "PATH [TEXT]: create a file, mode 755" },
	{ "tmpfile", act_tmpfile, 1, 1, "DIR: create an unnamed file" },
	{ "truncate", act_truncate, 1, 1, "PATH: truncate by path" },
	{ "rename", act_rename, 2, 2, "OLD NEW" },
	{ "exchange", act_exchange, 2, 2, "A B: exchange two names" },
	{ "link", act_link, 2, 2, "OLD NEW: hard link" },
	{ "symlink", act_symlink, 2, 2, "TARGET LINK" },
	{ "mknod", act_mknod, 2, 4, "PATH c|b|p|s|f [MAJOR MINOR]" },
	{ "mkdir", act_mkdir, 1, 1, "PATH" },
	{ "rmdir", act_rmdir, 1, 1, "PATH" },
	{ "unlink", act_unlink, 1, 1, "PATH" },
	{ "chmod", act_chmod, 2, 2, "PATH MODE" },
	{ "chown", act_chown, 3, 3, "PATH UID GID" },
	{ "setxattr", act_setxattr, 2, 2, "PATH NAME" },
	{ "utime", act_utime, 1, 1, "PATH" },
	{ "opath", act_opath, 1, 1, "PATH: open with O_PATH" },
	{ "opath-read", act_opath_read, 1, 1,
	  "PATH: open with O_PATH, reopen through /proc, read" },
	{ "listdir", act_listdir, 1, 1, "PATH: print the names in it" },
	{ "stat", act_stat, 1, 1, "PATH: print type, mode, owner, size, device" },
	{ "readlink", act_readlink, 1, 1, "PATH" },
	{ "access", act_access, 2, 2, "PATH MODE" },
	{ "chdir", act_chdir, 1, 1, "PATH" },
	{ "open-by-handle", act_open_by_handle, 1, 1, "DIR: open by file handle" },
	{ "set-immutable", act_ioctl_flags, 1, 1, "PATH: FS_IOC_SETFLAGS" },
	{ "race", act_race, 3, 3, "A B MS: exchange two names again and again" },
	{},
};
