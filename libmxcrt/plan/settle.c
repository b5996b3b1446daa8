/* SPDX-License-Identifier: Apache-2.0 */
/* The plan against the host: each item is kept, weakened with a word about it, or refused. */
#include "plan/settle.h"

#include "base/error.h"
#include "base/str.h"
#include "plan/host.h"
#include "plan/plan.h"

enum { KERNEL_MAJOR = 5, KERNEL_MINOR = 15 };

static void degrade(struct plan *plan, const char *what, const char *origin)
{
	*arena_push(plan->arena, &plan->degradations) = (struct plan_degradation){ what, origin };
}

static int refuse(struct error *err, const char *origin, const char *remedy, const char *format,
		  ...) __attribute__((format(printf, 4, 5)));
static int refuse(struct error *err, const char *origin, const char *remedy, const char *format,
		  ...)
{
	va_list ap;
	va_start(ap, format);
	(void)fail_va(err, ERROR_HOST, format, ap); /* as the end */
	va_end(ap);
	(void)fail_field(err, "%s", origin);  /* as the end */
	(void)fail_remedy(err, "%s", remedy); /* as the end */
	return fail_code(err, "backend_unavailable");
}

static int kernel_settle(struct plan *plan, const struct host *host, struct error *err)
{
	(void)plan; /* every plan needs the same kernel */

	if (host->kernel_major > KERNEL_MAJOR ||
	    (host->kernel_major == KERNEL_MAJOR && host->kernel_minor >= KERNEL_MINOR))
		return 0;
	return refuse(err, "kernel", "use a newer kernel",
		      "Linux %u.%u is too old: %d.%d is the oldest that will do",
		      host->kernel_major, host->kernel_minor, KERNEL_MAJOR, KERNEL_MINOR);
}

/* Without rights on the host only a user namespace gives those that a container needs. */
static int rights_settle(struct plan *plan, const struct host *host, struct error *err)
{
	if (host->is_root || host->is_in_user_namespace ||
	    plan->namespaces.of[NAMESPACE_USER].mode != NAMESPACE_INHERIT)
		return 0;
	return refuse(err, "config.json linux.namespaces",
		      "add {\"type\": \"user\"} with id maps, or start the runtime as root",
		      "user %u has no right to make a container without a user namespace",
		      host->uid);
}

/* What was asked of the cgroup that there will not be. */
static int cgroup_forgo(struct plan *plan, const char *why, const char *remedy, struct error *err)
{
	struct plan_cgroup *cgroup = &plan->cgroup;

	for (size_t i = 0; i < cgroup->values.n; i++)
		if (!str_starts(cgroup->values.items[i].value, "max"))
			return refuse(err, cgroup->values.items[i].origin, remedy,
				      "%s: the limit %s cannot be kept", why,
				      cgroup->values.items[i].file);
	if (!cgroup->may_be_absent && cgroup->manager != CGROUP_NONE)
		return refuse(err, "config.json linux.cgroupsPath", remedy, "%s", why);

	if (cgroup->manager != CGROUP_NONE)
		degrade(plan, arena_printf(plan->arena, "no cgroup: %s", why),
			"config.json linux.cgroupsPath");
	cgroup->manager = CGROUP_NONE;
	cgroup->values.n = 0;
	return 0;
}

static int cgroup_settle(struct plan *plan, const struct host *host, struct error *err)
{
	/* A further process enters the cgroup that create has settled. */
	if (plan->cgroup.is_joined)
		return 0;

	if (plan->cgroup.manager == CGROUP_NONE)
		return cgroup_forgo(plan, "cgroups are disabled",
				    "remove the limit, or use another --cgroup-manager", err);
	if (!host->has_cgroup2)
		return cgroup_forgo(
			plan,
			"/sys/fs/cgroup is not a cgroup v2 file system, and v1 is not supported",
			"boot with systemd.unified_cgroup_hierarchy=1", err);
	if (plan->cgroup.manager == CGROUP_SYSTEMD && !host->has_systemd)
		return cgroup_forgo(plan, "there is no systemd that could be asked for a scope",
				    host->is_root
					    ? "start the runtime with --cgroup-manager=cgroupfs"
					    : "log in, or 'loginctl enable-linger', and set "
					      "XDG_RUNTIME_DIR; or use --cgroup-manager=cgroupfs",
				    err);
	if (plan->cgroup.manager == CGROUP_FILESYSTEM && !host->has_cgroup_delegation)
		return cgroup_forgo(
			plan, "no cgroup can be made here",
			host->is_root ? "make /sys/fs/cgroup writable, or use "
					"--cgroup-manager=disabled"
				      : "use --systemd-cgroup, or start the runtime in a part of "
					"the tree that is delegated (systemd-run --user --scope -p "
					"Delegate=yes)",
			err);
	return 0;
}

static int devices_settle(struct plan *plan, const struct host *host, struct error *err)
{
	struct plan_cgroup *cgroup = &plan->cgroup;
	bool may_be_unfiltered = !host->is_root || host->is_in_user_namespace ||
				 plan->namespaces.of[NAMESPACE_USER].mode != NAMESPACE_INHERIT;

	if (!cgroup->has_device_filter)
		return 0;
	if (cgroup->manager == CGROUP_NONE) {
		cgroup->has_device_filter = false;
		degrade(plan, "no device filter: there is no cgroup",
			"config.json linux.resources.devices");
		return 0;
	}
	if (host->may_filter_devices)
		return 0;
	/* A user namespace makes no device nodes, and opens none but those bound into it. */
	if (may_be_unfiltered) {
		cgroup->has_device_filter = false;
		degrade(plan, "no device filter: this user may not load one",
			"config.json linux.resources.devices");
		return 0;
	}
	return refuse(err, "config.json linux.resources.devices",
		      "allow BPF programs, or use a user namespace",
		      "the kernel does not take a device filter");
}

static int labels_settle(struct plan *plan, const struct host *host, struct error *err)
{
	struct plan_process *process = &plan->process;

	if (process->apparmor && !host->has_apparmor) {
		if (!str_equal(process->apparmor, "unconfined"))
			return refuse(err, "config.json process.apparmorProfile",
				      "remove it, or start the kernel with AppArmor",
				      "there is no AppArmor that could keep profile '%s'",
				      process->apparmor);
		process->apparmor = NULL;
	}
	if (process->selinux && !host->has_selinux)
		return refuse(err, "config.json process.selinuxLabel",
			      "remove it, or start the kernel with SELinux",
			      "there is no SELinux that could keep label '%s'", process->selinux);
	if (plan->mounts.label && !host->has_selinux)
		return refuse(err, "config.json linux.mountLabel",
			      "remove it, or start the kernel with SELinux",
			      "there is no SELinux that could keep label '%s'", plan->mounts.label);
	return 0;
}

static int network_settle(struct plan *plan, const struct host *host, struct error *err)
{
	if (plan->network.devices.n == 0 || host->is_root || host->is_in_user_namespace)
		return 0;
	return refuse(err, plan->network.devices.items[0].origin,
		      "remove it, or start the runtime as root",
		      "user %u has no right to move network devices", host->uid);
}

static int seccomp_settle(struct plan *plan, const struct host *host, struct error *err)
{
	if (!plan->seccomp.config || host->has_seccomp)
		return 0;
	return refuse(err, plan->seccomp.config->origin, "use a kernel with CONFIG_SECCOMP_FILTER",
		      "this kernel has no system call filters");
}

int plan_settle(struct plan *plan, const struct host *host, struct error *err)
{
	static int (*const rules[])(struct plan *, const struct host *, struct error *) = {
		kernel_settle, rights_settle,  cgroup_settle,  devices_settle,
		labels_settle, network_settle, seccomp_settle, plan_settle_policy,
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		TRY(rules[i](plan, host, err));
	return 0;
}
