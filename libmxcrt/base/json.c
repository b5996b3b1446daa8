/* SPDX-License-Identifier: Apache-2.0 */
/* Reading JSON: yajl finds the tokens, this file checks what yajl lets pass and builds the tree. */
#include "base/json.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "base/utf8.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

const struct json_limits json_default_limits = {
	.bytes = 16 << 20,
	.depth = 64,
	.values = 1000000,
};

/* A value that waits on the stack for its container to end. */
struct entry {
	const char *key; /* NULL in arrays and at the top */
	size_t key_at;
	struct json value;
};

struct reader {
	struct arena *arena, scratch; /* the tree's; what is gone when the reading ends */
	const char *name, *bytes;
	size_t n;
	const struct json_limits *limits;
	yajl_handle yajl;
	ARRAY(struct entry) stack;
	/* For each container that has not ended: the height of the stack when it began. */
	ARRAY(size_t) open;
	size_t values;
	/* Seen, its value not yet. */
	const char *key;
	size_t key_at;
	struct error *err;
};

static int fail_at(const struct reader *reader, size_t at, const char *problem)
{
	size_t line = 1, column = 1;
	for (size_t i = 0; i < at && i < reader->n; i++) {
		if (reader->bytes[i] == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)reader->bytes[i] & 0xc0) != 0x80) {
			column++; /* characters, as editors count */
		}
	}
	const char *name = reader->name;
	return fail(reader->err, ERROR_CONFIG, "%s:%zu:%zu: %s", name, line, column, problem);
}

/* As fail_at, for yajl's callbacks: where it stands, and 0 ends the parsing. */
static int refuse(const struct reader *reader, const char *problem)
{
	size_t consumed = yajl_get_bytes_consumed(reader->yajl);
	(void)fail_at(reader, consumed > 0 ? consumed - 1 : 0, problem); /* the 0 below says so */
	return 0;
}

/* A new value on the stack, or NULL when there are too many. */
static struct json *value_push(struct reader *reader, enum json_type type)
{
	if (++reader->values > reader->limits->values) {
		(void)refuse(reader, "too many values"); /* NULL says so */
		return NULL;
	}
	struct entry *entry = arena_push(&reader->scratch, &reader->stack);
	entry->key = reader->key;
	entry->key_at = reader->key_at;
	entry->value.type = type;
	reader->key = NULL;
	return &entry->value;
}

static int on_null(void *context)
{
	return value_push(context, JSON_NULL) != NULL;
}

static int on_boolean(void *context, int boolean)
{
	struct json *value = value_push(context, JSON_BOOL);
	if (!value)
		return 0;
	value->boolean = boolean;
	return 1;
}

static int on_number(void *context, const char *text, size_t n)
{
	struct reader *reader = context;
	struct json *value = value_push(reader, JSON_NUMBER);
	if (!value)
		return 0;
	value->text = arena_strndup(reader->arena, text, n);

	bool is_negative = value->text[0] == '-';
	uint64_t max = is_negative ? (uint64_t)INT64_MAX + 1 : UINT64_MAX;
	value->is_integer = str_to_u64(value->text + is_negative, max, &value->magnitude) == 0;
	value->is_negative = is_negative && (!value->is_integer || value->magnitude > 0);
	return 1;
}

static int on_string(void *context, const unsigned char *text, size_t n)
{
	struct reader *reader = context;
	struct json *value = value_push(reader, JSON_STRING);
	if (!value)
		return 0;
	value->text = arena_strndup(reader->arena, (const char *)text, n);
	value->n = n;
	return 1;
}

static int on_key(void *context, const unsigned char *text, size_t n)
{
	struct reader *reader = context;
	const char *start = (const char *)text;
	reader->key = arena_strndup(reader->arena, start, n);
	/* Without escapes yajl points into the document; otherwise the end of the key must do. */
	if (start > reader->bytes && start < reader->bytes + reader->n)
		reader->key_at = (size_t)(start - reader->bytes) - 1;
	else
		reader->key_at = yajl_get_bytes_consumed(reader->yajl) - 1;
	return 1;
}

static int container_open(struct reader *reader, enum json_type type)
{
	if (reader->open.n >= reader->limits->depth)
		return refuse(reader, "nested too deeply");
	if (!value_push(reader, type))
		return 0;
	*arena_push(&reader->scratch, &reader->open) = reader->stack.n;
	return 1;
}

static int on_object(void *context)
{
	return container_open(context, JSON_OBJECT);
}

static int on_array(void *context)
{
	return container_open(context, JSON_ARRAY);
}

static int by_key_then_place(const void *a, const void *b)
{
	const struct entry *const *left = a, *const *right = b;
	int order = strcmp((*left)->key, (*right)->key);
	if (order != 0)
		return order;
	return *left < *right ? -1 : *left > *right;
}

/* The first member whose key stands before it already, or NULL. */
static const struct entry *duplicate_find(struct arena *scratch, const struct entry *members,
					  size_t n)
{
	enum { FEW = 32 };
	const struct entry *found = NULL;

	if (n <= FEW) {
		for (size_t i = 1; i < n; i++)
			for (size_t j = 0; j < i; j++)
				if (strcmp(members[i].key, members[j].key) == 0)
					return &members[i];
		return NULL;
	}

	/* Sorted, not hashed: no choice of keys makes this slow. */
	const struct entry **sorted = arena_alloc(scratch, n * sizeof(const struct entry *));
	for (size_t i = 0; i < n; i++)
		sorted[i] = &members[i];
	qsort(sorted, n, sizeof(const struct entry *), by_key_then_place);
	for (size_t i = 1; i < n; i++)
		if (strcmp(sorted[i - 1]->key, sorted[i]->key) == 0 &&
		    (!found || sorted[i] < found))
			found = sorted[i];
	return found;
}

static int duplicate_refuse(const struct reader *reader, const struct entry *duplicate)
{
	char problem[96];
	int shown = (int)str_cut(duplicate->key, 64);
	const char *key = duplicate->key;
	(void)snprintf(problem, sizeof(problem), "duplicate key '%.*s'", shown, key); /* fits */
	(void)fail_at(reader, duplicate->key_at, problem); /* the 0 says so */
	return 0;
}

/* Moves the elements of the innermost container from the stack to where they stay. */
static int container_close(struct reader *reader)
{
	size_t start = reader->open.items[--reader->open.n];
	const struct entry *elements = &reader->stack.items[start];
	struct json *container = &reader->stack.items[start - 1].value;
	size_t n = reader->stack.n - start;

	container->n = n;
	container->items = arena_alloc(reader->arena, n * sizeof(*container->items));
	for (size_t i = 0; i < n; i++)
		container->items[i] = elements[i].value;
	if (container->type == JSON_OBJECT) {
		const struct entry *duplicate = duplicate_find(&reader->scratch, elements, n);
		if (duplicate)
			return duplicate_refuse(reader, duplicate);
		container->keys = arena_alloc(reader->arena, n * sizeof(*container->keys));
		for (size_t i = 0; i < n; i++)
			container->keys[i] = elements[i].key;
	}
	reader->stack.n = start;
	return 1;
}

static int on_end(void *context)
{
	return container_close(context);
}

/* clang-format off */
static const yajl_callbacks callbacks = {
	.yajl_null        = on_null,
	.yajl_boolean     = on_boolean,
	.yajl_number      = on_number,
	.yajl_string      = on_string,
	.yajl_start_map   = on_object,
	.yajl_map_key     = on_key,
	.yajl_end_map     = on_end,
	.yajl_start_array = on_array,
	.yajl_end_array   = on_end,
};
/* clang-format on */

/* yajl's own memory: its size stands before each block, because realloc is not told. */
union block {
	size_t size;
	max_align_t align;
};

static void *block_alloc(void *context, size_t size)
{
	union block *block = arena_alloc(context, sizeof(*block) + size);
	block->size = size;
	return block + 1;
}

static void *block_realloc(void *context, void *old, size_t size)
{
	if (!old)
		return block_alloc(context, size);
	size_t old_size = ((union block *)old - 1)->size;
	if (size <= old_size)
		return old;
	return memcpy(block_alloc(context, size), old, old_size);
}

static void block_free(void *context, void *old)
{
	/* Goes with the arena. */
	(void)context;
	(void)old;
}

/* The four hexadecimal digits at AT, or -1. */
static long hex4_read(const char *at, const char *end)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	long value = 0;
	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		const char *digit = memchr(digits, at[i], sizeof(digits) - 1);
		if (!digit)
			return -1;
		value = value << 4 | ((digit - digits) & 15);
	}
	return value;
}

/*
 * What yajl decodes wrongly is refused before: it makes '?' of half a surrogate pair and swallows
 * what follows. A backslash outside of a string is an error for yajl, so strings need not be told
 * from the rest here.
 */
static int escapes_check(const struct reader *reader)
{
	const char *end = reader->bytes + reader->n, *at = reader->bytes;
	while (at < end && (at = memchr(at, '\\', (size_t)(end - at))) != NULL) {
		size_t offset = (size_t)(at - reader->bytes);
		bool is_unicode = end - at >= 2 && at[1] == 'u';
		at += 2;
		if (!is_unicode)
			continue;
		long unit = hex4_read(at, end);
		if (unit < 0)
			continue; /* yajl says so */
		at += 4;
		if (unit == 0)
			return fail_at(reader, offset, "NUL in a string");
		if (unit >= 0xdc00 && unit <= 0xdfff)
			return fail_at(reader, offset, "second half of a surrogate pair alone");
		if (unit < 0xd800 || unit > 0xdbff)
			continue;
		bool has_second = end - at >= 6 && at[0] == '\\' && at[1] == 'u';
		long second = has_second ? hex4_read(at + 2, end) : -1;
		if (second < 0xdc00 || second > 0xdfff)
			return fail_at(reader, offset, "first half of a surrogate pair alone");
		at += 6;
	}
	return 0;
}

static int bytes_check(const struct reader *reader)
{
	size_t max = reader->limits->bytes;
	const char *name = reader->name;
	if (reader->n > max)
		return fail(reader->err, ERROR_CONFIG, "%s: larger than %zu bytes", name, max);
	size_t valid = utf8_valid((const unsigned char *)reader->bytes, reader->n);
	if (valid < reader->n)
		return fail_at(reader, valid, "invalid UTF-8");
	return escapes_check(reader);
}

/* yajl says "parse error: what.\n"; the place is ours to give. */
static int syntax_fail(const struct reader *reader, size_t at)
{
	unsigned char *message = yajl_get_error(reader->yajl, 0, NULL, 0);
	char *problem = (char *)message, *colon = strstr(problem, "error: ");
	if (colon)
		problem = colon + strlen("error: ");
	problem[strcspn(problem, ".\n")] = '\0';
	return fail_at(reader, at, problem);
}

static int document_parse(struct reader *reader)
{
	const unsigned char *bytes = (const unsigned char *)reader->bytes;
	yajl_status status = yajl_parse(reader->yajl, bytes, reader->n);
	if (status == yajl_status_error) {
		size_t consumed = yajl_get_bytes_consumed(reader->yajl);
		return syntax_fail(reader, consumed > 0 ? consumed - 1 : 0);
	}
	/* Only the end itself was missing; yajl's offset is now that of a space it gave itself. */
	if (status == yajl_status_ok)
		status = yajl_complete_parse(reader->yajl);
	if (status == yajl_status_error)
		return syntax_fail(reader, reader->n);
	return status == yajl_status_ok ? 0 : -1;
}

int json_read(struct arena *arena, const char *name, const char *bytes, size_t n,
	      const struct json_limits *limits, struct json **ret_root, struct error *err)
{
	struct reader reader = {
		.arena = arena,
		.name = name,
		.bytes = n > 0 ? bytes : "",
		.n = n,
		.limits = limits ? limits : &json_default_limits,
		.err = err,
	};
	TRY(bytes_check(&reader));

	yajl_alloc_funcs memory = { block_alloc, block_realloc, block_free, &reader.scratch };
	reader.yajl = yajl_alloc(&callbacks, &memory, &reader);
	int result = document_parse(&reader);
	if (result == 0) {
		*ret_root = arena_alloc(arena, sizeof(**ret_root));
		**ret_root = reader.stack.items[0].value;
	}
	arena_free(&reader.scratch);
	return result;
}

const struct json *json_get(const struct json *object, const char *key)
{
	if (!object || object->type != JSON_OBJECT)
		return NULL;
	for (size_t i = 0; i < object->n; i++)
		if (strcmp(object->keys[i], key) == 0)
			return &object->items[i];
	return NULL;
}

const char *json_type_name(enum json_type type)
{
	/* clang-format off */
	static const char *const names[] = {
		[JSON_NULL]   = "null",
		[JSON_BOOL]   = "boolean",
		[JSON_NUMBER] = "number",
		[JSON_STRING] = "string",
		[JSON_ARRAY]  = "array",
		[JSON_OBJECT] = "object",
	};
	/* clang-format on */
	return names[type];
}
