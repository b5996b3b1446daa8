/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors of the payload: those it was promised, and nothing else. */
#include "apply/fds.h"

#include "apply/step.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "plan/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

enum { FIRST_PROMISED = 3, LISTEN_MAXIMUM = 1024 };

int fds_open_standard(struct error *err)
{
	for (;;) {
		int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (fd < 0)
			return fail_sys(err, "open /dev/null");
		if (fd > STDERR_FILENO) {
			(void)close(fd);
			return 0;
		}
		/* It fills a gap, for the payload too. */
		if (fcntl(fd, F_SETFD, 0) < 0)
			return fail_sys(err, "keep descriptor %d open", fd);
	}
}

unsigned fds_listening(void)
{
	const char *text = getenv("LISTEN_FDS");
	uint64_t n;

	/* Whoever calls with nonsense passes none. */
	if (!text || str_to_u64(text, LISTEN_MAXIMUM, &n) < 0)
		return 0;
	return (unsigned)n;
}

unsigned fds_promised(const struct plan *plan)
{
	/* As engines count: standard streams, then those of LISTEN_FDS, then those they ask to
	 * preserve. */
	return fds_listening() + plan->process.preserve_fds;
}

int fds_check_promised(const struct plan *plan, struct handles *handles, struct error *err)
{
	unsigned first = FIRST_PROMISED + fds_listening();

	(void)handles;
	for (unsigned i = 0; i < plan->process.preserve_fds; i++) {
		int flags = fcntl((int)(first + i), F_GETFD);
		/* What is closed on exec was not inherited: it is ours. */
		if (flags >= 0 && !(flags & FD_CLOEXEC))
			continue;
		(void)fail(err, ERROR_CONFIG, "preserved-fd %u is not open, which is descriptor %u",
			   i, first + i);
		return fail_field(err, "option --preserve-fds");
	}
	return 0;
}

static int fd_compare(const void *a, const void *b)
{
	const int *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static int close_between(unsigned first, unsigned last, struct error *err)
{
	if (first <= last && close_range(first, last, 0) < 0)
		return fail_sys(err, "close descriptors %u to %u", first, last);
	return 0;
}

/* Where fewer were passed than promised the numbers may have become ours: those alone are marked to
 * be closed on exec, no descriptor that was inherited is. */
static int close_own(unsigned end, const int *kept, size_t n, struct error *err)
{
	for (unsigned fd = FIRST_PROMISED; fd < end; fd++) {
		int flags = fcntl((int)fd, F_GETFD);
		bool is_kept = false;
		for (size_t i = 0; i < n; i++)
			is_kept = is_kept || kept[i] == (int)fd;
		if (flags >= 0 && (flags & FD_CLOEXEC) && !is_kept)
			TRY(close_between(fd, fd, err));
	}
	return 0;
}

int fds_close_rest(const struct plan *plan, struct handles *handles, struct error *err)
{
	int kept[] = { handles->link,
		       handles->start,
		       handles->proc,
		       handles->landlock,
		       handles->seccomp_listener,
		       log_descriptor() };
	size_t n = sizeof(kept) / sizeof(kept[0]);
	unsigned next = FIRST_PROMISED + fds_promised(plan);

	/* Really closed, not only on exec: the payload's own path may lead through /proc/self/fd.
	 */
	TRY(close_own(next, kept, n, err));
	qsort(kept, n, sizeof(kept[0]), fd_compare);
	for (size_t i = 0; i < n; i++) {
		if (kept[i] < 0 || (unsigned)kept[i] < next)
			continue;
		TRY(close_between(next, (unsigned)kept[i] - 1, err));
		next = (unsigned)kept[i] + 1;
	}
	TRY(close_between(next, UINT_MAX, err));

	handles->state = handles->lock = handles->cgroup = handles->console = handles->terminal =
		handles->root = handles->pidfd_socket = -1;
	handles->init_pidfd = handles->target_pidfd = handles->user_namespace = -1;
	handles->denied_file = handles->denied_directory = handles->placeholders = -1;
	handles->sources_n = 0;
	return 0;
}

int fds_close_trusted(const struct plan *plan, struct handles *handles, struct error *err)
{
	(void)plan;
	/* The seccomp listener wants to know the pid outside, which only this /proc tells. */
	if (handles->seccomp_listener >= 0) {
		char self[16] = "";
		uint64_t pid;
		if (readlinkat(handles->proc, "self", self, sizeof(self) - 1) < 0)
			return fail_sys(err, "read our pid from /proc");
		if (str_to_u64(self, INT_MAX, &pid) < 0)
			return fail(err, ERROR_BUG, "/proc/self is '%s'", self);
		handles->init = (pid_t)pid;
	}
	fd_close(&handles->proc);
	return 0;
}
