/* SPDX-License-Identifier: Apache-2.0 */
/* Where CRIU puts a container together: a mount namespace that nobody else sees, and what is joined
 * instead of made. */
#include "apply/criu.h"

#include "apply/step.h"
#include "apply/targets.h"
#include "apply/tree.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/log.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* The row that TARGET lies beneath, of those mounted before row I; -1 = the root. */
static int covering_row(const struct plan *plan, size_t i, const char *target)
{
	int found = -1;
	size_t longest = 0;

	for (size_t k = 0; k < i; k++) {
		const char *above = plan->mounts.rows.items[k].target;
		size_t n = strlen(above);
		if (n >= longest && n > 1 && strncmp(target, above, n) == 0 && target[n] == '/') {
			longest = n;
			found = (int)k;
		}
	}
	return found;
}

/*
 * What create made for its mounts may be missing where the root file system is another copy. File
 * systems that CRIU fills itself bring their own mount points.
 */
static int mount_point_make(const struct plan *plan, const struct handles *handles, size_t i,
			    enum target_kind kind, struct error *err)
{
	const char *target = plan->mounts.rows.items[i].target;
	int above = covering_row(plan, i, target);
	int root = handles->sources[plan->mounts.rows.n];

	if (above >= 0) {
		if (plan->mounts.rows.items[above].kind != PLAN_MOUNT_BIND)
			return 0;
		root = handles->sources[above];
		target += strlen(plan->mounts.rows.items[above].target);
	}
	autofd made = target_open(root, target, kind, err);
	return made < 0 ? -1 : 0;
}

/* TREE at NAME in the place, with this propagation. */
static int tree_place(int tree, int place, const char *name, uint64_t propagation,
		      struct error *err)
{
	struct tree_change change = { .propagation = propagation, .recursive = true };
	struct stat st;

	if (fstat(tree, &st) < 0)
		return fail_sys(err, "look at a mount of the container");
	bool is_directory = S_ISDIR(st.st_mode);
	int made = is_directory ? mkdirat(place, name, 0700)
				: mknodat(place, name, S_IFREG | 0600, 0);
	autofd target = made < 0 ? -1 : openat(place, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (target < 0 || tree_change(tree, &change) < 0 || tree_attach(tree, target) < 0)
		return fail_sys(err, "mount a part of the container for criu");
	return 0;
}

/* Nothing of this lands on the host's file systems: a tmpfs over the state directory's path. */
static int place_open(const struct handles *handles, char path[PATH_MAX], struct error *err)
{
	struct tree_change slave = { .propagation = MS_SLAVE, .recursive = true };
	ssize_t n = readlink(fd_path(handles->state).text, path, PATH_MAX - 1);

	if (n < 0)
		return fail_sys(err, "find the state directory");
	path[n] = '\0';
	autofd top = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (top < 0 || tree_change(top, &slave) < 0)
		return fail_sys(err, "cut mount propagation to the host");
	if (mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") < 0)
		return fail_sys(err, "mount a tmpfs for criu");
	int place = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return place < 0 ? fail_sys(err, "open the tmpfs for criu") : place;
}

/* Mounts beneath a private root reach nobody; one that follows the host must have somebody to
 * follow. */
static uint64_t root_propagation(const struct plan *plan)
{
	return plan->mounts.root_propagation & (MS_SHARED | MS_SLAVE) ? MS_SHARED : MS_PRIVATE;
}

/*
 * A bind mount comes from its source itself: one that followed the host's mounts shall follow the
 * mount that its source lies on, of which CRIU must see the whole. Only what has ids of its own is
 * there in no other place than ours.
 */
static int mount_place(const struct plan *plan, struct handles *handles, size_t i, int place,
		       struct error *err)
{
	const struct plan_mount *mount = &plan->mounts.rows.items[i];
	enum target_kind kind = TARGET_DIRECTORY;
	char name[24];
	struct stat st;

	if (mount->kind == PLAN_MOUNT_REMOUNT)
		return 0;
	if (mount->kind == PLAN_MOUNT_BIND) {
		if (fstat(handles->sources[i], &st) < 0)
			return fail_sys(err, "look at '%s'", mount->source);
		kind = S_ISDIR(st.st_mode) ? TARGET_DIRECTORY : TARGET_FILE;
		(void)snprintf(name, sizeof(name), "%zu", i);
		if (mount->idmap)
			TRY(tree_place(handles->sources[i], place, name, MS_SHARED, err));
	}
	return mount_point_make(plan, handles, i, kind, err);
}

static int place_fill(const struct plan *plan, struct handles *handles,
		      struct criu_options *options, struct error *err)
{
	char path[PATH_MAX];
	autofd place = TRY(place_open(handles, path, err));
	struct arena *arena = handles->arena;

	TRY(tree_place(handles->sources[plan->mounts.rows.n], place, "root", root_propagation(plan),
		       err));
	options->root = arena_printf(arena, "%s/root", path);
	for (size_t i = 0; i < plan->mounts.rows.n; i++) {
		const struct plan_mount *mount = &plan->mounts.rows.items[i];
		if (mount_place(plan, handles, i, place, err) < 0)
			return fail_field(err, "%s", mount->origin);
		if (mount->kind == PLAN_MOUNT_BIND)
			*arena_push(arena, &options->mounts) = (struct criu_mount){
				mount->target, mount->idmap ? arena_printf(arena, "%s/%zu", path, i)
							    : mount->source
			};
	}
	for (size_t i = 0; i < plan->devices.rows.n; i++) {
		const char *device = plan->devices.rows.items[i].path;
		*arena_push(arena, &options->mounts) = (struct criu_mount){ device, device };
	}
	return 0;
}

int criu_place_enter(const struct plan *plan, struct handles *handles, struct criu_place *place,
		     struct criu_options *options, struct error *err)
{
	place->directory = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	place->host = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (place->directory < 0 || place->host < 0)
		return fail_sys(err, "remember the host's mounts");
	if (unshare(CLONE_NEWNS) < 0)
		return fail_sys(err, "make a mount namespace for criu");
	mode_t mask = umask(0);
	int result = place_fill(plan, handles, options, err);
	(void)umask(mask);
	return result;
}

void criu_place_leave(struct criu_place *place)
{
	/* The namespace was ours a moment ago, and we are root. */
	if (place->host >= 0 && place->directory >= 0 &&
	    (setns(place->host, CLONE_NEWNS) < 0 || fchdir(place->directory) < 0))
		log_warning("cannot return to the host's mounts: %s, going on", strerror(errno));
	fd_close(&place->host);
	fd_close(&place->directory);
}

int criu_tell_namespaces(const struct plan *plan, struct arena *arena, struct criu_joins *joins,
			 struct criu_options *options, struct error *err)
{
	for (int kind = 0; kind < NAMESPACE_KINDS; kind++) {
		const struct plan_namespace *namespace = &plan->namespaces.of[kind];
		if (namespace->mode != NAMESPACE_JOIN || !namespace->path)
			continue;
		if (kind != NAMESPACE_NETWORK && kind != NAMESPACE_PID) {
			*arena_push(arena, &options->joined) = (struct criu_join){
				.kind = namespace_infos[kind].file,
				.path = namespace->path,
			};
			continue;
		}
		int fd = open(namespace->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		if (fd < 0) {
			(void)fail_sys(err, "open the %s namespace '%s'",
				       namespace_infos[kind].name, namespace->path);
			return fail_field(err, "%s", namespace->origin ? namespace->origin : "");
		}
		*arena_push(arena, &options->inherited) = (struct criu_inherit){
			.key = kind == NAMESPACE_NETWORK ? CRIU_NETWORK_KEY : CRIU_PID_KEY,
			.fd = CRIU_FIRST_DESCRIPTOR + (int)joins->n,
		};
		joins->fds[joins->n++] = fd;
	}
	return 0;
}

void criu_joins_close(struct criu_joins *joins)
{
	for (size_t i = 0; i < joins->n; i++)
		fd_close(&joins->fds[i]);
	joins->n = 0;
}
