/* SPDX-License-Identifier: Apache-2.0 */
/* What came out of the images, held against config.json before it runs. */
#include "apply/criu.h"

#include "apply/cgroup.h"
#include "apply/proc.h"
#include "apply/step.h"
#include "base/str.h"
#include "plan/caps.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SECCOMP_FILTERED = 2, SECCOMP_ACTION_ALLOW = 0x7fff0000 };

static int namespace_verify(const struct plan *plan, const struct handles *handles,
			    enum namespace_kind kind, struct error *err)
{
	const struct plan_namespace *namespace = &plan->namespaces.of[kind];
	const struct namespace_info *info = &namespace_infos[kind];
	char path[48];
	struct stat theirs, other;

	/* One that is more its own than config.json asks for does no harm: CRIU makes a time
	 * namespace, for the clocks to go on from where they were. */
	if (namespace->mode == NAMESPACE_INHERIT)
		return 0;
	(void)snprintf(path, sizeof(path), "%d/ns/%s", handles->init, info->file);
	if (fstatat(handles->proc, path, &theirs, 0) < 0)
		return fail_sys(err, "look at the %s namespace of the restored process",
				info->name);
	(void)snprintf(path, sizeof(path), "self/ns/%s", info->file);
	int got = namespace->mode == NAMESPACE_JOIN && namespace->path
			  ? stat(namespace->path, &other)
			  : fstatat(handles->proc, path, &other, 0);
	if (got < 0)
		return fail_sys(err, "look at the %s namespace", info->name);
	bool is_same = theirs.st_ino == other.st_ino && theirs.st_dev == other.st_dev;
	if (is_same == (namespace->mode == NAMESPACE_JOIN))
		return 0;
	(void)fail(err, ERROR_CONFIG,
		   "the images do not put the processes in the %s namespace "
		   "that config.json asks for",
		   info->name);
	return fail_field(err, "%s", namespace->origin ? namespace->origin : "");
}

/* The number behind NAME in /proc/PID/status. */
static bool status_number(const char *text, const char *name, int base, uint64_t *ret)
{
	const char *line = strstr(text, name);

	if (!line)
		return false;
	*ret = strtoull(line + strlen(name), NULL, base);
	return true;
}

static int caps_verify(const struct plan *plan, const char *text, pid_t pid, struct error *err)
{
	static const char *const sets[] = { "\nCapInh:\t", "\nCapPrm:\t", "\nCapEff:\t",
					    "\nCapBnd:\t", "\nCapAmb:\t" };
	uint64_t allowed = plan->caps.bounding, has;

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		if (!status_number(text, sets[i], 16, &has))
			return fail(err, ERROR_HOST, "process %d does not tell its capabilities",
				    pid);
		if ((has & ~allowed) == 0)
			continue;
		int number = __builtin_ctzll(has & ~allowed);
		const char *name = capability_name(number);
		(void)fail(err, ERROR_CONFIG,
			   "a process of the images has a capability (%s) that config.json "
			   "does not give",
			   name ? name : "unknown");
		return fail_field(err, "config.json process.capabilities.bounding");
	}
	return 0;
}

static bool wants_filter(const struct plan *plan)
{
	const struct plan_seccomp_config *config = plan->seccomp.config;

	return config && (config->rules.n > 0 || config->default_action != SECCOMP_ACTION_ALLOW);
}

static int process_verify(const struct plan *plan, const struct handles *handles, pid_t pid,
			  struct error *err)
{
	char path[32], text[8192];
	uint64_t number = 0;

	(void)snprintf(path, sizeof(path), "%d/status", pid);
	if (proc_read(handles->proc, path, text, sizeof(text)) < 0) {
		if (errno == ENOENT || errno == ESRCH)
			return 0;
		return fail_sys(err, "look at restored process %d", pid);
	}
	/* What is dead already has given up its rights. */
	if (strstr(text, "\nState:\tZ") || strstr(text, "\nState:\tX"))
		return 0;
	if (plan->caps.is_set)
		TRY(caps_verify(plan, text, pid, err));
	if (plan->process.no_new_privileges &&
	    (!status_number(text, "\nNoNewPrivs:\t", 10, &number) || number != 1)) {
		(void)fail(err, ERROR_CONFIG, "a process of the images has no no_new_privs");
		return fail_field(err, "config.json process.noNewPrivileges");
	}
	if (wants_filter(plan) &&
	    (!status_number(text, "\nSeccomp:\t", 10, &number) || number != SECCOMP_FILTERED)) {
		(void)fail(err, ERROR_CONFIG, "a process of the images has no seccomp filter");
		return fail_field(err, "config.json linux.seccomp");
	}
	return 0;
}

/* CRIU and its helpers may be in the cgroup too; they are not in the container's pid namespace. */
static bool is_inside(const struct handles *handles, pid_t pid, const struct stat *inside)
{
	char path[32];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%d/ns/pid", pid);
	return fstatat(handles->proc, path, &st, 0) == 0 && st.st_ino == inside->st_ino &&
	       st.st_dev == inside->st_dev;
}

int criu_verify(const struct plan *plan, const struct handles *handles, struct error *err)
{
	struct cgroup_pids pids = {};
	char path[32];
	struct stat inside;

	for (int kind = 0; kind < NAMESPACE_KINDS; kind++)
		TRY(namespace_verify(plan, handles, (enum namespace_kind)kind, err));
	if (handles->cgroup < 0 || plan->namespaces.of[NAMESPACE_PID].mode == NAMESPACE_INHERIT)
		return process_verify(plan, handles, handles->init, err);
	(void)snprintf(path, sizeof(path), "%d/ns/pid", handles->init);
	if (fstatat(handles->proc, path, &inside, 0) < 0)
		return fail_sys(err, "look at the restored processes");
	TRY(cgroup_pids(handles->arena, handles->cgroup, &pids, err));
	for (size_t i = 0; i < pids.list.n; i++)
		if (is_inside(handles, pids.list.items[i], &inside))
			TRY(process_verify(plan, handles, pids.list.items[i], err));
	return 0;
}
