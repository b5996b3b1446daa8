/* SPDX-License-Identifier: Apache-2.0 */
/* The one way to fail: a flat, bounded record of what went wrong, whose it is, and what to do. */
#pragma once

#include <stdarg.h>

/* Who must act. */
enum error_kind {
	ERROR_NONE,
	ERROR_CONFIG, /* the author of config.json, of the command line or of an annotation */
	ERROR_POLICY, /* the policy asks for more than is granted, or for what cannot be kept */
	ERROR_HOST,   /* the operator: kernel, permissions, resources */
	ERROR_BUG,    /* us */
};

/*
 * Plain bytes below PIPE_BUF: a child writes it to its link whole, the parent reads it whole. All
 * texts end in NUL; "" is none.
 */
struct error {
	enum error_kind kind;
	int sys_errno;    /* 0, or the errno whose text ends the message */
	char code[32];    /* MXC's error code; without, error_code() derives it from the kind */
	char step[64];    /* "before-exec/landlock", within stages only; filled by stages/run.c */
	char field[256];  /* the origin, a JSON path or annotation: "policy network.egress[0]" */
	char remedy[256]; /* what to write or do instead */
	char text[1024];  /* lower case, no full stop, names the object */
};

/* Fill *err, return -1. A text too long is cut, never overrun. */
int fail(struct error *err, enum error_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int fail_va(struct error *err, enum error_kind kind, const char *format, va_list ap)
	__attribute__((format(printf, 3, 0)));
/* ERROR_HOST with the errno of the failed call. */
int fail_sys(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* ERROR_POLICY about FIELD; REMEDY may be NULL. */
int fail_policy(struct error *err, const char *field, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Add to an error on its way up; each returns -1. What is already set stays: the innermost knows
 * best. */
int fail_field(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
int fail_remedy(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
int fail_code(struct error *err, const char *code);

/* For machines: err->code, or by kind malformed_request, policy_validation or backend_error. */
const char *error_code(const struct error *err);

/*
 * The line for people: "STEP: TEXT (FIELD): ERRNO TEXT; REMEDY". Writes at most size bytes with
 * NUL, returns buffer. No control characters: bytes below 0x20 and 0x7f are escaped as \xNN.
 */
const char *error_format(const struct error *err, char *buffer, unsigned long size);

/* Leave with -1 when the call failed. Stands alone on its line or on the right of one `=`. */
#define TRY(call)                                     \
	({                                            \
		__typeof__(call) try_result = (call); \
		if (try_result < 0)                   \
			return -1;                    \
		try_result;                           \
	})
