/* SPDX-License-Identifier: Apache-2.0 */
/* A further process: config.json's, as a document or the command line change it. */
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "plan/plan.h"
#include "spec/lower.h"

#include <string.h>

static const char process_document[] = "process file";

/*
 * What the document does not say is as in config.json: the container's own settings, not the
 * caller's.
 */
static void inherit_process(const struct spec_process *base, struct spec_process *process)
{
	if (!process->capabilities)
		process->capabilities = base->capabilities;
	if (process->rlimits.n == 0)
		process->rlimits = base->rlimits;
	if (!process->apparmor_profile || !process->apparmor_profile[0])
		process->apparmor_profile = base->apparmor_profile;
	if (!process->selinux_label || !process->selinux_label[0])
		process->selinux_label = base->selinux_label;
	if (!process->has_oom) {
		process->has_oom = base->has_oom;
		process->oom = base->oom;
	}
	if (!process->user.has_umask) {
		process->user.has_umask = base->user.has_umask;
		process->user.umask = base->user.umask;
	}
	if (!process->scheduler)
		process->scheduler = base->scheduler;
	if (!process->io_priority)
		process->io_priority = base->io_priority;
	if (!process->affinity.initial && !process->affinity.final)
		process->affinity = base->affinity;
	/* A further process is never freer than the first. */
	process->no_new_privileges = process->no_new_privileges || base->no_new_privileges;
}

static int read_document(const struct lowering *lowering, const struct spec_exec *exec,
			 struct spec_process *process, struct error *err)
{
	const struct field_context context = {
		.arena = lowering->arena,
		.document = process_document,
		.null_is_absent = true,
	};
	struct json *root;

	TRY(json_read(lowering->arena, process_document, exec->process_json, exec->process_json_n,
		      NULL, &root, err));
	return fields_read(&context, &spec_process_fields, root, "", process, err);
}

static struct strings strings_count(const char *const *list)
{
	struct strings strings = { .n = 0 };
	while (list && list[strings.n])
		strings.n++;
	return strings;
}

/* BASE's strings and then those of ADDED (NULL-terminated or NULL). */
static struct strings strings_join(struct arena *arena, const struct strings *base,
				   const char *const *added)
{
	size_t n = strings_count(added).n;
	struct strings joined = { arena_alloc(arena, (base->n + n + 1) * sizeof(*joined.items)),
				  base->n + n };

	for (size_t i = 0; i < base->n; i++)
		joined.items[i] = base->items[i];
	for (size_t i = 0; i < n; i++)
		joined.items[base->n + i] = arena_strdup(arena, added[i]);
	return joined;
}

static int id_read(const char *text, uint32_t *ret_id, struct error *err)
{
	uint64_t id;

	if (str_to_u64(text, UINT32_MAX - 1, &id) < 0) {
		(void)fail(err, ERROR_CONFIG, "'%s' is not the number of a user or group", text);
		return fail_remedy(err, "write UID or UID:GID, in numbers");
	}
	*ret_id = (uint32_t)id;
	return 0;
}

static int read_user(const struct lowering *lowering, const char *text, struct spec_user *user,
		     struct error *err)
{
	const char *colon = strchr(text, ':');

	if (!colon)
		return id_read(text, &user->uid, err);
	TRY(id_read(arena_strndup(lowering->arena, text, (size_t)(colon - text)), &user->uid, err));
	return id_read(colon + 1, &user->gid, err);
}

static int add_groups(const struct lowering *lowering, const char *const *groups,
		      struct spec_ids *ids, struct error *err)
{
	size_t n = strings_count(groups).n;
	uint32_t *items = arena_alloc(lowering->arena, (ids->n + n + 1) * sizeof(*items));

	for (size_t i = 0; i < ids->n; i++)
		items[i] = ids->items[i];
	for (size_t i = 0; i < n; i++)
		TRY(id_read(groups[i], &items[ids->n + i], err));
	*ids = (struct spec_ids){ items, ids->n + n };
	return 0;
}

/* Never inheritable or ambient: a program with file capabilities would gain what nobody gave it. */
static void add_capabilities(const struct lowering *lowering, const char *const *caps,
			     struct spec_process *process)
{
	struct spec_capabilities *all = arena_alloc(lowering->arena, sizeof(*all));

	if (!caps || !caps[0])
		return;
	if (process->capabilities)
		*all = *process->capabilities;
	all->bounding = strings_join(lowering->arena, &all->bounding, caps);
	all->effective = strings_join(lowering->arena, &all->effective, caps);
	all->permitted = strings_join(lowering->arena, &all->permitted, caps);
	process->capabilities = all;
}

static int change_process(const struct lowering *lowering, const struct spec_exec *exec,
			  struct spec_process *process, struct error *err)
{
	static const struct strings none;

	if (exec->args)
		process->args = strings_join(lowering->arena, &none, exec->args);
	process->env = strings_join(lowering->arena, &process->env, exec->env);
	if (exec->cwd)
		process->cwd = arena_strdup(lowering->arena, exec->cwd);
	if (exec->user)
		TRY(read_user(lowering, exec->user, &process->user, err));
	TRY(add_groups(lowering, exec->additional_gids, &process->user.additional_gids, err));
	add_capabilities(lowering, exec->caps, process);
	if (exec->process_label)
		process->selinux_label = arena_strdup(lowering->arena, exec->process_label);
	if (exec->apparmor)
		process->apparmor_profile = arena_strdup(lowering->arena, exec->apparmor);
	if (exec->has_no_new_privileges)
		process->no_new_privileges = process->no_new_privileges || exec->no_new_privileges;
	process->terminal = exec->has_terminal && exec->terminal;
	process->console_size = NULL;
	return 0;
}

/*
 * Every namespace that config.json names is the one the container's init lives in, whatever its
 * path is by now.
 */
static void join_namespaces(struct plan *plan, int init_pid)
{
	plan->namespaces.join_pid = init_pid;
	for (int kind = 0; kind < NAMESPACE_KINDS; kind++) {
		struct plan_namespace *namespace = &plan->namespaces.of[kind];
		if (namespace->mode == NAMESPACE_INHERIT)
			continue;
		*namespace = (struct plan_namespace){
			.mode = NAMESPACE_JOIN,
			.is_own = namespace->mode == NAMESPACE_NEW,
			.origin = namespace->origin,
		};
	}
	plan->namespaces.monotonic = plan->namespaces.boottime = (struct plan_time_offset){};
	plan->network.loopback_up = false;
	plan->ids.uid_maps.rows.n = plan->ids.gid_maps.rows.n = 0;
}

int spec_lower_exec(const struct spec *spec, const struct spec_request *request,
		    const struct spec_exec *exec, struct plan *plan, struct error *err)
{
	const struct lowering lowering = { spec, request, plan, plan->arena };
	struct spec_process process = {};
	const char *origin = spec_origin(&lowering, "process.");

	plan->is_exec = true;
	TRY(spec_lower_common(&lowering, err));
	if (spec->process)
		process = *spec->process;
	if (exec->process_json) {
		process = (struct spec_process){};
		TRY(read_document(&lowering, exec, &process, err));
		if (spec->process)
			inherit_process(spec->process, &process);
		origin = "process file ";
	} else {
		if (!process.cwd)
			process.cwd = "/";
		TRY(change_process(&lowering, exec, &process, err));
	}

	plan->degradations.n = 0; /* those of config.json's own process, which is replaced */
	TRY(spec_lower_process(&lowering, &process, origin, err));
	join_namespaces(plan, exec->init_pid);
	plan->cgroup.is_joined = true;
	plan->devices.console = false;
	plan->process.preserve_fds = exec->preserve_fds;
	return 0;
}
