/* SPDX-License-Identifier: Apache-2.0 */
/* An event as one JSON object in one line (audit.md, section 2). */
#include "audit/audit.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "base/sha256.h"
#include "base/str.h"
#include "plan/plan.h"

#include <stdio.h>
#include <string.h>

static const char *const profile_names[] = {
	[SYSCALLS_NONE] = "none",
	[SYSCALLS_AGENT] = "agent",
	[SYSCALLS_STRICT] = "strict",
	[SYSCALLS_DEVELOPER] = "developer",
};

static void add_container(const struct audit_container *container, struct text *out)
{
	json_open(out, "container", '{');
	json_add_string(out, "id", container->id);
	json_add_string(out, "bundle", container->bundle);
	if (container->pid > 0)
		json_add_int(out, "pid", container->pid);
	if (container->cgroup && container->cgroup[0])
		json_add_string(out, "cgroup", container->cgroup);
	if (container->cgroup_id)
		json_add_uint(out, "cgroup_id", container->cgroup_id);
	json_add_string(out, "runtime", "mxc-runtime " PACKAGE_VERSION);
	json_add_string(out, "engine", container->engine);
	json_close(out, '}');
}

static void add_agent(const struct audit_agent *agent, struct text *out)
{
	if (!agent->id)
		return;
	json_open(out, "agent", '{');
	json_add_string(out, "id", agent->id);
	json_add_string(out, "source", agent->source);
	json_add_string(out, "name", agent->name);
	json_add_string(out, "version", agent->version);
	json_add_string(out, "model", agent->model);
	json_add_string(out, "session", agent->session);
	json_add_string(out, "instance", agent->instance);
	json_add_string(out, "on_behalf_of", agent->on_behalf_of);
	json_add_string(out, "correlation_id", agent->correlation_id);
	json_close(out, '}');
}

static void add_layers(const struct plan *plan, struct text *out)
{
	char hex[SHA256_HEX];

	json_open(out, "layers", '{');
	if (plan->landlock.is_active) {
		json_open(out, "landlock", '{');
		json_add_int(out, "abi", plan->landlock.abi);
		(void)snprintf(hex, sizeof(hex), "0x%llx",
			       (unsigned long long)plan->landlock.handled_fs);
		json_add_string(out, "handled_fs", hex);
		json_close(out, '}');
	}
	if (plan->seccomp.program) {
		sha256_hex(plan->seccomp.program,
			   plan->seccomp.program_length * sizeof(*plan->seccomp.program), hex);
		json_open(out, "seccomp", '{');
		json_add_string(out, "profile", profile_names[plan->seccomp.profile]);
		json_add_string(out, "sha256", hex);
		json_close(out, '}');
	}
	if (plan->network.only_loopback) {
		json_open(out, "network", '{');
		json_add_string(out, "by", "namespace");
		json_close(out, '}');
	}
	json_close(out, '}');
}

static void add_policy(const struct audit_event *event, struct text *out)
{
	const struct plan *plan = event->plan;
	const char *sha256 = plan ? plan->policy_sha256 : event->policy_sha256;

	if ((!sha256 || !sha256[0]) && !event->profile)
		return;
	json_open(out, "policy", '{');
	if (sha256 && sha256[0])
		json_add_string(out, "sha256", sha256);
	json_add_string(out, "profile", plan ? plan->profile : event->profile);
	if (plan) {
		json_add_string(out, "source", plan->policy_source);
		add_layers(plan, out);
		json_open(out, "degraded", '[');
		for (size_t i = 0; i < plan->degradations.n; i++)
			json_add_string(out, NULL, plan->degradations.items[i].what);
		json_close(out, ']');
	}
	json_close(out, '}');
}

static void add_error(const struct error *failure, struct text *out)
{
	char reason[1400];
	struct error bare = *failure;

	/* Field and remedy have members of their own. */
	bare.field[0] = bare.remedy[0] = '\0';
	json_open(out, "error", '{');
	json_add_string(out, "code", error_code(failure));
	if (failure->field[0])
		json_add_string(out, "field", failure->field);
	json_add_string(out, "reason", error_format(&bare, reason, sizeof(reason)));
	if (failure->remedy[0])
		json_add_string(out, "remedy", failure->remedy);
	json_close(out, '}');
}

void audit_event_json(const struct audit_event *event, const char *time, struct text *out)
{
	json_open(out, NULL, '{');
	json_add_int(out, "v", 1);
	json_add_string(out, "time", time);
	json_add_string(out, "event", event->event);
	json_add_string(out, "outcome", event->failure ? "failure" : "success");
	add_container(&event->container, out);
	add_agent(&event->agent, out);
	add_policy(event, out);
	if (event->failure)
		add_error(event->failure, out);
	if (event->extra && event->extra[0]) {
		text_add(out, ",");
		text_add(out, event->extra);
	}
	json_close(out, '}');
}
