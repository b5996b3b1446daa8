/* SPDX-License-Identifier: Apache-2.0 */
/* What of a running container is the host's: CRIU must know, or it would try to save it. */
#include "apply/criu.h"

#include "apply/proc.h"
#include "apply/step.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOUNTINFO_LIMIT = 4 << 20, STANDARD_DESCRIPTORS = 3 };

/* One line of /proc/PID/mountinfo. */
struct mounted {
	uint64_t id;
	const char *point;
};
struct mounted_all {
	ARRAY(struct mounted) list;
};

/* proc(5): blanks and the like are written as three octal digits. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		unsigned number;
		if (*from == '\\' && sscanf(from + 1, "%3o", &number) == 1) {
			*to = (char)number;
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

static int mounted_read(const struct handles *handles, struct mounted_all *ret, struct error *err)
{
	char file[48];

	(void)snprintf(file, sizeof(file), "%d/mountinfo", handles->init);
	autofd fd = proc_open_at(handles->proc, file, O_RDONLY);
	char *text = arena_alloc(handles->arena, MOUNTINFO_LIMIT);
	if (fd < 0 || read_some(fd, text, MOUNTINFO_LIMIT - 1) < 0)
		return fail_sys(err, "read the mounts of the container");
	for (char *line = text; *line;) {
		char *end = line + strcspn(line, "\n");
		char *next = *end ? end + 1 : end;
		*end = '\0';
		/* id, parent, device, root, mount point, … */
		char **words = str_split(handles->arena, line, ' ');
		size_t n = 0;
		while (words[n] && n < 5)
			n++;
		uint64_t id;
		if (n == 5 && str_to_u64(words[0], UINT32_MAX, &id) == 0) {
			unescape(words[4]);
			*arena_push(handles->arena,
				    &ret->list) = (struct mounted){ .id = id, .point = words[4] };
		}
		line = next;
	}
	return 0;
}

static bool is_mounted_on(const struct mounted_all *mounted, const char *point)
{
	for (size_t i = 0; i < mounted->list.n; i++)
		if (str_equal(mounted->list.items[i].point, point))
			return true;
	return false;
}

static bool is_own_mount(const struct mounted_all *mounted, uint64_t id)
{
	for (size_t i = 0; i < mounted->list.n; i++)
		if (mounted->list.items[i].id == id)
			return true;
	return false;
}

/* Where TARGET of config.json really is, links of the image followed: as the kernel names it. */
static const char *real_path(const struct handles *handles, int root, const char *target)
{
	char path[PATH_MAX];
	autofd fd = open_in_root(root, target, 0);
	ssize_t n = fd < 0 ? -1 : readlink(fd_path(fd).text, path, sizeof(path));

	return n < 0 ? target : arena_strndup(handles->arena, path, (size_t)n);
}

static void tell_mount(const struct handles *handles, const char *point, const char *name,
		       struct criu_options *options)
{
	for (size_t i = 0; i < options->mounts.n; i++)
		if (str_equal(options->mounts.items[i].key, point))
			return;
	*arena_push(handles->arena, &options->mounts) = (struct criu_mount){ .key = point,
									     .value = name };
}

/* The image knows a mount by what config.json calls it: restore need not find out anything. */
static int tell_mounts(const struct plan *plan, const struct handles *handles,
		       const struct mounted_all *mounted, struct criu_options *options,
		       struct error *err)
{
	char path[48];

	(void)snprintf(path, sizeof(path), "%d/root", handles->init);
	/* A magic link, as below: how the kernel names what a process has. */
	autofd root = openat(handles->proc, path, O_PATH | O_CLOEXEC);
	if (root < 0)
		return fail_sys(err, "open the root of the container");
	for (size_t i = 0; i < plan->mounts.rows.n; i++) {
		const struct plan_mount *mount = &plan->mounts.rows.items[i];
		if (mount->kind != PLAN_MOUNT_BIND)
			continue;
		const char *point = real_path(handles, root, mount->target);
		if (is_mounted_on(mounted, point))
			tell_mount(handles, point, mount->target, options);
	}
	/* A device that could not be made is the host's own, bound. */
	for (size_t i = 0; i < plan->devices.rows.n; i++) {
		const char *device = plan->devices.rows.items[i].path;
		if (is_mounted_on(mounted, device))
			tell_mount(handles, device, device, options);
	}
	return 0;
}

static int tell_namespaces(const struct plan *plan, const struct handles *handles,
			   struct criu_options *options, struct error *err)
{
	static const struct {
		enum namespace_kind kind;
		const char *file, *key;
	} joined[] = {
		{ NAMESPACE_NETWORK, "net", CRIU_NETWORK_KEY },
		{ NAMESPACE_PID, "pid", CRIU_PID_KEY },
	};

	for (size_t i = 0; i < sizeof(joined) / sizeof(joined[0]); i++) {
		char path[48];
		struct stat st;
		if (plan->namespaces.of[joined[i].kind].mode != NAMESPACE_JOIN)
			continue;
		(void)snprintf(path, sizeof(path), "%d/ns/%s", handles->init, joined[i].file);
		if (fstatat(handles->proc, path, &st, 0) < 0)
			return fail_sys(err, "look at the container's %s namespace",
					joined[i].file);
		*arena_push(handles->arena, &options->external) = arena_printf(
			handles->arena, "%s[%" PRIu64 "]:%s", joined[i].file, (uint64_t)st.st_ino,
			joined[i].key);
	}
	return 0;
}

/* The number of the mount that descriptor FD of the container was opened on; 0 = unknown. */
static uint64_t mount_of(const struct handles *handles, int fd)
{
	char path[48], text[1024];

	(void)snprintf(path, sizeof(path), "%d/fdinfo/%d", handles->init, fd);
	if (proc_read(handles->proc, path, text, sizeof(text)) < 0)
		return 0;
	const char *line = strstr(text, "mnt_id:");
	return line ? strtoull(line + strlen("mnt_id:"), NULL, 10) : 0;
}

/*
 * Pipes to the engine are found by their names at restore. A file of the host, /dev/null above all,
 * lies on a mount that the container does not have: CRIU takes it as given when it is told its
 * mount and number, and restore puts the descriptor it has itself in its place.
 */
static const char *tell_descriptor(const struct handles *handles, int fd,
				   const struct mounted_all *mounted, struct criu_options *options)
{
	char path[48], name[PATH_MAX];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%d/fd/%d", handles->init, fd);
	ssize_t n = readlinkat(handles->proc, path, name, sizeof(name) - 1);
	if (n < 0 || fstatat(handles->proc, path, &st, 0) < 0)
		return "";
	name[n] = '\0';
	uint64_t id = mount_of(handles, fd);
	if (name[0] != '/' || id == 0 || is_own_mount(mounted, id))
		return arena_strdup(handles->arena, name);
	const char *key = arena_printf(handles->arena, "file[%" PRIx64 ":%" PRIx64 "]", id,
				       (uint64_t)st.st_ino);
	*arena_push(handles->arena, &options->external) = key;
	return key;
}

int criu_tell_externals(const struct plan *plan, const struct handles *handles,
			struct criu_options *options, struct strings *ret_descriptors,
			struct error *err)
{
	struct mounted_all mounted = {};

	TRY(mounted_read(handles, &mounted, err));
	TRY(tell_mounts(plan, handles, &mounted, options, err));
	TRY(tell_namespaces(plan, handles, options, err));
	ret_descriptors->items = arena_alloc(handles->arena,
					     (STANDARD_DESCRIPTORS + 1) * sizeof(char *));
	ret_descriptors->n = STANDARD_DESCRIPTORS;
	for (int fd = 0; fd < STANDARD_DESCRIPTORS; fd++)
		ret_descriptors->items[fd] = tell_descriptor(handles, fd, &mounted, options);
	return 0;
}
