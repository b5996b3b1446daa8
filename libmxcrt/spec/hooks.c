/* SPDX-License-Identifier: Apache-2.0 */
/* The `hooks` section. */
#include "base/error.h"
#include "plan/plan.h"
#include "spec/lower.h"

#define AT(member) offsetof(struct spec_hook, member)
static const struct field hook_rows[] = {
	{ "path", FIELD_STRING, AT(path), .required = true },
	{ "args", FIELD_STRINGS, AT(args) },
	{ "env", FIELD_STRINGS, AT(env) },
	{ "timeout", FIELD_U32, AT(timeout), .min = 1, .max = INT32_MAX },
	{},
};
#undef AT
static const struct fields hook_fields = { "hook", sizeof(struct spec_hook), hook_rows };

#define AT(kind) offsetof(struct spec_hooks, of[kind])
static const struct field hooks_rows[] = {
	{ "prestart", FIELD_OBJECTS, AT(HOOK_PRESTART), .object = &hook_fields },
	{ "createRuntime", FIELD_OBJECTS, AT(HOOK_CREATE_RUNTIME), .object = &hook_fields },
	{ "createContainer", FIELD_OBJECTS, AT(HOOK_CREATE_CONTAINER), .object = &hook_fields },
	{ "startContainer", FIELD_OBJECTS, AT(HOOK_START_CONTAINER), .object = &hook_fields },
	{ "poststart", FIELD_OBJECTS, AT(HOOK_POSTSTART), .object = &hook_fields },
	{ "poststop", FIELD_OBJECTS, AT(HOOK_POSTSTOP), .object = &hook_fields },
	{},
};
#undef AT
const struct fields spec_hooks_fields = { "hooks", sizeof(struct spec_hooks), hooks_rows };

static int lower_kind(const struct lowering *lowering, enum hook_kind kind, struct error *err)
{
	const struct objects *from = &lowering->spec->hooks.of[kind];
	const struct spec_hook *items = from->items;

	for (size_t i = 0; i < from->n; i++) {
		const char *origin = spec_origin(lowering, "hooks.%s[%zu]", hook_kind_names[kind],
						 i);
		if (items[i].path[0] != '/')
			return spec_fail(err, origin, "path '%s' of the hook is not absolute",
					 items[i].path);
		*arena_push(lowering->arena, &lowering->plan->hooks.of[kind]) = (struct plan_hook){
			.path = items[i].path,
			.args = items[i].args.n > 0 ? items[i].args.items : NULL,
			.env = items[i].env.n > 0 ? items[i].env.items : NULL,
			.timeout = items[i].timeout,
			.origin = origin,
		};
	}
	return 0;
}

int spec_lower_hooks(const struct lowering *lowering, struct error *err)
{
	for (int kind = 0; kind < HOOK_KINDS; kind++)
		TRY(lower_kind(lowering, (enum hook_kind)kind, err));
	return 0;
}
