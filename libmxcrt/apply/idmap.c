/* SPDX-License-Identifier: Apache-2.0 */
/* Id-mapped mounts: a user namespace that exists only to carry a map. */
#include "apply/idmap.h"

#include "apply/proc.h"
#include "apply/step.h"
#include "base/fd.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Lives as long as its namespace has no other reference. */
struct keeper {
	pid_t pid;
};

static void keeper_end(struct keeper *keeper)
{
	if (keeper->pid <= 0)
		return;
	(void)kill(keeper->pid, SIGKILL); /* our own child, not yet waited for: the pid is its */
	while (waitpid(keeper->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static int keeper_begin(struct keeper *ret_keeper, struct error *err)
{
	struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
	long pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		return fail_sys(err, "make a user namespace for an id-mapped mount");
	if (pid == 0) {
		for (;;)
			pause();
	}
	ret_keeper->pid = (pid_t)pid;
	return 0;
}

static int write_map(int proc, pid_t pid, const char *file, const struct plan_id_maps *maps,
		     struct error *err)
{
	autoarena arena = {};
	struct text text = { .arena = &arena };
	for (size_t i = 0; i < maps->rows.n; i++) {
		const struct plan_id_map *row = &maps->rows.items[i];
		text_printf(&text, "%u %u %u\n", row->container, row->host, row->size);
	}
	if (text.n == 0)
		return fail(err, ERROR_CONFIG, "an id-mapped mount needs maps, and there are none");

	char path[64];
	(void)snprintf(path, sizeof(path), "%d/%s", pid, file);
	if (proc_write(proc, path, text.data) < 0)
		return fail_sys(err, "write the %s of an id-mapped mount", file);
	return 0;
}

int idmap_namespace(const struct plan_id_maps *uids, const struct plan_id_maps *gids, int proc,
		    struct error *err)
{
	__attribute__((cleanup(keeper_end))) struct keeper keeper = {};
	TRY(keeper_begin(&keeper, err));
	TRY(write_map(proc, keeper.pid, "uid_map", uids, err));
	TRY(write_map(proc, keeper.pid, "gid_map", gids, err));

	/* The one magic link that is wanted, in the trusted /proc and of our own child. */
	char path[64];
	(void)snprintf(path, sizeof(path), "%d/ns/user", keeper.pid);
	int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail_sys(err, "open the user namespace of an id-mapped mount");
	return fd;
}

/* The namespace whose maps MOUNT takes: its own maps', the joined one's, or the container's new
 * one's. */
static int namespace_of(const struct plan *plan, const struct plan_mount *mount, int proc,
			struct error *err)
{
	const struct plan_namespace *user = &plan->namespaces.of[NAMESPACE_USER];

	if (mount->uid_maps.rows.n > 0)
		return idmap_namespace(&mount->uid_maps, &mount->gid_maps, proc, err);
	if (user->mode != NAMESPACE_JOIN)
		return idmap_namespace(&plan->ids.uid_maps, &plan->ids.gid_maps, proc, err);
	int fd = user->path ? open(user->path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return fail_sys(err, "open the user namespace of an id-mapped mount");
	return fd;
}

int idmap_apply(const struct plan *plan, const struct plan_mount *mount, int proc, int tree,
		struct error *err)
{
	int namespace_fd = namespace_of(plan, mount, proc, err);
	if (namespace_fd < 0)
		return fail_field(err, "%s", mount->origin);

	autofd owned = namespace_fd;
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (unsigned)owned };
	unsigned flags = AT_EMPTY_PATH | (mount->idmap_recursive ? AT_RECURSIVE : 0);
	if (mount_setattr(tree, "", flags, &attr, sizeof(attr)) < 0) {
		fail_sys(err, "map the ids of '%s'", mount->source);
		return fail_field(err, "%s", mount->origin);
	}
	return 0;
}
