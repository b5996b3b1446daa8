/* SPDX-License-Identifier: Apache-2.0 */
/* The verb create: documents to plan, plan to a process that waits for start. */
#include "lifecycle/create.h"

#include "apply/cgroup.h"
#include "apply/placeholders.h"
#include "apply/proc.h"
#include "apply/resctrl.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/log.h"
#include "base/str.h"
#include "lifecycle/container.h"
#include "lifecycle/delete.h"
#include "lifecycle/events.h"
#include "lifecycle/protect.h"
#include "lifecycle/runtime.h"
#include "lifecycle/wait.h"
#include "plan/plan.h"
#include "stages/link.h"
#include "stages/stages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int pid_file_write(const char *path, pid_t pid, struct error *err)
{
	char text[16], directory[PATH_MAX];
	int n = snprintf(text, sizeof(text), "%d", pid);

	if (!path)
		return 0;
	if (strlen(path) >= sizeof(directory))
		return fail(err, ERROR_CONFIG, "the path of the pid file is too long");
	const char *slash = strrchr(path, '/');
	(void)snprintf(directory, sizeof(directory), "%.*s", slash ? (int)(slash - path) : 1,
		       slash ? path : ".");
	autofd parent = open(directory[0] ? directory : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0)
		return fail_sys(err, "open the directory of the pid file '%s'", path);
	return file_replace(parent, slash ? slash + 1 : path, text, (size_t)n, 0644, err);
}

int creation_record(struct mxcrt *rt, struct creation *creation,
		    const struct mxcrt_create_options *options, struct error *err)
{
	const struct plan *plan = creation->loaded.plan;
	struct record *record = &creation->record;

	*record = (struct record){
		.id = creation->loaded.id,
		.bundle = creation->loaded.bundle,
		.created = arena_strdup(&rt->arena, clock_now().text),
		.console_socket = options->console_socket,
		.is_rootless = !rt->is_root,
		.uses_systemd = plan->cgroup.manager == CGROUP_SYSTEMD,
		.no_pivot = options->no_pivot,
		.profile = plan->profile,
		.policy_sha256 = plan->policy_sha256,
		.rootfs = plan->mounts.root,
		.timeout_ms = plan->timeout_ms,
		.has_poststart = plan->hooks.of[HOOK_POSTSTART].n > 0,
		.has_poststop = plan->hooks.of[HOOK_POSTSTOP].n > 0,
	};
	event_identify(rt, &creation->loaded, record);
	/* Where the cgroup will be must be on disk before it is made: a runtime killed in between
	 * leaves nothing that delete cannot find. */
	TRY(cgroup_intend(plan, &creation->handles, &record->cgroup, &record->scope, err));
	TRY(resctrl_intend(plan, &creation->handles, &record->resctrl_group,
			   &record->resctrl_monitor, err));
	return record_write(&creation->state, record, err);
}

int creation_record_process(struct creation *creation, struct error *err)
{
	const struct handles *handles = &creation->handles;
	struct record *record = &creation->record;
	bool is_zombie;

	record->pid = handles->init;
	if (process_start_time(handles->proc, record->pid, &record->pid_start, &is_zombie) < 0)
		return fail(err, ERROR_HOST, "the container's first process ended at once");
	return record_write(&creation->state, record, err);
}

int creation_record_finish(struct creation *creation, struct error *err)
{
	const struct handles *handles = &creation->handles;
	struct record *record = &creation->record;
	struct stat st;

	/* systemd says only now where its scope is. */
	record->cgroup = handles->cgroup_path;
	record->scope = handles->scope;
	/* On cgroup2 the directory's inode number is the id that the kernel gives in its own
	 * records. */
	if (handles->cgroup >= 0 && fstat(handles->cgroup, &st) == 0)
		record->cgroup_id = st.st_ino;
	record->is_created = true;
	return record_write(&creation->state, record, err);
}

int creation_open(struct mxcrt *rt, struct creation *creation,
		  const struct mxcrt_create_options *options, struct error *err)
{
	struct handles *handles = &creation->handles;

	handles_init(handles, &rt->arena);
	handles->state = creation->state.directory;
	handles->lock = creation->state.lock;
	handles->console_path = options->console_socket;
	handles->pidfd_path = options->pidfd_socket;
	if (creation->relay && creation->loaded.plan->process.terminal &&
	    !options->console_socket) {
		TRY(relay_open(creation->relay, err));
		handles->console = fd_take(&creation->relay->runtime);
	}
	handles->proc = TRY(proc_open(err));
	if (!creation->is_waited)
		handles->start = TRY(link_listen(handles->state, err));
	return 0;
}

/* From the first object made to WORD_CREATED. The caller undoes. */
static int build(struct mxcrt *rt, const struct mxcrt_create_options *options,
		 struct creation *creation, struct error *err)
{
	const struct plan *plan = creation->loaded.plan;
	struct handles *handles = &creation->handles;

	TRY(creation_open(rt, creation, options, err));
	TRY(creation_record(rt, creation, options, err));
	TRY(load_save(&creation->state, &creation->loaded, err));
	TRY(stage_run(&stage_host_prepare, plan, handles, err));
	TRY(spawn(plan, handles, err));
	TRY(creation_record_process(creation, err));
	TRY(stage_run(&stage_host_attend, plan, handles, err));
	TRY(creation_record_finish(creation, err));
	return pid_file_write(options->pid_file, handles->init, err);
}

static int audit_created(struct mxcrt *rt, const struct creation *creation, struct error *err)
{
	const struct plan *plan = creation->loaded.plan;
	struct error sink = {};
	char line[1024];

	if (event_emit(rt,
		       &(struct event){ .name = "container.create",
					.record = &creation->record,
					.plan = plan },
		       &sink) == 0)
		return 0;
	if (!plan->audit.is_required) {
		log_warning("no audit sink took container.create: %s, going on: "
			    "audit.required is false",
			    error_format(&sink, line, sizeof(line)));
		return 0;
	}
	(void)fail(err, ERROR_HOST, "no audit sink took container.create: %s",
		   error_format(&sink, line, sizeof(line)));
	(void)fail_field(err, "policy audit.required");
	return fail_remedy(
		err, "make the audit file or the journal writable, or set audit.required to false");
}

void create_undo(struct mxcrt *rt, struct creation *creation)
{
	struct error err = {};
	char line[1024];

	(void)rt;
	if (creation->handles.state >= 0)
		spawn_abort(creation->loaded.plan, &creation->handles);
	bool is_clean = placeholders_remove(creation->state.directory, &err) == 0;
	/* Once it had a process its hooks may have run, and what they did is for poststop to undo:
	 * OCI lifecycle, steps 3 to 5 go on at step 12. */
	if (creation->record.has_poststop && creation->record.pid > 0)
		poststop_run(creation->loaded.plan);
	if (!is_clean || state_remove(&creation->state, &err) < 0)
		log_warning("after a failed create: %s, going on",
			    error_format(&err, line, sizeof(line)));
}

int creation_end(struct mxcrt *rt, struct creation *creation, const struct ending *ending,
		 struct error *err)
{
	/* Somebody else may have deleted it meanwhile, and even made another of this name. */
	if (state_lock(&creation->state, err) < 0)
		return str_equal(err->code, "stale_id") ? 0 : -1;
	struct container container = { .state = creation->state,
				       .record = creation->record,
				       .proc = -1,
				       .pidfd = -1,
				       .status = STATUS_STOPPED };

	return container_destroy(rt, &container, ending, err);
}

void creation_close(struct creation *creation)
{
	/* The state directory's descriptors are the state's. */
	creation->handles.state = -1;
	creation->handles.lock = -1;
	handles_close(&creation->handles);
	state_close(&creation->state);
}

int create_container(struct mxcrt *rt, const char *id, const struct mxcrt_create_options *options,
		     struct creation *creation, struct error *err)
{
	struct handles none;

	handles_init(&none, NULL);
	creation->handles = none;
	creation->loaded.id = id;
	if (state_id_check(id, err) < 0 ||
	    load_bundle(rt, id, options, &creation->loaded, err) < 0) {
		event_refused(rt, &creation->loaded, err);
		return -1;
	}
	TRY(protect(rt, creation->loaded.plan, err));
	TRY(runtime_root(rt, err));
	TRY(state_reserve(rt->root, id, &creation->state, err));
	bool is_built = build(rt, options, creation, err) == 0;
	if (is_built && audit_created(rt, creation, err) == 0)
		return 0;

	create_undo(rt, creation);
	/* The sinks have just refused this one: once more would only be one more warning. */
	if (is_built)
		return -1;
	event_note(rt, &(struct event){ .name = err->kind == ERROR_POLICY ? "policy.refused"
									  : "container.create",
					.record = &creation->record,
					.failure = err });
	return -1;
}

static int create(struct mxcrt *rt, const char *id, const struct mxcrt_create_options *options,
		  struct error *err)
{
	autocreation creation = {};

	return create_container(rt, id, options, &creation, err);
}

int mxcrt_create(struct mxcrt *rt, const char *id, const struct mxcrt_create_options *options)
{
	struct error err = {};

	return runtime_result(rt, create(rt, id, options, &err), &err);
}
