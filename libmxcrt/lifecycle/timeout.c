/* SPDX-License-Identifier: Apache-2.0 */
/* A watcher that holds a pidfd and nothing else, and sleeps until init or the time ends. */
#include "lifecycle/timeout.h"

#include "apply/cgroup.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/fd.h"
#include "lifecycle/events.h"
#include "lifecycle/runtime.h"
#include "state/record.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* True when init ended before the time was up. */
static bool ended_within(int pidfd, uint64_t ms)
{
	struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };
	int64_t end = now_ms() + (int64_t)ms;

	for (;;) {
		int64_t left = end - now_ms();
		if (left < 0)
			left = 0;
		int n = poll(&poll_fd, 1, left > INT32_MAX ? INT32_MAX : (int)left);
		if (n > 0)
			return true;
		if (n == 0 && left == 0)
			return false;
	}
}

static void end_container(struct mxcrt *rt, const struct record *record, int pidfd)
{
	struct error err = {};

	event_note(rt, &(struct event){
			       .name = "container.timeout",
			       .record = record,
			       .extra = arena_printf(&rt->arena, "\"timeout_ms\":%llu",
						     (unsigned long long)record->timeout_ms) });
	(void)syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, NULL, 0);
	bool ended = ended_within(pidfd, TIMEOUT_GRACE_MS);

	autofd cgroup = record->cgroup && record->cgroup[0] ? cgroup_open(record->cgroup, &err)
							    : -1;
	/* Also after init has ended: with a pid namespace that is shared its descendants live on.
	 */
	if (cgroup >= 0)
		(void)cgroup_kill(cgroup, SIGKILL, &err);
	if (!ended)
		(void)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
}

static _Noreturn void watch(struct mxcrt *rt, const struct record *record, int pidfd)
{
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	(void)setsid();
	/* Neither keep the caller's directory busy nor its blocked signals: a service manager that
	 * stops must not wait for us. */
	(void)!chdir("/");
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)prctl(PR_SET_NAME, "mxc-timeout");
	/* The engine waits for the end of our standard streams: the watcher must not keep them. */
	for (int fd = 0; fd < 3 && null >= 0; fd++)
		(void)dup2(null, fd);
	if (fcntl(pidfd, F_DUPFD, 3) != 3)
		(void)dup2(pidfd, 3);
	(void)syscall(SYS_close_range, 4U, ~0U, 0U);
	rt->root = rt->log = -1;
	if (!ended_within(3, record->timeout_ms))
		end_container(rt, record, 3);
	_exit(EXIT_SUCCESS);
}

int timeout_watch(struct mxcrt *rt, const struct record *record, int pidfd, struct error *err)
{
	if (record->timeout_ms == 0)
		return 0;
	/* Twice, so that it is init's (or the engine's) child and nobody here has to wait for it.
	 */
	pid_t pid = fork();
	if (pid < 0)
		return fail_sys(err, "start the watcher of process.timeout");
	if (pid == 0) {
		pid_t watcher = fork();
		if (watcher == 0)
			watch(rt, record, pidfd);
		_exit(watcher < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
	}
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fail_sys(err, "wait for the watcher of process.timeout");
	if (status != 0)
		return fail(err, ERROR_HOST, "the watcher of process.timeout could not be started");
	return 0;
}
