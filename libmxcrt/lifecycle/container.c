/* SPDX-License-Identifier: Apache-2.0 */
/* Find a container's process again, and never another one that got its number. */
#include "lifecycle/container.h"

#include "apply/cgroup.h"
#include "apply/proc.h"
#include "apply/step.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "lifecycle/load.h"
#include "lifecycle/runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int process_start_time(int proc, int64_t pid, uint64_t *ret_ticks, bool *ret_is_zombie)
{
	enum { STATE = 3, START_TIME = 22 }; /* proc(5) */
	char path[32], text[1024];

	(void)snprintf(path, sizeof(path), "%lld/stat", (long long)pid);
	if (proc_read(proc, path, text, sizeof(text)) <= 0)
		return -1;
	/* The command name may hold spaces and parentheses: the fields begin after its last one. */
	const char *field = strrchr(text, ')');
	for (int i = STATE; field && i <= START_TIME; i++) {
		field = strchr(field + 1, ' ');
		if (field && i == STATE)
			*ret_is_zombie = field[1] == 'Z' || field[1] == 'X';
	}
	if (!field)
		return -1;
	*ret_ticks = strtoull(field + 1, NULL, 10);
	return 0;
}

/* The pidfd first, then the check: from then on the number cannot change hands unnoticed. */
static int init_open(const struct container *container)
{
	const struct record *record = &container->record;
	uint64_t ticks;
	bool is_zombie;

	if (record->pid <= 0)
		return -1;
	autofd pidfd = (int)syscall(SYS_pidfd_open, (pid_t)record->pid, 0);
	if (pidfd < 0)
		return -1;
	if (process_start_time(container->proc, record->pid, &ticks, &is_zombie) < 0 || is_zombie ||
	    ticks != record->pid_start)
		return -1;
	return fd_take(&pidfd);
}

static enum status status_find(const struct container *container)
{
	struct stat st;

	if (container->pidfd < 0)
		return container->record.pid == 0 && !container->record.is_created ? STATUS_CREATING
										   : STATUS_STOPPED;
	if (!container->record.is_created)
		return STATUS_CREATING;
	/* `start` removes the socket before it lets init go on. */
	if (fstatat(container->state.directory, "start", &st, AT_SYMLINK_NOFOLLOW) == 0)
		return STATUS_CREATED;
	return STATUS_RUNNING;
}

/* CONTAINER has its state opened: the rest. PROC becomes the container's. */
static int look(struct mxcrt *rt, struct container *container, int proc, struct error *err)
{
	TRY(record_read(&rt->arena, &container->state, &container->record, err));
	container->proc = proc;
	container->pidfd = init_open(container);
	container->status = status_find(container);
	return 0;
}

int container_open(struct mxcrt *rt, const char *id, bool locked, struct container *ret,
		   struct error *err)
{
	autocontainer container = { .proc = -1, .pidfd = -1 };

	TRY(state_id_check(id, err));
	TRY(runtime_root(rt, err));
	TRY(locked ? state_open(rt->root, id, &container.state, err)
		   : state_peek(rt->root, id, &container.state, err));
	autofd proc = TRY(proc_open(err));
	TRY(look(rt, &container, proc, err));
	proc = -1;

	*ret = container;
	container = (struct container){ .proc = -1, .pidfd = -1 };
	return 0;
}

int container_peek(struct mxcrt *rt, const char *id, int proc, struct container *ret,
		   struct error *err)
{
	autocontainer container = { .proc = -1, .pidfd = -1 };

	TRY(state_peek(rt->root, id, &container.state, err));
	TRY(look(rt, &container, proc, err));
	container.proc = -1;

	*ret = container;
	container = (struct container){ .proc = -1, .pidfd = -1 };
	return 0;
}

/* What the record would say, from the documents that are beside it; nothing of them: nothing was
 * made. */
static void record_guess(struct mxcrt *rt, struct container *container)
{
	struct record *record = &container->record;
	struct record known = { .id = record->id, .bundle = "/" };
	struct loaded loaded = {};
	struct handles handles;
	struct error err = {};
	char line[1024];

	handles_init(&handles, &rt->arena);
	handles.proc = container->proc;
	if (load_saved(rt, &container->state, &known, NULL, &loaded, &err) == 0 &&
	    cgroup_intend(loaded.plan, &handles, &record->cgroup, &record->scope, &err) == 0)
		return;
	if (err.sys_errno != ENOENT)
		log_warning("the cgroup of container '%s' cannot be told without its record: %s, "
			    "going on without",
			    record->id, error_format(&err, line, sizeof(line)));
}

int container_open_to_remove(struct mxcrt *rt, const char *id, struct container *ret,
			     struct error *err)
{
	autocontainer container = { .proc = -1, .pidfd = -1 };

	if (container_open(rt, id, true, &container, err) < 0) {
		if (!str_equal(err->code, "damaged_record"))
			return -1;
		*err = (struct error){};
		TRY(state_open(rt->root, id, &container.state, err));
		container.record = (struct record){ .id = id, .bundle = "" };
		container.proc = TRY(proc_open(err));
	}
	if (!container.record.created)
		record_guess(rt, &container);
	*ret = container;
	container = (struct container){ .proc = -1, .pidfd = -1 };
	return 0;
}

void container_close(struct container *container)
{
	state_close(&container->state);
	fd_close(&container->proc);
	fd_close(&container->pidfd);
}

enum status container_status(const struct container *container)
{
	struct error ignored = {};

	if (container->status != STATUS_RUNNING || !container->record.cgroup ||
	    !container->record.cgroup[0])
		return container->status;
	autofd cgroup = cgroup_open(container->record.cgroup, &ignored);
	if (cgroup >= 0 && cgroup_is_frozen(cgroup))
		return STATUS_PAUSED;
	return container->status;
}
