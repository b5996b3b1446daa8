/* SPDX-License-Identifier: Apache-2.0 */
/* The limits of a container, written to the files of its cgroup, and changed there. */
#include "apply/cgroup.h"

#include "apply/cgroup-controllers.h"
#include "apply/cgroup-files.h"
#include "apply/step.h"
#include "base/arena.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/log.h"
#include "base/str.h"
#include "plan/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int limit_failed(const struct plan_cgroup_value *value, struct error *err)
{
	(void)fail_sys(err, "write '%s' to cgroup file '%s'", value->value, value->file);
	if (err->sys_errno == ENOENT)
		(void)fail_remedy(
			err,
			"the controller of this file is not available to the container's cgroup");
	return fail_field(err, "%s", value->origin ? value->origin : "");
}

static int value_write(int cgroup, const struct plan_cgroup_value *value)
{
	if (file_write_at(cgroup, value->file, value->value) == 0)
		return 0;
	if (errno != ENOENT || !value->or_file)
		return -1;
	return faccessat(cgroup, value->or_file, F_OK, 0);
}

/*
 * Some values are right only together (a burst is at most the quota): what the kernel finds invalid
 * is written once more when all the others are there, and so is everything behind it, for the last
 * value of a file to stay the last.
 */
static int values_write(int cgroup, const struct plan_cgroup *limits, struct error *err)
{
	size_t again = limits->values.n;

	for (size_t i = 0; i < limits->values.n; i++) {
		if (value_write(cgroup, &limits->values.items[i]) == 0)
			continue;
		if (errno != EINVAL)
			return limit_failed(&limits->values.items[i], err);
		if (again == limits->values.n)
			again = i;
	}
	for (size_t i = again; i < limits->values.n; i++)
		if (value_write(cgroup, &limits->values.items[i]) < 0)
			return limit_failed(&limits->values.items[i], err);
	return 0;
}

static int usage_check(int cgroup, const struct plan_cgroup_value *value, struct error *err)
{
	uint64_t limit, used;

	if (!str_equal(value->file, "memory.max") ||
	    str_to_u64(value->value, UINT64_MAX, &limit) < 0 ||
	    !cgroup_number_read(cgroup, "memory.current", NULL, &used) || used <= limit)
		return 0;
	(void)fail(err, ERROR_CONFIG,
		   "the limit of %" PRIu64 " bytes is below the %" PRIu64 " in use", limit, used);
	(void)fail_field(err, "%s", value->origin ? value->origin : "");
	return fail_remedy(err, "ask for more, or unset linux.resources.memory.checkBeforeUpdate");
}

int cgroup_limits(const struct plan *plan, struct handles *handles, struct error *err)
{
	const struct plan_cgroup *limits = &plan->cgroup;

	for (size_t i = 0; i < limits->values.n; i++) {
		const struct plan_cgroup_value *value = &limits->values.items[i];
		if (strchr(value->file, '/'))
			return fail(err, ERROR_CONFIG, "'%s' is no cgroup file", value->file);
		if (handles->cgroup < 0)
			return fail(err, ERROR_HOST, "there is no cgroup to limit by '%s'",
				    value->file);
		if (limits->checks_usage)
			TRY(usage_check(handles->cgroup, value, err));
	}
	return values_write(handles->cgroup, limits, err);
}

/* Files whose lines are each about one device. */
static bool is_by_device(const char *file)
{
	return str_starts(file, "io.") || str_starts(file, "rdma.");
}

/* What takes back the limit of the one device that VALUE is about, where there was none before. */
static const char *neutral(struct arena *arena, const struct plan_cgroup_value *value)
{
	static const struct {
		const char *file, *text;
	} rows[] = {
		{ "io.max", "rbps=max wbps=max riops=max wiops=max" },
		{ "io.latency", "target=0" },
		{ "io.weight", "default" },
		{ "io.bfq.weight", "default" },
		{ "rdma.max", "hca_handle=max hca_object=max" },
	};

	if (str_starts(value->value, "default"))
		return NULL;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_equal(rows[i].file, value->file))
			return arena_printf(arena, "%.*s %s", (int)strcspn(value->value, " "),
					    value->value, rows[i].text);
	return NULL;
}

static void keep(struct arena *arena, struct plan_cgroup *before, const char *file,
		 const char *value)
{
	*arena_push(arena, &before->values) = (struct plan_cgroup_value){ .file = file,
									  .value = value };
}

/* The values that bring back what is in force now. */
static void remember(struct arena *arena, int cgroup, const struct plan_cgroup *limits,
		     struct plan_cgroup *before)
{
	char text[4096];

	for (size_t i = 0; i < limits->values.n; i++) {
		const struct plan_cgroup_value *value = &limits->values.items[i];
		if (cgroup_file_read(cgroup, value->file, text, sizeof(text)) < 0)
			continue;
		if (!is_by_device(value->file)) {
			text[strcspn(text, "\n")] = '\0';
			/* An empty set of processors is written as an empty line. */
			keep(arena, before, value->file,
			     text[0] ? arena_strdup(arena, text) : "\n");
			continue;
		}
		const char *none = neutral(arena, value);
		if (none)
			keep(arena, before, value->file, none);
		for (char **line = str_split(arena, text, '\n'); *line; line++)
			if ((*line)[0])
				keep(arena, before, value->file, *line);
	}
}

static void restore(int cgroup, const struct plan_cgroup *before)
{
	/* Twice, as above; what failed is told by the error that led here. */
	for (int turn = 0; turn < 2; turn++)
		for (size_t i = 0; i < before->values.n; i++)
			(void)value_write(cgroup, &before->values.items[i]);
}

int cgroup_update(const struct plan *plan, struct handles *handles, struct error *err)
{
	autoarena arena = {};
	struct plan_cgroup before = {};

	TRY(controllers_complete(&plan->cgroup, handles->cgroup, handles->cgroup_path, err));
	remember(&arena, handles->cgroup, &plan->cgroup, &before);
	/*
	 * The files first, for the kernel to say what it does not take while all can still be
	 * undone; and again after systemd, which rounds, and resets what it has no property for.
	 */
	if (cgroup_limits(plan, handles, err) < 0 || cgroup_scope_update(plan, handles, err) < 0 ||
	    (handles->scope && values_write(handles->cgroup, &plan->cgroup, err) < 0)) {
		restore(handles->cgroup, &before);
		return -1;
	}
	return 0;
}

/* cgroups(7): what may be given away; the list of old kernels, where this one has none. */
static char **delegated_files(struct arena *arena)
{
	static const char old[] = "cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n";
	struct error ignored = {};
	char *text;

	if (file_read(arena, AT_FDCWD, "/sys/kernel/cgroup/delegate", 4096, &text, NULL, &ignored) <
	    0)
		return str_split(arena, old, '\n');
	return str_split(arena, text, '\n');
}

/* A file may be missing, and a user without rights gives nothing away: neither is an error, the
 * container then has one right less. */
static void owner_set(int cgroup, const char *file, uid_t owner)
{
	if (fchownat(cgroup, file, owner, (gid_t)-1, AT_SYMLINK_NOFOLLOW) < 0 && errno != ENOENT)
		log_debug("the owner of '%s' in the container's cgroup stays: %s", file,
			  strerror(errno));
}

int cgroup_give(const struct plan *plan, struct handles *handles, struct error *err)
{
	autoarena arena = {};
	struct stat st;

	if (!plan->cgroup.has_owner || handles->cgroup < 0)
		return 0;
	if (fstat(handles->cgroup, &st) < 0)
		return fail_sys(err, "look at the container's cgroup");
	if (st.st_uid == plan->cgroup.owner)
		return 0;
	owner_set(handles->cgroup, ".", plan->cgroup.owner);
	for (char **file = delegated_files(&arena); *file; file++)
		if ((*file)[0] && !strchr(*file, '/'))
			owner_set(handles->cgroup, *file, plan->cgroup.owner);
	return 0;
}
