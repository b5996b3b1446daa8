/* SPDX-License-Identifier: Apache-2.0 */
/* The verb exec: one more process, under every layer of the container's policy. */
#include "apply/cgroup.h"
#include "apply/proc.h"
#include "apply/step.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/io.h"
#include "lifecycle/container.h"
#include "lifecycle/create.h"
#include "lifecycle/events.h"
#include "lifecycle/load.h"
#include "lifecycle/protect.h"
#include "lifecycle/runtime.h"
#include "lifecycle/wait.h"
#include "plan/plan.h"
#include "stages/link.h"
#include "stages/stages.h"

#include "base/json.h"
#include "base/str.h"

#include <fcntl.h>
#include <unistd.h>

enum { PROCESS_LIMIT = 1 << 20 };

struct execution {
	const char *id;
	const struct mxcrt_exec_options *options;
	struct container container;
	struct loaded loaded;
	struct handles handles;
	struct relay relay;
	int signals;
};

static void execution_close(struct execution *execution)
{
	/* The state directory's descriptor is the container's. */
	execution->handles.state = -1;
	handles_close(&execution->handles);
	relay_close(&execution->relay);
	fd_close(&execution->signals);
	container_close(&execution->container);
}

static int process_read(struct mxcrt *rt, const struct mxcrt_exec_options *options,
			struct spec_exec *exec, struct error *err)
{
	char *bytes;

	*exec = (struct spec_exec){
		.args = options->args,
		.env = options->env,
		.cwd = options->cwd,
		.user = options->user,
		.additional_gids = options->additional_gids,
		.caps = options->caps,
		.terminal = options->terminal,
		.has_terminal = options->has_terminal,
		.no_new_privileges = options->no_new_privileges,
		.has_no_new_privileges = options->has_no_new_privileges,
		.process_label = options->process_label,
		.apparmor = options->apparmor,
		.preserve_fds = options->preserve_fds,
	};
	if (!options->process)
		return 0;
	TRY(file_read(&rt->arena, AT_FDCWD, options->process, PROCESS_LIMIT, &bytes,
		      &exec->process_json_n, err));
	exec->process_json = bytes;
	return 0;
}

/* A process that is born in a frozen cgroup waits there without having been tried: wait before. */
static int resumed_await(const struct container *container, struct error *err)
{
	autofd cgroup = cgroup_open(container->record.cgroup, err);

	return cgroup < 0 ? -1 : cgroup_thaw_await(cgroup, container->pidfd, err);
}

static int status_check(const struct execution *execution, struct error *err)
{
	const struct container *container = &execution->container;
	enum status status = container_status(container);

	if (status == STATUS_RUNNING || status == STATUS_CREATED)
		return 0;
	if (status == STATUS_PAUSED && execution->options->ignore_paused)
		return resumed_await(container, err);
	/* Engines look for these words. */
	(void)fail(err, ERROR_CONFIG, "cannot exec in a %s container: '%s'", status_names[status],
		   execution->id);
	if (status == STATUS_PAUSED)
		(void)fail_remedy(err, "resume it, or use --ignore-paused to wait for that");
	return fail_code(err, status == STATUS_STOPPED ? "already_stopped" : "not_started");
}

static int load(struct mxcrt *rt, struct execution *execution, struct error *err)
{
	struct container *container = &execution->container;
	struct spec_exec exec;

	TRY(container_open(rt, execution->id, false, container, err));
	TRY(status_check(execution, err));
	TRY(process_read(rt, execution->options, &exec, err));
	exec.init_pid = (int)container->record.pid;
	TRY(load_saved(rt, &container->state, &container->record, &exec, &execution->loaded, err));
	TRY(protect(rt, execution->loaded.plan, err));
	return 0;
}

static int prepare(struct mxcrt *rt, struct execution *execution, struct error *err)
{
	const struct mxcrt_exec_options *options = execution->options;
	struct container *container = &execution->container;
	struct handles *handles = &execution->handles;

	handles->arena = &rt->arena;
	handles->state = container->state.directory;
	handles->proc = fd_take(&container->proc);
	handles->target_pidfd = fd_take(&container->pidfd);
	handles->cgroup_path = container->record.cgroup;
	handles->console_path = options->console_socket;
	handles->pidfd_path = options->pidfd_socket;
	handles->sub_cgroup = options->cgroup;
	if (!options->detach) {
		execution->signals = TRY(wait_signals(err));
		if (execution->loaded.plan->process.terminal && !options->console_socket) {
			TRY(relay_open(&execution->relay, err));
			handles->console = fd_take(&execution->relay.runtime);
		}
	}
	return stage_run(&stage_host_prepare, execution->loaded.plan, handles, err);
}

static const char *argv_facts(struct mxcrt *rt, const struct plan *plan)
{
	struct text out = { .arena = &rt->arena };

	text_add(&out, "{");
	json_open(&out, "argv", '[');
	for (const char **arg = plan->process.args; arg && *arg; arg++)
		json_add_string(&out, NULL, *arg);
	json_close(&out, ']');
	return out.data + 1;
}

static int launch(struct mxcrt *rt, struct execution *execution, struct error *err)
{
	const struct plan *plan = execution->loaded.plan;
	struct handles *handles = &execution->handles;

	TRY(prepare(rt, execution, err));
	if (spawn(plan, handles, err) < 0 ||
	    stage_run(&stage_host_attend, plan, handles, err) < 0 ||
	    pid_file_write(execution->options->pid_file, handles->init, err) < 0 ||
	    link_await_close(handles->link, err) < 0) {
		spawn_abort(plan, handles);
		return -1;
	}
	return 0;
}

static int await(struct execution *execution, struct error *err)
{
	struct handles *handles = &execution->handles;
	struct relay *relay = &execution->relay;
	int status;

	fd_close(&handles->console);
	if (relay->engine >= 0)
		TRY(relay_receive(relay, err));
	TRY(wait_foreground(handles->init, handles->init_pidfd, execution->signals,
			    relay->master >= 0 ? relay : NULL, &status, err));
	return status;
}

static int exec(struct mxcrt *rt, struct execution *execution, struct error *err)
{
	const struct record *record = &execution->container.record;

	if (load(rt, execution, err) < 0 || launch(rt, execution, err) < 0) {
		if (record->id)
			event_note(rt,
				   &(struct event){
					   .name = "container.exec",
					   .record = record,
					   .failure = err,
					   .extra = execution->loaded.plan
							    ? argv_facts(rt, execution->loaded.plan)
							    : NULL });
		return -1;
	}
	if (record->is_audited)
		event_note(rt, &(struct event){ .name = "container.exec",
						.record = record,
						.extra = argv_facts(rt, execution->loaded.plan) });
	return execution->options->detach ? 0 : await(execution, err);
}

int mxcrt_exec(struct mxcrt *rt, const char *id, const struct mxcrt_exec_options *options)
{
	struct execution execution = {
		.id = id,
		.options = options,
		.container = { .proc = -1, .pidfd = -1 },
		.relay = { .engine = -1, .runtime = -1, .master = -1 },
		.signals = -1,
	};
	struct error err = {};

	handles_init(&execution.handles, &rt->arena);
	int result = exec(rt, &execution, &err);
	execution_close(&execution);
	return runtime_result(rt, result, &err);
}
