/* SPDX-License-Identifier: Apache-2.0 */
/* The policy, from its sources to the narrowed plan. */
#include "policy/policy.h"

#include "base/error.h"
#include "base/sha256.h"
#include "base/str.h"
#include "plan/plan.h"
#include "policy/annotations.h"
#include "policy/document.h"
#include "policy/section.h"
#include "policy/sources.h"

#include <string.h>

enum { PROFILE_NAME_MAX = 64 };

static int profile_name_check(const char *name, const char *origin, struct error *err)
{
	size_t n = strlen(name);
	if (n > 0 && n <= PROFILE_NAME_MAX &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == n)
		return 0;
	return fail_policy(err, origin, "write a name of a-z, 0-9 and '-', not a path",
			   "'%.64s' is no name of a profile", name);
}

int policy_profile_wanted(const struct string_map *annotations, const char *default_profile,
			  const char **ret_name, struct error *err)
{
	autoarena arena = {};
	struct annotations all, own;
	bool is_asked = annotations_have_any(annotations);

	*ret_name = NULL;
	if (annotations_are_pause(annotations)) {
		*ret_name = is_asked || default_profile ? "pause" : NULL;
		return 0;
	}
	TRY(annotations_find(&arena, annotations, &all, &own, err));
	const char *name = annotation_value(&own, "profile");
	const char *origin = arena_printf(&arena, "annotation %s.profile",
					  name ? own.prefix : all.prefix);
	if (!name)
		name = annotation_value(&all, "profile");
	if (!name && !is_asked) {
		name = default_profile;
		origin = "mxc.conf defaultProfile";
	}
	if (name)
		TRY(profile_name_check(name, origin, err));
	*ret_name = name;
	return 0;
}

bool policy_is_asked(const struct policy_sources *sources)
{
	return sources->profile_name || annotations_have_any(sources->annotations);
}

/* A profile that was asked for and not read would leave the container with the bare defaults. */
static int profile_check(const struct policy_sources *sources, struct error *err)
{
	const char *wanted;
	TRY(policy_profile_wanted(sources->annotations, NULL, &wanted, err));
	if (sources->profile_name && !sources->profile_text)
		return fail(err, ERROR_BUG, "the text of profile '%s' was not read",
			    sources->profile_name);
	if (wanted && !str_equal(wanted, sources->profile_name))
		return fail(err, ERROR_BUG, "profile '%s' was asked for, but not read", wanted);
	return 0;
}

static struct policy_target target_of(const struct policy_request *request, struct plan *plan)
{
	struct policy_target target = { plan, request->workspace, request->workspace_origin };
	if (!target.workspace) {
		/* A further process may start elsewhere; what was granted does not move with it. */
		target.workspace = plan->process.config_cwd;
		if (!target.workspace && !plan->is_exec)
			target.workspace = plan->process.cwd;
		target.workspace_origin = "config.json process.cwd";
	}
	return target;
}

/* What names the effective request: the merged document, and what its variable stands for. */
static void digest(const struct policy_target *target, const struct json *merged,
		   char ret_hex[SHA256_HEX])
{
	struct text text = { .arena = target->plan->arena };
	struct sha256 hash;
	unsigned char bytes[32];

	if (merged)
		policy_document_print(merged, &text);
	text_printf(&text, "\n%s\n", target->workspace ? target->workspace : "");
	sha256_begin(&hash);
	sha256_add(&hash, text.data, text.n);
	sha256_end(&hash, bytes);
	sha256_hex(bytes, sizeof(bytes), ret_hex);
}

int policy_apply(const struct policy_sources *sources, struct plan *plan, struct error *err)
{
	struct policy_request request;
	struct policy_values values;
	const struct json *merged = NULL;

	TRY(profile_check(sources, err));
	TRY(policy_request_read(plan->arena, sources, &request, err));
	policy_values_begin(plan->arena, &values);
	for (size_t i = 0; i < request.sources.n; i++) {
		const struct policy_source *source = &request.sources.items[i];
		TRY(policy_document_read(plan, source, &values, err));
		merged = policy_document_merge(plan->arena, merged, source->json);
	}

	struct policy_target target = target_of(&request, plan);
	for (size_t i = 0; policy_sections[i]; i++)
		TRY(policy_sections[i]->lower(values.sections[i], &target, err));
	plan->profile = request.profile;
	plan->policy_source = request.kind;
	digest(&target, merged, plan->policy_sha256);
	return 0;
}
