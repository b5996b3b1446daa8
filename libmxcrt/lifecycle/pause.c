/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs pause and resume. */
#include "apply/cgroup.h"
#include "base/error.h"
#include "lifecycle/container.h"
#include "lifecycle/events.h"
#include "lifecycle/runtime.h"

static int freeze(struct mxcrt *rt, const char *id, bool frozen, struct error *err)
{
	autocontainer container = { .proc = -1, .pidfd = -1 };

	TRY(container_open(rt, id, true, &container, err));
	enum status status = container_status(&container);
	if (status != STATUS_PAUSED && status != STATUS_RUNNING && status != STATUS_CREATED) {
		(void)fail(err, ERROR_CONFIG, "container not running: '%s' is %s", id,
			   status_names[status]);
		return fail_code(err, "already_stopped");
	}
	if (frozen == (status == STATUS_PAUSED))
		return fail(err, ERROR_CONFIG, "container not %s: '%s' is %s",
			    frozen ? "running" : "paused", id, status_names[status]);
	if (!container.record.cgroup || !container.record.cgroup[0]) {
		(void)fail(err, ERROR_HOST, "container '%s' has no cgroup, which pause needs", id);
		return fail_remedy(err, "create it with a cgroup manager");
	}
	autofd cgroup = cgroup_open(container.record.cgroup, err);
	if (cgroup < 0)
		return -1;
	int result = cgroup_freeze(cgroup, frozen, err);
	event_note(rt, &(struct event){ .name = frozen ? "container.pause" : "container.resume",
					.record = &container.record,
					.failure = result < 0 ? err : NULL });
	return result;
}

int mxcrt_pause(struct mxcrt *rt, const char *id)
{
	struct error err = {};

	return runtime_result(rt, freeze(rt, id, true, &err), &err);
}

int mxcrt_resume(struct mxcrt *rt, const char *id)
{
	struct error err = {};

	return runtime_result(rt, freeze(rt, id, false, &err), &err);
}
