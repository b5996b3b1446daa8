/* SPDX-License-Identifier: Apache-2.0 */
/* agent: whose container it is, as whoever called the engine asserts. */
#include "policy/section.h"

#include "base/error.h"
#include "plan/plan.h"
#include "policy/agent/id.h"

#include <string.h>

struct agent {
	struct policy_item id, name, version, model, session, instance, on_behalf_of,
		correlation_id;
};

#define TEXT(member) FIELD_CUSTOM, offsetof(struct agent, member), .custom = policy_read_text
static const struct field rows[] = {
	{ "id", TEXT(id) },
	{ "name", TEXT(name) },
	{ "version", TEXT(version) },
	{ "model", TEXT(model) },
	{ "session", TEXT(session) },
	{ "instance", TEXT(instance) },
	{ "onBehalfOf", TEXT(on_behalf_of) },
	{ "correlationId", TEXT(correlation_id) },
	{},
};
static const struct fields fields = { "agent", sizeof(struct agent), rows };

enum { TEXT_MAX = 256 };

static int id_lower(const struct policy_item *id, const char **ret, struct error *err)
{
	if (!id->origin)
		return 0;
	const char *problem = agent_id_problem(id->text);
	if (problem) {
		(void)fail_policy(err, id->origin,
				  "write a URI: spiffe://DOMAIN/PATH, urn:entra:TENANT:OBJECT, "
				  "https://ISSUER/#SUBJECT or local:…",
				  "'%.128s' is no agent id: %s", id->text, problem);
		return fail_code(err, "malformed_id");
	}
	*ret = id->text;
	return 0;
}

static int text_lower(const struct policy_item *item, const char **ret, struct error *err)
{
	if (!item->origin)
		return 0;
	if (strnlen(item->text, TEXT_MAX + 1) > TEXT_MAX)
		return fail_policy(err, item->origin, "write at most 256 bytes",
				   "longer than %d bytes", TEXT_MAX);
	for (const char *at = item->text; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			return fail_policy(err, item->origin, "take it out",
					   "contains a control character");
	*ret = item->text;
	return 0;
}

static int lower(const void *section, const struct policy_target *target, struct error *err)
{
	const struct agent *agent = section;
	struct plan_agent *plan = &target->plan->agent;

	TRY(id_lower(&agent->id, &plan->id, err));
	TRY(text_lower(&agent->name, &plan->name, err));
	TRY(text_lower(&agent->version, &plan->version, err));
	TRY(text_lower(&agent->model, &plan->model, err));
	TRY(text_lower(&agent->session, &plan->session, err));
	TRY(text_lower(&agent->instance, &plan->instance, err));
	TRY(text_lower(&agent->on_behalf_of, &plan->on_behalf_of, err));
	TRY(text_lower(&agent->correlation_id, &plan->correlation_id, err));
	/* Without an id the runtime makes a local one. */
	plan->source = plan->id ? "asserted" : "local";
	return 0;
}

const struct policy_section policy_agent = { "agent", &fields, .lower = lower };
