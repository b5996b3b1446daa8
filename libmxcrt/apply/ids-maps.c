/* SPDX-License-Identifier: Apache-2.0 */
/* The id maps of a new user namespace: written by the runtime where the kernel lets it, else by the
 * set-user-id helpers. */
#include "apply/ids.h"

#include "apply/proc.h"
#include "apply/step.h"
#include "base/arena.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "plan/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The two maps differ only in their names. */
struct map_kind {
	const char *name, *file, *own, *helper, *field, *ranges;
};
static const struct map_kind user_map = {
	"user",        "uid_map", "self/uid_map", "newuidmap", "config.json linux.uidMappings",
	"/etc/subuid",
};
static const struct map_kind group_map = {
	"group",       "gid_map", "self/gid_map", "newgidmap", "config.json linux.gidMappings",
	"/etc/subgid",
};

/* Where an administrator installs programs that run as root. PATH is the caller's, or the engine's
 * caller's: what it leads to could be anybody's. */
static const char *const helper_directories[] = {
	"/run/wrappers/bin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/bin", "/sbin",
};

enum { HELPER_SAYS = 512 };

static bool id_is_mapped(const char *map, uint64_t id)
{
	for (const char *line = map; line && *line; line = strchr(line, '\n')) {
		unsigned long long inside, outside, size;
		line += *line == '\n';
		if (sscanf(line, "%llu %llu %llu", &inside, &outside, &size) == 3 && id >= inside &&
		    id - inside < size)
			return true;
	}
	return false;
}

/* Why the kernel did not take the map, as far as it can be told. */
static int write_failed(int proc, const struct map_kind *kind, const struct plan_id_maps *maps,
			struct error *err)
{
	char own[4096] = "";

	(void)fail_sys(err, "write the %s id map", kind->name);
	(void)fail_field(err, "%s", kind->field);
	if (err->sys_errno == EINVAL)
		return fail_remedy(err, "write at most 340 ranges, which do not overlap");
	if (err->sys_errno != EPERM || proc_read(proc, kind->own, own, sizeof(own)) < 0)
		return -1;
	for (size_t i = 0; i < maps->rows.n; i++) {
		const struct plan_id_map *row = &maps->rows.items[i];
		uint64_t last = (uint64_t)row->host + row->size - 1;
		if (id_is_mapped(own, row->host) && id_is_mapped(own, last))
			continue;
		*err = (struct error){};
		(void)fail(err, ERROR_HOST,
			   "the %s ids %u to %llu are not all ids of the user namespace that the "
			   "runtime is in",
			   kind->name, row->host, (unsigned long long)last);
		(void)fail_field(err, "%s[%zu]", kind->field, i);
		return fail_remedy(err, "map ids that /proc/%s lists", kind->own);
	}
	return fail_remedy(
		err,
		"the runtime needs CAP_SET%s for more than its own id, and CAP_SETFCAP to "
		"map user 0",
		kind == &user_map ? "UID" : "GID");
}

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
		return write_failed(proc, kind, maps, err);
	return 0;
}

static int helper_failed(const struct map_kind *kind, const char *said, struct error *err)
{
	*err = (struct error){};
	(void)fail(err, ERROR_HOST, "%s does not make the %s id map%s%s", kind->helper, kind->name,
		   said[0] ? ": " : "", said);
	(void)fail_field(err, "%s", kind->field);
	return fail_remedy(err, "give user %u the ranges in %s, or map only the caller's own id",
			   geteuid(), kind->ranges);
}

/* What the helper prints is the only place where it says why: kept, as far as an error can carry
 * it. */
static int helper_await(pid_t pid, const struct map_kind *kind, int output, struct error *err)
{
	char said[HELPER_SAYS] = "", rest[HELPER_SAYS];
	int status;

	ssize_t n = read_some(output, said, sizeof(said) - 1);
	said[n > 0 ? n : 0] = '\0';
	while (read_some(output, rest, sizeof(rest)) > 0)
		continue;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fail_sys(err, "wait for %s", kind->helper);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	said[strcspn(said, "\n")] = '\0';
	return helper_failed(kind, said, err);
}

static int helper_missing(const struct map_kind *kind, struct error *err)
{
	(void)fail(err, ERROR_HOST, "user %u may map only its own id, and %s is not installed",
		   geteuid(), kind->helper);
	(void)fail_field(err, "%s", kind->field);
	return fail_remedy(err, "install it (Debian's package uidmap) and give the user ranges in "
				"/etc/subuid and /etc/subgid, or map only the caller's own id");
}

static int helper_run(char *const *args, const struct map_kind *kind, struct error *err)
{
	char *environment[] = { (char[]){ "PATH=/usr/sbin:/usr/bin:/sbin:/bin" },
				(char[]){ "LC_ALL=C" }, NULL };
	posix_spawn_file_actions_t actions;
	char path[64];
	int ends[2];
	pid_t pid = -1;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail_sys(err, "create a pipe");
	autofd reader = ends[0], writer = ends[1];
	int why = posix_spawn_file_actions_init(&actions);
	if (why == 0)
		why = posix_spawn_file_actions_adddup2(&actions, writer, STDERR_FILENO);
	if (why == 0)
		why = ENOENT;
	for (size_t i = 0; why == ENOENT && i < sizeof(helper_directories) / sizeof(char *); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", helper_directories[i], kind->helper);
		why = posix_spawn(&pid, path, &actions, NULL, args, environment);
	}
	(void)posix_spawn_file_actions_destroy(&actions);
	fd_close(&writer);
	if (why == 0)
		return helper_await(pid, kind, reader, err);
	if (why == ENOENT)
		return helper_missing(kind, err);
	errno = why;
	return fail_sys(err, "run %s", path);
}

/* What the caller may not map itself the set-user-id helper maps, within /etc/subuid and
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
	return helper_run(args, kind, err);
}

static bool is_only(const struct plan_id_maps *maps, uint32_t id)
{
	return maps->rows.n == 1 && maps->rows.items[0].size == 1 && maps->rows.items[0].host == id;
}

/* The kernel's condition for a group map without rights: who may not set groups outside shall not
 * drop them inside. Nor can the payload then have any but its own. */
static int groups_deny(const struct plan_ids *ids, int proc, pid_t pid, struct error *err)
{
	char path[48];

	for (size_t i = 0; i < ids->groups.n; i++)
		if (ids->groups.items[i] != ids->gid)
			return ids_groups_refused(ids->groups.items[i], err);
	(void)snprintf(path, sizeof(path), "%d/setgroups", pid);
	if (proc_write(proc, path, "deny") < 0)
		return fail_sys(err, "deny setgroups in the user namespace");
	return 0;
}

static int groups_map(const struct plan_ids *ids, int proc, pid_t pid, struct error *err)
{
	bool is_own = is_only(&ids->gid_maps, getegid());

	if (geteuid() != 0 && !is_own)
		return map_by_helper(pid, &group_map, &ids->gid_maps, err);
	if (geteuid() == 0) {
		if (map_write(proc, pid, &group_map, &ids->gid_maps, err) == 0)
			return 0;
		/* Root of a container that has kept no CAP_SETGID is a user like others. */
		if (err->sys_errno != EPERM || !is_own)
			return -1;
		*err = (struct error){};
	}
	TRY(groups_deny(ids, proc, pid, err));
	return map_write(proc, pid, &group_map, &ids->gid_maps, err);
}

int ids_write_maps(const struct plan *plan, struct handles *handles, struct error *err)
{
	const struct plan_ids *ids = &plan->ids;
	pid_t pid = handles->init > 0 ? handles->init : handles->bridge;

	if (ids->uid_maps.rows.n == 0 || ids->gid_maps.rows.n == 0)
		return fail(err, ERROR_CONFIG, "a new user namespace without id mappings");
	if (geteuid() == 0 || is_only(&ids->uid_maps, geteuid()))
		TRY(map_write(handles->proc, pid, &user_map, &ids->uid_maps, err));
	else
		TRY(map_by_helper(pid, &user_map, &ids->uid_maps, err));
	return groups_map(ids, handles->proc, pid, err);
}
