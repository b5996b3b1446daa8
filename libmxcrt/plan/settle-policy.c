/* SPDX-License-Identifier: Apache-2.0 */
/* A policy against the host: what it asks for is kept by enough layers, or the container is
 * refused. */
#include "plan/settle.h"

#include "base/error.h"
#include "plan/host.h"
#include "plan/landlock.h"
#include "plan/plan.h"

enum { ABI_REFER = 2, ABI_TRUNCATE = 3, ABI_IOCTL = 5, ABI_SCOPES = 6 };

static void degrade(struct plan *plan, const char *what, const char *origin)
{
	*arena_push(plan->arena, &plan->degradations) = (struct plan_degradation){ what, origin };
}

static int landlock_check(const struct host *host, struct error *err)
{
	if (host->landlock_abi >= 1)
		return 0;
	(void)fail_policy(
		err, "kernel",
		"build it with CONFIG_SECURITY_LANDLOCK and boot it with landlock in lsm=",
		"a policy needs Landlock, which this kernel does not offer");
	err->kind = ERROR_HOST;
	return fail_code(err, "backend_unavailable");
}

/* What an older Landlock leaves to the mounts, the device filter and the system call profile. */
static void rights_degrade(struct plan *plan, int abi)
{
	static const struct {
		int abi;
		const char *what;
	} rows[] = {
		{ ABI_REFER,    "Landlock ABI 1: no rename or link between directories (EXDEV)" },
		{ ABI_TRUNCATE, "Landlock below ABI 3: mounts alone hold truncating" },
		{ ABI_IOCTL,    "Landlock below ABI 5: seccomp alone holds device commands" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (abi < rows[i].abi)
			degrade(plan, rows[i].what, "landlock");
}

/* Exec enters the namespaces that create has judged. */
static bool is_separate(const struct plan *plan, enum namespace_kind kind)
{
	return plan->is_exec || plan->namespaces.of[kind].mode == NAMESPACE_NEW;
}

static const char *namespace_origin(const struct plan *plan, enum namespace_kind kind)
{
	const char *origin = plan->namespaces.of[kind].origin;
	return origin ? origin : "config.json linux.namespaces";
}

/* Without Landlock's scopes only namespaces of the container's own keep its signals and abstract
 * sockets inside. */
static int scopes_check(struct plan *plan, int abi, struct error *err)
{
	if (abi >= ABI_SCOPES)
		return 0;
	if (!is_separate(plan, NAMESPACE_PID))
		return fail_policy(err, namespace_origin(plan, NAMESPACE_PID),
				   "use Linux 6.12 or later, or a pid namespace of its own",
				   "Landlock ABI %d cannot keep signals inside of the container",
				   abi);
	if (!is_separate(plan, NAMESPACE_NETWORK) && plan->seccomp.profile != SYSCALLS_STRICT)
		return fail_policy(
			err, namespace_origin(plan, NAMESPACE_NETWORK),
			"use Linux 6.12 or later, or a network namespace of its own",
			"Landlock ABI %d cannot keep abstract sockets inside of the container",
			abi);
	degrade(plan, "Landlock below ABI 6: namespaces alone hold signals and abstract sockets",
		"landlock");
	return 0;
}

/* An executable memfd is no file that Landlock could judge: the sysctl closes it where it is ours
 * to set, else the filter does. */
static int memfd_settle(struct plan *plan, const struct host *host, enum seccomp_memfd *ret_memfd,
			struct error *err)
{
	const struct plan_namespace *pid = &plan->namespaces.of[NAMESPACE_PID];
	/* The file belongs to root of the host: root of a user namespace may not write it, not even
	 * for its own pid namespace. */
	bool may_write = host->is_root && !host->is_in_user_namespace &&
			 plan->namespaces.of[NAMESPACE_USER].mode == NAMESPACE_INHERIT;
	bool is_own = may_write && (plan->is_exec ? pid->is_own : pid->mode == NAMESPACE_NEW);

	*ret_memfd = SECCOMP_MEMFD_EXECUTABLE;
	if (plan->filesystem.memfd_exec)
		return 0;
	if (host->has_memfd_noexec && is_own) {
		plan->kernel.memfd_noexec = !plan->is_exec;
		*ret_memfd = SECCOMP_MEMFD_SYSCTL;
		if (plan->seccomp.profile == SYSCALLS_NONE)
			degrade(plan, "no system call profile: vm.memfd_noexec alone holds memfds",
				"exec.memfd");
		return 0;
	}
	if (plan->seccomp.profile == SYSCALLS_NONE)
		return fail_policy(
			err, plan->seccomp.origin, "use another profile, or set exec.memfd to true",
			"without vm.memfd_noexec only a profile keeps memfds from being executed");
	*ret_memfd = SECCOMP_MEMFD_SEALED;
	degrade(plan, "vm.memfd_noexec is not ours to set: memfd_create needs MFD_NOEXEC_SEAL",
		"exec.memfd");
	return 0;
}

static int seccomp_settle(struct plan *plan, const struct host *host, struct error *err)
{
	enum seccomp_memfd memfd;
	if (plan->seccomp.profile != SYSCALLS_NONE && !host->has_seccomp)
		return fail_policy(err, plan->seccomp.origin,
				   "use a kernel with CONFIG_SECCOMP_FILTER, or the profile 'none'",
				   "this kernel has no system call filters");
	if (plan->seccomp.profile == SYSCALLS_NONE) {
		plan->seccomp.deny_terminal_injection = false;
		degrade(plan, "no system call profile: config.json's filter alone decides",
			plan->seccomp.origin);
	}
	TRY(memfd_settle(plan, host, &memfd, err));
	return plan_seccomp_assemble(plan->arena, &plan->seccomp, memfd, err);
}

/* The end of init ends all of its pid namespace; of another one only the cgroup tells who belongs
 * to the container. */
static int timeout_settle(struct plan *plan, struct error *err)
{
	if (plan->timeout_ms == 0 || plan->namespaces.of[NAMESPACE_PID].mode == NAMESPACE_NEW)
		return 0;
	if (plan->cgroup.manager == CGROUP_NONE)
		return fail_policy(
			err, "policy process.timeout",
			"give the container a pid namespace or a cgroup of its own",
			"without either its processes cannot all be ended when the time is up");
	plan->cgroup.is_asked = true;
	return 0;
}

int plan_settle_policy(struct plan *plan, const struct host *host, struct error *err)
{
	if (!plan->filesystem.is_active)
		return 0;
	TRY(landlock_check(host, err));
	TRY(plan_filesystem_settle(plan, err));
	plan_landlock_derive(plan, host->landlock_abi);
	rights_degrade(plan, host->landlock_abi);
	TRY(scopes_check(plan, host->landlock_abi, err));
	TRY(timeout_settle(plan, err));
	return seccomp_settle(plan, host, err);
}
