/* SPDX-License-Identifier: Apache-2.0 */
/* Namespaces: made new or joined, by the process that will live in them. */
#include "apply/namespaces.h"

#include "apply/namespaces-lend.h"
#include "apply/proc.h"
#include "apply/step.h"
#include "base/fd.h"
#include "plan/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* User and pid namespaces are clone's; the cgroup namespace is made once the process is in its
 * cgroup. */
enum { NOT_UNSHARED = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWCGROUP };

/* Open namespace files, -1 where there is nothing (more) to join. */
struct joins {
	int fds[NAMESPACE_KINDS];
};

static void joins_close(struct joins *joins)
{
	for (int kind = 0; kind < NAMESPACE_KINDS; kind++)
		fd_close(&joins->fds[kind]);
}

static int join_failed(const struct plan_namespace *namespace, const struct namespace_info *info,
		       int fd, struct error *err)
{
	(void)fail_sys(err, "join the %s namespace '%s'", info->name,
		       namespace->path ? namespace->path : "of the container");
	/* A namespace file tells its type; anything else does not know the question. */
	if (err->sys_errno == EINVAL && ioctl(fd, NS_GET_NSTYPE) != info->clone_flag)
		(void)fail(err, ERROR_CONFIG, "'%s' is no %s namespace", namespace->path,
			   info->name);
	return fail_field(err, "%s", namespace->origin ? namespace->origin : "");
}

static int join_one(const struct plan *plan, struct joins *joins, enum namespace_kind kind,
		    bool may_wait, struct error *err)
{
	const struct namespace_info *info = &namespace_infos[kind];

	if (joins->fds[kind] < 0)
		return 0;
	if (setns(joins->fds[kind], info->clone_flag) == 0) {
		fd_close(&joins->fds[kind]);
		return 0;
	}
	if (errno == EPERM && may_wait)
		return 0;
	return join_failed(&plan->namespaces.of[kind], info, joins->fds[kind], err);
}

/*
 * All files are opened first: joining a mount namespace changes what their paths mean, hence it is
 * also the last. A namespace of the host is joined with the caller's rights, one that belongs to
 * the joined user namespace with the rights inside: what is refused before joining the user
 * namespace is tried again after it.
 */
static int join_in_order(const struct plan *plan, struct joins *joins, struct error *err)
{
	bool has_user = joins->fds[NAMESPACE_USER] >= 0;

	for (int kind = 0; kind < NAMESPACE_KINDS; kind++)
		if (kind != NAMESPACE_USER && kind != NAMESPACE_MOUNT)
			TRY(join_one(plan, joins, (enum namespace_kind)kind, has_user, err));
	TRY(join_one(plan, joins, NAMESPACE_USER, false, err));
	for (int kind = 0; kind < NAMESPACE_KINDS; kind++)
		if (kind != NAMESPACE_MOUNT)
			TRY(join_one(plan, joins, (enum namespace_kind)kind, false, err));
	return join_one(plan, joins, NAMESPACE_MOUNT, false, err);
}

/* Where config.json sets something in namespaces of KIND, NULL when it does not. */
static const char *setting_in(const struct plan *plan, enum namespace_kind kind)
{
	const struct plan_kernel *kernel = &plan->kernel;

	for (size_t i = 0; i < kernel->sysctls.n; i++)
		if (kernel->sysctls.items[i].owner == kind)
			return kernel->sysctls.items[i].origin;
	if (kind == NAMESPACE_UTS && kernel->hostname)
		return "config.json hostname";
	if (kind == NAMESPACE_UTS && kernel->domainname)
		return "config.json domainname";
	return NULL;
}

/* A path may lead back to where the runtime is: what is set there would be set for the host. */
static int foreign_check(const struct plan *plan, enum namespace_kind kind, int proc, int fd,
			 struct error *err)
{
	const struct namespace_info *info = &namespace_infos[kind];
	const char *setting = setting_in(plan, kind);
	struct stat own, given;
	char path[32];

	if (!setting)
		return 0;
	(void)snprintf(path, sizeof(path), "self/ns/%s", info->file);
	if (fstatat(proc, path, &own, 0) < 0 || fstat(fd, &given) < 0)
		return fail_sys(err, "look at the %s namespace", info->name);
	if (own.st_ino != given.st_ino || own.st_dev != given.st_dev)
		return 0;
	(void)fail(err, ERROR_CONFIG,
		   "the %s namespace '%s' is the runtime's own: the host would be changed",
		   info->name, plan->namespaces.of[kind].path);
	(void)fail_field(err, "%s", setting);
	return fail_remedy(err, "remove it, or leave out the path for a new namespace");
}

static int joins_open(const struct plan *plan, int proc, struct joins *joins, struct error *err)
{
	for (int kind = 0; kind < NAMESPACE_KINDS; kind++) {
		const struct plan_namespace *namespace = &plan->namespaces.of[kind];

		if (namespace->mode != NAMESPACE_JOIN || !namespace->path)
			continue;
		joins->fds[kind] = open(namespace->path,
					O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		if (joins->fds[kind] < 0) {
			(void)fail_sys(err, "open the %s namespace '%s'",
				       namespace_infos[kind].name, namespace->path);
			return fail_field(err, "%s", namespace->origin ? namespace->origin : "");
		}
		TRY(foreign_check(plan, (enum namespace_kind)kind, proc, joins->fds[kind], err));
	}
	return 0;
}

static int join_by_path(const struct plan *plan, int proc, struct error *err)
{
	struct joins joins = { .fds = { -1, -1, -1, -1, -1, -1, -1, -1 } };

	_Static_assert(NAMESPACE_KINDS == 8, "joins starts without descriptors");
	int result = joins_open(plan, proc, &joins, err);
	if (result == 0)
		result = join_in_order(plan, &joins, err);
	joins_close(&joins);
	return result;
}

/* Of an init that waits for start, and hides until it executes the payload from everybody but the
 * host's root: what it lends. */
static int join_borrowed(const struct plan *plan, const struct handles *handles, int flags,
			 struct error *err)
{
	struct joins joins;

	if (namespaces_borrow(handles->state, joins.fds, err) < 0) {
		if (err->sys_errno == ENOENT || err->sys_errno == ECONNREFUSED)
			(void)fail_remedy(err, "try again: the container is just being started");
		return -1;
	}
	for (int kind = 0; kind < NAMESPACE_KINDS; kind++)
		if (!(namespace_infos[kind].clone_flag & flags))
			fd_close(&joins.fds[kind]);
	int result = join_in_order(plan, &joins, err);
	joins_close(&joins);
	return result;
}

/* Those of a running process, in one call: the kernel takes the user namespace first and the mount
 * namespace last. */
static int join_by_process(const struct plan *plan, const struct handles *handles, int flags,
			   struct error *err)
{
	if (flags == 0 || setns(handles->target_pidfd, flags) == 0)
		return 0;
	if (errno == ESRCH)
		return fail(err, ERROR_HOST, "the container's first process (pid %d) is gone",
			    plan->namespaces.join_pid);
	(void)fail_sys(err, "join the namespaces of the container's first process (pid %d)",
		       plan->namespaces.join_pid);
	if (err->sys_errno != EPERM)
		return -1;
	*err = (struct error){};
	return join_borrowed(plan, handles, flags, err);
}

static int joined_flags(const struct plan *plan, bool by_path)
{
	int flags = 0;

	for (int kind = 0; kind < NAMESPACE_KINDS; kind++) {
		const struct plan_namespace *namespace = &plan->namespaces.of[kind];
		if (namespace->mode == NAMESPACE_JOIN && (namespace->path != NULL) == by_path)
			flags |= namespace_infos[kind].clone_flag;
	}
	return flags;
}

int namespaces_join_for_bridge(const struct plan *plan, struct handles *handles, struct error *err)
{
	if (joined_flags(plan, true) != 0)
		TRY(join_by_path(plan, handles->proc, err));
	return join_by_process(plan, handles, joined_flags(plan, false), err);
}

int namespaces_join_pid(const struct plan *plan, struct handles *handles, struct error *err)
{
	if (plan->namespaces.of[NAMESPACE_PID].mode != NAMESPACE_JOIN)
		return 0;
	if (setns(handles->target_pidfd, CLONE_NEWPID) < 0)
		return fail_sys(err, "join the container's pid namespace");
	return 0;
}

/*
 * The offsets belong to the user that the process counts as, and one that hides counts as the
 * host's root. It may show itself as long as nobody else is in its pid namespace.
 */
static int offsets_write(const struct plan *plan, int proc, const char *offsets)
{
	if (proc_write(proc, "self/timens_offsets", offsets) == 0)
		return 0;
	if (errno != EACCES || plan->namespaces.of[NAMESPACE_PID].mode != NAMESPACE_NEW)
		return -1;

	(void)prctl(PR_SET_DUMPABLE, 1);
	int result = proc_write(proc, "self/timens_offsets", offsets);
	int saved = errno;
	(void)prctl(PR_SET_DUMPABLE, 0);
	errno = saved;
	return result;
}

/* A new time namespace is for children, and its clocks are set before anyone is in it; then this
 * process enters it too. */
static int time_enter(const struct plan *plan, struct handles *handles, struct error *err)
{
	const struct plan_time_offset *monotonic = &plan->namespaces.monotonic;
	const struct plan_time_offset *boottime = &plan->namespaces.boottime;
	char offsets[160] = "";
	int n = 0;

	if (monotonic->is_set)
		n = snprintf(offsets, sizeof(offsets), "monotonic %" PRId64 " %" PRIu32 "\n",
			     monotonic->seconds, monotonic->nanoseconds);
	if (boottime->is_set)
		(void)snprintf(offsets + n, sizeof(offsets) - (size_t)n,
			       "boottime %" PRId64 " %" PRIu32 "\n", boottime->seconds,
			       boottime->nanoseconds);
	if (offsets[0] && offsets_write(plan, handles->proc, offsets) < 0)
		return fail_sys(err, "set the offsets of the time namespace");

	/* A magic link: openat2 without magic links, as elsewhere below /proc, would refuse it. */
	autofd fd = openat(handles->proc, "self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail_sys(err, "open the new time namespace");
	if (setns(fd, CLONE_NEWTIME) < 0)
		return fail_sys(err, "enter the new time namespace");
	return 0;
}

int namespaces_enter(const struct plan *plan, struct handles *handles, struct error *err)
{
	if (!plan_namespaces_need_bridge(&plan->namespaces)) {
		/* A pid namespace was joined by the host: it takes a birth to be in it. */
		if (joined_flags(plan, true) != 0)
			TRY(join_by_path(plan, handles->proc, err));
		TRY(join_by_process(plan, handles, joined_flags(plan, false) & ~CLONE_NEWPID, err));
	}

	int made, joined;
	plan_namespaces_flags(&plan->namespaces, &made, &joined);
	made &= ~NOT_UNSHARED;
	if (made != 0 && unshare(made) < 0) {
		(void)fail_sys(err, "make the container's namespaces");
		/* Where AppArmor restricts user namespaces one can be made, but gives no right to
		 * anything. */
		int user = plan->namespaces.of[NAMESPACE_USER].mode == NAMESPACE_NEW ? CLONE_NEWUSER
										     : 0;
		(void)namespaces_refused(handles->proc, made | user, err);
		return fail_field(err, "config.json linux.namespaces");
	}
	if (made & CLONE_NEWTIME)
		return time_enter(plan, handles, err);
	return 0;
}

int namespaces_enter_cgroup(const struct plan *plan, struct handles *handles, struct error *err)
{
	if (plan->namespaces.of[NAMESPACE_CGROUP].mode != NAMESPACE_NEW ||
	    unshare(CLONE_NEWCGROUP) == 0)
		return 0;
	(void)fail_sys(err, "make the container's cgroup namespace");
	return namespaces_refused(handles->proc, CLONE_NEWCGROUP, err);
}
