/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the values that sections share: lists, texts and choices, each with its origin. */
#include "policy/section.h"

#include "base/error.h"
#include "base/json.h"
#include "base/path.h"
#include "base/str.h"
#include "plan/plan.h"

#include <string.h>

enum { LIST_MAX = 1024 };

static const char *origin_of(const struct field_context *context, const char *path)
{
	return arena_printf(context->arena, "%s %s", context->document, path);
}

static int type_fail(const struct field_context *context, const char *path, const char *expected,
		     const struct json *found, struct error *err)
{
	return fail_policy(err, origin_of(context, path), NULL, "expected %s, found %s", expected,
			   json_type_name(found->type));
}

static int item_read(const struct field_context *context, const struct json *value,
		     const char *origin, struct policy_item *ret, struct error *err)
{
	(void)context;
	if (value->type != JSON_STRING)
		return fail_policy(err, origin, NULL, "expected string, found %s",
				   json_type_name(value->type));
	if (value->text[0] == '\0')
		return fail_policy(err, origin, "leave it out instead", "empty");
	*ret = (struct policy_item){ value->text, origin };
	return 0;
}

static int list_add(const struct field_context *context, const struct json *value, const char *path,
		    struct policy_list *list, struct error *err)
{
	if (value->type != JSON_ARRAY)
		return type_fail(context, path, "array", value, err);
	for (size_t i = 0; i < value->n; i++) {
		if (list->rows.n == LIST_MAX)
			return fail_policy(err, origin_of(context, path),
					   "name a directory instead of what is in it",
					   "more than %d entries", LIST_MAX);
		/* An annotation's value is shown whole by the engine's own tools: its key is
		 * enough. */
		const char *origin = str_equal(context->document, "annotation")
					     ? origin_of(context, path)
					     : arena_printf(context->arena, "%s %s[%zu]",
							    context->document, path, i);
		struct policy_item item;
		TRY(item_read(context, &value->items[i], origin, &item, err));
		*arena_push(context->arena, &list->rows) = item;
	}
	list->is_given = true;
	return 0;
}

int policy_read_list_added(const struct field_context *context, const struct json *value,
			   const char *path, void *target, struct error *err)
{
	return list_add(context, value, path, target, err);
}

int policy_read_list(const struct field_context *context, const struct json *value,
		     const char *path, void *target, struct error *err)
{
	struct policy_list list = {};
	TRY(list_add(context, value, path, &list, err));
	*(struct policy_list *)target = list;
	return 0;
}

int policy_read_text(const struct field_context *context, const struct json *value,
		     const char *path, void *target, struct error *err)
{
	return item_read(context, value, origin_of(context, path), target, err);
}

int policy_read_scalar(const struct field_context *context, const struct json *value,
		       const char *path, void *target, struct error *err)
{
	if (value->type == JSON_NUMBER) {
		*(struct policy_item *)target = (struct policy_item){ value->text,
								      origin_of(context, path) };
		return 0;
	}
	if (value->type != JSON_STRING)
		return type_fail(context, path, "number or string", value, err);
	return policy_read_text(context, value, path, target, err);
}

int policy_fail_unknown(const struct policy_item *item, const char *what, const char *const *names,
			size_t n, struct error *err)
{
	(void)fail_policy(err, item->origin, NULL, "unknown %s '%s'", what, item->text);
	const char *nearest = str_nearest(item->text, names, n);
	if (nearest)
		(void)fail_remedy(err, "did you mean '%s'?", nearest);
	return -1;
}

/* "write one of 'a', 'b'" */
static int choices_tell(struct arena *arena, const char *const *names, struct error *err)
{
	struct text list = { .arena = arena };
	for (size_t i = 0; names[i]; i++)
		text_printf(&list, "%s'%s'", i > 0 ? ", " : "", names[i]);
	return fail_remedy(err, "write one of %s", list.data ? list.data : "nothing");
}

int policy_read_choice(const struct field_context *context, const struct json *value,
		       const char *path, const char *const *names, struct policy_choice *choice,
		       struct error *err)
{
	struct policy_item item;
	TRY(policy_read_text(context, value, path, &item, err));
	size_t n = 0;
	for (; names[n]; n++) {
		if (str_equal(names[n], item.text)) {
			*choice = (struct policy_choice){ (int)n, item.origin };
			return 0;
		}
	}
	(void)policy_fail_unknown(&item, "value", names, n, err);
	if (err->remedy[0] == '\0')
		(void)choices_tell(context->arena, names, err);
	return -1;
}

#define WORKSPACE "@workspace"

/* TEXT with its variable replaced. */
static int path_expand(const struct policy_target *target, const struct policy_item *item,
		       const char *text, const char **ret, struct error *err)
{
	*ret = text;
	if (text[0] != '@')
		return 0;
	size_t n = strcspn(text, "/");
	if (n != strlen(WORKSPACE) || !str_starts(text, WORKSPACE))
		return fail_policy(err, item->origin, NULL, "unknown '%.*s'", (int)n, text);
	/* A workspace of "/" would grant the whole image: what an image without a working directory
	 * never meant. */
	if (!target->workspace || str_equal(target->workspace, "/"))
		return fail_policy(err, item->origin,
				   "set the working directory, or annotation io.mxc.workspace",
				   "the workspace is '/' (%s)", target->workspace_origin);
	*ret = arena_printf(target->plan->arena, "%s%s", target->workspace, text + n);
	return 0;
}

int policy_path_read(const struct policy_target *target, const struct policy_item *item,
		     struct policy_path *ret, struct error *err)
{
	struct policy_path path = { .is_optional = item->text[0] == '-' };
	const char *text;
	TRY(path_expand(target, item, item->text + path.is_optional, &text, err));

	if (path_normalize(target->plan->arena, text, &path.path, err) < 0) {
		err->kind = ERROR_POLICY;
		(void)fail_remedy(err, "write an absolute path without '..', as the agent sees it");
		return fail_field(err, "%s", item->origin);
	}
	path.is_directory = str_ends(text, "/") && !str_equal(path.path, "/");
	*ret = path;
	return 0;
}
