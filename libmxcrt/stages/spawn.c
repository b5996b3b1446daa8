/* SPDX-License-Identifier: Apache-2.0 */
/* Make the processes of a start: init, and the bridge that carries it into joined namespaces. */
#include "stages/stages.h"

#include "apply/namespaces.h"
#include "apply/self.h"
#include "base/fd.h"
#include "base/log.h"
#include "stages/link.h"

#include <errno.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Namespaces that init must be born in: a pid or time namespace is entered by being born, a user
 * namespace owns those made with it. */
enum { BIRTH_FLAGS = CLONE_NEWPID | CLONE_NEWUSER };

/*
 * clone3 into the cgroup, where there is one, so that not one instruction runs outside and no later
 * move (which costs an RCU grace period) is needed. PARENT: the new process becomes the caller's
 * sibling. Returns as fork does.
 */
static pid_t process_clone(int flags, int cgroup, int *pidfd)
{
	struct clone_args args = {
		.flags = (uint64_t)(unsigned)flags | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)pidfd,
		.exit_signal = (flags & CLONE_PARENT) ? 0 : SIGCHLD,
	};

	if (cgroup >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)(unsigned)cgroup;
	}
	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static _Noreturn void init_main(const struct plan *plan, struct handles *handles)
{
	static const struct stage *const create[] = { &stage_enter, &stage_before_pivot,
						      &stage_after_pivot, &stage_before_exec,
						      NULL };
	static const struct stage *const exec[] = { &stage_enter, &stage_before_exec, NULL };
	struct error err = {};

	self_hide(plan);
	fd_close(&handles->lock);
	for (const struct stage *const *stage = plan->is_exec ? exec : create; *stage; stage++)
		if (stage_run(*stage, plan, handles, &err) < 0)
			break;
	/* The last step replaces this program: whoever comes here has failed. */
	link_tell_error(handles->link, &err);
	_exit(EXIT_FAILURE);
}

/* A process is born in a cgroup only where its parent could also move one to. */
static int cgroup_unreachable(const struct handles *handles, struct error *err)
{
	errno = err->sys_errno;
	*err = (struct error){};
	(void)fail_sys(err, "start a process in the cgroup '%s'", handles->cgroup_path);
	(void)fail_field(err, "config.json linux.cgroupsPath");
	if (err->sys_errno == EACCES)
		return fail_remedy(err,
				   "start the runtime itself within the part of the tree that "
				   "is delegated (systemd-run --user --scope -p Delegate=yes), "
				   "or use --systemd-cgroup");
	return fail_remedy(err, "name a cgroup without children or limits of its own");
}

static int clone_failed(const struct plan *plan, const struct handles *handles, int flags,
			struct error *err)
{
	bool has_cgroup = handles->cgroup >= 0 && !(flags & CLONE_PARENT);

	(void)fail_sys(err, "create the container's first process");
	if (has_cgroup &&
	    (err->sys_errno == EACCES || err->sys_errno == EBUSY || err->sys_errno == EOPNOTSUPP))
		return cgroup_unreachable(handles, err);
	(void)namespaces_refused(handles->proc, flags & BIRTH_FLAGS, err);
	if (flags & CLONE_NEWUSER)
		return fail_field(err, "%s", plan->namespaces.of[NAMESPACE_USER].origin);
	return -1;
}

static int birth_flags(const struct plan *plan)
{
	int made, joined;

	plan_namespaces_flags(&plan->namespaces, &made, &joined);
	return made & BIRTH_FLAGS;
}

/* The bridge joins, clones init as its own sibling, says its pid and ends. */
static _Noreturn void bridge_main(const struct plan *plan, struct handles *handles)
{
	int flags = birth_flags(plan) | CLONE_PARENT;
	int pidfd = -1;
	struct error err = {};

	self_hide(plan);
	if (stage_run(&stage_bridge, plan, handles, &err) < 0) {
		link_tell_error(handles->link, &err);
		_exit(EXIT_FAILURE);
	}
	/* It is in the cgroup by birth: so is its child. */
	pid_t init = process_clone(flags, -1, &pidfd);
	if (init == 0)
		init_main(plan, handles);
	if (init < 0) {
		(void)clone_failed(plan, handles, flags, &err);
		link_tell_error(handles->link, &err);
		_exit(EXIT_FAILURE);
	}
	if (link_tell(handles->link, WORD_JOINED, init, &err) < 0)
		_exit(EXIT_FAILURE);
	_exit(EXIT_SUCCESS);
}

static int init_open(struct handles *handles, struct error *err)
{
	handles->init_pidfd = (int)syscall(SYS_pidfd_open, handles->init, 0);
	if (handles->init_pidfd < 0)
		return fail_sys(err, "open the container's first process");
	return 0;
}

/* Init holds the bridge's end of the link too: that the bridge died does not close it. */
static int bridge_hear(const struct handles *handles, int bridge, struct error *err)
{
	struct pollfd fds[] = { { .fd = handles->link, .events = POLLIN },
				{ .fd = bridge, .events = POLLIN } };

	while (poll(fds, 2, -1) < 0)
		if (errno != EINTR)
			return fail_sys(err, "wait for the process that joins the namespaces");
	/* What it said at the very last counts. */
	if (fds[0].revents || poll(fds, 1, 0) > 0)
		return 0;
	return fail(err, ERROR_HOST, "the process that joins the namespaces ended in silence");
}

static int bridge_await(struct handles *handles, int bridge, struct error *err)
{
	int init;

	TRY(bridge_hear(handles, bridge, err));
	TRY(link_await(handles->link, WORD_JOINED, &init, err));
	handles->init = init;
	while (waitpid(handles->bridge, NULL, 0) < 0 && errno == EINTR)
		continue;
	handles->bridge = 0;
	return init_open(handles, err);
}

int spawn(const struct plan *plan, struct handles *handles, struct error *err)
{
	bool bridged = plan_namespaces_need_bridge(&plan->namespaces);
	int flags = bridged ? 0 : birth_flags(plan);
	int ends[2];

	if (!bridged)
		TRY(namespaces_join_pid(plan, handles, err));
	TRY(link_pair(ends, err));

	int pidfd = -1;
	pid_t pid = process_clone(flags, handles->cgroup, &pidfd);
	if (pid < 0) {
		(void)clone_failed(plan, handles, flags, err);
		(void)close(ends[0]);
		(void)close(ends[1]);
		return -1;
	}
	if (pid == 0) {
		(void)close(ends[0]);
		handles->link = ends[1];
		if (bridged)
			bridge_main(plan, handles);
		init_main(plan, handles);
	}
	(void)close(ends[1]);
	handles->link = ends[0];
	if (!bridged) {
		handles->init = pid;
		handles->init_pidfd = pidfd;
		return 0;
	}
	autofd bridge = pidfd;
	handles->bridge = pid;
	return bridge_await(handles, bridge, err);
}

static void process_end(pid_t *pid)
{
	if (*pid <= 0)
		return;
	/* Our own child, not yet waited for: the number cannot have been given to another process.
	 */
	(void)kill(*pid, SIGKILL);
	while (waitpid(*pid, NULL, __WALL) < 0 && errno == EINTR)
		continue;
	*pid = 0;
}

void spawn_abort(const struct plan *plan, struct handles *handles)
{
	/* The closed link ends an init whose bridge died before it could name it. */
	fd_close(&handles->link);
	process_end(&handles->bridge);
	process_end(&handles->init);
	fd_close(&handles->init_pidfd);
	stage_undo(&stage_host_attend, plan, handles);
	stage_undo(&stage_host_prepare, plan, handles);
}
