/* SPDX-License-Identifier: Apache-2.0 */
/* The container's group of resctrl: cache and memory bandwidth, and their accounts. */
#include "apply/resctrl.h"

#include "apply/proc.h"
#include "apply/step.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "plan/plan.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOUNTS_MAX = 1 << 20, SCHEMATA_MAX = 1 << 16 };

/* The mount point in a line of mountinfo (proc(5)) of file system resctrl, or NULL. */
static const char *mount_point(struct arena *arena, const char *line)
{
	const char *type = strstr(line, " - ");
	char **words = str_split(arena, line, ' ');
	size_t n = 0;

	while (words[n] && n < 5)
		n++;
	return type && n == 5 && str_starts(type, " - resctrl ") ? words[4] : NULL;
}

static int root_open(int proc, struct error *err)
{
	autoarena arena = {};
	char *mounts = arena_alloc(&arena, MOUNTS_MAX + 1);
	autofd file = proc_open_at(proc, "self/mountinfo", O_RDONLY);

	if (file < 0 || read_some(file, mounts, MOUNTS_MAX) < 0)
		return fail_sys(err, "read the list of mounts");
	for (char **line = str_split(&arena, mounts, '\n'); *line; line++) {
		const char *path = mount_point(&arena, *line);
		if (!path)
			continue;
		int root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		return root < 0 ? fail_sys(err, "open '%s'", path) : root;
	}
	(void)fail(err, ERROR_HOST, "no resctrl file system is mounted");
	return fail_remedy(err, "mount it (mount -t resctrl resctrl /sys/fs/resctrl) where the "
				"processor has it, or remove linux.intelRdt");
}

/* A group by its path below the root, "/" = the root; -1 with errno. */
static int group_open(int root, const char *group)
{
	return open_resolved(root, str_equal(group, "/") ? "." : group, O_RDONLY | O_DIRECTORY, 0,
			     RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

static const char *monitor_path(const struct plan *plan, struct arena *arena)
{
	bool is_root = str_equal(plan->resctrl.group, "/");

	return arena_printf(arena, "%s%smon_groups/%s", is_root ? "" : plan->resctrl.group,
			    is_root ? "" : "/", plan->id);
}

static bool makes_group(const struct plan_resctrl *resctrl)
{
	return resctrl->is_own || resctrl->lines.n > 0;
}

int resctrl_intend(const struct plan *plan, struct handles *handles, const char **ret_group,
		   const char **ret_monitor, struct error *err)
{
	const struct plan_resctrl *resctrl = &plan->resctrl;
	struct stat st;

	*ret_group = *ret_monitor = NULL;
	if (!resctrl->is_active)
		return 0;
	autofd root = root_open(handles->proc, err);
	if (root < 0)
		return fail_field(err, "%s", resctrl->origin);
	/* One that is there is not ours, and stays. */
	if (resctrl->is_own && fstatat(root, resctrl->group, &st, AT_SYMLINK_NOFOLLOW) < 0)
		*ret_group = resctrl->group;
	if (resctrl->is_monitored)
		*ret_monitor = monitor_path(plan, handles->arena);
	return 0;
}

/* The kernel says in words what it did not like. */
static int write_failed(int root, const char *text, const char *origin, struct error *err)
{
	autoarena arena = {};
	struct error ignored = {};
	int saved = errno;
	char *status;

	if (file_read(&arena, root, "info/last_cmd_status", 4096, &status, NULL, &ignored) < 0)
		status = arena_strdup(&arena, "");
	status[strcspn(status, "\n")] = '\0';
	errno = saved;
	(void)fail_sys(err, "write '%s' to the schemata of resctrl%s%s", text,
		       status[0] ? ": " : "", status);
	return fail_field(err, "%s", origin);
}

/* "0=07F" and "0= 7f" are one value: without blanks and zeros before it, in one case. */
static const char *normal(struct arena *arena, const char *text)
{
	struct text out = { .arena = arena };
	bool is_begin = true;

	text_add(&out, "");
	for (; *text; text++) {
		char letter = (char)tolower((unsigned char)*text);
		if (isspace((unsigned char)letter) ||
		    (is_begin && letter == '0' && isxdigit((unsigned char)text[1])))
			continue;
		is_begin = strchr(":;=", letter) != NULL;
		text_add_n(&out, &letter, 1);
	}
	return out.data;
}

/* Whether the group's SCHEMATA give each domain of LINE ("L3:0=f;1=3") what it says. */
static bool schemata_hold(struct arena *arena, const char *schemata, const char *line)
{
	const char *want = normal(arena, line);
	size_t name = strcspn(want, ":");

	for (char **have = str_split(arena, schemata, '\n'); *have; have++) {
		const char *row = normal(arena, *have);
		if (strncmp(row, want, name + 1) != 0 || want[name] != ':')
			continue;
		const char *values = arena_printf(arena, ";%s;", row + name + 1);
		for (char **domain = str_split(arena, want + name + 1, ';'); *domain; domain++)
			if ((*domain)[0] && !strstr(values, arena_printf(arena, ";%s;", *domain)))
				return false;
		return true;
	}
	return false;
}

static int line_compare(int group, const struct plan_resctrl_line *line, struct error *err)
{
	autoarena arena = {};
	char *schemata;

	TRY(file_read(&arena, group, "schemata", SCHEMATA_MAX, &schemata, NULL, err));
	if (schemata_hold(&arena, schemata, line->text))
		return 0;
	(void)fail(err, ERROR_CONFIG, "the group of resctrl is there already, without '%s'",
		   line->text);
	(void)fail_field(err, "%s", line->origin);
	return fail_remedy(err, "ask for what its schemata say, or for another group");
}

static int lines_apply(int root, int group, const struct plan_resctrl *resctrl, bool existed,
		       struct error *err)
{
	for (size_t i = 0; i < resctrl->lines.n; i++) {
		const struct plan_resctrl_line *line = &resctrl->lines.items[i];
		if (existed && line->is_compared) {
			TRY(line_compare(group, line, err));
			continue;
		}
		autoarena arena = {};
		if (file_write_at(group, "schemata", arena_printf(&arena, "%s\n", line->text)) < 0)
			return write_failed(root, line->text, line->origin, err);
	}
	return 0;
}

static int group_make(int root, const struct plan_resctrl *resctrl, struct handles *handles,
		      struct error *err)
{
	if (str_equal(resctrl->group, "/") || !makes_group(resctrl))
		return 0;
	if (mkdirat(root, resctrl->group, 0755) == 0) {
		handles->resctrl_group = resctrl->group;
		return 1;
	}
	if (errno == EEXIST)
		return 0;
	(void)fail_sys(err, "make the group '%s' of resctrl", resctrl->group);
	return fail_field(err, "%s", resctrl->origin);
}

static int monitor_make(const struct plan *plan, int root, struct handles *handles,
			struct error *err)
{
	const char *path = monitor_path(plan, handles->arena);

	if (mkdirat(root, path, 0755) < 0) {
		(void)fail_sys(err, "make the monitoring group '%s' of resctrl", path);
		return fail_field(err, "config.json linux.intelRdt.enableMonitoring");
	}
	handles->resctrl_monitor = path;
	return 0;
}

static int create(const struct plan *plan, struct handles *handles, struct error *err)
{
	const struct plan_resctrl *resctrl = &plan->resctrl;
	autofd root = TRY(root_open(handles->proc, err));
	int made = TRY(group_make(root, resctrl, handles, err));
	autofd group = group_open(root, resctrl->group);
	if (group < 0) {
		(void)fail_sys(err, "open the group '%s' of resctrl", resctrl->group);
		return fail_field(err, "%s", resctrl->origin);
	}
	TRY(lines_apply(root, group, resctrl, !made, err));
	return resctrl->is_monitored ? monitor_make(plan, root, handles, err) : 0;
}

void resctrl_undo(const struct plan *plan, struct handles *handles)
{
	struct error ignored = {}; /* the error that led here is the one to tell */

	(void)plan; /* what was made is in HANDLES */
	(void)resctrl_remove(handles->proc, handles->resctrl_group, handles->resctrl_monitor,
			     &ignored);
	handles->resctrl_group = handles->resctrl_monitor = NULL;
}

int resctrl_create(const struct plan *plan, struct handles *handles, struct error *err)
{
	if (!plan->resctrl.is_active || create(plan, handles, err) == 0)
		return 0;
	resctrl_undo(plan, handles);
	return -1;
}

static int task_add(int directory, const char *tasks, pid_t pid, struct error *err)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%d", pid);
	if (file_write_at(directory, tasks, text) < 0)
		return fail_sys(err, "put process %d into '%s' of resctrl", pid, tasks);
	return 0;
}

int resctrl_join(const struct plan *plan, struct handles *handles, struct error *err)
{
	const struct plan_resctrl *resctrl = &plan->resctrl;
	autoarena arena = {};

	if (!resctrl->is_active)
		return 0;
	autofd root = TRY(root_open(handles->proc, err));
	autofd group = group_open(root, resctrl->group);
	if (group < 0)
		return fail_sys(err, "open the group '%s' of resctrl", resctrl->group);
	/* A monitoring group takes only who is in the group above it. */
	TRY(task_add(group, "tasks", handles->init, err));
	if (!resctrl->is_monitored)
		return 0;
	return task_add(root, arena_printf(&arena, "%s/tasks", monitor_path(plan, &arena)),
			handles->init, err);
}

int resctrl_update(const struct plan *plan, struct handles *handles, struct error *err)
{
	autofd root = TRY(root_open(handles->proc, err));
	autofd group = group_open(root, plan->resctrl.group);

	if (group < 0)
		return fail_sys(err, "open the group '%s' of resctrl", plan->resctrl.group);
	return lines_apply(root, group, &plan->resctrl, false, err);
}

static int directory_remove(int root, const char *path, struct error *err)
{
	if (!path || !path[0] || unlinkat(root, path, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	return fail_sys(err, "remove the group '%s' of resctrl", path);
}

int resctrl_remove(int proc, const char *group, const char *monitor, struct error *err)
{
	if ((!group || !group[0]) && (!monitor || !monitor[0]))
		return 0;
	autofd root = root_open(proc, err);
	/* Unmounted, it has no groups. */
	if (root < 0)
		return 0;
	TRY(directory_remove(root, monitor, err));
	return directory_remove(root, group, err);
}
