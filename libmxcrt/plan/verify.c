/* SPDX-License-Identifier: Apache-2.0 */
/* What holds of every plan, whoever built it: the last look before it is made true. */
#include "base/error.h"
#include "base/path.h"
#include "base/str.h"
#include "plan/landlock.h"
#include "plan/plan.h"

#include <string.h>
#include <sys/mount.h>

static int broken(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int broken(struct error *err, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	(void)fail_va(err, ERROR_BUG, format, ap); /* as the end */
	va_end(ap);
	return -1;
}

/* Absolute, without empty, "." and ".." components and without a slash at the end. */
static bool path_is_normal(const char *path)
{
	if (!path || path[0] != '/')
		return false;
	if (path[1] == '\0')
		return true;
	for (const char *part = path; *part; part += strcspn(part, "/")) {
		part++;
		size_t n = strcspn(part, "/");
		if (n == 0 || (n == 1 && part[0] == '.') ||
		    (n == 2 && part[0] == '.' && part[1] == '.'))
			return false;
	}
	return true;
}

static bool is_one_name(const char *name)
{
	return name && name[0] && !strchr(name, '/') && !str_equal(name, ".") &&
	       !str_equal(name, "..");
}

static int identity_verify(const struct plan *plan, struct error *err)
{
	if (!plan->arena)
		return broken(err, "the plan has no memory");
	if (!is_one_name(plan->id))
		return broken(err, "'%s' is no id of a container", plan->id ? plan->id : "");
	if (!plan->bundle || plan->bundle[0] != '/')
		return broken(err, "the bundle has no absolute path");
	if (!plan->oci_version)
		return broken(err, "the plan has no version of the OCI specification");
	return 0;
}

static int namespace_verify(const struct plan *plan, enum namespace_kind kind, struct error *err)
{
	const struct plan_namespace *namespace = &plan->namespaces.of[kind];
	const char *name = namespace_infos[kind].name;

	if (namespace->path && (namespace->mode != NAMESPACE_JOIN || namespace->path[0] != '/'))
		return broken(err, "namespace %s has the path '%s', but is not joined by it", name,
			      namespace->path);
	if (namespace->mode == NAMESPACE_JOIN && !namespace->path && plan->namespaces.join_pid <= 0)
		return broken(err, "namespace %s is joined, but nobody says whose", name);
	if (plan->is_exec && namespace->mode == NAMESPACE_NEW)
		return broken(err, "a further process makes a new %s namespace", name);
	return 0;
}

static int namespaces_verify(const struct plan *plan, struct error *err)
{
	const struct plan_namespaces *namespaces = &plan->namespaces;
	bool has_user = namespaces->of[NAMESPACE_USER].mode == NAMESPACE_NEW;
	size_t maps = plan->ids.uid_maps.rows.n + plan->ids.gid_maps.rows.n;

	for (int kind = 0; kind < NAMESPACE_KINDS; kind++)
		TRY(namespace_verify(plan, (enum namespace_kind)kind, err));
	if (namespaces->of[NAMESPACE_MOUNT].mode == NAMESPACE_INHERIT)
		return broken(err, "the container has no mount namespace");
	if (plan->is_exec != (namespaces->join_pid > 0))
		return broken(err, "only a further process joins the namespaces of an init");
	if (has_user != (maps > 0))
		return broken(err, "id maps go with a new user namespace");
	if ((namespaces->monotonic.is_set || namespaces->boottime.is_set) &&
	    namespaces->of[NAMESPACE_TIME].mode != NAMESPACE_NEW)
		return broken(err, "offsets of clocks without a new time namespace");
	return 0;
}

static int process_verify(const struct plan *plan, struct error *err)
{
	const struct plan_process *process = &plan->process;

	if (plan->is_exec && !process->args)
		return broken(err, "a further process has no program");
	if (process->args && (!process->args[0] || !process->cwd || process->cwd[0] != '/'))
		return broken(err, "the process has no program or no absolute working directory");
	for (size_t i = 0; i < process->rlimits.n; i++)
		if (process->rlimits.items[i].soft > process->rlimits.items[i].hard)
			return broken(err, "soft limit %s above the hard one",
				      process->rlimits.items[i].name);
	for (size_t i = 0; i < plan->ids.groups.n; i++)
		if (plan->ids.groups.items[i] == UINT32_MAX)
			return broken(err, "a group is no group's id");
	if (plan->ids.uid == UINT32_MAX || plan->ids.gid == UINT32_MAX)
		return broken(err, "the user or group is nobody's id");
	return 0;
}

/* The kernel would refuse them, after everything else is done. */
static int caps_verify(const struct plan *plan, struct error *err)
{
	const struct plan_caps *caps = &plan->caps;

	if (caps->effective & ~caps->permitted)
		return broken(err, "effective capabilities that are not permitted");
	if (caps->ambient & ~(caps->permitted & caps->inheritable))
		return broken(err, "ambient capabilities that are not permitted and inheritable");
	return 0;
}

static int mount_verify(const struct plan_mount *mount, struct error *err)
{
	const char *origin = mount->origin ? mount->origin : "mount";

	if (!path_is_normal(mount->target))
		return broken(err, "%s: target '%s' is not beneath the root", origin,
			      mount->target ? mount->target : "");
	if ((mount->set & MOUNT_ATTR__ATIME) && !(mount->clear & MOUNT_ATTR__ATIME))
		return broken(err, "%s: access times are set but not cleared before", origin);
	switch (mount->kind) {
	case PLAN_MOUNT_BIND:
		if (!mount->source || mount->source[0] != '/')
			return broken(err, "%s: the source of a bind mount is not absolute",
				      origin);
		return 0;
	case PLAN_MOUNT_FILESYSTEM:
	case PLAN_MOUNT_CGROUP:
		if (!mount->type)
			return broken(err, "%s: a file system without type", origin);
		return 0;
	case PLAN_MOUNT_REMOUNT: return 0;
	}
	return broken(err, "%s: unknown kind of mount", origin);
}

static int mounts_verify(const struct plan *plan, struct error *err)
{
	const struct plan_mounts *mounts = &plan->mounts;

	if (!mounts->root || mounts->root[0] != '/')
		return broken(err, "the root has no absolute path");
	for (size_t i = 0; i < mounts->rows.n; i++)
		TRY(mount_verify(&mounts->rows.items[i], err));
	for (size_t i = 0; i < mounts->masked.n; i++)
		if (!path_is_normal(mounts->masked.items[i]))
			return broken(err, "masked path '%s' is not beneath the root",
				      mounts->masked.items[i]);
	for (size_t i = 0; i < mounts->read_only.n; i++)
		if (!path_is_normal(mounts->read_only.items[i]))
			return broken(err, "read-only path '%s' is not beneath the root",
				      mounts->read_only.items[i]);
	for (size_t i = 0; i < plan->devices.rows.n; i++) {
		const struct plan_device *device = &plan->devices.rows.items[i];
		if (!path_is_normal(device->path) || !device->type || !strchr("cbp", device->type))
			return broken(err, "device '%s' is not beneath the root, or none",
				      device->path ? device->path : "");
	}
	return 0;
}

static bool sysctl_is_one(const char *key)
{
	return key[0] && key[0] != '.' && !strstr(key, "..") && !strstr(key, "//");
}

static int kernel_verify(const struct plan *plan, struct error *err)
{
	for (size_t i = 0; i < plan->kernel.sysctls.n; i++)
		if (!sysctl_is_one(plan->kernel.sysctls.items[i].key))
			return broken(err, "'%s' is not the name of a sysctl",
				      plan->kernel.sysctls.items[i].key);
	if ((plan->kernel.hostname || plan->kernel.domainname) &&
	    plan->namespaces.of[NAMESPACE_UTS].mode == NAMESPACE_INHERIT)
		return broken(err, "the host would be renamed");
	if (plan->kernel.memfd_noexec && plan->namespaces.of[NAMESPACE_PID].mode != NAMESPACE_NEW)
		return broken(err, "vm.memfd_noexec would be set in another's pid namespace");
	return 0;
}

static int cgroup_verify(const struct plan *plan, struct error *err)
{
	const struct plan_cgroup *cgroup = &plan->cgroup;

	if (cgroup->manager == CGROUP_FILESYSTEM && cgroup->path &&
	    (!path_is_normal(cgroup->path) || str_equal(cgroup->path, "/")))
		return broken(err, "cgroup path '%s' is not beneath the cgroup file system",
			      cgroup->path);
	if (cgroup->manager == CGROUP_SYSTEMD &&
	    (!is_one_name(cgroup->slice) || !is_one_name(cgroup->name)))
		return broken(err, "slice and name of the scope are not one name each");
	if (cgroup->manager == CGROUP_NONE && (cgroup->values.n > 0 || cgroup->has_device_filter))
		return broken(err, "limits without a cgroup");
	for (size_t i = 0; i < cgroup->values.n; i++)
		if (!is_one_name(cgroup->values.items[i].file))
			return broken(err, "'%s' is not the name of a cgroup file",
				      cgroup->values.items[i].file);
	if (plan->resctrl.is_active && !str_equal(plan->resctrl.group, "/") &&
	    !is_one_name(plan->resctrl.group))
		return broken(err, "'%s' is not the name of a group of resctrl",
			      plan->resctrl.group);
	return 0;
}

static int hooks_verify(const struct plan *plan, struct error *err)
{
	for (int kind = 0; kind < HOOK_KINDS; kind++)
		for (size_t i = 0; i < plan->hooks.of[kind].n; i++) {
			const struct plan_hook *hook = &plan->hooks.of[kind].items[i];
			if (plan->is_exec || !hook->path || hook->path[0] != '/')
				return broken(err,
					      "a %s hook has no absolute path, or no container",
					      hook_kind_names[kind]);
		}
	return 0;
}

static int seccomp_verify(const struct plan *plan, struct error *err)
{
	enum { INSTRUCTIONS_MAX = 4096 };
	const struct plan_seccomp *seccomp = &plan->seccomp;

	for (size_t i = 0; seccomp->config && i < seccomp->config->rules.n; i++)
		if (!seccomp->config->rules.items[i].names ||
		    !seccomp->config->rules.items[i].names[0])
			return broken(err, "a rule of the system call filter names no call");
	if ((seccomp->profile != SYSCALLS_NONE) != (seccomp->program != NULL))
		return broken(err, "a system call profile goes with its program");
	if (seccomp->program &&
	    (seccomp->program_length == 0 || seccomp->program_length > INSTRUCTIONS_MAX))
		return broken(err, "the system call profile is of %zu instructions",
			      seccomp->program_length);
	return 0;
}

static int access_verify(const struct plan_filesystem *filesystem, struct error *err)
{
	for (size_t i = 0; i < filesystem->rows.n; i++) {
		const struct plan_access *row = &filesystem->rows.items[i];
		if (!path_is_normal(row->path))
			return broken(err, "access to '%s', which is not beneath the root",
				      row->path ? row->path : "");
		if (i > 0 && path_compare(row[-1].path, row->path) >= 0)
			return broken(err, "access to '%s' is out of order", row->path);
		if (row->intent == ACCESS_DENY && row->allows_execute)
			return broken(err, "access to '%s' is denied, but it may be executed",
				      row->path);
	}
	return 0;
}

/* A grant of the whole tree does not speak of the kernel's own files: they are granted by name. */
static int kernel_files_verify(const struct plan_filesystem *filesystem, struct error *err)
{
	static const char *const trees[] = { "/proc", "/sys" };

	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
		const struct plan_access *row = plan_access_of(filesystem, trees[i]);
		if (row && row->intent == ACCESS_READ_WRITE && !str_equal(row->path, trees[i]))
			return broken(err, "'%s' is writable because '%s' is", trees[i], row->path);
	}
	return 0;
}

/* Writing is granted by a row of just this path, or to a standard device. */
static bool rule_may_write(const struct plan *plan, const struct plan_landlock_rule *rule)
{
	for (size_t i = 0; i < plan->filesystem.rows.n; i++) {
		const struct plan_access *row = &plan->filesystem.rows.items[i];
		if (row->intent == ACCESS_READ_WRITE && str_equal(row->path, rule->path))
			return true;
	}
	return plan_device_is_standard(rule->path);
}

static int landlock_rule_verify(const struct plan *plan, const struct plan_landlock_rule *rule,
				struct error *err)
{
	static const uint64_t harmless = LANDLOCK_EXECUTE | LANDLOCK_READ_FILE | LANDLOCK_READ_DIR |
					 LANDLOCK_IOCTL_DEV;

	if (!path_is_normal(rule->path) || rule->rights == 0)
		return broken(err, "a Landlock rule on '%s' grants nothing",
			      rule->path ? rule->path : "");
	if (rule->rights & ~plan->landlock.handled_fs)
		return broken(err, "the Landlock rule on '%s' grants what is not handled",
			      rule->path);
	if ((rule->rights & ~harmless) && !rule_may_write(plan, rule))
		return broken(err, "the Landlock rule on '%s' lets write what no policy lets write",
			      rule->path);
	for (size_t i = 0; i < rule->holes.n; i++)
		if (!path_is_normal(rule->holes.items[i]) ||
		    str_equal(rule->holes.items[i], rule->path) ||
		    !path_is_beneath(rule->holes.items[i], rule->path))
			return broken(err, "the hole '%s' is not beneath '%s'",
				      rule->holes.items[i], rule->path);

	const struct plan_access *row = plan_access_of(&plan->filesystem, rule->path);
	if (row && row->intent == ACCESS_DENY)
		return broken(err, "a Landlock rule grants '%s', which is denied", rule->path);
	return 0;
}

/* A policy is kept by all of its layers, or the plan is none. */
static int policy_verify(const struct plan *plan, struct error *err)
{
	if (!plan->filesystem.is_active)
		return plan->landlock.is_active ? broken(err, "Landlock without a policy") : 0;
	if (!plan->landlock.is_active || !plan->landlock.handled_fs)
		return broken(err, "a policy without Landlock");
	if (!plan->process.no_new_privileges || !plan->caps.is_set)
		return broken(err, "a policy, but new privileges could be gained");
	TRY(access_verify(&plan->filesystem, err));
	TRY(kernel_files_verify(&plan->filesystem, err));
	for (size_t i = 0; i < plan->landlock.rules.n; i++)
		TRY(landlock_rule_verify(plan, &plan->landlock.rules.items[i], err));
	return 0;
}

static int network_verify(const struct plan *plan, struct error *err)
{
	if (plan->network.only_loopback &&
	    plan->namespaces.of[NAMESPACE_NETWORK].mode == NAMESPACE_INHERIT)
		return broken(err, "only loopback, but in the network of the host");
	if (plan->network.loopback_up &&
	    plan->namespaces.of[NAMESPACE_NETWORK].mode != NAMESPACE_NEW)
		return broken(
			err,
			"loopback would be changed in a network that is not the container's own");
	if (plan->network.devices.n == 0)
		return 0;
	if (plan->is_exec || plan->network.only_loopback ||
	    plan->namespaces.of[NAMESPACE_NETWORK].mode == NAMESPACE_INHERIT)
		return broken(err, "network devices would be moved to where none may be");
	return 0;
}

int plan_verify(const struct plan *plan, struct error *err)
{
	static int (*const invariants[])(const struct plan *, struct error *) = {
		identity_verify, namespaces_verify, process_verify, caps_verify,
		mounts_verify,   kernel_verify,     cgroup_verify,  hooks_verify,
		seccomp_verify,  network_verify,    policy_verify,
	};

	for (size_t i = 0; i < sizeof(invariants) / sizeof(invariants[0]); i++)
		TRY(invariants[i](plan, err));
	return 0;
}
