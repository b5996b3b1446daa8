/* SPDX-License-Identifier: Apache-2.0 */
/* The processes of a cgroup, its children's included: listed, signalled, frozen. */
#include "apply/cgroup.h"

#include "apply/cgroup-files.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FREEZE_TIMEOUT_MS = 10000, KILL_ROUNDS = 100, KILL_WAIT_MS = 20, DEPTH_LIMIT = 64 };

static int own_pids(struct arena *arena, int cgroup, struct cgroup_pids *pids, struct error *err)
{
	char line[32];
	uint64_t pid;
	int fd = openat(cgroup, "cgroup.procs", O_RDONLY | O_CLOEXEC);

	/* A child removed meanwhile has nobody in it. */
	if (fd < 0 && (errno == ENOENT || errno == ENODEV))
		return 0;
	if (fd < 0)
		return fail_sys(err, "open the process list of a cgroup");
	autofile file = fdopen(fd, "re");
	if (!file) {
		(void)close(fd);
		return fail_sys(err, "read the process list of a cgroup");
	}
	while (fgets(line, sizeof(line), file)) {
		for (char *end = line; *end; end++)
			if (*end == '\n')
				*end = '\0';
		/* 0 is a process of another pid namespace: it has no number here. */
		if (str_to_u64(line, INT_MAX, &pid) == 0 && pid > 0)
			*arena_push(arena, &pids->list) = (pid_t)pid;
	}
	return 0;
}

static int tree_pids(struct arena *arena, int cgroup, struct cgroup_pids *pids, unsigned depth,
		     struct error *err)
{
	TRY(own_pids(arena, cgroup, pids, err));
	if (depth >= DEPTH_LIMIT)
		return fail(err, ERROR_HOST, "the container's cgroups are nested deeper than %d",
			    DEPTH_LIMIT);

	int copy = openat(cgroup, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (copy < 0)
		return fail_sys(err, "open a cgroup");
	autodir directory = fdopendir(copy);
	if (!directory) {
		(void)close(copy);
		return fail_sys(err, "list a cgroup");
	}
	for (struct dirent *entry; (entry = readdir(directory));) {
		if (entry->d_type != DT_DIR || str_equal(entry->d_name, ".") ||
		    str_equal(entry->d_name, ".."))
			continue;
		autofd child = cgroup_directory_open(copy, entry->d_name);
		if (child >= 0)
			TRY(tree_pids(arena, child, pids, depth + 1, err));
	}
	return 0;
}

int cgroup_pids(struct arena *arena, int cgroup, struct cgroup_pids *ret_pids, struct error *err)
{
	struct cgroup_pids pids = {};

	TRY(tree_pids(arena, cgroup, &pids, 0, err));
	*ret_pids = pids;
	return 0;
}

static int signal_each(int cgroup, int signal, struct error *err)
{
	autoarena arena = {};
	struct cgroup_pids pids;

	TRY(cgroup_pids(&arena, cgroup, &pids, err));
	for (size_t i = 0; i < pids.list.n; i++)
		if (kill(pids.list.items[i], signal) < 0 && errno != ESRCH)
			return fail_sys(err, "signal process %d", pids.list.items[i]);
	return 0;
}

int cgroup_kill(int cgroup, int signal, struct error *err)
{
	if (signal != SIGKILL)
		return signal_each(cgroup, signal, err);
	if (file_write_at(cgroup, "cgroup.kill", "1") == 0 || errno == ENODEV)
		return 0;
	/* Threaded trees refuse it. Whoever forks faster than we list is met in the next round. */
	for (int round = 0; round < KILL_ROUNDS; round++) {
		TRY(signal_each(cgroup, SIGKILL, err));
		if (cgroup_event_await(cgroup, "populated", 0, KILL_WAIT_MS) != 0)
			return 0;
	}
	return fail(err, ERROR_HOST,
		    "the container's processes multiply faster than they can be killed");
}

int cgroup_freeze(int cgroup, bool frozen, struct error *err)
{
	if (file_write_at(cgroup, "cgroup.freeze", frozen ? "1" : "0") < 0)
		return fail_sys(err, "%s the container's cgroup", frozen ? "freeze" : "thaw");
	int done = cgroup_event_await(cgroup, "frozen", frozen, FREEZE_TIMEOUT_MS);
	if (done < 0)
		return fail_sys(err, "wait until the container is %s",
				frozen ? "frozen" : "thawed");
	if (done == 0) {
		if (frozen)
			(void)file_write_at(cgroup, "cgroup.freeze",
					    "0"); /* half frozen is worse than not */
		return fail(err, ERROR_HOST, "the container is not %s after %d s",
			    frozen ? "frozen" : "thawed", FREEZE_TIMEOUT_MS / 1000);
	}
	return 0;
}

bool cgroup_is_frozen(int cgroup)
{
	uint64_t frozen = 0;

	return cgroup_number_read(cgroup, "cgroup.events", "frozen", &frozen) && frozen == 1;
}

int cgroup_thaw_await(int cgroup, int pidfd, struct error *err)
{
	char text[256];
	autofd fd = openat(cgroup, "cgroup.events", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return fail_sys(err, "open the events of a cgroup");
	for (;;) {
		struct pollfd fds[2] = { { .fd = fd, .events = POLLPRI },
					 { .fd = pidfd, .events = POLLIN } };
		/* Each read arms the notification of the next change. */
		ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
		if (n < 0)
			return errno == ENODEV ? 0 : fail_sys(err, "read the events of a cgroup");
		text[n] = '\0';
		if (!strstr(text, "frozen 1"))
			return 0;
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return fail_sys(err, "wait until the container is resumed");
		if (fds[1].revents)
			return 0;
	}
}

bool cgroup_is_populated(int cgroup)
{
	uint64_t populated = 0;

	return cgroup_number_read(cgroup, "cgroup.events", "populated", &populated) &&
	       populated == 1;
}
