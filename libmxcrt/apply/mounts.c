/* SPDX-License-Identifier: Apache-2.0 */
/* The mounts of the plan, in their order, on targets that lie beneath the root. */
#include "apply/mounts.h"

#include "apply/copyup.h"
#include "apply/filesystems.h"
#include "apply/sources.h"
#include "apply/step.h"
#include "apply/targets.h"
#include "apply/tree.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

enum { PROPAGATION = MS_SHARED | MS_SLAVE | MS_PRIVATE | MS_UNBINDABLE };

static bool is_kernel_view(const struct plan_mount *mount)
{
	return str_equal(mount->type, "proc") || str_equal(mount->type, "sysfs");
}

static bool is_procfs(int fd)
{
	struct statfs fs;
	return fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

/* Files of /proc that engines and lxcfs replace; anything else there is how a container would be
 * fooled or escaped. */
static bool is_replaceable(const char *target)
{
	static const char *const files[] = {
		"/proc/cpuinfo",
		"/proc/diskstats",
		"/proc/loadavg",
		"/proc/meminfo",
		"/proc/slabinfo",
		"/proc/stat",
		"/proc/swaps",
		"/proc/uptime",
		"/proc/net/dev",
		"/proc/sys/kernel/ns_last_pid",
		"/proc/sys/crypto/fips_enabled",
	};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (str_equal(target, files[i]))
			return true;
	return false;
}

/* Judged by where TARGET really is: a link of the image may lead into /proc under any name. */
static int check_target(const struct plan_mount *mount, int tree, int target, struct error *err)
{
	if (str_equal(mount->target, "/proc")) {
		if (!is_procfs(tree))
			return fail(err, ERROR_CONFIG,
				    "only a proc file system may be mounted on '/proc'");
		return 0;
	}
	if (is_procfs(target) && !is_replaceable(mount->target))
		return fail(err, ERROR_CONFIG,
			    "'%s' lies in a proc file system: nothing may be mounted there",
			    mount->target);
	return 0;
}

static int target_of(const struct handles *handles, const struct plan_mount *mount, int tree,
		     struct error *err)
{
	struct stat st;
	if (fstat(tree, &st) < 0)
		return fail_sys(err, "stat what is mounted on '%s'", mount->target);
	enum target_kind kind = S_ISDIR(st.st_mode) ? TARGET_DIRECTORY : TARGET_FILE;
	if (!is_kernel_view(mount))
		return target_open(handles->root, mount->target, kind, err);

	/* These decide what a container believes about the kernel: a plain directory, reached
	 * through no link. */
	uint64_t how = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS;
	int target = open_resolved(handles->root, mount->target, O_PATH | O_DIRECTORY, 0, how);
	if (target < 0 && errno == ENOENT)
		return target_open(handles->root, mount->target, kind, err);
	if (target < 0 && (errno == ELOOP || errno == ENOTDIR))
		return fail(err, ERROR_CONFIG,
			    "'%s' is not a plain directory: '%s' may not be mounted there",
			    mount->target, mount->type);
	if (target < 0)
		return fail_sys(err, "mount point '%s'", mount->target);
	return target;
}

/* What the whole tree is made first. What comes from the host is a slave at most, unless
 * config.json ties the root itself to the host: the clone of a shared mount is its peer already. */
static uint64_t propagation_of(const struct plan *plan, const struct plan_mount *mount)
{
	uint64_t asked = mount->propagation & PROPAGATION;
	bool is_of_all = (mount->propagation & MS_REC) || !mount->is_recursive;
	bool may_share = (plan->mounts.root_propagation & MS_SHARED) && !plan->filesystem.is_active;
	if (is_of_all && asked && !(asked & MS_SHARED))
		return asked;
	if (mount->kind != PLAN_MOUNT_BIND)
		return 0;
	return (asked & MS_SHARED) && may_share ? 0 : MS_SLAVE;
}

/* What is still to be said of TREE once all of it has the propagation FIRST. */
static int propagation_finish(const struct plan *plan, const struct plan_mount *mount, int tree,
			      uint64_t first)
{
	uint64_t asked = mount->propagation & PROPAGATION;
	/* Under a policy the layers above are attached here, and must not spread to peers. */
	if (asked == first || ((asked & MS_SHARED) && plan->filesystem.is_active))
		return 0;
	struct tree_change change = { .propagation = asked,
				      .recursive = mount->propagation & MS_REC };
	return tree_change(tree, &change);
}

static int set_attributes(const struct plan *plan, const struct plan_mount *mount, int tree,
			  struct error *err)
{
	struct tree_change own = { .set = mount->set, .clear = mount->clear };
	struct tree_change all = {
		.set = mount->set_recursive,
		.clear = mount->clear_recursive,
		.propagation = propagation_of(plan, mount),
		.recursive = true,
	};
	if (mount->kind != PLAN_MOUNT_BIND) {
		own.set &= ~filesystem_attributes(mount);
		own.clear = 0;
		if (filesystem_is_filled(mount)) {
			own.set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
			all.set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
		}
	} else if (!mount->is_recursive) {
		/* One mount is all there is to a plain bind: one call does both. */
		own.propagation = all.propagation;
		all.propagation = 0;
	}
	/* What is said of all holds of the topmost too. */
	if (tree_change(tree, &own) < 0 || tree_change(tree, &all) < 0)
		return fail_sys(err, "set the mount options of '%s'", mount->target);

	if (propagation_finish(plan, mount, tree, propagation_of(plan, mount)) < 0)
		return fail_sys(err, "set the propagation of '%s'", mount->target);
	return 0;
}

static int tree_of(const struct plan *plan, struct handles *handles, size_t i, struct error *err)
{
	const struct plan_mount *mount = &plan->mounts.rows.items[i];
	switch (mount->kind) {
	case PLAN_MOUNT_BIND:
		if (handles->sources[i] >= 0)
			return fd_take(&handles->sources[i]);
		if (mount->idmap)
			return fail(err, ERROR_HOST,
				    "'%s' cannot be mapped to other ids by an unprivileged user",
				    mount->source);
		return source_open(plan, mount, err);
	case PLAN_MOUNT_CGROUP: return filesystem_open_cgroup(plan, handles, mount, err);
	case PLAN_MOUNT_FILESYSTEM:
	case PLAN_MOUNT_REMOUNT: break;
	}
	return filesystem_open(plan, mount, err);
}

static bool names_mode(const struct plan_mount *mount)
{
	for (const char **option = mount->data; option && *option; option++)
		if (str_starts(*option, "mode="))
			return true;
	return false;
}

/* The mode of the directory that a tmpfs covers: its own, where no option names one. 0 = none. */
static mode_t covered_mode(const struct handles *handles, const struct plan_mount *mount)
{
	if (!filesystem_is_filled(mount) || names_mode(mount))
		return 0;
	autofd covered = open_in_root(handles->root, mount->target, 0);
	struct stat st;
	return covered >= 0 && fstat(covered, &st) == 0 ? st.st_mode & 07777 : 0;
}

static int attach(const struct plan *plan, struct handles *handles, size_t i, struct error *err)
{
	const struct plan_mount *mount = &plan->mounts.rows.items[i];
	autofd tree = TRY(tree_of(plan, handles, i, err));
	mode_t mode = covered_mode(handles, mount);
	autofd target = TRY(target_of(handles, mount, tree, err));
	TRY(check_target(mount, tree, target, err));
	if (mount->copy_up)
		TRY(copy_up(target, tree, err));
	if (mode && fchmodat(tree, ".", mode, 0) < 0)
		return fail_sys(err, "set the mode of '%s'", mount->target);
	TRY(set_attributes(plan, mount, tree, err));
	if (tree_attach(tree, target) < 0)
		return fail_sys(err, "mount '%s' on '%s'",
				mount->type ? mount->type : mount->source, mount->target);
	handles->sources[i] = fd_take(&tree);
	return 0;
}

static int remount(const struct handles *handles, const struct plan_mount *mount, struct error *err)
{
	autofd target = open_in_root(handles->root, mount->target, 0);
	if (target < 0)
		return fail_sys(err, "remount '%s'", mount->target);
	if (is_procfs(target) && !str_equal(mount->target, "/proc"))
		return fail(err, ERROR_CONFIG,
			    "'%s' lies in a proc file system: it may not be remounted",
			    mount->target);

	struct tree_change own = { .set = mount->set, .clear = mount->clear };
	struct tree_change all = {
		.set = mount->set_recursive,
		.clear = mount->clear_recursive,
		.recursive = true,
	};
	if (tree_change(target, &own) < 0 || tree_change(target, &all) < 0)
		return fail_sys(err, "remount '%s'", mount->target);
	bool has_options = (mount->superblock && *mount->superblock) ||
			   (mount->data && *mount->data);
	return has_options ? filesystem_reconfigure(mount, target, err) : 0;
}

int mounts_attach(const struct plan *plan, struct handles *handles, struct error *err)
{
	/* What is made for a mount has the mode that is written here, whatever the caller's umask.
	 */
	mode_t mask = umask(0);
	int result = 0;
	for (size_t i = 0; i < plan->mounts.rows.n && result == 0; i++) {
		const struct plan_mount *mount = &plan->mounts.rows.items[i];
		if (mount->kind == PLAN_MOUNT_REMOUNT)
			result = remount(handles, mount, err);
		else
			result = attach(plan, handles, i, err);
		if (result < 0)
			fail_field(err, "%s", mount->origin);
	}
	(void)umask(mask);
	return result;
}

int mounts_seal(const struct plan *plan, const struct handles *handles, struct error *err)
{
	struct tree_change seal = { .set = MOUNT_ATTR_RDONLY };

	for (size_t i = 0; i < plan->mounts.rows.n; i++) {
		const struct plan_mount *mount = &plan->mounts.rows.items[i];
		if (filesystem_is_filled(mount) &&
		    (mount->set | mount->set_recursive) & MOUNT_ATTR_RDONLY &&
		    tree_change(handles->sources[i], &seal) < 0)
			return fail_sys(err, "make '%s' read-only", mount->target);
	}
	return 0;
}
