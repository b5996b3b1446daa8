/* SPDX-License-Identifier: Apache-2.0 */
/* The verb delete. */
#include "lifecycle/delete.h"

#include "apply/hooks.h"
#include "apply/placeholders.h"
#include "apply/resctrl.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "lifecycle/container.h"
#include "lifecycle/events.h"
#include "lifecycle/load.h"
#include "lifecycle/runtime.h"
#include "plan/hooks.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { KILL_WAIT_MS = 10000 };

static int init_kill(const struct container *container, struct error *err)
{
	struct pollfd fd = { .fd = container->pidfd, .events = POLLIN };

	if (container->pidfd < 0)
		return 0;
	if (syscall(SYS_pidfd_send_signal, container->pidfd, SIGKILL, NULL, 0) < 0 &&
	    errno != ESRCH)
		return fail_sys(err, "kill the process of container '%s'", container->record.id);
	int n;
	do
		n = poll(&fd, 1, KILL_WAIT_MS);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return fail(err, ERROR_HOST, "container '%s' did not end within %d s of SIGKILL",
			    container->record.id, KILL_WAIT_MS / 1000);
	return 0;
}

static int64_t wall_ms(const char *created)
{
	struct tm utc = {};
	struct timespec now;

	if (!created || !strptime(created, "%Y-%m-%dT%H:%M:%S", &utc))
		return -1;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)(now.tv_sec - timegm(&utc)) * 1000;
}

/* audit.md, container.exit: what the process used, from its cgroup while that is still there. */
static const char *exit_facts(struct mxcrt *rt, const struct record *record,
			      const struct ending *ending)
{
	struct text out = { .arena = &rt->arena };
	struct cgroup_stats stats = ending->stats;
	int64_t wall = wall_ms(record->created);

	text_add(&out, "{");
	if (ending->status > 128)
		json_add_int(&out, "signal", ending->status - 128);
	else if (ending->status >= 0)
		json_add_int(&out, "exit_code", ending->status);
	if (wall >= 0)
		json_add_int(&out, "wall_ms", wall);
	if (stats.has_cpu)
		json_add_uint(&out, "cpu_usec", stats.cpu_usec);
	if (stats.has_memory_peak)
		json_add_uint(&out, "memory_peak_bytes", stats.memory_peak);
	if (stats.has_pids_peak)
		json_add_uint(&out, "pids_peak", stats.pids_peak);
	if (stats.has_io) {
		json_add_uint(&out, "io_read_bytes", stats.io_read);
		json_add_uint(&out, "io_written_bytes", stats.io_written);
	}
	return out.data + 1;
}

void ending_measure(const struct record *record, struct ending *ending)
{
	struct error ignored = {}; /* gone, or never there: nothing to tell */
	struct cgroup_stats stats;

	if (!record->is_audited || !record->cgroup || !record->cgroup[0])
		return;
	autofd cgroup = cgroup_open(record->cgroup, &ignored);
	if (cgroup < 0)
		return;
	cgroup_stats(cgroup, &stats);
	/* Half of the figures is worse than those of a moment ago. */
	if (stats.has_cpu)
		ending->stats = stats;
}

static void note_exit(struct mxcrt *rt, const struct record *record, const struct ending *ending)
{
	struct ending last = *ending;

	if (!record->is_audited || record->pid == 0)
		return;
	ending_measure(record, &last);
	event_note(rt, &(struct event){ .name = "container.exit",
					.record = record,
					.extra = exit_facts(rt, record, &last) });
}

static void poststop_failed(const struct error *err)
{
	char line[1024];

	log_warning("poststop: %s, going on", error_format(err, line, sizeof(line)));
}

void poststop_run(const struct plan *plan)
{
	struct error err = {};

	if (hooks_run(plan, HOOK_POSTSTOP, "stopped", 0, &err) < 0)
		poststop_failed(&err);
}

static void poststop(struct mxcrt *rt, const struct container *container)
{
	struct loaded loaded = {};
	struct error err = {};

	if (!container->record.has_poststop)
		return;
	if (load_saved(rt, &container->state, &container->record, NULL, &loaded, &err) < 0)
		poststop_failed(&err);
	else
		poststop_run(loaded.plan);
}

int container_destroy(struct mxcrt *rt, struct container *container, const struct ending *ending,
		      struct error *err)
{
	const struct record *record = &container->record;
	const char *scope = record->scope && record->scope[0] ? record->scope : NULL;

	note_exit(rt, record, ending);
	if (scope || (record->cgroup && record->cgroup[0]))
		TRY(cgroup_remove(record->cgroup, scope, err));
	TRY(resctrl_remove(container->proc, record->resctrl_group, record->resctrl_monitor, err));
	TRY(placeholders_remove(container->state.directory, err));
	poststop(rt, container);
	TRY(state_remove(&container->state, err));
	event_note(rt, &(struct event){ .name = "container.delete", .record = record });
	return 0;
}

static int still_alive(const struct container *container, struct error *err)
{
	(void)fail(err, ERROR_CONFIG, "container '%s' is %s, not stopped", container->record.id,
		   status_names[container_status(container)]);
	return fail_remedy(err, "kill it first, or use delete --force");
}

static bool is_claimed(struct mxcrt *rt, const struct container *container, const char *id)
{
	autocontainer other = { .proc = -1, .pidfd = -1 };
	const struct record *record = &container->record;
	struct error gone = {};

	if (str_equal(id, record->id) ||
	    container_peek(rt, id, container->proc, &other, &gone) < 0 || other.record.pid == 0)
		return false;
	return str_equal(other.record.cgroup, record->cgroup) ||
	       (record->scope && record->scope[0] && str_equal(other.record.scope, record->scope));
}

/* A create that was killed before it had made its cgroup may have named one that another container
 * lives in: create would have refused it. */
static int disclaim(struct mxcrt *rt, struct container *container, struct error *err)
{
	struct record *record = &container->record;
	struct strings ids;

	if (record->pid != 0 || !record->cgroup)
		return 0;
	TRY(state_ids(&rt->arena, rt->root, &ids, err));
	for (size_t i = 0; i < ids.n; i++) {
		if (!is_claimed(rt, container, ids.items[i]))
			continue;
		record->cgroup = record->scope = NULL;
		break;
	}
	return 0;
}

int container_end(struct mxcrt *rt, struct container *container, struct error *err)
{
	struct error ignored = {};
	struct ending ending = { .status = -1 };

	TRY(disclaim(rt, container, err));
	const char *path = container->record.cgroup;
	autofd cgroup = path && path[0] ? cgroup_open(path, &ignored) : -1;

	ending_measure(&container->record, &ending);
	/* A frozen process dies only when thawed or by cgroup.kill; a create that was killed may
	 * have left an init nobody recorded; and where the pid namespace is shared an init that has
	 * ended leaves others. */
	if (cgroup >= 0)
		TRY(cgroup_kill(cgroup, SIGKILL, err));
	TRY(init_kill(container, err));
	return container_destroy(rt, container, &ending, err);
}

static int delete (struct mxcrt *rt, const char *id, bool force, struct error *err)
{
	autocontainer container = { .proc = -1, .pidfd = -1 };

	int opened = force ? container_open_to_remove(rt, id, &container, err)
			   : container_open(rt, id, true, &container, err);
	if (opened < 0) {
		/* With --force a container that is not there is what was wanted. */
		return force && str_equal(err->code, "stale_id") ? 0 : -1;
	}
	if (!force && container.status != STATUS_STOPPED)
		return still_alive(&container, err);
	return container_end(rt, &container, err);
}

int mxcrt_delete(struct mxcrt *rt, const char *id, bool force)
{
	struct error err = {};

	return runtime_result(rt, delete (rt, id, force, &err), &err);
}
