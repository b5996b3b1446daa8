/* SPDX-License-Identifier: Apache-2.0 */
/* Gathering what speaks of a policy: profile, document, single fields, and those for one container
 * of a pod. */
#include "policy/sources.h"

#include "base/error.h"
#include "base/json.h"
#include "base/path.h"
#include "base/str.h"
#include "policy/annotations.h"
#include "policy/policy.h"

#include <string.h>

/* A policy is written by people; what is larger is none. */
static const struct json_limits limits = { .bytes = 1 << 20, .depth = 16, .values = 65536 };

/* A document as it came: NAME begins its origins, PLACE is where the whole of it stands. */
struct bytes {
	const char *name, *place, *text;
	size_t n;
};

static int document_read(struct arena *arena, const struct bytes *bytes,
			 struct policy_request *request, struct error *err)
{
	struct json *json;
	if (json_read(arena, bytes->name, bytes->text, bytes->n, &limits, &json, err) < 0) {
		err->kind = ERROR_POLICY;
		(void)fail_code(err, "malformed_request");
		return fail_field(err, "%s", bytes->place);
	}
	if (json->type != JSON_OBJECT)
		return fail_policy(err, bytes->place, NULL, "expected object, found %s",
				   json_type_name(json->type));
	*arena_push(arena, &request->sources) = (struct policy_source){
		.name = bytes->name, .path = "", .json = json, .is_document = true
	};
	return 0;
}

static int workspace_read(struct arena *arena, const struct annotations *annotations,
			  struct policy_request *request, struct error *err)
{
	const char *value = annotation_value(annotations, "workspace");
	if (!value)
		return 0;
	const char *origin = arena_printf(arena, "annotation %s.workspace", annotations->prefix);
	if (path_normalize(arena, value, &request->workspace, err) < 0) {
		err->kind = ERROR_POLICY;
		(void)fail_remedy(err, "write an absolute path without '..', as the agent sees it");
		return fail_field(err, "%s", origin);
	}
	request->workspace_origin = origin;
	return 0;
}

/* What one set of annotations says: its document, then its single fields. */
static int annotations_read(struct arena *arena, const struct annotations *annotations, bool is_own,
			    struct policy_request *request, struct error *err)
{
	const char *document = annotation_value(annotations, "policy");
	const struct json *fields;

	TRY(workspace_read(arena, annotations, request, err));
	if (document) {
		const char *place = arena_printf(arena, "annotation %s.policy",
						 annotations->prefix);
		const struct bytes bytes = { is_own ? place : "policy", place, document,
					     strlen(document) };
		TRY(document_read(arena, &bytes, request, err));
		request->kind = "annotation";
	}
	TRY(annotations_fields(arena, annotations, &fields, err));
	if (!fields)
		return 0;
	*arena_push(arena, &request->sources) = (struct policy_source){ .name = "annotation",
									.path = annotations->prefix,
									.json = fields };
	request->kind = "annotation";
	return 0;
}

static int profile_read(struct arena *arena, const struct policy_sources *sources,
			struct policy_request *request, struct error *err)
{
	if (!sources->profile_name || !sources->profile_text)
		return 0;
	request->profile = sources->profile_name;
	request->kind = "profile";
	const char *name = arena_printf(arena, "profile %s", sources->profile_name);
	const struct bytes bytes = { name, name, sources->profile_text, sources->profile_n };
	return document_read(arena, &bytes, request, err);
}

int policy_request_read(struct arena *arena, const struct policy_sources *sources,
			struct policy_request *ret, struct error *err)
{
	struct policy_request request = { .kind = "annotation" };
	TRY(profile_read(arena, sources, &request, err));
	/* The pod's annotations on its pause container are for the agents beside it. */
	if (!annotations_are_pause(sources->annotations)) {
		struct annotations all, own;
		TRY(annotations_find(arena, sources->annotations, &all, &own, err));
		TRY(annotations_read(arena, &all, false, &request, err));
		TRY(annotations_read(arena, &own, true, &request, err));
	}
	*ret = request;
	return 0;
}
