/* SPDX-License-Identifier: Apache-2.0 */
/* The io.mxc.* annotations that are this container's own. */
#pragma once

#include "base/arena.h"

#include <stdbool.h>

struct error;
struct field;
struct json;
struct string_map;

struct annotation {
	const char *key, *name, *value;
};
struct annotations {
	const char *prefix; /* "io.mxc", "io.mxc.container.web" */
	ARRAY(struct annotation) rows;
};
bool annotations_are_pause(const struct string_map *annotations);
/* Some key is ours, whosever container it is for. */
bool annotations_have_any(const struct string_map *annotations);
/* Those for every container, and those for this one by its name in the pod. */
int annotations_find(struct arena *arena, const struct string_map *annotations,
		     struct annotations *ret_all, struct annotations *ret_own, struct error *err);
/* The value of NAME, or NULL. */
const char *annotation_value(const struct annotations *annotations, const char *name);
/*
 * The single fields as a JSON object like a document's: values by what the field's table wants.
 * Keys that belong to the reader itself ("profile", "policy", "workspace") are left out. NULL when
 * there are none.
 */
int annotations_fields(struct arena *arena, const struct annotations *annotations,
		       const struct json **ret_json, struct error *err);
