/* SPDX-License-Identifier: Apache-2.0 */
/* The verb start. */
#include "lifecycle/start.h"

#include "apply/hooks.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "lifecycle/container.h"
#include "lifecycle/delete.h"
#include "lifecycle/events.h"
#include "lifecycle/load.h"
#include "lifecycle/runtime.h"
#include "lifecycle/timeout.h"
#include "plan/hooks.h"
#include "stages/link.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

static int payload_begin(struct mxcrt *rt, const struct starting *starting, struct error *err)
{
	/* Before the word: a time limit that cannot be kept starts nothing. */
	TRY(timeout_watch(rt, starting->record, starting->pidfd, err));
	TRY(link_tell(starting->link, WORD_START, 0, err));
	return link_await_close(starting->link, err);
}

int start_payload(struct mxcrt *rt, struct starting *starting, struct error *err)
{
	if (payload_begin(rt, starting, err) < 0) {
		starting->has_failed_hook = str_equal(err->step, "before-exec/hooks");
		event_note(rt, &(struct event){ .name = "container.start",
						.record = starting->record,
						.failure = err });
		return -1;
	}
	event_note(rt, &(struct event){ .name = "container.start", .record = starting->record });
	if (!starting->plan)
		return 0;
	if (hooks_run(starting->plan, HOOK_POSTSTART, "running", (pid_t)starting->record->pid,
		      err) < 0) {
		/* OCI lifecycle, step 9: stop the container. */
		(void)syscall(SYS_pidfd_send_signal, starting->pidfd, SIGKILL, NULL, 0);
		starting->has_failed_hook = true;
		return -1;
	}
	return 0;
}

static int not_created(const struct container *container, struct error *err)
{
	enum status status = container_status(container);

	(void)fail(err, ERROR_CONFIG, "container '%s' is %s, not created", container->record.id,
		   status_names[status]);
	return fail_code(err, status == STATUS_STOPPED    ? "already_stopped"
			      : status == STATUS_CREATING ? "not_started"
							  : "already_started");
}

/* OCI lifecycle, steps 7 and 9: the container is stopped and the lifecycle goes on at step 12. */
static void hook_failed(struct mxcrt *rt, struct container *container)
{
	struct error err = {};
	char line[1024];

	if (container_end(rt, container, &err) < 0)
		log_warning("after a hook that failed: %s, going on",
			    error_format(&err, line, sizeof(line)));
}

static int start(struct mxcrt *rt, const char *id, struct error *err)
{
	autocontainer container = { .proc = -1, .pidfd = -1 };
	struct loaded loaded = {};

	TRY(container_open(rt, id, true, &container, err));
	if (container.status != STATUS_CREATED)
		return not_created(&container, err);
	if (container.record.has_poststart)
		TRY(load_saved(rt, &container.state, &container.record, NULL, &loaded, err));

	autofd link = link_connect(container.state.directory, err);
	if (link < 0)
		return -1;
	/* From here it counts as started: a starter that dies now takes init with it, which reads
	 * the closed link. */
	if (unlinkat(container.state.directory, "start", 0) < 0)
		return fail_sys(err, "remove the start socket");

	struct starting starting = { .record = &container.record,
				     .plan = loaded.plan,
				     .link = link,
				     .pidfd = container.pidfd };
	if (start_payload(rt, &starting, err) == 0)
		return 0;
	if (starting.has_failed_hook)
		hook_failed(rt, &container);
	return -1;
}

int mxcrt_start(struct mxcrt *rt, const char *id)
{
	struct error err = {};

	return runtime_result(rt, start(rt, id, &err), &err);
}
