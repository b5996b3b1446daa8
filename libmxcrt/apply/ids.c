/* SPDX-License-Identifier: Apache-2.0 */
/* User and group ids: the maps of a new user namespace, root inside it, and who the payload runs
 * as. */
#include "apply/ids.h"

#include "apply/proc.h"
#include "apply/self.h"
#include "apply/step.h"
#include "base/arena.h"
#include "base/log.h"
#include "base/str.h"
#include "plan/plan.h"

#include <errno.h>
#include <grp.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* The two maps differ only in their names. */
struct map_kind {
	const char *name, *file, *helper;
};
static const struct map_kind user_map = { "user", "uid_map", "newuidmap" };
static const struct map_kind group_map = { "group", "gid_map", "newgidmap" };

static int map_write(int proc, pid_t pid, const struct map_kind *kind,
		     const struct plan_id_maps *maps, struct error *err)
{
	char path[48];
	autoarena arena = {};
	struct text rows = { .arena = &arena };

	for (size_t i = 0; i < maps->rows.n; i++) {
		const struct plan_id_map *row = &maps->rows.items[i];
		text_printf(&rows, "%u %u %u\n", row->container, row->host, row->size);
	}
	(void)snprintf(path, sizeof(path), "%d/%s", pid, kind->file);
	if (proc_write(proc, path, rows.data) < 0)
		return fail_sys(err, "write the %s id map", kind->name);
	return 0;
}

static int helper_wait(pid_t pid, const char *helper, struct error *err)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fail_sys(err, "wait for %s", helper);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	(void)fail(err, ERROR_HOST, "%s refused the id map", helper);
	return fail_remedy(err, "give this user the ranges in /etc/subuid and /etc/subgid");
}

/* What the caller may not map itself, the set-user-id helper maps within /etc/subuid and
 * /etc/subgid. */
static int map_by_helper(pid_t pid, const struct map_kind *kind, const struct plan_id_maps *maps,
			 struct error *err)
{
	autoarena arena = {};
	size_t n = 0;
	char **args = arena_alloc(&arena, (2 + 3 * maps->rows.n + 1) * sizeof(*args));

	args[n++] = arena_strdup(&arena, kind->helper);
	args[n++] = arena_printf(&arena, "%d", pid);
	for (size_t i = 0; i < maps->rows.n; i++) {
		const struct plan_id_map *row = &maps->rows.items[i];
		args[n++] = arena_printf(&arena, "%u", row->container);
		args[n++] = arena_printf(&arena, "%u", row->host);
		args[n++] = arena_printf(&arena, "%u", row->size);
	}

	pid_t helper;
	int failure = posix_spawnp(&helper, args[0], NULL, NULL, args, environ);
	if (failure != 0) {
		errno = failure;
		(void)fail_sys(err, "run %s for more than the caller's own id", kind->helper);
		return fail_remedy(err,
				   "install it (Debian: uidmap), or map only the caller's own id");
	}
	return helper_wait(helper, kind->helper, err);
}

static bool is_only(const struct plan_id_maps *maps, uint32_t id)
{
	return maps->rows.n == 1 && maps->rows.items[0].size == 1 && maps->rows.items[0].host == id;
}

int ids_write_maps(const struct plan *plan, struct handles *handles, struct error *err)
{
	const struct plan_ids *ids = &plan->ids;
	pid_t pid = handles->init > 0 ? handles->init : handles->bridge;
	bool is_root = geteuid() == 0;

	if (ids->uid_maps.rows.n == 0 || ids->gid_maps.rows.n == 0)
		return fail(err, ERROR_CONFIG, "a new user namespace without id mappings");

	if (is_root || is_only(&ids->uid_maps, geteuid()))
		TRY(map_write(handles->proc, pid, &user_map, &ids->uid_maps, err));
	else
		TRY(map_by_helper(pid, &user_map, &ids->uid_maps, err));

	if (!is_root && !is_only(&ids->gid_maps, getegid()))
		return map_by_helper(pid, &group_map, &ids->gid_maps, err);
	if (!is_root) {
		/* The kernel's condition: who may not set groups outside shall not drop them
		 * inside. */
		char path[48];
		(void)snprintf(path, sizeof(path), "%d/setgroups", pid);
		if (proc_write(handles->proc, path, "deny") < 0)
			return fail_sys(err, "deny setgroups in the user namespace");
	}
	return map_write(handles->proc, pid, &group_map, &ids->gid_maps, err);
}

int ids_become_root(const struct plan *plan, struct handles *handles, struct error *err)
{
	(void)handles;
	/* EPERM: the namespace denies setgroups (ids_assume looks closer). EINVAL below: root is
	 * not mapped; the capabilities do without it. */
	if (setgroups(0, NULL) < 0 && errno != EPERM)
		return fail_sys(err, "drop the caller's groups");
	if (setresgid(0, 0, 0) < 0 && errno != EINVAL)
		return fail_sys(err, "become group 0 of the user namespace");
	if (setresuid(0, 0, 0) < 0 && errno != EINVAL)
		return fail_sys(err, "become root of the user namespace");
	if (plan->namespaces.of[NAMESPACE_USER].mode == NAMESPACE_NEW)
		(void)prctl(PR_SET_DUMPABLE, 0);
	return 0;
}

static bool groups_are_denied(int proc)
{
	char text[16];

	return proc_read(proc, "self/setgroups", text, sizeof(text)) >= 0 &&
	       str_starts(text, "deny");
}

static int groups_set(const struct plan_ids *ids, int proc, struct error *err)
{
	if (setgroups(ids->groups.n, ids->groups.items) == 0)
		return 0;
	(void)fail_sys(err, "set %zu additional groups", ids->groups.n);
	if (err->sys_errno != EPERM || !groups_are_denied(proc))
		return -1;
	if (ids->groups.n > 0)
		log_warning(
			"the user namespace denies setgroups, going on without additional groups");
	return 0;
}

int ids_assume(const struct plan *plan, struct handles *handles, struct error *err)
{
	const struct plan_ids *ids = &plan->ids;

	TRY(groups_set(ids, handles->proc, err));
	if (setresgid(ids->gid, ids->gid, ids->gid) < 0)
		return fail_sys(err, "change to group %u", ids->gid);
	/* Capabilities are taken away by caps_assume, by name; root keeps them anyway. */
	if (ids->uid != 0 && prctl(PR_SET_KEEPCAPS, 1) < 0)
		return fail_sys(err, "keep capabilities over the change of user");
	if (setresuid(ids->uid, ids->uid, ids->uid) < 0)
		return fail_sys(err, "change to user %u", ids->uid);
	if (ids->has_umask)
		(void)umask(ids->umask);
	return 0;
}
