/* SPDX-License-Identifier: Apache-2.0 */
/* Programs of the engine at points of the life cycle, with the container's state on their standard
 * input. */
#include "apply/hooks.h"

#include "apply/step.h"
#include "base/arena.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "plan/oci-state.h"
#include "plan/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_NOT_EXECUTED = 127, MILLISECONDS = 1000 };

/* A pipe that holds the whole state, so that a hook which reads nothing keeps nobody waiting. The
 * reading end. */
static int state_pipe(const struct text *state, struct error *err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail_sys(err, "create a pipe for the hook's state");
	autofd reader = ends[0], writer = ends[1];
	if (state->n > PIPE_BUF && fcntl(writer, F_SETPIPE_SZ, (int)state->n) < 0)
		return fail_sys(err, "make room for the %zu bytes of the hook's state", state->n);
	if (write_all(writer, state->data, state->n) < 0)
		return fail_sys(err, "write the hook's state");
	return fd_take(&reader);
}

/* In the child: nothing of the runtime but the standard streams; FAILURE tells the parent why the
 * hook could not be executed. */
static _Noreturn void hook_execute(const struct plan_hook *hook, int input, int failure)
{
	static const char *const no_environment[] = { NULL };
	const char *only_path[] = { hook->path, NULL };
	const char *const *args = hook->args ? (const char *const *)hook->args : only_path;
	const char *const *env = hook->env ? (const char *const *)hook->env : no_environment;
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	if (dup2(input, STDIN_FILENO) >= 0 &&
	    close_range(STDERR_FILENO + 1, UINT_MAX, CLOSE_RANGE_CLOEXEC) == 0)
		(void)execve(hook->path, (char *const *)(uintptr_t)args,
			     (char *const *)(uintptr_t)env);

	int saved = errno;
	(void)!write(failure, &saved, sizeof(saved)); /* the exit status says it too, less well */
	_exit(EXIT_NOT_EXECUTED);
}

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC,
			    &now); /* cannot fail: the clock exists, the pointer is ours */
	return (int64_t)now.tv_sec * MILLISECONDS + now.tv_nsec / 1000000;
}

/* Until the process has ended: 1, or 0 when TIMEOUT seconds (0 = none) have passed, or -1. */
static int process_await(int pidfd, unsigned timeout)
{
	int64_t end = now_ms() + (int64_t)timeout * MILLISECONDS;
	struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };

	for (;;) {
		int64_t left = timeout ? end - now_ms() : -1;
		if (timeout && left < 0)
			left = 0;
		int n = poll(&poll_fd, 1, left > INT_MAX ? INT_MAX : (int)left);
		if (n < 0 && errno == EINTR)
			continue;
		return n;
	}
}

static int hook_failed(const struct plan_hook *hook, int status, struct error *err)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status))
		(void)fail(err, ERROR_HOST, "'%s' exited with status %d", hook->path,
			   WEXITSTATUS(status));
	else
		(void)fail(err, ERROR_HOST, "'%s' was killed by signal %d", hook->path,
			   WTERMSIG(status));
	return fail_field(err, "%s", hook->origin ? hook->origin : "");
}

static int hook_await(const struct plan_hook *hook, pid_t pid, int failure, struct error *err)
{
	int status, why;
	autofd pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	int ended = pidfd < 0 ? -1 : process_await(pidfd, hook->timeout);
	int saved = errno;

	if (ended <= 0)
		(void)kill(pid, SIGKILL); /* our own child, not yet waited for */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;

	if (ended == 0) {
		(void)fail(err, ERROR_HOST, "'%s' did not end within %u s", hook->path,
			   hook->timeout);
		return fail_field(err, "%s", hook->origin ? hook->origin : "");
	}
	errno = saved;
	if (ended < 0)
		return fail_sys(err, "wait for '%s'", hook->path);
	if (read(failure, &why, sizeof(why)) == sizeof(why)) {
		errno = why;
		(void)fail_sys(err, "execute '%s'", hook->path);
		return fail_field(err, "%s", hook->origin ? hook->origin : "");
	}
	return hook_failed(hook, status, err);
}

static int hook_run(const struct plan_hook *hook, const struct text *state, struct error *err)
{
	autofd input = TRY(state_pipe(state, err));
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail_sys(err, "create a pipe");
	autofd reader = ends[0], writer = ends[1];
	pid_t pid = fork();
	if (pid < 0)
		return fail_sys(err, "fork for '%s'", hook->path);
	if (pid == 0)
		hook_execute(hook, input, writer);
	fd_close(&writer);
	return hook_await(hook, pid, reader, err);
}

/* Engines show which one it was by these words. */
static void hook_name(enum hook_kind kind, size_t i, struct error *err)
{
	struct error failed = *err;

	(void)snprintf(err->text, sizeof(err->text), "error running %s hook #%zu: %.900s",
		       hook_kind_names[kind], i, failed.text);
}

int hooks_run(const struct plan *plan, enum hook_kind kind, const char *status, pid_t pid,
	      struct error *err)
{
	autoarena arena = {};
	struct text state = { .arena = &arena };

	if (plan->hooks.of[kind].n == 0)
		return 0;
	plan_state_json(plan, status, pid, &state);
	int result = 0;
	for (size_t i = 0; i < plan->hooks.of[kind].n; i++) {
		struct error failed = {};
		if (hook_run(&plan->hooks.of[kind].items[i], &state, &failed) == 0)
			continue;
		hook_name(kind, i, &failed);
		if (result == 0)
			*err = failed;
		result = -1;
		/* runtime.md, step 13: after a poststop hook that fails the others run all the
		 * same. */
		if (kind != HOOK_POSTSTOP)
			break;
	}
	return result;
}

int hooks_create_runtime(const struct plan *plan, struct handles *handles, struct error *err)
{
	TRY(hooks_run(plan, HOOK_PRESTART, "creating", handles->init, err));
	return hooks_run(plan, HOOK_CREATE_RUNTIME, "creating", handles->init, err);
}

int hooks_create_container(const struct plan *plan, struct handles *handles, struct error *err)
{
	(void)handles;
	return hooks_run(plan, HOOK_CREATE_CONTAINER, "creating", getpid(), err);
}

int hooks_start_container(const struct plan *plan, struct handles *handles, struct error *err)
{
	(void)handles;
	return hooks_run(plan, HOOK_START_CONTAINER, "created", getpid(), err);
}
