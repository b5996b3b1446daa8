/* SPDX-License-Identifier: Apache-2.0 */
/* Audit events of the verbs: gathered here, written by audit/. */
#include "lifecycle/events.h"

#include "audit/audit.h"
#include "base/arena.h"
#include "base/io.h"
#include "base/log.h"
#include "base/sha256.h"
#include "base/str.h"
#include "lifecycle/load.h"
#include "lifecycle/runtime.h"
#include "plan/plan.h"
#include "state/record.h"

#include <fcntl.h>
#include <unistd.h>

/* An annotation that only this engine writes. */
static const struct {
	const char *prefix, *engine;
} engines[] = {
	{ "io.kubernetes.cri-o.", "cri-o" }, { "io.kubernetes.cri.", "containerd" },
	{ "io.podman.", "podman" },          { "io.container.manager", "podman" },
	{ "nerdctl/", "nerdctl" },           {},
};

static const char *engine_of(const struct string_map *annotations)
{
	for (size_t i = 0; annotations && i < annotations->n; i++)
		for (size_t k = 0; engines[k].prefix; k++)
			if (str_starts(annotations->keys[i], engines[k].prefix))
				return engines[k].engine;
	return NULL;
}

static const char *local_id(struct mxcrt *rt, const char *id)
{
	char hex[SHA256_HEX] = "";
	char *machine;
	size_t n;
	struct error ignored = {};

	/* The machine's id is not for publication (machine-id(5)): its hash is. Without one the id
	 * is still unique on this host. */
	if (file_read(&rt->arena, AT_FDCWD, "/etc/machine-id", 4096, &machine, &n, &ignored) == 0)
		sha256_hex(machine, n, hex);
	return arena_printf(&rt->arena, "local:%.16s/%u/%s", hex[0] ? hex : "unknown", getuid(),
			    id);
}

void event_identify(struct mxcrt *rt, const struct loaded *loaded, struct record *record)
{
	const struct plan_agent *agent = &loaded->plan->agent;

	record->engine = engine_of(spec_annotations(loaded->spec));
	record->is_audited = loaded->plan->audit.is_active;
	if (!record->is_audited)
		return;
	struct audit_config config;
	struct error ignored = {}; /* the first event will say it */
	if (runtime_audit_config(rt, &config, &ignored) == 0)
		record->audit_file = config.file;
	record->agent_id = agent->id ? agent->id : local_id(rt, record->id);
	record->agent_source = agent->id ? agent->source : "local";
	record->agent_name = agent->name;
	record->agent_version = agent->version;
	record->agent_model = agent->model;
	record->agent_session = agent->session;
	record->agent_instance = agent->instance;
	record->agent_on_behalf_of = agent->on_behalf_of;
	record->agent_correlation_id = agent->correlation_id;
}

int event_emit(struct mxcrt *rt, const struct event *event, struct error *err)
{
	const struct record *record = event->record;
	struct audit_config config;
	struct audit_event audit = {
		.event = event->name,
		.failure = event->failure,
		.container = { .id = record->id,
			       .bundle = record->bundle,
			       .cgroup = record->cgroup,
			       .engine = record->engine,
			       .pid = (pid_t)record->pid,
			       .cgroup_id = record->cgroup_id },
		.agent = { .id = record->agent_id,
			   .source = record->agent_source,
			   .name = record->agent_name,
			   .version = record->agent_version,
			   .model = record->agent_model,
			   .session = record->agent_session,
			   .instance = record->agent_instance,
			   .on_behalf_of = record->agent_on_behalf_of,
			   .correlation_id = record->agent_correlation_id },
		.plan = event->plan,
		.policy_sha256 = record->policy_sha256,
		.profile = record->profile,
		.extra = event->extra,
	};

	if (!record->is_audited)
		return 0;
	struct error ignored = {};
	/* An mxc.conf that cannot be read refuses the container; that too is an event, for the
	 * default sinks. */
	if (runtime_audit_config(rt, &config, &ignored) < 0)
		audit_config_default(&rt->arena, rt->is_root, &config);
	/* podman starts, kills and deletes with hardly any environment: what create found holds. */
	if (record->audit_file && record->audit_file[0])
		config.file = record->audit_file;
	return audit_emit(&rt->arena, &config, &audit, err);
}

void event_note(struct mxcrt *rt, const struct event *event)
{
	struct error err = {};
	char line[1024];

	if (event_emit(rt, event, &err) < 0)
		log_warning("audit event %s of '%s' was not written: %s, going on", event->name,
			    event->record->id, error_format(&err, line, sizeof(line)));
}

void event_refused(struct mxcrt *rt, const struct loaded *loaded, const struct error *failure)
{
	bool is_policy = loaded->is_governed || failure->kind == ERROR_POLICY;
	struct record record = {
		.id = loaded->id,
		.bundle = loaded->bundle,
		.profile = loaded->profile_name,
		.engine = loaded->spec ? engine_of(spec_annotations(loaded->spec)) : NULL,
		.is_audited = is_policy || failure->kind == ERROR_CONFIG,
	};

	struct event event = { .name = is_policy ? "policy.refused" : "container.create",
			       .record = &record,
			       .failure = failure };
	event_note(rt, &event);
}
