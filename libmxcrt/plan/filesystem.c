/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of what may be reached: which one decides, their order, and what may be executed in
 * each. */
#include "plan/filesystem.h"

#include "base/error.h"
#include "base/path.h"
#include "base/str.h"
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

static bool lists(const char *const *list, const char *text)
{
	for (; *list; list++)
		if (str_equal(*list, text))
			return true;
	return false;
}

const struct plan_access *plan_access_of(const struct plan_filesystem *filesystem, const char *path)
{
	const struct plan_access *nearest = NULL;
	size_t longest = 0;
	for (size_t i = 0; i < filesystem->rows.n; i++) {
		const struct plan_access *row = &filesystem->rows.items[i];
		size_t n = strlen(row->path);
		if (path_is_beneath(path, row->path) && n >= longest) {
			nearest = row;
			longest = n;
		}
	}
	return nearest;
}

bool plan_device_is_standard(const char *path)
{
	static const char *const paths[] = { "/dev/null",   "/dev/zero",    "/dev/full",
					     "/dev/random", "/dev/urandom", "/dev/tty",
					     "/dev/ptmx",   "/dev/console", NULL };
	return lists(paths, path) || path_is_beneath(path, "/dev/pts");
}

bool plan_mount_is_volume(const struct plan_mount *mount)
{
	/* What an engine binds from the host where a user namespace may not make it anew. */
	static const char *const own[] = { "/sys", "/sys/fs/cgroup", NULL };
	static const char *const kinds[] = { "proc",   "sysfs",    "tmpfs",  "ramfs",   "devpts",
					     "mqueue", "devtmpfs", "cgroup", "cgroup2", NULL };
	if (mount->is_engine_file)
		return false;
	switch (mount->kind) {
	case PLAN_MOUNT_FILESYSTEM: return mount->type && !lists(kinds, mount->type);
	case PLAN_MOUNT_BIND:
		return !str_equal(mount->source, mount->target) ||
		       (!lists(own, mount->target) && !plan_device_is_standard(mount->target));
	case PLAN_MOUNT_REMOUNT:
	case PLAN_MOUNT_CGROUP: return false;
	}
	return true;
}

bool plan_path_is_volume(const struct plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->mounts.rows.n; i++) {
		const struct plan_mount *mount = &plan->mounts.rows.items[i];
		if (plan_mount_is_volume(mount) && path_is_beneath(path, mount->target))
			return true;
	}
	return false;
}

const char *const *plan_base_trees(enum access_base base)
{
	static const char *const image[] = { "/", NULL };
	static const char *const system[] = { "/bin",    "/etc",  "/lib",  "/lib32", "/lib64",
					      "/libx32", "/proc", "/sbin", "/usr",   NULL };
	static const char *const none[] = { NULL };
	switch (base) {
	case ACCESS_BASE_IMAGE: return image;
	case ACCESS_BASE_SYSTEM: return system;
	case ACCESS_BASE_NONE: return none;
	}
	return none;
}

/* A row above PATH lets the agent write: by now nobody knows what the image brought there. */
static bool path_is_rewritten(const struct plan_filesystem *filesystem, const char *path)
{
	for (size_t i = 0; i < filesystem->rows.n; i++) {
		const struct plan_access *row = &filesystem->rows.items[i];
		if (row->intent == ACCESS_READ_WRITE && path_is_beneath(path, row->path))
			return true;
	}
	return false;
}

bool plan_path_is_base(const struct plan *plan, const char *path)
{
	if (plan_path_is_volume(plan, path) || path_is_rewritten(&plan->filesystem, path))
		return false;
	for (const char *const *tree = plan_base_trees(plan->filesystem.base); *tree; tree++)
		if (path_is_beneath(path, *tree))
			return true;
	return false;
}

/* Which of two intents for one path wins: deny > read only > read and write. */
static int strictness(enum access_intent intent)
{
	switch (intent) {
	case ACCESS_READ_WRITE: return 0;
	case ACCESS_READ_ONLY: return 1;
	case ACCESS_DENY: return 2;
	}
	return 2;
}

/* By path; of one path, the strictest first. */
static int row_compare(const void *left, const void *right)
{
	const struct plan_access *a = left, *b = right;
	int order = path_compare(a->path, b->path);
	return order ? order : strictness(b->intent) - strictness(a->intent);
}

/* The nearest of the N sorted rows that lies above PATH or is it. */
static const struct plan_access *row_above(const struct plan_access *rows, size_t n,
					   const char *path)
{
	for (size_t i = n; i > 0; i--)
		if (path_is_beneath(path, rows[i - 1].path))
			return &rows[i - 1];
	return NULL;
}

/* One row for each path; nothing denied beneath what is denied already, where it could not even be
 * named. */
static void rows_merge(struct plan_filesystem *filesystem)
{
	struct plan_access *rows = filesystem->rows.items;
	size_t n = 0;

	if (filesystem->rows.n == 0)
		return;
	qsort(rows, filesystem->rows.n, sizeof(*rows), row_compare);
	for (size_t i = 0; i < filesystem->rows.n; i++) {
		if (n > 0 && str_equal(rows[n - 1].path, rows[i].path)) {
			/* Asked for without "-" anywhere: it must be there. */
			rows[n - 1].is_optional &= rows[i].is_optional;
			rows[n - 1].is_directory |= rows[i].is_directory;
			continue;
		}
		const struct plan_access *above = row_above(rows, n, rows[i].path);
		if (rows[i].intent == ACCESS_DENY && above && above->intent == ACCESS_DENY)
			continue;
		rows[n++] = rows[i];
	}
	filesystem->rows.n = n;
}

/* Some path of exec.paths is PATH, above it or beneath it: a mount cannot be finer, Landlock is. */
static bool exec_paths_touch(const struct plan_filesystem *filesystem, const char *path)
{
	for (size_t i = 0; i < filesystem->exec_paths.n; i++) {
		const char *allowed = filesystem->exec_paths.items[i].path;
		if (path_is_beneath(path, allowed) || path_is_beneath(allowed, path))
			return true;
	}
	return false;
}

static bool row_allows_execute(const struct plan *plan, const struct plan_access *row)
{
	const struct plan_filesystem *filesystem = &plan->filesystem;
	switch (row->intent) {
	case ACCESS_DENY: return false;
	case ACCESS_READ_WRITE:
		return filesystem->exec_writable || exec_paths_touch(filesystem, row->path);
	case ACCESS_READ_ONLY:
		return (filesystem->exec_base && plan_path_is_base(plan, row->path)) ||
		       exec_paths_touch(filesystem, row->path);
	}
	return false;
}

/* A path to execute from grants no reading: what may not be read cannot be executed either. */
static int exec_path_check(const struct plan *plan, const struct plan_exec_path *path,
			   struct error *err)
{
	const struct plan_access *row = plan_access_of(&plan->filesystem, path->path);
	if (row ? row->intent == ACCESS_DENY : !plan_path_is_base(plan, path->path))
		return fail_policy(err, path->origin,
				   "list it in filesystem.readonlyPaths too, or take it away here",
				   "'%s' is to be executed, but may not be read", path->path);
	return 0;
}

static bool some_row_runs(const struct plan_filesystem *filesystem)
{
	for (size_t i = 0; i < filesystem->rows.n; i++)
		if (filesystem->rows.items[i].allows_execute)
			return true;
	return false;
}

/* Better refused here than found out by the container's own program. */
static int exec_check(const struct plan *plan, struct error *err)
{
	const struct plan_filesystem *filesystem = &plan->filesystem;
	for (size_t i = 0; i < filesystem->exec_paths.n; i++)
		TRY(exec_path_check(plan, &filesystem->exec_paths.items[i], err));
	if (filesystem->exec_paths.n > 0 || some_row_runs(filesystem))
		return 0;

	/* With "/" writable the base is no longer what the image brought. */
	const struct plan_access *root = plan_access_of(filesystem, "/");
	if (root && root->intent == ACCESS_READ_WRITE)
		return fail_policy(err, root->origin,
				   "grant less than '/', or add '@rw' to exec.paths",
				   "the whole tree is writable, so no file in it may be executed");
	if (!filesystem->exec_base || filesystem->base == ACCESS_BASE_NONE)
		return fail_policy(err, "exec.paths", "list the programs that the container needs",
				   "no program may be executed, not even the container's own");
	return 0;
}

int plan_filesystem_settle(struct plan *plan, struct error *err)
{
	rows_merge(&plan->filesystem);
	for (size_t i = 0; i < plan->filesystem.rows.n; i++) {
		struct plan_access *row = &plan->filesystem.rows.items[i];
		row->allows_execute = row_allows_execute(plan, row);
	}
	return exec_check(plan, err);
}
