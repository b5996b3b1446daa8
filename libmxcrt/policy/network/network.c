/* SPDX-License-Identifier: Apache-2.0 */
/* network: this version keeps "nothing but loopback" and refuses whatever else is asked. */
#include "policy/section.h"

#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "plan/narrow.h"

struct network {
	struct {
		struct policy_choice fallback;
	} egress;
	struct {
		struct policy_choice fallback, host_loopback;
	} ingress;
	struct policy_choice default_policy, allow_local;
};

static const char *const actions[] = { "deny", "allow", NULL };
static const char *const legacy_actions[] = { "block", "allow", NULL };
enum { ACTION_DENY };

/* An action that this version keeps is a denial; a later source may still take an earlier one's
 * place. */
static int action_read(const struct field_context *context, const struct json *value,
		       const char *path, void *target, struct error *err)
{
	return policy_read_choice(context, value, path, actions, target, err);
}

static int legacy_action_read(const struct field_context *context, const struct json *value,
			      const char *path, void *target, struct error *err)
{
	return policy_read_choice(context, value, path, legacy_actions, target, err);
}

static int flag_read(const struct field_context *context, const struct json *value,
		     const char *path, void *target, struct error *err)
{
	const char *origin = arena_printf(context->arena, "%s %s", context->document, path);
	if (value->type != JSON_BOOL)
		return fail_policy(err, origin, NULL, "expected boolean, found %s",
				   json_type_name(value->type));
	*(struct policy_choice *)target = (struct policy_choice){ value->boolean, origin };
	return 0;
}

#define NOT_BUILT "not built in this version: a policy leaves the container nothing but loopback"
#define REMEDY    "leave it out, or set network.egress.default to 'deny'"

/* No rule at all is kept; an empty list says the same as none. */
static int rules_read(const struct field_context *context, const struct json *value,
		      const char *path, void *target, struct error *err)
{
	const char *origin = arena_printf(context->arena, "%s %s", context->document, path);
	(void)target;
	if (value->type != JSON_ARRAY)
		return fail_policy(err, origin, NULL, "expected array, found %s",
				   json_type_name(value->type));
	if (value->n > 0)
		return fail_policy(err, origin, REMEDY, NOT_BUILT);
	return 0;
}

static const struct field egress_rows[] = {
	{ "default", FIELD_CUSTOM, offsetof(struct network, egress.fallback), .custom = action_read,
	  .names = actions },
	{ "allow", FIELD_CUSTOM, .custom = rules_read },
	{ "deny", FIELD_CUSTOM, .custom = rules_read },
	{},
};
static const struct field ingress_rows[] = {
	{ "default", FIELD_CUSTOM, offsetof(struct network, ingress.fallback),
	  .custom = action_read, .names = actions },
	{ "hostLoopback", FIELD_CUSTOM, offsetof(struct network, ingress.host_loopback),
	  .custom = action_read, .names = actions },
	{},
};
static const struct fields egress_fields = { "egress", sizeof(struct network), egress_rows };
static const struct fields ingress_fields = { "ingress", sizeof(struct network), ingress_rows };

static const struct field rows[] = {
	/* Their rows count from the whole struct. */
	{ "egress", FIELD_OBJECT, 0, .object = &egress_fields },
	{ "ingress", FIELD_OBJECT, 0, .object = &ingress_fields },
	/* The shape before 0.8. */
	{ "defaultPolicy", FIELD_CUSTOM, offsetof(struct network, default_policy),
	  .custom = legacy_action_read, .names = legacy_actions },
	{ "allowedHosts", FIELD_CUSTOM, .custom = rules_read },
	{ "blockedHosts", FIELD_CUSTOM, .custom = rules_read },
	{ "allowLocalNetwork", FIELD_CUSTOM, offsetof(struct network, allow_local),
	  .custom = flag_read },
	{ "proxy", FIELD_REFUSED, .reason = NOT_BUILT, .remedy = REMEDY },
	{ "enforcementMode", FIELD_REFUSED, .reason = NOT_BUILT, .remedy = REMEDY },
	{},
};
static const struct fields fields = { "network", sizeof(struct network), rows };

enum { VERSION_DIRECTIONAL = 8, VERSION_ONLY_DIRECTIONAL = 100 };

static bool has_one(const struct json *object, const char *const *keys)
{
	for (; *keys; keys++) {
		const struct json *value = json_get(object, *keys);
		if (value && value->type != JSON_NULL)
			return true;
	}
	return false;
}

/* A document speaks of the network in one shape, and in one that its version knows. */
static int check(const struct field_context *context, const struct json *value, unsigned version,
		 struct error *err)
{
	static const char *const directional[] = { "egress", "ingress", NULL };
	static const char *const legacy[] = { "defaultPolicy",
					      "allowedHosts",
					      "blockedHosts",
					      "allowLocalNetwork",
					      "proxy",
					      "enforcementMode",
					      NULL };
	const char *origin = arena_printf(context->arena, "%s network", context->document);

	if (has_one(value, directional) && has_one(value, legacy))
		return fail_policy(err, origin, "keep egress and ingress",
				   "two shapes of the network section are mixed");
	if (version && version < VERSION_DIRECTIONAL && has_one(value, directional))
		return fail_policy(err, origin, "set version to '0.8'",
				   "egress and ingress need version 0.8");
	if (version >= VERSION_ONLY_DIRECTIONAL && has_one(value, legacy))
		return fail_policy(err, origin, "use egress and ingress",
				   "version 1.0.0 knows only the directional shape");
	return 0;
}

static int action_check(const struct policy_choice *choice, struct error *err)
{
	if (choice->value == ACTION_DENY)
		return 0;
	return fail_policy(err, choice->origin, "set it to 'deny', or leave it out",
			   "'allow' is " NOT_BUILT);
}

static int lower(const void *section, const struct policy_target *target, struct error *err)
{
	const struct network *network = section;
	TRY(action_check(&network->egress.fallback, err));
	TRY(action_check(&network->ingress.fallback, err));
	TRY(action_check(&network->ingress.host_loopback, err));
	if (network->default_policy.value != ACTION_DENY)
		return fail_policy(err, network->default_policy.origin,
				   "set it to 'block', or leave it out", "'allow' is " NOT_BUILT);
	if (network->allow_local.value)
		return fail_policy(err, network->allow_local.origin,
				   "set it to false, or leave it out", "true is " NOT_BUILT);

	const char *origin = network->egress.fallback.origin ? network->egress.fallback.origin
							     : network->default_policy.origin;
	return plan_require_only_loopback(
		target->plan, origin ? origin : "default of network.egress.default", err);
}

const struct policy_section policy_network = { "network", &fields, .check = check, .lower = lower };
