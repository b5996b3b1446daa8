/* SPDX-License-Identifier: Apache-2.0 */
/* The verb kill, and the names of signals. */
#include "apply/cgroup.h"
#include "base/error.h"
#include "base/str.h"
#include "lifecycle/container.h"
#include "lifecycle/events.h"
#include "lifecycle/runtime.h"

#include "base/arena.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <strings.h>
#include <sys/syscall.h>
#include <unistd.h>

static int real_time_number(const char *name)
{
	bool from_end = strncasecmp(name, "RTMAX", 5) == 0;
	uint64_t offset = 0;

	if (!from_end && strncasecmp(name, "RTMIN", 5) != 0)
		return -1;
	if (name[5] && (name[5] != (from_end ? '-' : '+') ||
			str_to_u64(name + 6, (uint64_t)(SIGRTMAX - SIGRTMIN), &offset) < 0))
		return -1;
	return from_end ? SIGRTMAX - (int)offset : SIGRTMIN + (int)offset;
}

int mxcrt_signal_number(const char *name)
{
	uint64_t number;

	if (str_to_u64(name, (uint64_t)SIGRTMAX, &number) == 0)
		return (int)number;
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	for (int i = 1; i < NSIG; i++) {
		const char *known = sigabbrev_np(i);
		if (known && strcasecmp(name, known) == 0)
			return i;
	}
	/* Old names that programs still use. */
	if (strcasecmp(name, "IOT") == 0)
		return SIGIOT;
	if (strcasecmp(name, "CLD") == 0)
		return SIGCHLD;
	return real_time_number(name);
}

static int kill_all(const struct container *container, int signal, struct error *err)
{
	const char *path = container->record.cgroup;

	if (!path || !path[0]) {
		(void)fail(err, ERROR_HOST,
			   "container '%s' has no cgroup: its other processes cannot be found",
			   container->record.id);
		return fail_remedy(err, "kill without --all");
	}
	autofd cgroup = cgroup_open(path, err);
	/* A cgroup that is gone has no process left. */
	if (cgroup < 0)
		return err->sys_errno == ENOENT ? 0 : -1;
	return cgroup_kill(cgroup, signal, err);
}

static bool is_populated(const struct container *container)
{
	struct error ignored = {};
	const char *path = container->record.cgroup;
	autofd cgroup = path && path[0] ? cgroup_open(path, &ignored) : -1;

	return cgroup >= 0 && cgroup_is_populated(cgroup);
}

/* To init; with KILL to everybody, also where they are not in a pid namespace that ends with it. */
static int kill_init(const struct container *container, int signal, struct error *err)
{
	struct error ignored = {};

	if (syscall(SYS_pidfd_send_signal, container->pidfd, signal, NULL, 0) < 0)
		return fail_sys(err, "send signal %d to container '%s'", signal,
				container->record.id);
	if (signal == SIGKILL && container->record.cgroup && container->record.cgroup[0])
		(void)kill_all(container, signal, &ignored); /* init has got it in any case */
	return 0;
}

static int kill_container(struct mxcrt *rt, const char *id, int signal, bool all, struct error *err)
{
	autocontainer container = { .proc = -1, .pidfd = -1 };

	TRY(container_open(rt, id, false, &container, err));
	bool is_alive = container.status == STATUS_CREATED || container.status == STATUS_RUNNING;
	/* KILL is the container's end: where it shares the pid namespace others may live on when
	 * its init has gone, and engines count on it. */
	if (!is_alive && signal == SIGKILL && is_populated(&container))
		all = true;
	if (!all && !is_alive) {
		/* Engines look for these words. */
		(void)fail(err, ERROR_CONFIG, "container not running: '%s' is %s", id,
			   status_names[container.status]);
		return fail_code(err, "already_stopped");
	}
	int result = all ? kill_all(&container, signal, err) : kill_init(&container, signal, err);
	event_note(rt,
		   &(struct event){ .name = "container.kill",
				    .record = &container.record,
				    .failure = result < 0 ? err : NULL,
				    .extra = arena_printf(&rt->arena, "\"signal\":%d,\"all\":%s",
							  signal, all ? "true" : "false") });
	return result;
}

int mxcrt_kill(struct mxcrt *rt, const char *id, int signal, bool all)
{
	struct error err = {};

	return runtime_result(rt, kill_container(rt, id, signal, all, &err), &err);
}
