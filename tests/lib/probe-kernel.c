/* SPDX-License-Identifier: Apache-2.0 */
/* The probe's acts on the kernel's rarer doors, each closed to an agent; and on sockets. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "probe.h"

enum {
	NR_IO_URING_SETUP = 425,
	NR_LANDLOCK_CREATE_RULESET = 444,
	NR_LANDLOCK_RESTRICT_SELF = 446,
	NR_BEYOND_THE_TABLE = 100000,
	X32_BIT = 0x40000000,
	KEYCTL_GET_KEYRING_ID_OP = 0,
	SESSION_KEYRING = -3,
	CHILD_WAS_KILLED = 512,
};

static int act_io_uring(char *const *args)
{
	(void)args; /* takes none, as all in this file that say so */
	unsigned char parameters[120] = { 0 };
	int fd = (int)syscall(NR_IO_URING_SETUP, 1U, parameters);
	return fd < 0 ? errno : outcome_closing(fd, 0);
}

static int act_keyctl(char *const *args)
{
	(void)args;
	return outcome(syscall(SYS_keyctl, (long)KEYCTL_GET_KEYRING_ID_OP, (long)SESSION_KEYRING,
			       1L, 0L, 0L));
}

static int act_add_key(char *const *args)
{
	(void)args;
	return outcome(syscall(SYS_add_key, "user", "probe", "x", 1UL, -2L));
}

static int act_request_key(char *const *args)
{
	(void)args;
	return outcome(syscall(SYS_request_key, "user", "probe", NULL, 0L));
}

static int act_bpf(char *const *args)
{
	(void)args;
	union bpf_attr attributes = { .map_type = BPF_MAP_TYPE_ARRAY };
	attributes.key_size = 4;
	attributes.value_size = 4;
	attributes.max_entries = 1;
	int fd = (int)syscall(SYS_bpf, (long)BPF_MAP_CREATE, &attributes, sizeof(attributes));
	return fd < 0 ? errno : outcome_closing(fd, 0);
}

static int act_userfaultfd(char *const *args)
{
	(void)args;
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | 1); /* faults of user space only */
	return fd < 0 ? errno : outcome_closing(fd, 0);
}

static int act_perf(char *const *args)
{
	(void)args;
	struct perf_event_attr attributes = { .type = PERF_TYPE_SOFTWARE,
					      .size = sizeof(attributes) };
	attributes.config = PERF_COUNT_SW_CPU_CLOCK;
	attributes.exclude_kernel = 1;
	int fd = (int)syscall(SYS_perf_event_open, &attributes, 0L, -1L, -1L, 0L);
	return fd < 0 ? errno : outcome_closing(fd, 0);
}

static int act_vmsplice(char *const *args)
{
	(void)args;
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	char byte = 'x';
	struct iovec piece = { &byte, 1 };
	int result = outcome(syscall(SYS_vmsplice, ends[1], &piece, 1UL, 0U));
	(void)close(ends[0]);
	return outcome_closing(ends[1], result);
}

/* Where no terminal can be had, what a filter says of the request shows on any descriptor. */
static int on_null(unsigned long request, const char *argument)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	return outcome_closing(fd, outcome(syscall(SYS_ioctl, fd, request, argument)));
}

/* A terminal of the container's own devpts; standard input's when it is one. */
static int on_terminal(unsigned long request, const char *argument)
{
	if (isatty(STDIN_FILENO) == 1)
		return outcome(syscall(SYS_ioctl, STDIN_FILENO, request, argument));
	int leader = -1, follower = -1;
	if (openpty(&leader, &follower, NULL, NULL, NULL) < 0)
		return on_null(request, argument);
	int result = outcome(syscall(SYS_ioctl, follower, request, argument));
	(void)close(leader);
	return outcome_closing(follower, result);
}

static int act_tiocsti(char *const *args)
{
	(void)args;
	return on_terminal(TIOCSTI, "x");
}

/* A filter on 32 bits of a 64-bit argument is passed by setting a higher one. */
static int act_tiocsti_high(char *const *args)
{
	(void)args;
	return on_terminal(TIOCSTI | 1UL << 32, "x");
}

static int act_tioclinux(char *const *args)
{
	(void)args;
	static const char paste[] = { 3, 0 };
	return on_terminal(TIOCLINUX, paste);
}

/* Loads nothing: with a null image the permission is checked first. */
static int act_init_module(char *const *args)
{
	(void)args;
	return outcome(syscall(SYS_init_module, NULL, 0UL, ""));
}

/* Wrong magic numbers: permission is checked first, and nothing can happen after. */
static int act_reboot(char *const *args)
{
	(void)args;
	return outcome(syscall(SYS_reboot, 0L, 0L, 0L, NULL));
}

static int act_unknown(char *const *args)
{
	(void)args;
	return outcome(syscall(NR_BEYOND_THE_TABLE));
}

/* In a child, because a filter may kill for it. */
static int in_child(int (*act)(void))
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(act());
	int status = 0;
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return errno;
	return WIFSIGNALED(status) ? CHILD_WAS_KILLED + WTERMSIG(status) : WEXITSTATUS(status);
}

static int call_x32(void)
{
	return outcome(syscall(X32_BIT | 39)); /* getpid */
}

/* getpid by the 32-bit gate. */
static int call_i386(void)
{
	long result = 20;
#ifdef __x86_64__
	__asm__ volatile("int $0x80" : "+a"(result) : : "memory");
#endif
	return result < 0 ? (int)-result : 0;
}

static int foreign(const char *name, int (*act)(void))
{
	int result = in_child(act);
	if (result < CHILD_WAS_KILLED)
		return result;
	printf("%s: killed by signal %d\n", name, result - CHILD_WAS_KILLED);
	return EPERM;
}

static int act_x32(char *const *args)
{
	(void)args;
	return foreign("x32", call_x32);
}

static int act_i386(char *const *args)
{
	(void)args;
	return foreign("i386", call_i386);
}

/* What an agent does to sandbox its own tools: must go on working. */
static int act_landlock_self(char *const *args)
{
	(void)args;
	unsigned long long handled = 2; /* WRITE_FILE */
	int fd = (int)syscall(NR_LANDLOCK_CREATE_RULESET, &handled, sizeof(handled), 0U);
	if (fd < 0)
		return errno;
	int result = outcome(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	if (result == 0)
		result = outcome(syscall(NR_LANDLOCK_RESTRICT_SELF, fd, 0U));
	return outcome_closing(fd, result);
}

static int act_seccomp_self(char *const *args)
{
	(void)args;
	struct sock_filter allow[] = { { .code = 6, .k = SECCOMP_RET_ALLOW } };
	struct sock_fprog program = { .len = 1, .filter = allow };
	int result = outcome(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	return result != 0
		       ? result
		       : outcome(syscall(SYS_seccomp, (long)SECCOMP_SET_MODE_FILTER, 0L, &program));
}

static int act_socket(char *const *args)
{
	static const struct {
		const char *name;
		int family, type;
	} rows[] = {
		{ "unix", AF_UNIX, SOCK_STREAM },
		{ "inet", AF_INET, SOCK_STREAM },
		{ "inet6", AF_INET6, SOCK_STREAM },
		{ "udp", AF_INET, SOCK_DGRAM },
		{ "raw", AF_INET, SOCK_RAW },
		{ "packet", AF_PACKET, SOCK_RAW },
		{ "netlink", AF_NETLINK, SOCK_RAW },
		{ "vsock", 40, SOCK_STREAM },
		{ "alg", 38, SOCK_SEQPACKET },
		{ "bluetooth", 31, SOCK_RAW },
		{ "xdp", 44, SOCK_RAW },
		{ "can", 29, SOCK_RAW },
		{},
	};
	int protocol = args[1] != NULL ? (int)number(args[1]) : 0;
	for (int i = 0; rows[i].name != NULL; i++) {
		if (strcmp(rows[i].name, args[0]) != 0)
			continue;
		int fd = (int)syscall(SYS_socket, rows[i].family, rows[i].type | SOCK_CLOEXEC,
				      protocol);
		return fd < 0 ? errno : outcome_closing(fd, 0);
	}
	return EINVAL;
}

static int act_connect(char *const *args)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((unsigned short)number(args[1])) };
	if (inet_pton(AF_INET, args[0], &address.sin_addr) != 1)
		return EINVAL;
	int fd = (int)syscall(SYS_socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	return outcome_closing(fd, outcome(syscall(SYS_connect, fd, &address, sizeof(address))));
}

static int act_interfaces(char *const *args)
{
	(void)args;
	const struct if_nameindex *list = if_nameindex();
	if (list == NULL)
		return errno;
	for (; list->if_name != NULL; list++)
		printf("interface: %s\n", list->if_name);
	return 0;
}

const struct act kernel_acts[] = {
	{ "io_uring", act_io_uring, 0, 0, "io_uring_setup" },
	{ "keyctl", act_keyctl, 0, 0, "get the session keyring" },
	{ "add-key", act_add_key, 0, 0, "add_key" },
	{ "request-key", act_request_key, 0, 0, "request_key" },
	{ "bpf", act_bpf, 0, 0, "create a map" },
	{ "userfaultfd", act_userfaultfd, 0, 0, "userfaultfd" },
	{ "perf", act_perf, 0, 0, "perf_event_open" },
	{ "vmsplice", act_vmsplice, 0, 0, "vmsplice" },
	{ "tiocsti", act_tiocsti, 0, 0, "type into a terminal" },
	{ "tiocsti-high", act_tiocsti_high, 0, 0, "the same, with a bit above 32 set" },
	{ "tioclinux", act_tioclinux, 0, 0, "paste into a console" },
	{ "init-module", act_init_module, 0, 0, "init_module without an image" },
	{ "reboot", act_reboot, 0, 0, "reboot with wrong magic" },
	{ "unknown-call", act_unknown, 0, 0, "a system call that no kernel has" },
	{ "x32", act_x32, 0, 0, "getpid by the x32 table" },
	{ "i386", act_i386, 0, 0, "getpid by the 32-bit gate" },
	{ "landlock-self", act_landlock_self, 0, 0, "restrict itself further" },
	{ "seccomp-self", act_seccomp_self, 0, 0, "load a filter that allows all" },
	{ "socket", act_socket, 1, 2,
	  "unix|inet|inet6|udp|raw|packet|netlink|vsock|alg|bluetooth|xdp|can [PROTOCOL]" },
	{ "connect", act_connect, 2, 2, "IPV4 PORT: tcp" },
	{ "interfaces", act_interfaces, 0, 0, "print the network interfaces" },
	{},
};
