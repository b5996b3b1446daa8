/* SPDX-License-Identifier: Apache-2.0 */
/* The verb checkpoint: a running container written to images by CRIU. */
#include "apply/cgroup.h"
#include "apply/criu.h"
#include "apply/step.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/json.h"
#include "base/str.h"
#include "lifecycle/container.h"
#include "lifecycle/events.h"
#include "lifecycle/images.h"
#include "lifecycle/load.h"
#include "lifecycle/runtime.h"
#include "plan/checkpoint.h"
#include "plan/plan.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

/* How long what CRIU has killed may take to end. */
enum { END_WAIT_MS = 10000 };

#define DESCRIPTORS_FILE "descriptors.json"

struct checkpointing {
	const struct mxcrt_checkpoint_options *asked;
	struct container container;
	struct loaded loaded;
	struct handles handles;
	struct criu_options options;
	struct images images;
};

static int state_check(const struct container *container, struct error *err)
{
	enum status status = container_status(container);

	if (status == STATUS_RUNNING || status == STATUS_PAUSED)
		return 0;
	(void)fail(err, ERROR_CONFIG, "container '%s' is %s, not running", container->record.id,
		   status_names[status]);
	return fail_code(err, status == STATUS_STOPPED ? "already_stopped" : "not_started");
}

/* What is restored finds the engine's pipes by these names; other runtimes write them alike. */
static int descriptors_write(const struct checkpointing *this, const struct strings *names,
			     struct error *err)
{
	struct text out = { .arena = this->handles.arena };

	json_open(&out, NULL, '[');
	for (size_t i = 0; i < names->n; i++)
		json_add_string(&out, NULL, names->items[i]);
	json_close(&out, ']');
	return file_replace(this->images.directory, DESCRIPTORS_FILE, out.data, out.n, 0600, err);
}

static int freezer_find(struct checkpointing *this, struct error *err)
{
	const char *cgroup = this->container.record.cgroup;
	char path[PATH_MAX];

	/* Without one CRIU stops the processes one by one. */
	if (!cgroup || !cgroup[0])
		return 0;
	autofd fd = TRY(cgroup_open(cgroup, err));
	ssize_t n = readlink(fd_path(fd).text, path, sizeof(path));
	if (n < 0)
		return fail_sys(err, "find the cgroup of the container");
	this->options.freeze_cgroup = arena_strndup(this->handles.arena, path, (size_t)n);
	return 0;
}

static int prepare(struct mxcrt *rt, struct checkpointing *this, struct error *err)
{
	const struct mxcrt_checkpoint_options *asked = this->asked;
	const struct images_open how = { .asked = &asked->images,
					 .plan = this->loaded.plan,
					 .log = "dump.log",
					 .create = true };
	struct criu_options *options = &this->options;
	struct strings descriptors = {};

	TRY(images_open(rt, &how, &this->images, options, err));
	handles_init(&this->handles, &rt->arena);
	this->handles.proc = fd_take(&this->container.proc);
	this->handles.init = (pid_t)this->container.record.pid;
	options->pid = (unsigned)this->handles.init;
	options->leave_running = asked->leave_running;
	options->root = this->loaded.plan->mounts.root;
	TRY(freezer_find(this, err));
	TRY(criu_tell_externals(this->loaded.plan, &this->handles, options, &descriptors, err));
	if (!asked->pre_dump)
		return descriptors_write(this, &descriptors, err);
	options->track_memory = true;
	return 0;
}

static int notice(void *context, const struct criu_notice *what, struct error *err)
{
	const struct checkpointing *this = context;

	(void)err;
	if (this->asked->has_status_fd && str_equal(what->script, "status-ready"))
		(void)!write((int)this->asked->status_fd, "", 1); /* who waits sees the end too */
	return 0;
}

static int dump(struct mxcrt *rt, struct checkpointing *this, struct error *err)
{
	autocriu criu = { .socket = -1 };
	const struct criu_start how = { .cgroup = -1 };
	struct criu_request request = {
		.call = this->asked->pre_dump ? CRIU_PRE_DUMP : CRIU_DUMP,
		.options = &this->options,
		.notice = notice,
		.context = this,
	};
	struct criu_reply reply;

	/* First: where it is missing nothing is made. */
	TRY(criu_start(&criu, &how, err));
	TRY(prepare(rt, this, err));
	if (this->options.track_memory)
		TRY(criu_need_memory_tracking(&criu, &rt->arena, err));
	request.log = this->images.log;
	return criu_call(&criu, &rt->arena, &request, &reply, err);
}

/* CRIU has killed every process; for whoever asks next, the container is stopped. */
static int end_await(struct checkpointing *this, struct error *err)
{
	struct pollfd fd = { .fd = this->container.pidfd, .events = POLLIN };
	struct record *record = &this->container.record;
	int n;

	do
		n = poll(&fd, 1, END_WAIT_MS);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return fail(err, ERROR_HOST, "container '%s' did not end after its checkpoint",
			    record->id);
	record->is_checkpointed = true;
	return record_write(&this->container.state, record, err);
}

static int checkpoint(struct mxcrt *rt, const char *id, struct checkpointing *this,
		      struct error *err)
{
	struct container *container = &this->container;

	TRY(container_open(rt, id, true, container, err));
	TRY(state_check(container, err));
	TRY(load_saved(rt, &container->state, &container->record, NULL, &this->loaded, err));
	TRY(plan_checkpoint_check(this->loaded.plan, "checkpoint", err));
	TRY(images_check(rt, "checkpoint", &this->asked->images, err));
	TRY(dump(rt, this, err));
	if (this->asked->leave_running || this->asked->pre_dump)
		return 0;
	return end_await(this, err);
}

int mxcrt_checkpoint(struct mxcrt *rt, const char *id,
		     const struct mxcrt_checkpoint_options *options)
{
	struct checkpointing this = { .asked = options,
				      .container = { .proc = -1, .pidfd = -1 },
				      .images = { .directory = -1, .work = -1 } };
	struct error err = {};

	handles_init(&this.handles, &rt->arena);
	int result = checkpoint(rt, id, &this, &err);
	if (this.container.record.id)
		event_note(rt, &(struct event){ .name = "container.checkpoint",
						.record = &this.container.record,
						.failure = result < 0 ? &err : NULL });
	images_close(&this.images);
	handles_close(&this.handles);
	container_close(&this.container);
	return runtime_result(rt, result, &err);
}
