/* SPDX-License-Identifier: Apache-2.0 */
/* A policy document's own fields, and its sections read into the structs that all sources share. */
#pragma once

#include "base/arena.h"

struct error;
struct json;
struct plan;
struct policy_source;

/* One struct for each row of policy_sections. */
struct policy_values {
	void *sections[16];
};
void policy_values_begin(struct arena *arena, struct policy_values *values);
/* Read SOURCE into VALUES, over what earlier ones said. PLAN is asked for the container's id. */
int policy_document_read(const struct plan *plan, const struct policy_source *source,
			 struct policy_values *values, struct error *err);
/* OVER refines BASE (NULL = nothing yet): the same rules, on the JSON itself, for the digest of the
 * whole. */
const struct json *policy_document_merge(struct arena *arena, const struct json *base,
					 const struct json *over);
/* Keys sorted, nothing that is null or means nothing: equal policies have equal text. */
struct text;
void policy_document_print(const struct json *document, struct text *out);
