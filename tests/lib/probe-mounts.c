/* SPDX-License-Identifier: Apache-2.0 */
/* The probe's acts on mounts, roots and namespaces. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

/* The build machine's headers are older than these calls and words. */
enum {
	NR_OPEN_TREE = 428,
	NR_MOVE_MOUNT,
	NR_FSOPEN,
	NR_FSCONFIG,
	NR_FSMOUNT,
	NR_FSPICK,
	NR_CLONE3 = 435,
	NR_MOUNT_SETATTR = 442,
	OPEN_TREE_CLONE_FLAG = 1,
	MOUNT_ATTR_RDONLY_FLAG = 1,
};

static const char *word(const char *text)
{
	return strcmp(text, "-") == 0 ? NULL : text;
}

static int act_mount(char *const *args)
{
	return outcome(syscall(SYS_mount, word(args[0]), args[1], word(args[2]), 0UL, args[3]));
}

static int act_bind(char *const *args)
{
	return outcome(syscall(SYS_mount, args[0], args[1], NULL, (unsigned long)(MS_BIND | MS_REC),
			       NULL));
}

/* From read-only to writable, the remount that an attacker wants. */
static int act_remount(char *const *args)
{
	return outcome(syscall(SYS_mount, NULL, args[0], NULL,
			       (unsigned long)(MS_REMOUNT | MS_BIND), NULL));
}

static int act_make_shared(char *const *args)
{
	return outcome(syscall(SYS_mount, NULL, args[0], NULL, (unsigned long)MS_SHARED, NULL));
}

static int act_umount(char *const *args)
{
	return outcome(syscall(SYS_umount2, args[0], MNT_DETACH));
}

static int act_fsopen(char *const *args)
{
	int fd = (int)syscall(NR_FSOPEN, args[0], 1U);
	return fd < 0 ? errno : outcome_closing(fd, 0);
}

static int act_fspick(char *const *args)
{
	int fd = (int)syscall(NR_FSPICK, AT_FDCWD, args[0], 1U);
	return fd < 0 ? errno : outcome_closing(fd, 0);
}

static int act_open_tree(char *const *args)
{
	int fd = (int)syscall(NR_OPEN_TREE, AT_FDCWD, args[0], OPEN_TREE_CLONE_FLAG | O_CLOEXEC);
	return fd < 0 ? errno : outcome_closing(fd, 0);
}

static int act_move_mount(char *const *args)
{
	return outcome(syscall(NR_MOVE_MOUNT, AT_FDCWD, args[0], AT_FDCWD, args[1], 0U));
}

static int act_mount_setattr(char *const *args)
{
	struct {
		unsigned long long set, clear, propagation, userns;
	} attributes = { .clear = MOUNT_ATTR_RDONLY_FLAG };
	return outcome(
		syscall(NR_MOUNT_SETATTR, AT_FDCWD, args[0], 0U, &attributes, sizeof(attributes)));
}

static int act_chroot(char *const *args)
{
	return outcome(syscall(SYS_chroot, args[0]));
}

static int act_pivot(char *const *args)
{
	return outcome(syscall(SYS_pivot_root, args[0], args[1]));
}

static const struct {
	const char *name;
	int flag;
} namespaces[] = {
	{ "user", CLONE_NEWUSER },
	{ "mount", CLONE_NEWNS },
	{ "pid", CLONE_NEWPID },
	{ "network", CLONE_NEWNET },
	{ "cgroup", CLONE_NEWCGROUP },
	{ "ipc", CLONE_NEWIPC },
	{ "uts", CLONE_NEWUTS },
	{ "time", 0x80 },
	{},
};

static int namespace_flag(const char *name)
{
	for (int i = 0; namespaces[i].name != NULL; i++)
		if (strcmp(namespaces[i].name, name) == 0)
			return namespaces[i].flag;
	return -1;
}

static int act_unshare(char *const *args)
{
	int flag = namespace_flag(args[0]);
	return flag < 0 ? EINVAL : outcome(syscall(SYS_unshare, flag));
}

static int act_setns(char *const *args)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, args[0], O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	return outcome_closing(fd, outcome(syscall(SYS_setns, fd, 0)));
}

static int child_collect(long pid)
{
	if (pid < 0)
		return errno;
	if (pid == 0)
		syscall(SYS_exit_group, 0);
	return outcome(waitpid((pid_t)pid, NULL, __WALL) < 0 ? -1 : 0);
}

static int act_clone(char *const *args)
{
	int flag = args[0] != NULL ? namespace_flag(args[0]) : 0;
	if (flag < 0)
		return EINVAL;
	return child_collect(syscall(SYS_clone, (long)flag | SIGCHLD, NULL, NULL, NULL, 0L));
}

static int act_clone3(char *const *args)
{
	(void)args; /* takes none */
	unsigned long long arguments[8] = { [4] = SIGCHLD };
	return child_collect(syscall(NR_CLONE3, arguments, sizeof(arguments)));
}

/* "flags: PATH FLAG..." as statvfs tells them. */
static int act_mount_flags(char *const *args)
{
	static const struct {
		unsigned long flag;
		const char *name;
	} flags[] = {
		{ ST_RDONLY, "ro" },         { ST_NOSUID, "nosuid" },
		{ ST_NODEV, "nodev" },       { ST_NOEXEC, "noexec" },
		{ ST_NOATIME, "noatime" },   { ST_NODIRATIME, "nodiratime" },
		{ ST_RELATIME, "relatime" }, {},
	};
	struct statvfs st;
	if (statvfs(args[0], &st) < 0)
		return errno;
	printf("flags: %s", args[0]);
	for (int i = 0; flags[i].name != NULL; i++)
		if ((st.f_flag & flags[i].flag) != 0)
			printf(" %s", flags[i].name);
	printf("\n");
	return 0;
}

const struct act mount_acts[] = {
	{ "mount", act_mount, 3, 4, "SOURCE TARGET TYPE [DATA], - for none" },
	{ "bind", act_bind, 2, 2, "SOURCE TARGET" },
	{ "remount", act_remount, 1, 1, "PATH: make a bind writable" },
	{ "make-shared", act_make_shared, 1, 1, "PATH" },
	{ "umount", act_umount, 1, 1, "PATH: detach" },
	{ "fsopen", act_fsopen, 1, 1, "TYPE" },
	{ "fspick", act_fspick, 1, 1, "PATH" },
	{ "open-tree", act_open_tree, 1, 1, "PATH: clone the mount" },
	{ "move-mount", act_move_mount, 2, 2, "FROM TO" },
	{ "mount-setattr", act_mount_setattr, 1, 1, "PATH: clear read-only" },
	{ "chroot", act_chroot, 1, 1, "PATH" },
	{ "pivot", act_pivot, 2, 2, "NEW OLD" },
	{ "unshare", act_unshare, 1, 1, "user|mount|pid|network|cgroup|ipc|uts|time" },
	{ "setns", act_setns, 1, 1, "PATH" },
	{ "clone", act_clone, 0, 1, "[NAMESPACE]: by clone(2)" },
	{ "clone3", act_clone3, 0, 0, "a plain child by clone3(2)" },
	{ "mount-flags", act_mount_flags, 1, 1, "PATH: print ro, nosuid, ... of its mount" },
	{},
};
