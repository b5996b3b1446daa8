/* SPDX-License-Identifier: Apache-2.0 */
/* The container's cgroup where the runtime itself makes it: created, limited, opened again,
 * removed. */
#include "apply/cgroup.h"

#include "apply/cgroup-controllers.h"
#include "apply/cgroup-files.h"
#include "apply/cgroup-scope.h"
#include "apply/probe.h"
#include "apply/proc.h"
#include "apply/step.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/log.h"
#include "base/path.h"
#include "base/str.h"
#include "plan/plan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { REMOVE_TIMEOUT_MS = 10000, REMOVE_TRY_MS = 100 };

int cgroup_of_process(struct arena *arena, int proc, pid_t pid, const char **ret_path,
		      struct error *err)
{
	char file[48], text[PATH_MAX + 512];

	(void)snprintf(file, sizeof(file), "%d/cgroup", pid);
	if (proc_read(proc, file, text, sizeof(text)) < 0)
		return fail_sys(err, "read the cgroup of process %d", pid);
	/* Hybrid hosts list their version 1 hierarchies too. */
	char *line = str_starts(text, "0::") ? text : strstr(text, "\n0::");
	if (!line)
		return fail(err, ERROR_HOST, "process %d is in no cgroup2 hierarchy", pid);
	line = strchr(line, '/');
	if (!line)
		return fail(err, ERROR_HOST, "the cgroup of process %d is not below ours", pid);
	*ret_path = arena_strndup(arena, line, strcspn(line, "\n"));
	return 0;
}

/* Without a path from config.json: root at the top, so that nothing is left behind; others where
 * systemd has given them a branch, beside their own cgroup. */
static int path_choose(const struct plan *plan, struct handles *handles, const char **ret_path,
		       struct error *err)
{
	const char *own;

	if (plan->cgroup.path) {
		*ret_path = path_clean(handles->arena, plan->cgroup.path);
		return 0;
	}
	if (geteuid() == 0 && host_is_initial()) {
		*ret_path = arena_printf(handles->arena, "/mxc-%s", plan->id);
		return 0;
	}
	TRY(cgroup_of_process(handles->arena, handles->proc, getpid(), &own, err));
	/* A service with Delegate= owns its cgroup, not the one around it. */
	const char *parent = path_parent(handles->arena, own);
	if (access(arena_printf(handles->arena, "/sys/fs/cgroup%s", parent), W_OK) < 0)
		parent = own;
	*ret_path = path_join(handles->arena, parent,
			      arena_printf(handles->arena, "mxc-%s", plan->id));
	return 0;
}

int cgroup_intend(const struct plan *plan, struct handles *handles, const char **ret_path,
		  const char **ret_scope, struct error *err)
{
	*ret_path = *ret_scope = NULL;
	if (plan->cgroup.manager == CGROUP_SYSTEMD)
		*ret_scope = scope_name(plan, handles->arena);
	if (plan->cgroup.manager == CGROUP_FILESYSTEM)
		return path_choose(plan, handles, ret_path, err);
	return 0;
}

static int parent_open(int mount, const char *path, const struct plan *plan, struct error *err)
{
	autoarena arena = {};
	autofd parent = cgroup_directory_open(mount, path_parent(&arena, path));

	/* Usually an earlier container has paved the way. */
	if (parent >= 0 && controllers_are_enabled(parent, controllers_wanted(&plan->cgroup)))
		return fd_take(&parent);
	return controllers_hand_down(mount, path, &plan->cgroup, controllers_wanted(&plan->cgroup),
				     err);
}

/* Somebody else's processes would get our limits, and die with our container. */
static int reuse_check(int cgroup, const char *path, struct error *err)
{
	uint64_t populated = 1, frozen = 0;

	(void)cgroup_number_read(cgroup, "cgroup.events", "populated", &populated);
	(void)cgroup_number_read(cgroup, "cgroup.events", "frozen", &frozen);
	if (populated)
		return fail(err, ERROR_CONFIG, "cgroup '%s' already exists and has processes in it",
			    path);
	if (frozen)
		return fail(err, ERROR_CONFIG, "cgroup '%s' already exists and is frozen", path);
	return 0;
}

static int filesystem_create(const struct plan *plan, struct handles *handles, struct error *err)
{
	const char *path;
	autofd mount = TRY(cgroup_mount_open(err));

	TRY(path_choose(plan, handles, &path, err));
	if (str_equal(path, "/"))
		return fail(err, ERROR_CONFIG,
			    "the container's cgroup cannot be the root of the tree");
	autofd parent = TRY(parent_open(mount, path, plan, err));

	const char *name = path_base(path);
	bool existed = mkdirat(parent, name, 0755) < 0;
	if (existed && errno != EEXIST)
		return fail_sys(err, "create cgroup '%s'", path);
	autofd cgroup = cgroup_directory_open(parent, name);
	if (cgroup < 0)
		return fail_sys(err, "open cgroup '%s'", path);
	if (existed)
		TRY(reuse_check(cgroup, path, err));
	handles->cgroup = fd_take(&cgroup);
	handles->cgroup_path = path;
	return 0;
}

/* The caller names the place itself: nothing else will do, and nothing above. */
static int sub_open(struct handles *handles, struct error *err)
{
	const char *path = handles->sub_cgroup;

	if (!handles->cgroup_path) {
		(void)fail(err, ERROR_CONFIG, "the container has no cgroup, and '%s' is asked",
			   path);
		return fail_field(err, "option --cgroup");
	}
	autofd top = TRY(cgroup_open(handles->cgroup_path, err));
	handles->cgroup = cgroup_directory_open(top, path);
	if (handles->cgroup >= 0)
		return 0;
	/* The kernel's word for a path that leads out. */
	if (errno == EXDEV || errno == ELOOP)
		(void)fail(err, ERROR_CONFIG, "%s is not a sub cgroup path", path);
	else
		(void)fail_sys(err, "open cgroup '%s' of the container", path);
	return fail_field(err, "option --cgroup");
}

/* Where the container's own init manager has split its cgroup, no process can be born in it: join
 * init wherever it went. */
static int joined_open(const struct plan *plan, struct handles *handles, struct error *err)
{
	const char *path = handles->cgroup_path;
	char children[512] = "";

	if (handles->sub_cgroup)
		return sub_open(handles, err);
	if (!path)
		return 0;
	autofd cgroup = TRY(cgroup_open(path, err));
	if (cgroup_file_read(cgroup, "cgroup.subtree_control", children, sizeof(children)) == 0 &&
	    children[0] != '\0' && children[0] != '\n' && plan->namespaces.join_pid > 0) {
		TRY(cgroup_of_process(handles->arena, handles->proc, plan->namespaces.join_pid,
				      &path, err));
		fd_close(&cgroup);
		cgroup = TRY(cgroup_open(path, err));
	}
	handles->cgroup = fd_take(&cgroup);
	return 0;
}

static bool may_go_without(const struct plan *plan, const struct error *err)
{
	int why = err->sys_errno;

	return plan->cgroup.may_be_absent && !plan->cgroup.is_asked &&
	       (why == EACCES || why == EPERM || why == EROFS || why == ENOENT || why == 0);
}

int cgroup_create(const struct plan *plan, struct handles *handles, struct error *err)
{
	if (plan->cgroup.is_joined)
		return joined_open(plan, handles, err);
	if (plan->cgroup.manager != CGROUP_FILESYSTEM)
		return 0;
	if (filesystem_create(plan, handles, err) == 0)
		return 0;
	if (err->kind == ERROR_HOST && may_go_without(plan, err)) {
		log_debug("no cgroup for the container: %s", err->text);
		return 0;
	}
	if (!err->field[0] && plan->cgroup.path)
		return fail_field(err, "config.json linux.cgroupsPath");
	return -1;
}

void cgroup_undo(const struct plan *plan, struct handles *handles)
{
	struct error ignored = {}; /* the error that led here is the one to tell */

	if (plan->cgroup.is_joined || (handles->cgroup < 0 && !handles->scope))
		return;
	if (handles->cgroup >= 0)
		(void)cgroup_kill(handles->cgroup, SIGKILL, &ignored);
	(void)cgroup_remove(handles->cgroup_path, handles->scope, &ignored);
	fd_close(&handles->cgroup);
}

int cgroup_open(const char *path, struct error *err)
{
	autofd mount = TRY(cgroup_mount_open(err));
	autofd cgroup = cgroup_directory_open(mount, path);

	if (cgroup < 0)
		return fail_sys(err, "open cgroup '%s'", path);
	return fd_take(&cgroup);
}

/* What the agent made below its own cgroup; a name that cannot be removed now is tried again by the
 * caller. */
static void children_remove(int cgroup)
{
	int copy = openat(cgroup, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (copy < 0)
		return;
	autodir directory = fdopendir(copy);
	if (!directory) {
		(void)close(copy);
		return;
	}
	for (struct dirent *entry; (entry = readdir(directory));) {
		if (entry->d_type != DT_DIR || str_equal(entry->d_name, ".") ||
		    str_equal(entry->d_name, ".."))
			continue;
		if (unlinkat(copy, entry->d_name, AT_REMOVEDIR) == 0)
			continue;
		autofd child = cgroup_directory_open(copy, entry->d_name);
		if (child < 0)
			continue;
		children_remove(child);
		(void)unlinkat(copy, entry->d_name, AT_REMOVEDIR);
	}
}

static int tree_remove(int mount, const char *path, struct error *err)
{
	autofd cgroup = -1;

	for (int waited = 0;; waited += REMOVE_TRY_MS) {
		if (unlinkat(mount, path + 1, AT_REMOVEDIR) == 0 || errno == ENOENT)
			return 0;
		if (errno != EBUSY || waited >= REMOVE_TIMEOUT_MS)
			return fail_sys(err, "remove cgroup '%s'", path);
		if (cgroup < 0)
			cgroup = cgroup_directory_open(mount, path);
		children_remove(cgroup);
		(void)cgroup_event_await(cgroup, "populated", 0, REMOVE_TRY_MS);
	}
}

int cgroup_remove(const char *path, const char *scope, struct error *err)
{
	if (scope && scope_stop(scope, err) < 0) {
		/* Without the path nothing else would find what is in it. */
		if (!path || path[0] != '/')
			return -1;
		log_debug("systemd does not stop '%s' (%s), removing its cgroup", scope, err->text);
	}
	if (!path || path[0] != '/' || path[1] == '\0')
		return 0;
	autofd mount = TRY(cgroup_mount_open(err));
	return tree_remove(mount, path, err);
}
