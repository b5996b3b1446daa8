/* SPDX-License-Identifier: Apache-2.0 */
/* The verb run: create and start over one link; in the foreground also wait and delete. */
#include "lifecycle/create.h"
#include "lifecycle/delete.h"
#include "lifecycle/runtime.h"
#include "lifecycle/start.h"
#include "lifecycle/wait.h"

#include "apply/hooks.h"
#include "base/error.h"
#include "base/fd.h"
#include "plan/plan.h"

#include <unistd.h>

struct running {
	const char *id;
	const struct mxcrt_create_options *options;
	bool detach, keep;
};

static int begin(struct mxcrt *rt, const struct running *running, struct creation *creation,
		 struct error *err)
{
	TRY(create_container(rt, running->id, running->options, creation, err));
	struct starting starting = {
		.record = &creation->record,
		.plan = creation->record.has_poststart ? creation->loaded.plan : NULL,
		.link = creation->handles.link,
		.pidfd = creation->handles.init_pidfd,
	};
	if (start_payload(rt, &starting, err) == 0)
		return 0;
	create_undo(rt, creation);
	return -1;
}

static int run_foreground(struct mxcrt *rt, const struct running *running, struct error *err)
{
	autorelay relay = { .engine = -1, .runtime = -1, .master = -1 };
	autocreation creation = { .is_waited = true, .relay = &relay };
	struct ending ending = {};

	autofd signals = wait_signals(err);
	if (signals < 0)
		return -1;
	TRY(begin(rt, running, &creation, err));
	fd_close(&creation.handles.console);
	/* Or its network would outlive it, and devices come back late. */
	fd_close(&creation.handles.container_network);
	bool relays = relay.engine >= 0;
	if (relays)
		TRY(relay_receive(&relay, err));

	/* Other verbs on this container must go on while it runs. */
	fd_close(&creation.state.lock);
	TRY(wait_foreground(creation.handles.init, creation.handles.init_pidfd, signals,
			    relays ? &relay : NULL, &ending.status, err));
	creation.handles.init = 0;
	ending_measure(&creation.record, &ending);
	if (!running->keep)
		TRY(creation_end(rt, &creation, &ending, err));
	return ending.status;
}

static int run_detached(struct mxcrt *rt, const struct running *running, struct error *err)
{
	autocreation creation = { .is_waited = true };

	return begin(rt, running, &creation, err);
}

int mxcrt_run(struct mxcrt *rt, const char *id, const struct mxcrt_create_options *options,
	      bool detach, bool keep)
{
	struct running running = { .id = id, .options = options, .detach = detach, .keep = keep };
	struct error err = {};

	int result = detach ? run_detached(rt, &running, &err) : run_foreground(rt, &running, &err);
	return runtime_result(rt, result, &err);
}
