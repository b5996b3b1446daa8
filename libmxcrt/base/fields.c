/* SPDX-License-Identifier: Apache-2.0 */
/* Reading JSON objects into structs by their tables. */
#include "base/fields.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"

#include <inttypes.h>
#include <string.h>

static enum error_kind kind_of(const struct field_context *context)
{
	return context->is_strict ? ERROR_POLICY : ERROR_CONFIG;
}

/* Where a value came from: what its row says, and how to name it. */
struct place {
	const struct field_context *context;
	const struct field *row;
	const char *path, *key; /* of the object that holds it; in that object */
	size_t index;           /* within the key's array, or NO_INDEX */
};
static const size_t NO_INDEX = SIZE_MAX;

static bool is_plain_key(const char *key)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-$";
	return key[0] && key[strspn(key, plain)] == '\0';
}

/* "linux.resources", or annotations["io.example/key"] where a dot would not tell. */
static const char *path_member(struct arena *arena, const char *path, const char *key)
{
	if (!is_plain_key(key)) {
		struct text quoted = { .arena = arena };
		json_write_string(&quoted, key);
		return arena_printf(arena, "%s[%s]", path, quoted.data);
	}
	return arena_printf(arena, "%s%s%s", path, path[0] ? "." : "", key);
}

static const char *place_path(const struct place *place)
{
	struct arena *arena = place->context->arena;
	const char *path = path_member(arena, place->path, place->key);
	return place->index == NO_INDEX ? path : arena_printf(arena, "%s[%zu]", path, place->index);
}

static int place_fail(const struct place *place, struct error *err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static int place_fail(const struct place *place, struct error *err, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	(void)fail_va(err, kind_of(place->context), format, ap); /* -1, as the end */
	va_end(ap);
	return fail_field(err, "%s %s", place->context->document, place_path(place));
}

static int type_expect(const struct place *place, const struct json *value, enum json_type type,
		       struct error *err)
{
	if (value->type == type)
		return 0;
	const char *expected = json_type_name(type), *found = json_type_name(value->type);
	return place_fail(place, err, "expected %s, found %s", expected, found);
}

static int string_read(const struct place *place, const struct json *value, const char **ret_string,
		       struct error *err)
{
	TRY(type_expect(place, value, JSON_STRING, err));
	*ret_string = value->text;
	return 0;
}

static int bool_read(const struct place *place, const struct json *value, void *target,
		     struct error *err)
{
	TRY(type_expect(place, value, JSON_BOOL, err));
	*(bool *)target = value->boolean;
	return 0;
}

static int integer_expect(const struct place *place, const struct json *value, struct error *err)
{
	TRY(type_expect(place, value, JSON_NUMBER, err));
	if (value->is_integer)
		return 0;
	return place_fail(place, err, "expected an integer, found %.32s", value->text);
}

static int i64_read(const struct place *place, const struct json *value, void *target,
		    struct error *err)
{
	bool is_whole_type = place->row->min == 0 && place->row->max == 0;
	int64_t min = is_whole_type ? INT64_MIN : place->row->min;
	bool has_max = !is_whole_type && place->row->max <= INT64_MAX;
	int64_t max = has_max ? (int64_t)place->row->max : INT64_MAX;
	TRY(integer_expect(place, value, err));

	/* Two's complement: right for the magnitude of INT64_MIN too. */
	int64_t number = (int64_t)(value->is_negative ? -value->magnitude : value->magnitude);
	bool fits = value->is_negative || value->magnitude <= INT64_MAX;
	if (!fits || number < min || number > max)
		return place_fail(place, err, "%.32s is not within %" PRId64 "…%" PRId64,
				  value->text, min, max);
	*(int64_t *)target = number;
	return 0;
}

/* An unsigned integer within the row's range and TYPE_MAX. */
static int unsigned_read(const struct place *place, const struct json *value, uint64_t type_max,
			 uint64_t *ret, struct error *err)
{
	bool is_whole_type = place->row->min == 0 && place->row->max == 0;
	uint64_t min = place->row->min > 0 ? (uint64_t)place->row->min : 0;
	uint64_t max = is_whole_type || place->row->max > type_max ? type_max : place->row->max;
	TRY(integer_expect(place, value, err));

	if (value->is_negative || value->magnitude < min || value->magnitude > max)
		return place_fail(place, err, "%.32s is not within %" PRIu64 "…%" PRIu64,
				  value->text, min, max);
	*ret = value->magnitude;
	return 0;
}

static int u64_read(const struct place *place, const struct json *value, void *target,
		    struct error *err)
{
	return unsigned_read(place, value, UINT64_MAX, target, err);
}

static int u32_read(const struct place *place, const struct json *value, void *target,
		    struct error *err)
{
	uint64_t number;
	TRY(unsigned_read(place, value, UINT32_MAX, &number, err));
	*(uint32_t *)target = (uint32_t)number;
	return 0;
}

static int strings_read(const struct place *place, const struct json *value, void *target,
			struct error *err)
{
	TRY(type_expect(place, value, JSON_ARRAY, err));
	const char **items = arena_alloc(place->context->arena, (value->n + 1) * sizeof(*items));
	for (size_t i = 0; i < value->n; i++) {
		struct place element = *place;
		element.index = i;
		TRY(string_read(&element, &value->items[i], &items[i], err));
	}
	*(struct strings *)target = (struct strings){ items, value->n };
	return 0;
}

static int string_map_read(const struct place *place, const struct json *value, void *target,
			   struct error *err)
{
	TRY(type_expect(place, value, JSON_OBJECT, err));
	const char **values = arena_alloc(place->context->arena, (value->n + 1) * sizeof(*values));
	for (size_t i = 0; i < value->n; i++) {
		if (value->items[i].type == JSON_STRING) {
			values[i] = value->items[i].text;
			continue;
		}
		struct place member = *place;
		member.path = place_path(place);
		member.key = value->keys[i];
		return type_expect(&member, &value->items[i], JSON_STRING, err);
	}
	*(struct string_map *)target = (struct string_map){ value->keys, values, value->n };
	return 0;
}

static int enum_read(const struct place *place, const struct json *value, void *target,
		     struct error *err)
{
	const char *const *names = place->row->names;
	TRY(type_expect(place, value, JSON_STRING, err));
	size_t n = 0;
	for (; names[n]; n++) {
		if (strcmp(names[n], value->text) == 0) {
			*(int *)target = (int)n;
			return 0;
		}
	}

	(void)place_fail(place, err, "unknown value '%s'", value->text); /* -1, as all ends */
	const char *nearest = str_nearest(value->text, names, n);
	if (nearest)
		return fail_remedy(err, "did you mean '%s'?", nearest);
	struct text list = { .arena = place->context->arena };
	for (size_t i = 0; i < n; i++)
		text_printf(&list, "%s'%s'", i > 0 ? ", " : "", names[i]);
	return fail_remedy(err, "write one of %s", n > 0 ? list.data : "nothing");
}

static int object_read(const struct place *place, const struct json *value, void *target,
		       struct error *err)
{
	TRY(type_expect(place, value, JSON_OBJECT, err));
	const struct fields *fields = place->row->object;
	return fields_read(place->context, fields, value, place_path(place), target, err);
}

static int object_pointer_read(const struct place *place, const struct json *value, void *target,
			       struct error *err)
{
	void *object = arena_alloc(place->context->arena, place->row->object->size);
	TRY(object_read(place, value, object, err));
	*(void **)target = object;
	return 0;
}

static int objects_read(const struct place *place, const struct json *value, void *target,
			struct error *err)
{
	size_t size = place->row->object->size;
	TRY(type_expect(place, value, JSON_ARRAY, err));
	char *items = arena_alloc(place->context->arena, value->n * size);
	for (size_t i = 0; i < value->n; i++) {
		struct place element = *place;
		element.index = i;
		TRY(object_read(&element, &value->items[i], items + i * size, err));
	}
	*(struct objects *)target = (struct objects){ items, value->n };
	return 0;
}

static int refused(const struct place *place, struct error *err)
{
	const char *reason = place->row->reason ? place->row->reason : "not supported";
	(void)place_fail(place, err, "%s", reason); /* -1, as the end */
	if (place->row->remedy)
		(void)fail_remedy(err, "%s", place->row->remedy); /* -1, as the end */
	return -1;
}

static int value_read(const struct place *place, const struct json *value, void *target,
		      struct error *err)
{
	switch (place->row->type) {
	case FIELD_STRING: return string_read(place, value, target, err);
	case FIELD_BOOL: return bool_read(place, value, target, err);
	case FIELD_I64: return i64_read(place, value, target, err);
	case FIELD_U64: return u64_read(place, value, target, err);
	case FIELD_U32: return u32_read(place, value, target, err);
	case FIELD_STRINGS: return strings_read(place, value, target, err);
	case FIELD_STRING_MAP: return string_map_read(place, value, target, err);
	case FIELD_ENUM: return enum_read(place, value, target, err);
	case FIELD_OBJECT: return object_read(place, value, target, err);
	case FIELD_OBJECT_PTR: return object_pointer_read(place, value, target, err);
	case FIELD_OBJECTS: return objects_read(place, value, target, err);
	case FIELD_JSON: *(const struct json **)target = value; return 0;
	case FIELD_IGNORED: return 0;
	case FIELD_REFUSED: return refused(place, err);
	case FIELD_CUSTOM:
		return place->row->custom(place->context, value, place_path(place), target, err);
	}
	return place_fail(place, err, "field of no known type");
}

static const struct field *row_find(const struct field *rows, const char *key)
{
	for (const struct field *row = rows; row->key; row++)
		if (strcmp(row->key, key) == 0)
			return row;
	return NULL;
}

static int key_unknown(const struct place *place, const struct field *rows, struct error *err)
{
	size_t n = 0;
	for (const struct field *row = rows; row->key; row++)
		n++;
	const char **names = arena_alloc(place->context->arena, (n + 1) * sizeof(*names));
	size_t useful = 0;
	for (const struct field *row = rows; row->key; row++)
		if (row->type != FIELD_REFUSED)
			names[useful++] = row->key;

	(void)place_fail(place, err, "unknown key '%s'", place->key); /* -1, as the end */
	const char *nearest = str_nearest(place->key, names, useful);
	if (nearest)
		(void)fail_remedy(err, "did you mean '%s'?", nearest); /* -1, as the end */
	return -1;
}

static bool is_absent(const struct field_context *context, const struct json *value)
{
	return !value || (context->null_is_absent && value->type == JSON_NULL);
}

static int required_check(const struct field_context *context, const struct fields *fields,
			  const struct json *object, const char *path, struct error *err)
{
	for (const struct field *row = fields->rows; row->key; row++) {
		if (!row->required || !is_absent(context, json_get(object, row->key)))
			continue;
		struct place place = { context, row, path, row->key, NO_INDEX };
		return place_fail(&place, err, "required, but missing");
	}
	return 0;
}

int fields_read(const struct field_context *context, const struct fields *fields,
		const struct json *object, const char *path, void *target, struct error *err)
{
	if (object->type != JSON_OBJECT) {
		const char *found = json_type_name(object->type);
		(void)fail(err, kind_of(context), "expected object, found %s", found); /* -1 too */
		return fail_field(err, "%s%s%s", context->document, path[0] ? " " : "", path);
	}

	for (size_t i = 0; i < object->n; i++) {
		const struct field *row = row_find(fields->rows, object->keys[i]);
		struct place place = { context, row, path, object->keys[i], NO_INDEX };
		if (!row && context->is_strict)
			return key_unknown(&place, fields->rows, err);
		if (!row || is_absent(context, &object->items[i]))
			continue;
		TRY(value_read(&place, &object->items[i], (char *)target + row->offset, err));
		if (row->present)
			*(bool *)((char *)target + row->present) = true;
	}
	return required_check(context, fields, object, path, err);
}
