/* SPDX-License-Identifier: Apache-2.0 */
/* CRIU's program, started for one request and talked to over a socket. */
#include "apply/criu.h"

#include "base/error.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SOCKET_DESCRIPTOR = 3, REPLY_BYTES = 65536, EXIT_NOT_EXECUTED = 127 };
/* cgroup2's freezer, other LSM labels at restore: all that is used here works since then. */
enum { VERSION_LEAST = 31600 };

extern char **environ;

static int not_installed(struct error *err)
{
	(void)fail(err, ERROR_HOST, "the program criu is not installed");
	(void)fail_code(err, "backend_unavailable");
	return fail_remedy(err, "install the package 'criu'");
}

static int program_find(char path[PATH_MAX], struct error *err)
{
	const char *directories = getenv("PATH");

	/* Engines pass hardly any environment. */
	if (!directories || !*directories)
		directories = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	for (const char *at = directories;;) {
		size_t n = strcspn(at, ":");
		/* An empty or relative place would be wherever the caller stands. */
		if (*at == '/' && n + sizeof("/criu") <= PATH_MAX) {
			(void)snprintf(path, PATH_MAX, "%.*s/criu", (int)n, at);
			if (access(path, X_OK) == 0)
				return 0;
		}
		if (!at[n])
			return not_installed(err);
		at += n + 1;
	}
}

/* In the child: the socket and the caller's descriptors become SOCKET_DESCRIPTOR and following. */
static bool descriptors_place(const struct criu_start *how, int socket)
{
	int all[1 + NAMESPACE_KINDS] = { socket };
	int last = SOCKET_DESCRIPTOR + (int)how->n;

	for (size_t i = 0; i < how->n; i++)
		all[1 + i] = how->descriptors[i];
	/* First out of the way of each other. */
	for (size_t i = 0; i <= how->n; i++) {
		all[i] = fcntl(all[i], F_DUPFD_CLOEXEC, last + 1);
		if (all[i] < 0)
			return false;
	}
	for (size_t i = 0; i <= how->n; i++)
		if (dup2(all[i], SOCKET_DESCRIPTOR + (int)i) < 0)
			return false;
	return close_range((unsigned)last + 1, UINT_MAX, CLOSE_RANGE_CLOEXEC) == 0;
}

static _Noreturn void program_execute(const char *path, const struct criu_start *how, int socket)
{
	char name[] = "criu", service[] = "swrk", descriptor[] = "3";
	char *const argv[] = { name, service, descriptor, NULL };
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	if (descriptors_place(how, socket))
		(void)execve(path, argv, environ);
	_exit(EXIT_NOT_EXECUTED); /* the parent hears the socket's end */
}

static pid_t program_clone(int cgroup)
{
	struct clone_args args = { .exit_signal = SIGCHLD };

	if (cgroup >= 0) {
		args.flags = CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)(unsigned)cgroup;
	}
	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static int version_check(struct criu *criu, struct error *err)
{
	autoarena arena = {};
	struct criu_request request = { .call = CRIU_VERSION };
	struct criu_reply reply;

	TRY(criu_call(criu, &arena, &request, &reply, err));
	log_debug("criu is version %u", reply.version);
	if (reply.version >= VERSION_LEAST)
		return 0;
	(void)fail(err, ERROR_HOST, "criu is version %u.%u, 3.16 is needed", reply.version / 10000,
		   reply.version / 100 % 100);
	(void)fail_code(err, "backend_unavailable");
	return fail_remedy(err, "install a newer package 'criu'");
}

int criu_start(struct criu *criu, const struct criu_start *how, struct error *err)
{
	char path[PATH_MAX];
	int ends[2];

	assert(how->n <= NAMESPACE_KINDS);
	TRY(program_find(path, err));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return fail_sys(err, "make a socket for criu");
	autofd ours = ends[0], its = ends[1];
	pid_t pid = program_clone(how->cgroup);
	if (pid < 0)
		return fail_sys(err, "start criu");
	if (pid == 0)
		program_execute(path, how, its);
	criu->pid = pid;
	criu->is_idle = true;
	criu->socket = fd_take(&ours);
	fd_close(&its);
	return version_check(criu, err);
}

void criu_close(struct criu *criu)
{
	siginfo_t info;

	if (criu->pid > 0 && criu->is_idle)
		(void)kill(criu->pid, SIGKILL); /* our own child, not yet waited for */
	fd_close(&criu->socket);
	if (criu->pid <= 0)
		return;
	while (waitid(P_PID, (id_t)criu->pid, &info, WEXITED) < 0 && errno == EINTR)
		continue;
	criu->pid = 0;
}

static int message_send(const struct criu *criu, const struct text *message, struct error *err)
{
	ssize_t n;

	do
		n = send(criu->socket, message->data, message->n, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EPIPE)
		return fail(err, ERROR_HOST, "criu ended without an answer");
	return n < 0 ? fail_sys(err, "speak to criu") : 0;
}

/* A descriptor that comes with the message in *ret_fd, else -1. */
static int message_receive(const struct criu *criu, struct arena *arena, struct criu_reply *ret,
			   int *ret_fd, struct error *err)
{
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec vector = { .iov_base = arena_alloc(arena, REPLY_BYTES),
				.iov_len = REPLY_BYTES };
	struct msghdr message = { .msg_iov = &vector,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = sizeof(control) };
	ssize_t n;

	*ret_fd = -1;
	do
		n = recvmsg(criu->socket, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	/* It may have left words unheard when it ended. */
	if (n < 0 && errno != ECONNRESET)
		return fail_sys(err, "hear criu");
	if (n <= 0)
		return fail(err, ERROR_HOST, "criu ended without an answer");
	const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(ret_fd, CMSG_DATA(header), sizeof(int));
	return criu_decode(arena, vector.iov_base, (size_t)n, ret, err);
}

static int notice_serve(struct criu *criu, struct arena *arena, const struct criu_request *request,
			const struct criu_notice *notice, struct error *err)
{
	struct text answer = { .arena = arena };
	struct error failed = {}, unheard = {};

	log_debug("criu: %s", notice->script);
	int result = request->notice ? request->notice(request->context, notice, &failed) : 0;
	criu_encode_answer(&answer, result == 0);
	if (message_send(criu, &answer, &unheard) < 0 && result == 0) {
		*err = unheard;
		return -1;
	}
	/* The first reason is the one to tell; CRIU is heard to its end in any case. */
	if (result < 0 && err->kind == ERROR_NONE)
		*err = failed;
	return 0;
}

static int request_failed(const struct criu_request *request, struct arena *arena,
			  const struct criu_reply *reply, struct error *err)
{
	static const char *const verbs[] = {
		[CRIU_DUMP] = "save the container",
		[CRIU_RESTORE] = "restore the container",
		[CRIU_PRE_DUMP] = "save the container's memory",
		[CRIU_FEATURES] = "look at this kernel",
		[CRIU_VERSION] = "tell its version",
	};
	const char *reason = request->log ? criu_log_reason(arena, request->log) : NULL;

	if (!reason)
		reason = reply->message;
	(void)fail(err, ERROR_HOST, "criu could not %s%s%.*s", verbs[request->call],
		   *reason ? ": " : "", (int)strcspn(reason, "\n"), reason);
	return request->log ? fail_remedy(err, "its log '%s' says more", request->log) : -1;
}

int criu_call(struct criu *criu, struct arena *arena, const struct criu_request *request,
	      struct criu_reply *ret_reply, struct error *err)
{
	bool is_question = request->call == CRIU_VERSION || request->call == CRIU_FEATURES;
	struct text message = { .arena = arena };
	struct error ours = {};

	/* After a pre-dump it waits for the dump. */
	criu->is_idle = is_question || request->call == CRIU_PRE_DUMP;
	criu_encode(&message, request->call, request->options, is_question);
	TRY(message_send(criu, &message, err));
	for (;;) {
		autofd fd = -1;
		struct error unheard = {};
		if (message_receive(criu, arena, ret_reply, &fd, &unheard) < 0) {
			*err = ours.kind ? ours : unheard;
			return -1;
		}
		if (ret_reply->call != CRIU_NOTIFY)
			break;
		struct criu_notice notice = { .script = ret_reply->script,
					      .pid = ret_reply->pid,
					      .descriptor = fd };
		if (notice_serve(criu, arena, request, &notice, &ours) < 0)
			break;
	}
	if (ours.kind != ERROR_NONE) {
		*err = ours;
		return -1;
	}
	return ret_reply->is_success ? 0 : request_failed(request, arena, ret_reply, err);
}

int criu_need_memory_tracking(struct criu *criu, struct arena *arena, struct error *err)
{
	struct criu_request request = { .call = CRIU_FEATURES };
	struct criu_reply reply;

	TRY(criu_call(criu, arena, &request, &reply, err));
	if (reply.tracks_memory)
		return 0;
	(void)fail(err, ERROR_HOST, "this kernel cannot track which memory is written");
	(void)fail_field(err, "--pre-dump or --parent-path");
	return fail_remedy(err, "checkpoint at once, or use a kernel with CONFIG_MEM_SOFT_DIRTY");
}
