/* SPDX-License-Identifier: Apache-2.0 */
/* New file systems for a container, and what stands in for one that may not be mounted here. */
#include "apply/filesystems.h"

#include "apply/proc.h"
#include "apply/step.h"
#include "apply/tree.h"
#include "base/fd.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/* What the kernel said about the last failure ("e tmpfs: Bad value for 'mode'"), behind the error's
 * text. */
static int fail_mount(int context, const struct plan_mount *mount, const char *option,
		      struct error *err)
{
	int cause = errno;
	char said[256] = "";
	ssize_t n = context >= 0 ? read(context, said, sizeof(said) - 1) : 0;
	if (n > 0)
		said[said[n - 1] == '\n' ? n - 1 : n] = '\0';
	const char *reason = n > 2 && said[1] == ' ' ? said + 2 : "";

	errno = cause;
	return fail_sys(err, "mount '%s' on '%s'%s%s%s%s%s", mount->type, mount->target,
			option ? ": option '" : "", option ? option : "", option ? "'" : "",
			*reason ? ": " : "", reason);
}

static bool has_new_user_namespace(const struct plan *plan)
{
	return plan->namespaces.of[NAMESPACE_USER].mode == NAMESPACE_NEW;
}

static bool is_gid_mapped(const struct plan *plan, uint64_t gid)
{
	for (size_t i = 0; i < plan->ids.gid_maps.rows.n; i++) {
		const struct plan_id_map *row = &plan->ids.gid_maps.rows.items[i];
		if (gid >= row->container && gid - row->container < row->size)
			return true;
	}
	return false;
}

/*
 * Engines ask for the tty group of every distribution on devpts; where the container has no such
 * group the kernel refuses the whole mount, and terminals then belong to the group of their owner,
 * as they do without the option.
 */
static bool is_dropped(const struct plan *plan, const struct plan_mount *mount, const char *option)
{
	uint64_t gid;
	return has_new_user_namespace(plan) && str_equal(mount->type, "devpts") &&
	       str_starts(option, "gid=") &&
	       str_to_u64(option + strlen("gid="), UINT32_MAX, &gid) == 0 &&
	       !is_gid_mapped(plan, gid);
}

static int configure_one(int context, const char *option)
{
	const char *equals = strchr(option, '=');
	if (!equals)
		return fsconfig(context, FSCONFIG_SET_FLAG, option, NULL, 0);

	char key[128];
	if ((size_t)(equals - option) >= sizeof(key)) {
		errno = EINVAL;
		return -1;
	}
	(void)snprintf(key, sizeof(key), "%.*s", (int)(equals - option), option);
	return fsconfig(context, FSCONFIG_SET_STRING, key, equals + 1, 0);
}

static int configure(const struct plan *plan, const struct plan_mount *mount, int context,
		     struct error *err)
{
	for (const char **flag = mount->superblock; flag && *flag; flag++)
		if (fsconfig(context, FSCONFIG_SET_FLAG, *flag, NULL, 0) < 0)
			return fail_mount(context, mount, *flag, err);
	for (const char **option = mount->data; option && *option; option++)
		if (!(plan && is_dropped(plan, mount, *option)) &&
		    configure_one(context, *option) < 0)
			return fail_mount(context, mount, *option, err);
	return 0;
}

/* File systems that the kernel labels itself take no context. */
static bool takes_label(const char *type)
{
	static const char *const own[] = { "proc", "sysfs", "cgroup", "cgroup2", "mqueue" };
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (str_equal(type, own[i]))
			return false;
	return true;
}

static bool has_context(const struct plan_mount *mount)
{
	for (const char **option = mount->data; option && *option; option++)
		if (str_starts(*option, "context="))
			return true;
	return false;
}

bool filesystem_is_filled(const struct plan_mount *mount)
{
	return mount->kind == PLAN_MOUNT_FILESYSTEM && str_equal(mount->type, "tmpfs");
}

uint64_t filesystem_attributes(const struct plan_mount *mount)
{
	return filesystem_is_filled(mount) ? mount->set & ~(uint64_t)MOUNT_ATTR_RDONLY : mount->set;
}

static int filesystem_mount(const struct plan *plan, const struct plan_mount *mount,
			    struct error *err)
{
	autofd context = fsopen(mount->type, FSOPEN_CLOEXEC);
	if (context < 0)
		return fail_mount(-1, mount, NULL, err);
	if (mount->source && *mount->source &&
	    fsconfig(context, FSCONFIG_SET_STRING, "source", mount->source, 0) < 0)
		return fail_mount(context, mount, mount->source, err);
	TRY(configure(plan, mount, context, err));

	const char *label = plan->mounts.label;
	if (label && *label && takes_label(mount->type) && !has_context(mount) &&
	    fsconfig(context, FSCONFIG_SET_STRING, "context", label, 0) < 0)
		return fail_mount(context, mount, "context", err);

	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return fail_mount(context, mount, NULL, err);
	int tree = fsmount(context, FSMOUNT_CLOEXEC, (unsigned)filesystem_attributes(mount));
	if (tree < 0)
		return fail_mount(context, mount, NULL, err);
	return tree;
}

/*
 * What root of a user namespace may not mount because it does not own the namespace that the file
 * system shows: then the container shares that namespace with the host, and sees what the host
 * sees.
 */
static const struct {
	const char *type, *path;
	enum namespace_kind shared;
	uint64_t set;
} stand_ins[] = {
	{ "sysfs", "/sys", NAMESPACE_NETWORK, MOUNT_ATTR_RDONLY },
	{ "mqueue", "/dev/mqueue", NAMESPACE_IPC, 0 },
	{ "proc", "/proc", NAMESPACE_PID, 0 },
};

static int stand_in_open(const struct plan *plan, const struct plan_mount *mount)
{
	for (size_t i = 0; i < sizeof(stand_ins) / sizeof(stand_ins[0]); i++) {
		if (!str_equal(mount->type, stand_ins[i].type))
			continue;
		/* Not the runtime's own namespace, yet refused: binding the host's would show what
		 * must not be seen. */
		if (plan->namespaces.of[stand_ins[i].shared].mode != NAMESPACE_INHERIT &&
		    stand_ins[i].shared != NAMESPACE_NETWORK)
			return -1;
		autofd tree = tree_clone(AT_FDCWD, stand_ins[i].path, true);
		struct tree_change change = {
			.set = stand_ins[i].set | filesystem_attributes(mount),
			.recursive = true,
		};
		if (tree < 0 || tree_change(tree, &change) < 0)
			return -1;
		return fd_take(&tree);
	}
	return -1;
}

/* The refusal of a file system for which nothing stands in. */
static int stand_in_missing(const struct plan *plan, const struct plan_mount *mount,
			    struct error *err)
{
	for (size_t i = 0; i < sizeof(stand_ins) / sizeof(stand_ins[0]); i++) {
		enum namespace_kind shared = stand_ins[i].shared;
		if (!str_equal(mount->type, stand_ins[i].type))
			continue;
		if (plan->namespaces.of[shared].mode == NAMESPACE_INHERIT)
			return fail_remedy(
				err,
				"add a '%s' namespace to linux.namespaces, or remove the "
				"mount",
				namespace_infos[shared].name);
		if (shared == NAMESPACE_PID)
			return fail_remedy(
				err,
				"the runtime's own /proc is masked, and then the kernel gives no "
				"new one: start the container around it with --security-opt "
				"unmask=ALL (podman), systempaths=unconfined (docker) or "
				"procMount: Unmasked");
	}
	return -1;
}

int filesystem_open(const struct plan *plan, const struct plan_mount *mount, struct error *err)
{
	int tree = filesystem_mount(plan, mount, err);
	if (tree >= 0 || err->sys_errno != EPERM)
		return tree;

	int instead = stand_in_open(plan, mount);
	if (instead >= 0) {
		*err = (struct error){};
		return instead;
	}
	return stand_in_missing(plan, mount, err);
}

/* The process's own cgroup, by the path it has below the cgroup2 mount of the host: "/…" in PATH,
 * or -1 with errno. */
static int cgroup_own(const struct plan *plan, const struct handles *handles, char *path,
		      size_t size)
{
	if (plan->namespaces.of[NAMESPACE_CGROUP].mode != NAMESPACE_INHERIT) {
		/* From inside its own namespace a process no longer sees where it is. */
		if (!handles->cgroup_path) {
			errno = EPERM;
			return -1;
		}
		return snprintf(path, size, "/sys/fs/cgroup%s", handles->cgroup_path) < (int)size
			       ? 0
			       : -1;
	}

	char text[4096];
	if (proc_read(handles->proc, "self/cgroup", text, sizeof(text)) < 0)
		return -1;
	const char *line = str_starts(text, "0::") ? text : strstr(text, "\n0::");
	if (!line) {
		errno = ENOENT;
		return -1;
	}
	const char *own = strchr(line, '/');
	if (!own ||
	    snprintf(path, size, "/sys/fs/cgroup%.*s", (int)strcspn(own, "\n"), own) >= (int)size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}

int filesystem_open_cgroup(const struct plan *plan, const struct handles *handles,
			   const struct plan_mount *mount, struct error *err)
{
	struct plan_mount version_2 = *mount;
	version_2.type = "cgroup2";
	version_2.data = NULL; /* what engines pass here names controllers of version 1 */

	if (plan->namespaces.of[NAMESPACE_CGROUP].mode != NAMESPACE_INHERIT) {
		int tree = filesystem_mount(plan, &version_2, err);
		if (tree >= 0 || err->sys_errno != EPERM)
			return tree;
		*err = (struct error){};
	}

	char path[4096];
	if (cgroup_own(plan, handles, path, sizeof(path)) < 0)
		return fail_sys(err, "mount 'cgroup2' on '%s'", mount->target);
	autofd tree = tree_clone(AT_FDCWD, path, true);
	struct tree_change change = { .set = filesystem_attributes(mount), .recursive = true };
	if (tree < 0 || tree_change(tree, &change) < 0)
		return fail_sys(err, "bind the cgroup '%s' on '%s'", path, mount->target);
	return fd_take(&tree);
}

int filesystem_reconfigure(const struct plan_mount *mount, int target, struct error *err)
{
	struct plan_mount named = *mount;
	if (!named.type)
		named.type = "remount";
	autofd context = fspick(target, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);
	if (context < 0)
		return fail_mount(-1, &named, NULL, err);
	TRY(configure(NULL, &named, context, err));
	if (fsconfig(context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0) < 0)
		return fail_mount(context, &named, NULL, err);
	return 0;
}
