/* SPDX-License-Identifier: Apache-2.0 */
/* The verb restore: a container made by CRIU from its images, within what config.json allows. */
#include "apply/cgroup.h"
#include "apply/criu.h"
#include "apply/hooks.h"
#include "apply/pidfd.h"
#include "apply/step.h"
#include "apply/terminal.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "lifecycle/container.h"
#include "lifecycle/create.h"
#include "lifecycle/delete.h"
#include "lifecycle/events.h"
#include "lifecycle/images.h"
#include "lifecycle/load.h"
#include "lifecycle/runtime.h"
#include "lifecycle/wait.h"
#include "plan/checkpoint.h"
#include "plan/plan.h"
#include "stages/stages.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DESCRIPTORS_LIMIT = 64 << 10 };

#define DESCRIPTORS_FILE "descriptors.json"

struct restoring {
	struct mxcrt *rt;
	const char *id;
	const struct mxcrt_restore_options *asked;
	struct creation creation;
	struct relay relay;
	struct criu criu;
	struct criu_options options;
	struct images images;
	struct criu_joins joins;
	bool is_made; /* handles.init is the restored process, not CRIU */
};

/* "pipe:[17]" or "file[2a:3]": anything else in the images' list could name what is not theirs. */
static bool is_name(const char *name, const char *prefix, bool is_hex)
{
	if (!str_starts(name, prefix))
		return false;
	const char *at = name + strlen(prefix);
	size_t n = 0;
	while (is_hex ? isxdigit((unsigned char)at[n]) || at[n] == ':'
		      : isdigit((unsigned char)at[n]))
		n++;
	return n > 0 && str_equal(at + n, "]");
}

/* Our own standard descriptors take the place of those that the images had. */
static int descriptors_tell(struct restoring *this, struct error *err)
{
	struct arena *arena = &this->rt->arena;
	char *bytes;
	size_t n;
	struct json *root;

	TRY(file_read(arena, this->images.directory, DESCRIPTORS_FILE, DESCRIPTORS_LIMIT, &bytes,
		      &n, err));
	TRY(json_read(arena, DESCRIPTORS_FILE, bytes, n, NULL, &root, err));
	if (root->type != JSON_ARRAY)
		return fail(err, ERROR_CONFIG, DESCRIPTORS_FILE " is not a list");
	for (size_t i = 0; i < root->n && i <= STDERR_FILENO; i++) {
		const struct json *item = &root->items[i];
		if (item->type != JSON_STRING ||
		    (!is_name(item->text, "pipe:[", false) && !is_name(item->text, "file[", true)))
			continue;
		*arena_push(arena,
			    &this->options.inherited) = (struct criu_inherit){ .key = item->text,
									       .fd = (int)i };
	}
	return 0;
}

static int options_fill(struct restoring *this, struct error *err)
{
	struct criu_options *options = &this->options;
	const struct images_open how = { .asked = &this->asked->images,
					 .plan = this->creation.loaded.plan,
					 .log = "restore.log" };

	TRY(images_open(this->rt, &how, &this->images, options, err));
	TRY(descriptors_tell(this, err));
	/* Its own child would end with it: the restored process becomes ours. */
	options->is_sibling = true;
	options->evasive_devices = true;
	return 0;
}

static int program_begin(struct restoring *this, struct error *err)
{
	const struct plan *plan = this->creation.loaded.plan;
	struct handles *handles = &this->creation.handles;
	autoplace place = { .host = -1, .directory = -1 };

	TRY(criu_tell_namespaces(plan, &this->rt->arena, &this->joins, &this->options, err));
	TRY(criu_place_enter(plan, handles, &place, &this->options, err));
	TRY(options_fill(this, err));
	const struct criu_start how = { .cgroup = handles->cgroup,
					.descriptors = this->joins.fds,
					.n = this->joins.n };
	TRY(criu_start(&this->criu, &how, err));
	handles->init = this->criu.pid;
	return 0;
}

static int process_made(struct restoring *this, pid_t pid, struct error *err)
{
	struct handles *handles = &this->creation.handles;

	handles->init = pid;
	handles->init_pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (handles->init_pidfd < 0)
		return fail_sys(err, "open the restored process");
	this->is_made = true;
	return creation_record_process(&this->creation, err);
}

/* CRIU goes on from here whatever it hears: what may not run is killed while it is still held. */
static int process_verify(struct restoring *this, struct error *err)
{
	struct handles *handles = &this->creation.handles;
	struct error ignored = {};

	if (criu_verify(this->creation.loaded.plan, handles, err) == 0 &&
	    creation_record_finish(&this->creation, err) == 0 &&
	    pidfd_send(this->creation.loaded.plan, handles, err) == 0)
		return 0;
	if (handles->cgroup >= 0)
		(void)cgroup_kill(handles->cgroup, SIGKILL, &ignored);
	(void)syscall(SYS_pidfd_send_signal, handles->init_pidfd, SIGKILL, NULL, 0);
	return -1;
}

static int notice(void *context, const struct criu_notice *what, struct error *err)
{
	struct restoring *this = context;
	struct handles *handles = &this->creation.handles;

	/* The hooks of the network, as at create: the namespaces are there, nothing runs in them.
	 */
	if (str_equal(what->script, "setup-namespaces")) {
		if (what->pid > 0)
			handles->init = what->pid;
		return hooks_create_runtime(this->creation.loaded.plan, handles, err);
	}
	if (str_equal(what->script, "orphan-pts-master") && what->descriptor >= 0 &&
	    handles->console >= 0)
		return terminal_send(handles->console, what->descriptor, err);
	if (str_equal(what->script, "post-restore"))
		return process_made(this, what->pid, err);
	if (str_equal(what->script, "pre-resume") && this->is_made)
		return process_verify(this, err);
	return 0;
}

static int build(struct restoring *this, struct error *err)
{
	struct creation *creation = &this->creation;
	const struct plan *plan = creation->loaded.plan;
	struct handles *handles = &creation->handles;
	struct criu_request request = {
		.call = CRIU_RESTORE, .options = &this->options, .notice = notice, .context = this
	};
	struct criu_reply reply;

	TRY(creation_open(this->rt, creation, &this->asked->create, err));
	TRY(creation_record(this->rt, creation, &this->asked->create, err));
	TRY(load_save(&creation->state, &creation->loaded, err));
	TRY(stage_run(&stage_restore_prepare, plan, handles, err));
	TRY(program_begin(this, err));
	TRY(stage_run(&stage_restore_attend, plan, handles, err));
	request.log = this->images.log;
	this->options.cgroup_root = handles->cgroup_path;
	TRY(criu_call(&this->criu, &this->rt->arena, &request, &reply, err));
	criu_close(&this->criu);
	if (!this->is_made)
		return fail(err, ERROR_HOST, "criu did not say which process it restored");
	return pid_file_write(this->asked->create.pid_file, handles->init, err);
}

static void undo(struct restoring *this)
{
	struct creation *creation = &this->creation;
	struct handles *handles = &creation->handles;
	struct error err = {};
	siginfo_t info;
	char line[1024];

	criu_close(&this->criu);
	if (handles->init_pidfd >= 0) {
		(void)syscall(SYS_pidfd_send_signal, handles->init_pidfd, SIGKILL, NULL, 0);
		while (waitid(P_PIDFD, (id_t)handles->init_pidfd, &info, WEXITED) < 0 &&
		       errno == EINTR)
			continue;
	}
	handles->init = 0;
	stage_undo(&stage_restore_attend, creation->loaded.plan, handles);
	stage_undo(&stage_restore_prepare, creation->loaded.plan, handles);
	if (state_remove(&creation->state, &err) < 0)
		log_warning("after a failed restore: %s, going on",
			    error_format(&err, line, sizeof(line)));
}

/* A container of this name that was checkpointed has done its work. */
static int predecessor_remove(struct restoring *this, struct error *err)
{
	autocontainer container = { .proc = -1, .pidfd = -1 };
	struct error ignored = {};

	if (container_open(this->rt, this->id, true, &container, &ignored) < 0 ||
	    !container.record.is_checkpointed || container.status != STATUS_STOPPED)
		return 0;
	return container_end(this->rt, &container, err);
}

static int load(struct restoring *this, struct error *err)
{
	struct loaded *loaded = &this->creation.loaded;
	const struct mxcrt_restore_options *asked = this->asked;

	loaded->id = this->id;
	TRY(state_id_check(this->id, err));
	TRY(load_bundle(this->rt, this->id, &asked->create, loaded, err));
	TRY(plan_checkpoint_check(loaded->plan, "restore", err));
	TRY(images_check(this->rt, "restore", &asked->images, err));
	if (asked->create.preserve_fds > 0)
		return fail(err, ERROR_CONFIG,
			    "descriptors cannot be passed to processes that are restored");
	return 0;
}

static int restore(struct restoring *this, struct error *err)
{
	struct creation *creation = &this->creation;

	if (load(this, err) < 0) {
		event_refused(this->rt, &creation->loaded, err);
		return -1;
	}
	TRY(runtime_root(this->rt, err));
	TRY(predecessor_remove(this, err));
	TRY(state_reserve(this->rt->root, this->id, &creation->state, err));
	int result = build(this, err);
	event_note(this->rt, &(struct event){ .name = "container.restore",
					      .record = &creation->record,
					      .failure = result < 0 ? err : NULL });
	if (result < 0)
		undo(this);
	return result;
}

static int restore_foreground(struct restoring *this, struct error *err)
{
	struct handles *handles = &this->creation.handles;
	struct ending ending = {};

	autofd signals = wait_signals(err);
	if (signals < 0)
		return -1;
	this->creation.relay = &this->relay;
	TRY(restore(this, err));
	fd_close(&handles->console);
	bool relays = this->relay.engine >= 0;
	if (relays)
		TRY(relay_receive(&this->relay, err));
	/* Other verbs on this container must go on while it runs. */
	fd_close(&this->creation.state.lock);
	TRY(wait_foreground(handles->init, handles->init_pidfd, signals,
			    relays ? &this->relay : NULL, &ending.status, err));
	handles->init = 0;
	ending_measure(&this->creation.record, &ending);
	TRY(creation_end(this->rt, &this->creation, &ending, err));
	return ending.status;
}

int mxcrt_restore(struct mxcrt *rt, const char *id, const struct mxcrt_restore_options *options)
{
	struct restoring this = { .rt = rt,
				  .id = id,
				  .asked = options,
				  .creation = { .is_waited = true },
				  .relay = { .engine = -1, .runtime = -1, .master = -1 },
				  .criu = { .socket = -1 },
				  .images = { .directory = -1, .work = -1 } };
	struct error err = {};

	handles_init(&this.creation.handles, &rt->arena);
	int result = options->detach ? restore(&this, &err) : restore_foreground(&this, &err);
	criu_close(&this.criu);
	criu_joins_close(&this.joins);
	images_close(&this.images);
	relay_close(&this.relay);
	creation_close(&this.creation);
	return runtime_result(rt, result, &err);
}
