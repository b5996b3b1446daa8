/* SPDX-License-Identifier: Apache-2.0 */
/* The effective request as one JSON document in a canonical form, so that it can be named by its
 * digest. */
#include "policy/document.h"

#include "base/json.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

static const struct json *list_join(struct arena *arena, const struct json *base,
				    const struct json *over)
{
	struct json *joined = arena_alloc(arena, sizeof(*joined));
	*joined = (struct json){ .type = JSON_ARRAY, .n = base->n + over->n };
	joined->items = arena_alloc(arena, (joined->n + 1) * sizeof(*joined->items));
	for (size_t i = 0; i < joined->n; i++)
		joined->items[i] = i < base->n ? base->items[i] : over->items[i - base->n];
	return joined;
}

static const struct json *value_merge(struct arena *arena, const char *key, const struct json *base,
				      const struct json *over)
{
	if (!base || base->type == JSON_NULL)
		return over;
	if (over->type == JSON_NULL)
		return base;
	if (base->type == JSON_OBJECT && over->type == JSON_OBJECT)
		return policy_document_merge(arena, base, over);
	/* The one list that accumulates. */
	if (str_equal(key, "deniedPaths") && base->type == JSON_ARRAY && over->type == JSON_ARRAY)
		return list_join(arena, base, over);
	return over;
}

const struct json *policy_document_merge(struct arena *arena, const struct json *base,
					 const struct json *over)
{
	if (!base)
		return over;
	struct json *merged = arena_alloc(arena, sizeof(*merged));
	*merged = (struct json){ .type = JSON_OBJECT };
	merged->keys = arena_alloc(arena, (base->n + over->n + 1) * sizeof(*merged->keys));
	merged->items = arena_alloc(arena, (base->n + over->n + 1) * sizeof(*merged->items));

	for (size_t i = 0; i < base->n; i++) {
		const struct json *value = json_get(over, base->keys[i]);
		merged->keys[merged->n] = base->keys[i];
		merged->items[merged->n++] = value ? *value_merge(arena, base->keys[i],
								  &base->items[i], value)
						   : base->items[i];
	}
	for (size_t i = 0; i < over->n; i++) {
		if (json_get(base, over->keys[i]))
			continue;
		merged->keys[merged->n] = over->keys[i];
		merged->items[merged->n++] = over->items[i];
	}
	return merged;
}

static bool means_nothing(const char *key, const struct json *value)
{
	return value->type == JSON_NULL || str_equal(key, "$schema") || str_equal(key, "_comment");
}

/* The least key greater than AFTER (NULL: of all), or object->n. */
static size_t key_next(const struct json *object, const char *after)
{
	size_t least = object->n;
	for (size_t i = 0; i < object->n; i++) {
		if (after && strcmp(object->keys[i], after) <= 0)
			continue;
		if (least == object->n || strcmp(object->keys[i], object->keys[least]) < 0)
			least = i;
	}
	return least;
}

static void object_print(const struct json *object, struct text *out)
{
	const char *separator = "";
	const char *after = NULL;
	text_add(out, "{");
	for (size_t i = key_next(object, after); i < object->n; i = key_next(object, after)) {
		after = object->keys[i];
		if (means_nothing(after, &object->items[i]))
			continue;
		text_add(out, separator);
		json_write_string(out, after);
		text_add(out, ":");
		policy_document_print(&object->items[i], out);
		separator = ",";
	}
	text_add(out, "}");
}

void policy_document_print(const struct json *document, struct text *out)
{
	if (document->type == JSON_OBJECT) {
		object_print(document, out);
		return;
	}
	if (document->type != JSON_ARRAY) {
		json_write(out, document);
		return;
	}
	text_add(out, "[");
	for (size_t i = 0; i < document->n; i++) {
		text_add(out, i > 0 ? "," : "");
		policy_document_print(&document->items[i], out);
	}
	text_add(out, "]");
}
