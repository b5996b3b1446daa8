/* SPDX-License-Identifier: Apache-2.0 */
/* The probe's acts on processes: starting programs, reaching into others, signals, sockets between
 * them. */
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <linux/memfd.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "probe.h"

enum { NR_PIDFD_OPEN = 434, NR_PIDFD_GETFD = 438, MFD_EXEC_FLAG = 0x10 };

extern char **environ;

/* A child that waits to be killed. */
static pid_t victim_start(void)
{
	pid_t pid = (pid_t)syscall(SYS_clone, (long)SIGCHLD, NULL, NULL, NULL, 0L);
	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

static void victim_stop(pid_t pid)
{
	(void)kill(pid, SIGKILL); /* ours, and alive until it is waited for */
	(void)waitpid(pid, NULL, 0);
}

static int on_victim(int (*act)(pid_t pid))
{
	pid_t pid = victim_start();
	if (pid < 0)
		return errno;
	int result = act(pid);
	victim_stop(pid);
	return result;
}

static int attach(pid_t pid)
{
	return outcome(syscall(SYS_ptrace, (long)PTRACE_ATTACH, (long)pid, 0L, 0L));
}

static int seize(pid_t pid)
{
	return outcome(syscall(SYS_ptrace, (long)PTRACE_SEIZE, (long)pid, 0L, 0L));
}

static int act_ptrace(char *const *args)
{
	return args[0] != NULL ? seize((pid_t)number(args[0])) : on_victim(attach);
}

static int act_traceme(char *const *args)
{
	(void)args; /* takes none */
	pid_t pid = (pid_t)syscall(SYS_clone, (long)SIGCHLD, NULL, NULL, NULL, 0L);
	if (pid == 0)
		syscall(SYS_exit_group,
			outcome(syscall(SYS_ptrace, (long)PTRACE_TRACEME, 0L, 0L, 0L)));
	int status = 0;
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return errno;
	return WEXITSTATUS(status);
}

static int vm_transfer(long call, pid_t pid)
{
	char byte = 0;
	struct iovec here = { &byte, 1 }, there = { &environ, 1 };
	return outcome(syscall(call, (long)pid, &here, 1UL, &there, 1UL, 0UL));
}

static int vm_read(pid_t pid)
{
	return vm_transfer(SYS_process_vm_readv, pid);
}

static int vm_write(pid_t pid)
{
	return vm_transfer(SYS_process_vm_writev, pid);
}

static int act_vm_read(char *const *args)
{
	return args[0] != NULL ? vm_read((pid_t)number(args[0])) : on_victim(vm_read);
}

static int act_vm_write(char *const *args)
{
	return args[0] != NULL ? vm_write((pid_t)number(args[0])) : on_victim(vm_write);
}

static int compare_files(pid_t pid)
{
	return outcome(syscall(SYS_kcmp, (long)getpid(), (long)pid, (long)KCMP_FILES, 0L, 0L));
}

static int act_kcmp(char *const *args)
{
	(void)args; /* takes none */
	return on_victim(compare_files);
}

static int steal_descriptor(pid_t pid)
{
	int pidfd = (int)syscall(NR_PIDFD_OPEN, pid, 0U);
	if (pidfd < 0)
		return errno;
	int fd = (int)syscall(NR_PIDFD_GETFD, pidfd, 1, 0U);
	int result = outcome(fd);
	if (fd >= 0)
		(void)close(fd); /* only taken to see whether it can be */
	return outcome_closing(pidfd, result);
}

static int act_pidfd_getfd(char *const *args)
{
	return args[0] != NULL ? steal_descriptor((pid_t)number(args[0]))
			       : on_victim(steal_descriptor);
}

static int act_signal(char *const *args)
{
	return outcome(syscall(SYS_kill, number(args[0]), number(args[1])));
}

/* Waits for one of some signals, says which; blocked before "ready" is printed, so that none is
 * lost. */
static int act_catch(char *const *args)
{
	sigset_t set;
	sigemptyset(&set);
	for (int i = 0; args[i] != NULL; i++)
		sigaddset(&set, (int)number(args[i]));
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return errno;
	printf("ready\n");
	(void)fflush(stdout); /* the reader may be gone, the signal comes all the same */
	int got = sigwaitinfo(&set, NULL);
	if (got < 0)
		return errno;
	printf("caught %d\n", got);
	return 0;
}

static int act_ignore(char *const *args)
{
	return signal((int)number(args[0]), SIG_IGN) == SIG_ERR ? errno : 0;
}

/* Seconds, which may have a fraction. */
static int act_sleep(char *const *args)
{
	double seconds = strtod(args[0], NULL);
	struct timespec left = { .tv_sec = (time_t)seconds };
	left.tv_nsec = (long)((seconds - (double)left.tv_sec) * 1e9);
	while (nanosleep(&left, &left) < 0)
		if (errno != EINTR)
			return errno;
	return 0;
}

/* A child in the background that outlives the probe and sleeps, in a session of its own. */
static int act_spawn(char *const *args)
{
	pid_t pid = (pid_t)syscall(SYS_clone, (long)SIGCHLD, NULL, NULL, NULL, 0L);
	if (pid != 0)
		return pid < 0 ? errno : 0;
	(void)setsid(); /* a fresh child is never a group leader */
	(void)act_sleep(args);
	syscall(SYS_exit_group, 0);
	return 0;
}

/* 0 when the program ran to exit status 0; the errno of execve; the program's status otherwise. */
static int run_child(const char *path, char *const *argv, int fd)
{
	int trouble[2];
	if (pipe2(trouble, O_CLOEXEC) < 0)
		return errno;
	pid_t pid = (pid_t)syscall(SYS_clone, (long)SIGCHLD, NULL, NULL, NULL, 0L);
	if (pid == 0) {
		if (path != NULL)
			syscall(SYS_execve, path, argv, environ);
		else
			syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
		int problem = errno;
		(void)!write(trouble[1], &problem, sizeof(problem)); /* the exit status tells too */
		syscall(SYS_exit_group, 1);
	}
	(void)close(trouble[1]);
	int problem = 0, status = 0;
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return outcome_closing(trouble[0], errno);
	if (read(trouble[0], &problem, sizeof(problem)) != (ssize_t)sizeof(problem))
		problem = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
	return outcome_closing(trouble[0], problem);
}

static int act_exec(char *const *args)
{
	return run_child(args[0], args, -1);
}

static int act_replace(char *const *args)
{
	return outcome(syscall(SYS_execve, args[0], args, environ));
}

/* Started through a descriptor, as a path check would not see it. */
static int act_execveat(char *const *args)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, args[0], O_PATH | O_CLOEXEC, 0);
	return fd < 0 ? errno : outcome_closing(fd, run_child(NULL, args, fd));
}

/* Copies this very program into anonymous memory and starts it there as "true". */
static int act_memfd_exec(char *const *args)
{
	(void)args; /* takes none */
	char *const argv[] = { strdup("true"), NULL };
	int self = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/exe", O_RDONLY | O_CLOEXEC, 0);
	if (self < 0)
		return errno;
	int memory = (int)syscall(SYS_memfd_create, "probe", MFD_CLOEXEC | MFD_EXEC_FLAG);
	if (memory < 0 && errno == EINVAL)
		memory = (int)syscall(SYS_memfd_create, "probe", MFD_CLOEXEC);
	if (memory < 0)
		return outcome_closing(self, errno);
	while (syscall(SYS_sendfile, memory, self, NULL, 1UL << 20) > 0)
		;
	(void)close(self);
	return outcome_closing(memory, run_child(NULL, argv, memory));
}

/* Asking for memory that may never be executed is harmless, and graphics libraries do. */
static int act_memfd_create(char *const *args)
{
	(void)args; /* takes none */
	int fd = (int)syscall(SYS_memfd_create, "probe", MFD_CLOEXEC);
	return fd < 0 ? errno : outcome_closing(fd, 0);
}

static int act_mmap_exec(char *const *args)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, args[0], O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	void *at = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	return outcome_closing(fd, at == MAP_FAILED ? errno : 0);
}

/* A name that starts with a slash is a path, any other is an abstract socket. */
static socklen_t socket_name(struct sockaddr_un *address, const char *name)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	size_t at = name[0] == '/' ? 0 : 1;
	(void)snprintf(address->sun_path + at, sizeof(address->sun_path) - at, "%s", name);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + at + strlen(name));
}

static int act_unix_connect(char *const *args)
{
	struct sockaddr_un address;
	socklen_t length = socket_name(&address, args[0]);
	int fd = (int)syscall(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	return outcome_closing(fd, outcome(syscall(SYS_connect, fd, &address, length)));
}

/* The socket stays open, for the acts that follow. */
static int act_unix_listen(char *const *args)
{
	struct sockaddr_un address;
	socklen_t length = socket_name(&address, args[0]);
	int fd = (int)syscall(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || syscall(SYS_bind, fd, &address, length) < 0)
		return errno;
	return outcome(syscall(SYS_listen, fd, 8));
}

const struct act process_acts[] = {
	{ "ptrace", act_ptrace, 0, 1, "[PID]: seize it, or attach to a child" },
	{ "ptrace-me", act_traceme, 0, 0, "PTRACE_TRACEME in a child" },
	{ "vm-read", act_vm_read, 0, 1, "[PID]: process_vm_readv, of a child without PID" },
	{ "vm-write", act_vm_write, 0, 1, "[PID]: process_vm_writev" },
	{ "kcmp", act_kcmp, 0, 0, "compare descriptors with a child" },
	{ "pidfd-getfd", act_pidfd_getfd, 0, 1, "[PID]: take its standard output" },
	{ "signal", act_signal, 2, 2, "PID NUMBER" },
	{ "catch", act_catch, 1, -1, "NUMBER...: print ready, wait for one" },
	{ "ignore", act_ignore, 1, 1, "NUMBER" },
	{ "sleep", act_sleep, 1, 1, "SECONDS" },
	{ "spawn", act_spawn, 1, 1, "SECONDS: leave a child that sleeps" },
	{ "exec", act_exec, 1, -1, "PATH [ARG...]: in a child; its status counts" },
	{ "replace", act_replace, 1, -1, "PATH [ARG...]: become it" },
	{ "execveat", act_execveat, 1, -1, "PATH [ARG...]: through an O_PATH descriptor" },
	{ "memfd-exec", act_memfd_exec, 0, 0, "run a copy of the probe from a memfd" },
	{ "memfd-create", act_memfd_create, 0, 0, "make a memfd, run nothing" },
	{ "mmap-exec", act_mmap_exec, 1, 1, "PATH: map it executable" },
	{ "unix-connect", act_unix_connect, 1, 1, "PATH | ABSTRACT-NAME" },
	{ "unix-listen", act_unix_listen, 1, 1, "PATH | ABSTRACT-NAME: stays open for later acts" },
	{},
};
