/* SPDX-License-Identifier: Apache-2.0 */
/* The probe's acts on itself: they print what the runtime gave it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "probe.h"

extern char **environ;

/* Prints the lines of /proc/self/status that begin with one of the words. */
static int status_print(const char *const *words)
{
	FILE *status = fopen("/proc/self/status", "re");
	if (status == NULL)
		return errno;
	char line[512];
	while (fgets(line, sizeof(line), status) != NULL)
		for (int i = 0; words[i] != NULL; i++)
			if (strncmp(line, words[i], strlen(words[i])) == 0)
				(void)fputs(line, stdout);
	(void)fclose(status); /* only read */
	return 0;
}

static int act_caps(char *const *args)
{
	(void)args; /* takes none, as all in this file that say so */
	static const char *const words[] = { "CapInh:", "CapPrm:", "CapEff:",
					     "CapBnd:", "CapAmb:", NULL };
	return status_print(words);
}

static int act_seccomp_status(char *const *args)
{
	(void)args;
	static const char *const words[] = { "NoNewPrivs:", "Seccomp:", "Seccomp_filters:", NULL };
	return status_print(words);
}

static int act_signals(char *const *args)
{
	(void)args;
	static const char *const words[] = { "SigBlk:", "SigIgn:", NULL };
	return status_print(words);
}

/* "id: UID EUID GID EGID GROUP..." */
static int act_id(char *const *args)
{
	(void)args;
	gid_t groups[256];
	int n = getgroups(256, groups);
	if (n < 0)
		return errno;
	printf("id: %u %u %u %u", getuid(), geteuid(), getgid(), getegid());
	for (int i = 0; i < n; i++)
		printf(" %u", groups[i]);
	printf("\n");
	return 0;
}

/* "pids: PID PPID PGID SID" */
static int act_pids(char *const *args)
{
	(void)args;
	printf("pids: %d %d %d %d\n", getpid(), getppid(), getpgid(0), getsid(0));
	return 0;
}

static int act_cwd(char *const *args)
{
	(void)args;
	char path[4096];
	if (syscall(SYS_getcwd, path, sizeof(path)) < 0)
		return errno;
	printf("cwd: %s\n", path);
	return 0;
}

static int act_env(char *const *args)
{
	if (args[0] != NULL) {
		const char *value = getenv(args[0]);
		if (value == NULL)
			return ENOENT;
		printf("env: %s=%s\n", args[0], value);
		return 0;
	}
	for (char **entry = environ; *entry != NULL; entry++)
		printf("env: %s\n", *entry);
	return 0;
}

/* "fd: NUMBER TARGET"; standard streams too. */
static int act_fds(char *const *args)
{
	(void)args;
	DIR *dir = opendir("/proc/self/fd");
	if (dir == NULL)
		return errno;
	for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
		char target[4096];
		ssize_t n = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);
		if (n < 0 || strtol(entry->d_name, NULL, 10) == dirfd(dir))
			continue;
		printf("fd: %s %.*s\n", entry->d_name, (int)n, target);
	}
	(void)closedir(dir); /* only read */
	return 0;
}

static int act_umask(char *const *args)
{
	(void)args;
	printf("umask: %04o\n", (unsigned)umask(0));
	return 0;
}

static int act_rlimit(char *const *args)
{
	static const char *const names[] = {
		"CPU",      "FSIZE",  "DATA",    "STACK",  "CORE",  "RSS",
		"NPROC",    "NOFILE", "MEMLOCK", "AS",     "LOCKS", "SIGPENDING",
		"MSGQUEUE", "NICE",   "RTPRIO",  "RTTIME", NULL,
	};
	for (int i = 0; names[i] != NULL; i++) {
		if (strcmp(names[i], args[0]) != 0)
			continue;
		struct rlimit limit;
		if (getrlimit((__rlimit_resource_t)i, &limit) < 0)
			return errno;
		printf("rlimit: %s %llu %llu\n", args[0], (unsigned long long)limit.rlim_cur,
		       (unsigned long long)limit.rlim_max);
		return 0;
	}
	return EINVAL;
}

/* struct sched_attr of sched_getattr(2), which the C library does not have. */
struct scheduling {
	unsigned size, policy;
	unsigned long long flags;
	int nice;
	unsigned priority;
	unsigned long long runtime, deadline, period;
	unsigned least, most;
};

/* "scheduler: POLICY NICE PRIORITY FLAGS RUNTIME DEADLINE PERIOD" */
static int act_scheduler(char *const *args)
{
	(void)args;
	struct scheduling scheduling = { .size = sizeof(scheduling) };
	if (syscall(SYS_sched_getattr, 0, &scheduling, sizeof(scheduling), 0) < 0)
		return errno;
	printf("scheduler: %u %d %u 0x%llx %llu %llu %llu\n", scheduling.policy, scheduling.nice,
	       scheduling.priority, scheduling.flags, scheduling.runtime, scheduling.deadline,
	       scheduling.period);
	return 0;
}

/* "io-priority: CLASS LEVEL" */
static int act_io_priority(char *const *args)
{
	(void)args;
	enum { WHO_PROCESS = 1, CLASS_SHIFT = 13, LEVEL_MASK = 7 };
	long value = syscall(SYS_ioprio_get, WHO_PROCESS, 0);
	if (value < 0)
		return errno;
	printf("io-priority: %ld %ld\n", value >> CLASS_SHIFT, value & LEVEL_MASK);
	return 0;
}

static int act_cpus(char *const *args)
{
	(void)args;
	static const char *const words[] = { "Cpus_allowed_list:", NULL };
	return status_print(words);
}

/* "memory-policy: MODE NODES" */
static int act_memory_policy(char *const *args)
{
	(void)args;
	enum { NODES = 1024 };
	unsigned long nodes[NODES / 64] = { 0 };
	int mode = 0;
	if (syscall(SYS_get_mempolicy, &mode, nodes, (unsigned long)NODES + 1, NULL, 0UL) < 0)
		return errno;
	printf("memory-policy: 0x%x 0x%lx\n", (unsigned)mode, nodes[0]);
	return 0;
}

/* "machine: x86_64" */
static int act_machine(char *const *args)
{
	(void)args;
	struct utsname names;
	if (uname(&names) < 0)
		return errno;
	printf("machine: %s\n", names.machine);
	return 0;
}

static int act_hostname(char *const *args)
{
	(void)args;
	struct utsname names;
	if (uname(&names) < 0)
		return errno;
	printf("hostname: %s\ndomainname: %s\n", names.nodename, names.domainname);
	return 0;
}

static int act_sethostname(char *const *args)
{
	return outcome(syscall(SYS_sethostname, args[0], strlen(args[0])));
}

/* "tty: FD NAME ROWS COLUMNS" for each standard stream that is a terminal; "controlling: yes|no".
 */
static int act_tty(char *const *args)
{
	(void)args;
	for (int fd = 0; fd < 3; fd++) {
		struct winsize size = { 0 };
		char name[256];
		if (isatty(fd) != 1 || ttyname_r(fd, name, sizeof(name)) != 0 ||
		    ioctl(fd, TIOCGWINSZ, &size) < 0)
			continue;
		printf("tty: %d %s %u %u\n", fd, name, size.ws_row, size.ws_col);
	}
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
	printf("controlling: %s\n", fd >= 0 ? "yes" : "no");
	return fd < 0 ? 0 : outcome_closing(fd, 0);
}

static int act_setuid(char *const *args)
{
	return outcome(syscall(SYS_setuid, (uid_t)number(args[0])));
}

static int act_nice(char *const *args)
{
	return outcome(syscall(SYS_setpriority, 0L, 0L, number(args[0])));
}

static int act_eat(char *const *args)
{
	size_t size = (size_t)number(args[0]);
	char *bytes = malloc(size);
	if (bytes == NULL)
		return errno;
	memset(bytes, 1, size);
	printf("eaten: %d\n", bytes[size - 1]);
	free(bytes);
	return 0;
}

static int act_print(char *const *args)
{
	for (; *args != NULL; args++)
		printf("print: %s\n", *args);
	return 0;
}

static int act_error(char *const *args)
{
	fprintf(stderr, "%s\n", args[0]);
	return 0;
}

static int act_exit(char *const *args)
{
	(void)fflush(stdout); /* nobody is left to tell */
	_exit((int)number(args[0]));
}

const struct act self_acts[] = {
	{ "caps", act_caps, 0, 0, "print the five sets" },
	{ "seccomp-status", act_seccomp_status, 0, 0,
	  "print no_new_privs, seccomp mode and filters" },
	{ "signals", act_signals, 0, 0, "print blocked and ignored signals" },
	{ "id", act_id, 0, 0, "print uid euid gid egid groups" },
	{ "pids", act_pids, 0, 0, "print pid ppid pgid sid" },
	{ "cwd", act_cwd, 0, 0, "print the working directory" },
	{ "env", act_env, 0, 1, "[NAME]: print the environment" },
	{ "fds", act_fds, 0, 0, "print the open descriptors" },
	{ "umask", act_umask, 0, 0, "print it" },
	{ "rlimit", act_rlimit, 1, 1, "NOFILE|CORE|...: print soft and hard" },
	{ "scheduler", act_scheduler, 0, 0, "print policy, nice, priority, flags and times" },
	{ "io-priority", act_io_priority, 0, 0, "print class and level" },
	{ "cpus", act_cpus, 0, 0, "print the CPUs it may run on" },
	{ "memory-policy", act_memory_policy, 0, 0, "print mode and nodes" },
	{ "machine", act_machine, 0, 0, "print the machine's name" },
	{ "hostname", act_hostname, 0, 0, "print host and domain name" },
	{ "sethostname", act_sethostname, 1, 1, "NAME" },
	{ "tty", act_tty, 0, 0, "print the terminals" },
	{ "setuid", act_setuid, 1, 1, "UID" },
	{ "nice", act_nice, 1, 1, "VALUE: setpriority" },
	{ "eat", act_eat, 1, 1, "BYTES: use that much memory" },
	{ "print", act_print, 0, -1, "WORD...: print each" },
	{ "error", act_error, 1, 1, "TEXT: to standard error" },
	{ "exit", act_exit, 1, 1, "STATUS: at once" },
	{},
};
