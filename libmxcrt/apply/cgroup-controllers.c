/* SPDX-License-Identifier: Apache-2.0 */
/* Which controllers a container's limits need, and handing them down the cgroup tree. */
#include "apply/cgroup-controllers.h"

#include "apply/cgroup-files.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "plan/cgroup.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const struct {
	const char *name;
	bool is_measuring; /* wanted also without a limit: what audit and `events` read */
} controllers[] = {
	{ "cpu", true }, { "memory", true }, { "pids", true }, { "io", true }, { "cpuset" },
	{ "hugetlb" },   { "rdma" },         { "misc" },       { "dmem" },
};
enum { CONTROLLERS = sizeof(controllers) / sizeof(controllers[0]) };

static unsigned controller_of(const char *word, size_t n)
{
	for (unsigned i = 0; i < CONTROLLERS; i++)
		if (strlen(controllers[i].name) == n && memcmp(controllers[i].name, word, n) == 0)
			return 1U << i;
	return 0;
}

unsigned controllers_needed(const struct plan_cgroup *cgroup)
{
	unsigned needed = 0;

	/* "memory.max" is the controller's name and the file's. */
	for (size_t i = 0; i < cgroup->values.n; i++)
		needed |= controller_of(cgroup->values.items[i].file,
					strcspn(cgroup->values.items[i].file, "."));
	return needed;
}

unsigned controllers_wanted(const struct plan_cgroup *cgroup)
{
	unsigned wanted = controllers_needed(cgroup);

	for (unsigned i = 0; i < CONTROLLERS; i++)
		if (controllers[i].is_measuring)
			wanted |= 1U << i;
	return wanted;
}

static unsigned controllers_read(int cgroup, const char *file)
{
	char text[512];
	unsigned found = 0;

	if (cgroup_file_read(cgroup, file, text, sizeof(text)) < 0)
		return 0;
	for (const char *word = text; *word;) {
		size_t n = strcspn(word, " \n");
		found |= controller_of(word, n);
		word += n;
		word += strspn(word, " \n");
	}
	return found;
}

bool controllers_are_enabled(int cgroup, unsigned set)
{
	return (controllers_read(cgroup, "cgroup.subtree_control") & set) == set;
}

static int enable(int cgroup, unsigned set)
{
	char value[128] = "";
	size_t n = 0;

	for (unsigned i = 0; i < CONTROLLERS; i++)
		if (set & 1U << i)
			n += (size_t)snprintf(value + n, sizeof(value) - n, "+%s ",
					      controllers[i].name);
	return file_write_at(cgroup, "cgroup.subtree_control", value);
}

static int enable_failed(const char *path, unsigned index, struct error *err)
{
	(void)fail_sys(err, "enable the cgroup controller '%s' below '%s'", controllers[index].name,
		       path);
	if (err->sys_errno == EBUSY)
		return fail_remedy(err,
				   "processes live in that cgroup itself: move them to a child "
				   "cgroup first (systemd: DelegateSubgroup=)");
	if (err->sys_errno == EACCES || err->sys_errno == EPERM || err->sys_errno == EROFS)
		return fail_remedy(
			err,
			"have the controller delegated: 'systemctl edit user@.service' with "
			"[Service] Delegate=%s and what was there, or the same for the "
			"service the runtime is in",
			controllers[index].name);
	return -1;
}

/* Which limit asks for the controller: its origin, to name in an error. */
static const char *origin_of(const struct plan_cgroup *limits, unsigned controller)
{
	for (size_t i = 0; i < limits->values.n; i++) {
		const struct plan_cgroup_value *value = &limits->values.items[i];
		if (controller_of(value->file, strcspn(value->file, ".")) == controller)
			return value->origin ? value->origin : "";
	}
	return "";
}

static int controller_missing(const char *path, unsigned index, struct error *err)
{
	(void)fail(err, ERROR_HOST, "the cgroup controller '%s' is not available in '%s'",
		   controllers[index].name, path);
	return fail_remedy(err,
			   "give the host that controller, or whoever is delegated a part of the "
			   "tree (systemd: Delegate=%s), or drop the limit",
			   controllers[index].name);
}

/*
 * Where processes live beside children no controller may be enabled: memory and io cannot (EBUSY),
 * and cpu and pids can at the price that no process can be put into the children. The machine's
 * root, which alone has no type, is free of that.
 */
static bool has_own_processes(int cgroup)
{
	char text[16] = "";

	return cgroup_file_read(cgroup, "cgroup.type", text, sizeof(text)) == 0 &&
	       cgroup_file_read(cgroup, "cgroup.procs", text, sizeof(text)) == 0 && text[0];
}

static int controllers_enable(int cgroup, const char *path, const struct plan_cgroup *limits,
			      unsigned wanted, struct error *err)
{
	unsigned needed = controllers_needed(limits);
	unsigned missing = wanted & ~controllers_read(cgroup, "cgroup.subtree_control");
	if (missing == 0)
		return 0;

	unsigned available = controllers_read(cgroup, "cgroup.controllers");
	for (unsigned i = 0; i < CONTROLLERS; i++)
		if (needed & missing & ~available & 1U << i) {
			(void)controller_missing(path, i, err);
			return fail_field(err, "%s", origin_of(limits, 1U << i));
		}

	missing &= available;
	if (missing == 0)
		return 0;
	bool is_inhabited = has_own_processes(cgroup);
	if (!is_inhabited && enable(cgroup, missing) == 0)
		return 0;
	/* All or nothing did not work: one by one, and only those that a limit needs must. */
	for (unsigned i = 0; i < CONTROLLERS; i++) {
		if (!(missing & 1U << i) || (!is_inhabited && enable(cgroup, 1U << i) == 0) ||
		    !(needed & 1U << i))
			continue;
		errno = is_inhabited ? EBUSY : errno;
		(void)enable_failed(path, i, err);
		return fail_field(err, "%s", origin_of(limits, 1U << i));
	}
	return 0;
}

int controllers_hand_down(int mount, const char *path, const struct plan_cgroup *limits,
			  unsigned wanted, struct error *err)
{
	char prefix[PATH_MAX];
	size_t length = strlen(path);
	autofd directory = cgroup_directory_open(mount, "/");

	if (length >= sizeof(prefix))
		return fail(err, ERROR_CONFIG, "the cgroup path is too long");
	if (directory < 0)
		return fail_sys(err, "open the root of the cgroup tree");
	memcpy(prefix, path, length + 1);
	TRY(controllers_enable(directory, "/", limits, wanted, err));
	for (char *slash = strchr(prefix + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		const char *name = path_base(prefix);
		if (mkdirat(directory, name, 0755) < 0 && errno != EEXIST)
			return fail_sys(err, "create cgroup '%s'", prefix);
		autofd next = cgroup_directory_open(directory, name);
		if (next < 0)
			return fail_sys(err, "open cgroup '%s'", prefix);
		TRY(controllers_enable(next, prefix, limits, wanted, err));
		fd_close(&directory);
		directory = fd_take(&next);
		*slash = '/';
	}
	return fd_take(&directory);
}

bool controllers_are_available(int cgroup, unsigned set)
{
	return (controllers_read(cgroup, "cgroup.controllers") & set) == set;
}

int controllers_complete(const struct plan_cgroup *limits, int cgroup, const char *path,
			 struct error *err)
{
	unsigned needed = controllers_needed(limits);

	if (needed == 0 || controllers_are_available(cgroup, needed))
		return 0;
	autofd mount = TRY(cgroup_mount_open(err));
	autofd parent = controllers_hand_down(mount, path, limits, needed, err);
	return parent < 0 ? -1 : 0;
}
