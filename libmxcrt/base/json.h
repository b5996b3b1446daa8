/* SPDX-License-Identifier: Apache-2.0 */
/* JSON text to a value tree in an arena, with limits, and back. The only user of yajl is json.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct error;
struct text;

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
	enum json_type type;
	bool boolean;
	bool is_integer; /* no fraction, no exponent, fits int64 or uint64 */
	bool is_negative;
	uint64_t magnitude; /* of an integer */
	const char *text;   /* string: contents without NUL inside; number: as written */
	size_t n;           /* string: bytes; array, object: elements */
	const char **keys;  /* object: n keys, in document order */
	struct json *items; /* array, object: n values */
};

struct json_limits {
	size_t bytes, depth, values; /* refused beyond */
};
/* 16 MiB, 64 deep, 1,000,000 values. */
extern const struct json_limits json_default_limits;

/*
 * Read one whole document named NAME (for messages: "config.json"). Refused with ERROR_CONFIG, line
 * and column: syntax, trailing bytes, invalid UTF-8, NUL in a string, duplicate keys, more than the
 * limits. LIMITS NULL = default.
 */
int json_read(struct arena *arena, const char *name, const char *bytes, size_t n,
	      const struct json_limits *limits, struct json **ret_root, struct error *err);

/* The value of KEY in an object, or NULL (also when object is NULL or no object). */
const struct json *json_get(const struct json *object, const char *key);
const char *json_type_name(enum json_type type);

/* Writer: appends to a text. Strings are escaped; invalid UTF-8 and what is not visible
 * (utf8_is_visible) become \u escapes (of U+FFFD where needed). */
void json_write_string(struct text *out, const char *text);
void json_write(struct text *out, const struct json *value);
/*
 * Builders on one line; each puts a comma where an element stands before. KEY is NULL in arrays and
 * at the top. Brackets are '{' or '[' to open, '}' or ']' to close.
 */
void json_key(struct text *out, const char *key);
/* NULL value: nothing is written. */
void json_add_string(struct text *out, const char *key, const char *value);
void json_add_int(struct text *out, const char *key, int64_t value);
void json_add_uint(struct text *out, const char *key, uint64_t value);
void json_add_bool(struct text *out, const char *key, bool value);
void json_open(struct text *out, const char *key, char bracket);
void json_close(struct text *out, char bracket);
