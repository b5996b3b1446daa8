/* SPDX-License-Identifier: Apache-2.0 */
/* What speaks of a container's policy, in the order in which later refines earlier. */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct error;
struct json;
struct policy_sources;

struct policy_source {
	const char *name;        /* what its origins begin with: "profile coding", "policy" */
	const char *path;        /* of the object: "", or "io.mxc" */
	const struct json *json; /* an object */
	bool is_document;        /* has a version and the fields beside the sections */
};
struct policy_request {
	ARRAY(struct policy_source) sources;
	const char *workspace, *workspace_origin; /* NULL: process.cwd */
	const char *profile;
	const char *kind; /* for the audit: "profile", "annotation" */
};
/* Profile, document and single fields to JSON objects; whatever io.mxc.* key is none of these is
 * refused. */
int policy_request_read(struct arena *arena, const struct policy_sources *sources,
			struct policy_request *ret, struct error *err);
