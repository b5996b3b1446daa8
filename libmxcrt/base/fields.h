/* SPDX-License-Identifier: Apache-2.0 */
/* Field tables: rows turn a JSON object into a struct; errors carry the JSON path. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct error;
struct json;

enum field_type {
	FIELD_STRING,     /* const char * */
	FIELD_BOOL,       /* bool */
	FIELD_I64,        /* int64_t within [min, max] (both 0: the whole type) */
	FIELD_U64,        /* uint64_t within [min, max] */
	FIELD_U32,        /* uint32_t within [min, max] */
	FIELD_STRINGS,    /* struct strings */
	FIELD_STRING_MAP, /* struct string_map */
	FIELD_ENUM,       /* int; names: NULL-terminated list, the value is the index */
	FIELD_OBJECT,     /* a struct embedded at offset, described by .object */
	FIELD_OBJECT_PTR, /* pointer to a struct of .object->size, NULL when absent */
	FIELD_OBJECTS,    /* struct objects: array of structs described by .object */
	FIELD_JSON,       /* const struct json *, as it is */
	FIELD_IGNORED,    /* accepted, nothing read */
	FIELD_REFUSED,    /* an error when present; .reason says why, .remedy what to do */
	FIELD_CUSTOM,     /* .custom reads it */
};

struct strings {
	const char **items; /* items[n] is NULL */
	size_t n;
};
struct string_map {
	const char **keys, **values;
	size_t n;
};
struct objects {
	void *items;
	size_t n;
};

struct field_context {
	struct arena *arena;
	const char *document; /* "config.json", "policy": the first word of every origin */
	bool is_strict;       /* unknown keys are errors (policy); otherwise ignored (OCI) */
	bool null_is_absent;  /* JSON null counts as not there */
};

struct fields;
struct field {
	const char *key;
	enum field_type type;
	size_t offset;  /* into the struct */
	size_t present; /* of a bool set when the key is there; 0 = none, so not the first member */
	bool required;
	int64_t min;
	uint64_t max;
	const char *const *names; /* FIELD_ENUM */
	const struct fields *object;
	const char *reason, *remedy;
	/* PATH is that of the value; TARGET is the struct's address plus .offset. */
	int (*custom)(const struct field_context *context, const struct json *value,
		      const char *path, void *target, struct error *err);
};
struct fields {
	const char *name;         /* for the generated schema and messages: "filesystem" */
	size_t size;              /* of the struct */
	const struct field *rows; /* sentinel: key NULL */
};

/*
 * Read OBJECT into TARGET (zeroed by the caller) by FIELDS. PATH is the JSON path of OBJECT ("" for
 * the document itself, "linux.resources"); errors are ERROR_CONFIG (ERROR_POLICY when strict) with
 * field "DOCUMENT PATH" and, for an unknown key, the nearest known one as remedy.
 */
int fields_read(const struct field_context *context, const struct fields *fields,
		const struct json *object, const char *path, void *target, struct error *err);
