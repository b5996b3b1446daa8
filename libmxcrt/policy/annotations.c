/* SPDX-License-Identifier: Apache-2.0 */
/* Annotations: whose they are, and single fields as a document. */
#include "policy/annotations.h"

#include "base/error.h"
#include "base/fields.h"
#include "base/json.h"
#include "base/str.h"
#include "policy/section.h"

#include <string.h>

#define PREFIX    "io.mxc."
#define CONTAINER "container."

/* The keys that are no section's fields. */
static const char *const own_keys[] = { "policy", "profile", "workspace", NULL };

static const struct {
	const char *key, *reason, *remedy;
} refused[] = {
	{ "policy.jws", "signed policies are not built in this version",
	  "write the document in annotation io.mxc.policy" },
	{ "identity", "verified identity is not built in this version",
	  "assert one in annotation io.mxc.agent.id" },
	{ "mode", "a policy is always enforced", "take it out" },
	{ "landlock", "Landlock always keeps what the filesystem section says", "take it out" },
	{ "ceiling", "a ceiling is the administrator's, not an annotation's", "take it out" },
	{},
};

static const char *value_of(const struct string_map *annotations, const char *key)
{
	for (size_t i = 0; annotations && i < annotations->n; i++)
		if (str_equal(annotations->keys[i], key))
			return annotations->values[i];
	return NULL;
}

bool annotations_are_pause(const struct string_map *annotations)
{
	return str_equal(value_of(annotations, "io.kubernetes.cri.container-type"), "sandbox") ||
	       str_equal(value_of(annotations, "io.kubernetes.cri-o.ContainerType"), "sandbox");
}

bool annotations_have_any(const struct string_map *annotations)
{
	for (size_t i = 0; annotations && i < annotations->n; i++)
		if (str_starts(annotations->keys[i], PREFIX))
			return true;
	return false;
}

static const char *container_name(const struct string_map *annotations)
{
	static const char *const keys[] = { "io.kubernetes.cri.container-name",
					    "io.kubernetes.cri-o.ContainerName",
					    "io.kubernetes.container.name" };
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *name = value_of(annotations, keys[i]);
		if (name && name[0])
			return name;
	}
	return NULL;
}

static const char *field_of(struct arena *arena, const char *key)
{
	return arena_printf(arena, "annotation %s", key);
}

/* KEY is "io.mxc.container.NAME.REST": into OWN when NAME is this container's. */
static int container_key(struct arena *arena, const struct annotation *row, const char *container,
			 struct annotations *own, struct error *err)
{
	const char *name = row->name + strlen(CONTAINER);
	size_t n = strcspn(name, ".");
	if (n == 0 || name[n] == '\0' || name[n + 1] == '\0')
		return fail_policy(err, field_of(arena, row->key),
				   "write io.mxc.container.NAME.SECTION.FIELD",
				   "no container and field are named");
	if (!container)
		return fail_policy(err, field_of(arena, row->key),
				   "use the key without 'container.NAME'",
				   "the engine does not say which container of a pod this is");
	if (strlen(container) != n || strncmp(name, container, n) != 0)
		return 0;
	*arena_push(arena, &own->rows) = (struct annotation){ row->key, name + n + 1, row->value };
	return 0;
}

int annotations_find(struct arena *arena, const struct string_map *annotations,
		     struct annotations *ret_all, struct annotations *ret_own, struct error *err)
{
	const char *container = container_name(annotations);
	struct annotations all = { .prefix = "io.mxc" };
	struct annotations own = { .prefix = arena_printf(arena, "io.mxc.container.%s",
							  container ? container : "") };

	for (size_t i = 0; annotations && i < annotations->n; i++) {
		const char *key = annotations->keys[i];
		if (!str_starts(key, PREFIX))
			continue;
		struct annotation row = { key, key + strlen(PREFIX), annotations->values[i] };
		if (str_starts(row.name, CONTAINER))
			TRY(container_key(arena, &row, container, &own, err));
		else
			*arena_push(arena, &all.rows) = row;
	}
	*ret_all = all;
	*ret_own = own;
	return 0;
}

const char *annotation_value(const struct annotations *annotations, const char *name)
{
	for (size_t i = 0; i < annotations->rows.n; i++)
		if (str_equal(annotations->rows.items[i].name, name))
			return annotations->rows.items[i].value;
	return NULL;
}

/* NAME is KEY, or one of its fields. */
static bool is_within(const char *name, const char *key)
{
	size_t n = strlen(key);
	return strncmp(name, key, n) == 0 && (name[n] == '\0' || name[n] == '.');
}

/* One word of an annotation's name, and where it stands in it. */
struct part {
	const struct annotation *row;
	const char *text;
	size_t offset;
};

/* The key as it would be with the nearest of NAMES in place of PART. */
static int unknown(struct arena *arena, const struct part *part, const char *const *names, size_t n,
		   struct error *err)
{
	const char *key = part->row->key, *name = part->row->name + part->offset;
	(void)fail_policy(err, field_of(arena, key), NULL, "unknown annotation");
	const char *nearest = str_nearest(part->text, names, n);
	if (nearest)
		(void)fail_remedy(err, "did you mean '%.*s%s%s'?", (int)(name - key), key, nearest,
				  name + strlen(part->text));
	return -1;
}

static const struct policy_section *section_find(const char *key)
{
	for (size_t i = 0; policy_sections[i]; i++)
		if (str_equal(policy_sections[i]->key, key))
			return policy_sections[i];
	return NULL;
}

static int section_unknown(struct arena *arena, const struct part *part, struct error *err)
{
	const char *names[POLICY_SECTIONS + sizeof(own_keys) / sizeof(own_keys[0])];
	size_t n = 0;
	for (size_t i = 0; policy_sections[i]; i++)
		names[n++] = policy_sections[i]->key;
	for (size_t i = 0; own_keys[i]; i++)
		names[n++] = own_keys[i];
	return unknown(arena, part, names, n, err);
}

/* The row of PART, or the error that names the nearest. */
static int row_find(struct arena *arena, const struct part *part, const struct fields *fields,
		    const struct field **ret, struct error *err)
{
	size_t n = 0;
	for (const struct field *row = fields->rows; row->key; row++, n++) {
		if (str_equal(row->key, part->text)) {
			*ret = row;
			return 0;
		}
	}
	const char **names = arena_alloc(arena, (n + 1) * sizeof(*names));
	for (size_t i = 0; i < n; i++)
		names[i] = fields->rows[i].key;
	return unknown(arena, part, names, n, err);
}

/* The value of KEY in OBJECT, added as null when it is not there. */
static struct json *member(struct arena *arena, struct json *object, const char *key)
{
	for (size_t i = 0; i < object->n; i++)
		if (str_equal(object->keys[i], key))
			return &object->items[i];
	const char **keys = arena_alloc(arena, (object->n + 1) * sizeof(*keys));
	struct json *items = arena_alloc(arena, (object->n + 1) * sizeof(*items));
	for (size_t i = 0; i < object->n; i++) {
		keys[i] = object->keys[i];
		items[i] = object->items[i];
	}
	keys[object->n] = key;
	object->keys = keys;
	object->items = items;
	return &items[object->n++];
}

static struct json string_value(const char *text)
{
	return (struct json){ .type = JSON_STRING, .text = text, .n = strlen(text) };
}

static int json_value(struct arena *arena, const struct annotation *row, const char *expected,
		      struct json *ret, struct error *err)
{
	struct json *value;
	if (json_read(arena, field_of(arena, row->key), row->value, strlen(row->value), NULL,
		      &value, err) < 0) {
		*err = (struct error){};
		return fail_policy(err, field_of(arena, row->key), NULL,
				   "expected %s, found '%.64s'", expected, row->value);
	}
	*ret = *value;
	return 0;
}

/* "/data,/ref" or a JSON array */
static int list_value(struct arena *arena, const struct annotation *row, struct json *ret,
		      struct error *err)
{
	if (row->value[0] == '[')
		return json_value(arena, row, "a JSON array or a comma list", ret, err);
	char **words = str_split(arena, row->value, ',');
	struct json list = { .type = JSON_ARRAY };
	while (words[list.n])
		list.n++;
	list.items = arena_alloc(arena, (list.n + 1) * sizeof(*list.items));
	for (size_t i = 0; i < list.n; i++)
		list.items[i] = string_value(words[i]);
	*ret = list;
	return 0;
}

static bool is_list(const struct field *field)
{
	return field->custom == policy_read_list || field->custom == policy_read_list_added;
}

/* The value is what is written, unless it is written as a JSON string. */
static bool is_text(const struct field *field)
{
	return field->custom == policy_read_text || field->custom == policy_read_scalar ||
	       field->names != NULL;
}

static int text_value(struct arena *arena, const struct annotation *row, struct json *ret,
		      struct error *err)
{
	if (row->value[0] == '"')
		return json_value(arena, row, "a string", ret, err);
	*ret = string_value(row->value);
	return 0;
}

/* What the field's reader wants to see. */
static int value_read(struct arena *arena, const struct annotation *row, const struct field *field,
		      struct json *ret, struct error *err)
{
	switch (field->type) {
	case FIELD_BOOL: return json_value(arena, row, "true or false", ret, err);
	case FIELD_I64:
	case FIELD_U64:
	case FIELD_U32: return json_value(arena, row, "a number", ret, err);
	case FIELD_OBJECT:
	case FIELD_OBJECT_PTR:
	case FIELD_OBJECTS:
	case FIELD_STRING_MAP:
	case FIELD_JSON: return json_value(arena, row, "JSON", ret, err);
	case FIELD_STRINGS: return list_value(arena, row, ret, err);
	case FIELD_STRING:
	case FIELD_ENUM:
	case FIELD_IGNORED:
	case FIELD_REFUSED: return text_value(arena, row, ret, err);
	case FIELD_CUSTOM: break;
	}
	if (is_list(field))
		return list_value(arena, row, ret, err);
	return is_text(field) ? text_value(arena, row, ret, err)
			      : json_value(arena, row, "JSON", ret, err);
}

/* Walk down the tables by the parts of the name, making objects on the way. */
static int field_add(struct arena *arena, const struct annotation *row, struct json *root,
		     struct error *err)
{
	char **parts = str_split(arena, row->name, '.');
	const struct policy_section *section = parts[0] ? section_find(parts[0]) : NULL;
	struct part part = { row, parts[0] ? parts[0] : "", 0 };
	if (!section)
		return section_unknown(arena, &part, err);
	struct field place = { .key = section->key,
			       .type = FIELD_OBJECT,
			       .object = section->fields };
	const struct field *field = &place;
	struct json *value = member(arena, root, parts[0]);

	for (size_t i = 1; parts[i]; i++) {
		if (field->type != FIELD_OBJECT)
			return fail_policy(err, field_of(arena, row->key), NULL,
					   "'%s' has no fields of its own", field->key);
		part.offset += strlen(part.text) + 1;
		part.text = parts[i];
		TRY(row_find(arena, &part, field->object, &field, err));
		if (value->type == JSON_NULL)
			value->type = JSON_OBJECT;
		if (value->type != JSON_OBJECT)
			return fail_policy(err, field_of(arena, row->key), "give it once",
					   "what it belongs to is no object");
		value = member(arena, value, parts[i]);
	}
	if (value->type != JSON_NULL)
		return fail_policy(err, field_of(arena, row->key), "give it once",
				   "given twice, whole and in part");
	return value_read(arena, row, field, value, err);
}

static bool is_own_key(const char *name)
{
	for (size_t i = 0; own_keys[i]; i++)
		if (str_equal(own_keys[i], name))
			return true;
	return false;
}

static int refused_check(struct arena *arena, const struct annotation *row, struct error *err)
{
	for (size_t i = 0; refused[i].key; i++)
		if (is_within(row->name, refused[i].key))
			return fail_policy(err, field_of(arena, row->key), refused[i].remedy, "%s",
					   refused[i].reason);
	return 0;
}

int annotations_fields(struct arena *arena, const struct annotations *annotations,
		       const struct json **ret_json, struct error *err)
{
	struct json *root = arena_alloc(arena, sizeof(*root));
	root->type = JSON_OBJECT;
	for (size_t i = 0; i < annotations->rows.n; i++) {
		const struct annotation *row = &annotations->rows.items[i];
		TRY(refused_check(arena, row, err));
		if (!is_own_key(row->name))
			TRY(field_add(arena, row, root, err));
	}
	*ret_json = root->n > 0 ? root : NULL;
	return 0;
}
