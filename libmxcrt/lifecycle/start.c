/* SPDX-License-Identifier: Apache-2.0 */
/* The verb start. */
#include "lifecycle/start.h"

#include "apply/hooks.h"
#include "base/error.h"
#include "base/fd.h"
#include "lifecycle/container.h"
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

int start_payload(struct mxcrt *rt, const struct starting *starting, struct error *err)
{
	if (payload_begin(rt, starting, err) < 0) {
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
	return start_payload(rt, &starting, err);
}

int mxcrt_start(struct mxcrt *rt, const char *id)
{
	struct error err = {};

	return runtime_result(rt, start(rt, id, &err), &err);
}
