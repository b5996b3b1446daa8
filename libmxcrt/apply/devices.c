/* SPDX-License-Identifier: Apache-2.0 */
/* Device nodes and the links of /dev. */
#include "apply/devices.h"

#include "apply/step.h"
#include "apply/targets.h"
#include "apply/tree.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* The directory of the last device: nearly all of them share one. */
struct directory {
	const char *path; /* of a device in it */
	int fd;
};

static void directory_close(struct directory *directory)
{
	fd_close(&directory->fd);
}

static int directory_open(struct directory *directory, int root, const char *path,
			  struct error *err)
{
	size_t n = (size_t)(path_base(path) - path);
	if (directory->path && strncmp(directory->path, path, n) == 0 &&
	    path_base(directory->path) == directory->path + n)
		return directory->fd;
	fd_close(&directory->fd);
	directory->fd = TRY(target_open_parent(root, path, err));
	directory->path = path;
	return directory->fd;
}

static mode_t device_type(const struct plan_device *device)
{
	if (device->type == 'p')
		return S_IFIFO;
	return device->type == 'b' ? S_IFBLK : S_IFCHR;
}

static bool is_device(const struct stat *st, const struct plan_device *device)
{
	if ((st->st_mode & S_IFMT) != device_type(device))
		return false;
	return device->type == 'p' || st->st_rdev == makedev(device->major, device->minor);
}

/* The node that the host's kernel itself names for the numbers: "/dev/zero", or "". */
static void device_name(const struct plan_device *device, char *path, size_t size)
{
	char file[64], text[512];
	*path = '\0';
	(void)snprintf(file, sizeof(file), "/sys/dev/%s/%u:%u/uevent",
		       device->type == 'b' ? "block" : "char", device->major, device->minor);
	autofd uevent = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t n = uevent < 0 ? -1 : read_some(uevent, text, sizeof(text) - 1);
	if (n < 0)
		return;
	text[n] = '\0';
	const char *name = strstr(text, "DEVNAME=");
	if (name)
		(void)snprintf(path, size, "/dev/%.*s", (int)strcspn(name + 8, "\n"), name + 8);
}

static int host_device_at(const struct plan_device *device, const char *path)
{
	autofd tree = *path ? tree_clone(AT_FDCWD, path, false) : -1;
	struct stat st;
	if (tree < 0 || fstat(tree, &st) < 0 || !is_device(&st, device))
		return -1;
	return fd_take(&tree);
}

/* The host's node of the same name, or of the same numbers; whatever it is called, its numbers
 * decide. */
static int host_device(const struct plan_device *device)
{
	char path[512];
	int tree = host_device_at(device, device->path);
	if (tree >= 0)
		return tree;
	(void)snprintf(path, sizeof(path), "/dev/%s/%u:%u", device->type == 'b' ? "block" : "char",
		       device->major, device->minor);
	tree = host_device_at(device, path);
	if (tree >= 0)
		return tree;
	device_name(device, path, sizeof(path));
	tree = host_device_at(device, path);
	if (tree < 0)
		errno = ENODEV;
	return tree;
}

static int device_bind(const struct plan_device *device, int directory, const char *name,
		       struct error *err)
{
	autofd tree = host_device(device);
	if (tree < 0)
		return fail_sys(err, "device '%s': the host has no %c %u:%u to share", device->path,
				device->type, device->major, device->minor);
	if (mknodat(directory, name, S_IFREG | 0600, 0) < 0 && errno != EEXIST)
		return fail_sys(err, "make '%s'", device->path);
	autofd target = openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	if (target < 0 || fstat(target, &st) < 0)
		return fail_sys(err, "open '%s'", device->path);
	if (is_device(&st, device))
		return 0;
	/* Empty: what an earlier container of this image was given to bind on. */
	if (!S_ISREG(st.st_mode) || st.st_size > 0)
		return fail(err, ERROR_CONFIG, "'%s' is there already and is not device %c %u:%u",
			    device->path, device->type, device->major, device->minor);
	if (tree_attach(tree, target) < 0)
		return fail_sys(err, "bind device '%s'", device->path);
	return 0;
}

/* By the node that was looked at, whatever has its name by now. */
static int node_own(const struct plan_device *device, int node, struct error *err)
{
	if (fchownat(node, "", device->uid, device->gid, AT_EMPTY_PATH) < 0)
		return fail_sys(err, "change the owner of '%s'", device->path);
	/* Behind the owner, whose change takes set-id bits away. */
	if (chmod(fd_path(node).text, device->mode & 07777) < 0)
		return fail_sys(err, "change the mode of '%s'", device->path);
	return 0;
}

static int node_check(const struct plan_device *device, int node, struct error *err)
{
	struct stat st;
	if (node < 0 || fstat(node, &st) < 0)
		return fail_sys(err, "device '%s'", device->path);
	if (!is_device(&st, device))
		return fail(err, ERROR_CONFIG, "'%s' is there already and is not device %c %u:%u",
			    device->path, device->type, device->major, device->minor);
	bool is_right = !device->is_owned || device->is_given ||
			((st.st_mode & 07777) == device->mode && st.st_uid == device->uid &&
			 st.st_gid == device->gid);
	return is_right ? 0 : node_own(device, node, err);
}

static int device_exists(const struct plan_device *device, int directory, const char *name,
			 struct error *err)
{
	autofd node = openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return node_check(device, node, err);
}

/* On a /dev of the host nothing is made, not even a directory. */
static int device_look(const struct plan_device *device, int root, struct error *err)
{
	autofd node = open_in_root(root, device->path, O_NOFOLLOW);
	return node_check(device, node, err);
}

static int device_create(const struct plan *plan, const struct plan_device *device, int directory,
			 struct error *err)
{
	const char *name = path_base(device->path);
	/* Root of a user namespace may make no device: not worth asking the kernel each time. */
	if (device->type != 'p' && plan->namespaces.of[NAMESPACE_USER].mode != NAMESPACE_INHERIT)
		return device_bind(device, directory, name, err);

	mode_t mode = device_type(device) | (device->mode & 07777);
	if (mknodat(directory, name, mode, makedev(device->major, device->minor)) < 0) {
		if (errno == EEXIST)
			return device_exists(device, directory, name, err);
		if (errno == EPERM && device->type != 'p')
			return device_bind(device, directory, name, err);
		return fail_sys(err, "make device '%s'", device->path);
	}
	bool has_owner = device->uid != 0 || device->gid != 0;
	if (has_owner &&
	    fchownat(directory, name, device->uid, device->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return fail_sys(err, "change the owner of '%s'", device->path);
	return 0;
}

/* A name that is there already is left as it is: the image, or a /dev shared with the host, knows
 * better. */
static int links_create(int root, struct error *err)
{
	static const struct {
		const char *name, *to;
	} links[] = {
		{ "fd", "/proc/self/fd" },       { "stdin", "/proc/self/fd/0" },
		{ "stdout", "/proc/self/fd/1" }, { "stderr", "/proc/self/fd/2" },
		{ "core", "/proc/kcore" },       { "ptmx", "pts/ptmx" },
	};
	autofd directory = TRY(target_open(root, "/dev", TARGET_DIRECTORY, err));
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (symlinkat(links[i].to, directory, links[i].name) < 0 && errno != EEXIST)
			return fail_sys(err, "make link '/dev/%s'", links[i].name);
	return 0;
}

static int nodes_create(const struct plan *plan, const struct handles *handles, struct error *err)
{
	__attribute__((cleanup(directory_close))) struct directory directory = { .fd = -1 };
	for (size_t i = 0; i < plan->devices.rows.n; i++) {
		const struct plan_device *device = &plan->devices.rows.items[i];
		if (device->is_given) {
			if (device_look(device, handles->root, err) < 0)
				return fail_field(err, "%s", device->origin);
			continue;
		}
		int parent = directory_open(&directory, handles->root, device->path, err);
		if (parent < 0 || device_create(plan, device, parent, err) < 0)
			return fail_field(err, "%s", device->origin);
	}
	if (plan->devices.links)
		TRY(links_create(handles->root, err));
	/* Made now, because /dev may be read-only by the time the terminal is there. */
	if (!plan->devices.console)
		return 0;
	int console = TRY(target_open(handles->root, "/dev/console", TARGET_FILE, err));
	fd_close(&console);
	return 0;
}

int devices_create(const struct plan *plan, struct handles *handles, struct error *err)
{
	mode_t mask = umask(0);
	int result = nodes_create(plan, handles, err);
	(void)umask(mask);
	return result;
}
