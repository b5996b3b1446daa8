/* SPDX-License-Identifier: Apache-2.0 */
/* Build-time program: writes the table of system calls, with the numbers of each architecture and
 * the profiles. */
#include "plan/syscalls.h"

#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * What the `agent` profile allows. A call that is in no list is denied with EPERM, a number that
 * has no name with ENOSYS. What is left out on purpose: policy.md section 7, and what needs a
 * capability that no agent has.
 */
static const char *const agent[] = {
	/* files */
	"access", "chdir", "chmod", "chown", "close", "close_range", "copy_file_range", "creat",
	"dup", "dup2", "dup3", "faccessat", "faccessat2", "fadvise64", "fallocate", "fchdir",
	"fchmod", "fchmodat", "fchmodat2", "fchown", "fchownat", "fcntl", "fdatasync", "fgetxattr",
	"file_getattr", "file_setattr", "flistxattr", "flock", "fremovexattr", "fsetxattr", "fstat",
	"fstatfs", "fsync", "ftruncate", "futimesat", "getcwd", "getdents", "getdents64",
	"getxattr", "getxattrat", "ioctl", "lchown", "lgetxattr", "link", "linkat", "listmount",
	"listxattr", "listxattrat", "llistxattr", "lremovexattr", "lseek", "lsetxattr", "lstat",
	"mkdir", "mkdirat", "mknod", "mknodat", "name_to_handle_at", "newfstatat", "open", "openat",
	"openat2", "pipe", "pipe2", "pread64", "preadv", "preadv2", "pwrite64", "pwritev",
	"pwritev2", "read", "readahead", "readlink", "readlinkat", "readv", "removexattr",
	"removexattrat", "rename", "renameat", "renameat2", "rmdir", "sendfile", "setxattr",
	"setxattrat", "splice", "stat", "statfs", "statmount", "statx", "symlink", "symlinkat",
	"sync", "sync_file_range", "syncfs", "tee", "truncate", "umask", "unlink", "unlinkat",
	"utime", "utimensat", "utimes", "write", "writev", "cachestat",
	/* waiting */
	"epoll_create", "epoll_create1", "epoll_ctl", "epoll_ctl_old", "epoll_pwait",
	"epoll_pwait2", "epoll_wait", "epoll_wait_old", "eventfd", "eventfd2", "fanotify_mark",
	"inotify_add_watch", "inotify_init", "inotify_init1", "inotify_rm_watch", "io_cancel",
	"io_destroy", "io_getevents", "io_pgetevents", "io_setup", "io_submit", "poll", "ppoll",
	"pselect6", "select", "signalfd", "signalfd4",
	/* memory */
	"brk", "madvise", "map_shadow_stack", "membarrier", "memfd_create", "memfd_secret",
	"mincore", "mlock", "mlock2", "mlockall", "mmap", "mprotect", "mremap", "mseal", "msync",
	"munlock", "munlockall", "munmap", "pkey_alloc", "pkey_free", "pkey_mprotect",
	"process_mrelease", "remap_file_pages",
	/* processes and signals */
	"arch_prctl", "capget", "capset", "clone", "execve", "execveat", "exit", "exit_group",
	"fork", "getcpu", "getpgid", "getpgrp", "getpid", "getppid", "getpriority", "getrlimit",
	"getrusage", "getsid", "gettid", "get_robust_list", "get_thread_area", "ioprio_get",
	"ioprio_set", "kill", "landlock_add_rule", "landlock_create_ruleset",
	"landlock_restrict_self", "lsm_get_self_attr", "lsm_list_modules", "pause", "personality",
	"pidfd_open", "pidfd_send_signal", "prctl", "prlimit64", "restart_syscall", "rseq",
	"rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigqueueinfo", "rt_sigreturn",
	"rt_sigsuspend", "rt_sigtimedwait", "rt_tgsigqueueinfo", "sched_getaffinity",
	"sched_getattr", "sched_getparam", "sched_get_priority_max", "sched_get_priority_min",
	"sched_getscheduler", "sched_rr_get_interval", "sched_setaffinity", "sched_setattr",
	"sched_setparam", "sched_setscheduler", "sched_yield", "seccomp", "setpgid", "setpriority",
	"setrlimit", "setsid", "set_robust_list", "set_thread_area", "set_tid_address",
	"sigaltstack", "sysinfo", "tgkill", "times", "tkill", "uname", "vfork", "wait4", "waitid",
	/* users; without capabilities these only give up */
	"getegid", "geteuid", "getgid", "getgroups", "getresgid", "getresuid", "getuid", "setfsgid",
	"setfsuid", "setgid", "setgroups", "setregid", "setresgid", "setresuid", "setreuid",
	"setuid",
	/* time and chance */
	"alarm", "clock_getres", "clock_gettime", "clock_nanosleep", "getitimer", "getrandom",
	"gettimeofday", "nanosleep", "setitimer", "time", "timer_create", "timer_delete",
	"timer_getoverrun", "timer_gettime", "timer_settime", "timerfd_create", "timerfd_gettime",
	"timerfd_settime",
	/* between processes */
	"futex", "futex_requeue", "futex_wait", "futex_waitv", "futex_wake", "mq_getsetattr",
	"mq_notify", "mq_open", "mq_timedreceive", "mq_timedsend", "mq_unlink", "msgctl", "msgget",
	"msgrcv", "msgsnd", "semctl", "semget", "semop", "semtimedop", "shmat", "shmctl", "shmdt",
	"shmget", NULL
};
/* Sockets: in `agent`, not in `strict`. */
static const char *const sockets[] = { "accept",      "accept4",     "bind",       "connect",
				       "getpeername", "getsockname", "getsockopt", "listen",
				       "recvfrom",    "recvmmsg",    "recvmsg",    "sendmmsg",
				       "sendmsg",     "sendto",      "setsockopt", "shutdown",
				       "socket",      "socketpair",  NULL };
/* Looking into other processes of the container: in `developer` only. */
static const char *const debugging[] = {
	"kcmp",   "pidfd_getfd", "process_madvise", "process_vm_readv", "process_vm_writev",
	"ptrace", NULL
};

/* Newer than the library may be. From 424 on, a call has one number on all architectures. */
static const struct {
	const char *name;
	int number;
} newer[] = {
	{ "futex_waitv", 449 },       { "set_mempolicy_home_node", 450 },
	{ "cachestat", 451 },         { "fchmodat2", 452 },
	{ "map_shadow_stack", 453 },  { "futex_wake", 454 },
	{ "futex_wait", 455 },        { "futex_requeue", 456 },
	{ "statmount", 457 },         { "listmount", 458 },
	{ "lsm_get_self_attr", 459 }, { "lsm_set_self_attr", 460 },
	{ "lsm_list_modules", 461 },  { "mseal", 462 },
	{ "setxattrat", 463 },        { "getxattrat", 464 },
	{ "listxattrat", 465 },       { "removexattrat", 466 },
	{ "open_tree_attr", 467 },    { "file_getattr", 468 },
	{ "file_setattr", 469 },      {},
};

enum { ABSENT_MAX = 1024 };

static bool lists(const char *const *list, const char *name)
{
	for (; *list; list++)
		if (strcmp(*list, name) == 0)
			return true;
	return false;
}

static unsigned profiles_of(const char *name)
{
	if (lists(agent, name))
		return SYSCALL_AGENT | SYSCALL_STRICT | SYSCALL_DEVELOPER;
	if (lists(sockets, name))
		return SYSCALL_AGENT | SYSCALL_DEVELOPER;
	return lists(debugging, name) ? SYSCALL_DEVELOPER : 0;
}

/* The name of NUMBER on ARCHITECTURE into NAME; false when it has none. */
static bool name_of(uint32_t architecture, int number, char name[64])
{
	char *found = seccomp_syscall_resolve_num_arch(architecture, number);
	const char *text = found;
	for (size_t i = 0; !text && newer[i].name; i++)
		if (newer[i].number == number)
			text = newer[i].name;
	if (text)
		(void)snprintf(name, 64, "%s",
			       text); /* names are short; the caller checks the length it needs */
	free(found);
	return text != NULL;
}

static bool has_call(uint32_t architecture, const char *name)
{
	char other[64];
	for (int number = 0; number < SYSCALL_LIMIT; number++)
		if (name_of(architecture, number, other) && strcmp(other, name) == 0)
			return true;
	return false;
}

static void row_print(const char *name, unsigned number)
{
	struct syscall limits;
	if (strlen(name) >= sizeof(limits.name)) {
		fprintf(stderr, "gen-syscalls: the name '%s' is longer than the table's column\n",
			name);
		exit(1);
	}
	printf("\t{ \"%s\", %u, %u },\n", name, number, profiles_of(name));
}

/* What other architectures know is a name that can be denied here, though it has no number. */
static void absent_print(uint32_t architecture)
{
	static const uint32_t others[] = { SCMP_ARCH_X86_64, SCMP_ARCH_AARCH64, SCMP_ARCH_X86,
					   SCMP_ARCH_ARM };
	static char seen[ABSENT_MAX][64];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		for (int number = 0; number < SYSCALL_LIMIT && n < ABSENT_MAX; number++) {
			char *name = seen[n];
			if (others[i] == architecture || !name_of(others[i], number, name) ||
			    has_call(architecture, name))
				continue;
			bool is_new = true;
			for (size_t j = 0; j < n && is_new; j++)
				is_new = strcmp(seen[j], name) != 0;
			if (!is_new)
				continue;
			n++;
			row_print(name, SYSCALL_ABSENT);
		}
	}
}

static void table_print(const char *condition, uint32_t architecture)
{
	char name[64];
	printf("%s\nconst struct syscall syscalls[] = {\n", condition);
	for (int number = 0; number < SYSCALL_LIMIT; number++)
		if (name_of(architecture, number, name))
			row_print(name, (unsigned)number);
	absent_print(architecture);
	printf("};\n");
}

/* A name in a list that no architecture has is a typing mistake, and would deny what it was meant
 * to allow. */
static int lists_check(const char *const *list)
{
	int wrong = 0;
	for (; *list; list++) {
		if (has_call(SCMP_ARCH_X86_64, *list) || has_call(SCMP_ARCH_AARCH64, *list))
			continue;
		fprintf(stderr, "gen-syscalls: '%s' is no system call\n", *list);
		wrong = 1;
	}
	return wrong;
}

int main(void)
{
	if (lists_check(agent) | lists_check(sockets) | lists_check(debugging))
		return 1;

	printf("/* SPDX-License-Identifier: Apache-2.0 */\n"
	       "/* Written by gen-syscalls: names, numbers and profiles of the system calls. */\n"
	       "#include \"plan/syscalls.h\"\n\n");
	table_print("#if defined(__x86_64__)", SCMP_ARCH_X86_64);
	table_print("#elif defined(__aarch64__)", SCMP_ARCH_AARCH64);
	printf("#else\n#error \"no table for this architecture: see gen-syscalls.c\"\n#endif\n"
	       "const size_t syscalls_n = sizeof(syscalls) / sizeof(syscalls[0]);\n");
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
