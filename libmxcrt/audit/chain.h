/* SPDX-License-Identifier: Apache-2.0 */
/* The chain's form on disk, shared by the writer and the verifier: records, lines, tails. */
#pragma once

#include "base/sha256.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct arena;
struct error;
struct json;
struct text;

/* No line is longer than CHAIN_LINE_MAX; the writer stays far below it, so that a tail is found. */
enum { CHAIN_RECORD_MAX = 1 << 20, CHAIN_LINE_MAX = 4 << 20 };

/* What the first record of all has for the digest of the one before it. */
#define CHAIN_FIRST "0000000000000000000000000000000000000000000000000000000000000000"

struct chain_link {
	uint64_t seq;
	const char *prev;        /* 64 hexadecimal digits */
	const struct json *root; /* the record itself */
};
/* Of a line without its newline; -1 when it is no record. */
int chain_read(struct arena *arena, const char *line, size_t n, struct chain_link *ret_link);
/* EVENT_JSON (audit_event_json) as a record and its newline, appended to OUT. */
void chain_write(struct text *out, const char *event_json, uint64_t seq, const char *prev);

/* Where a file of the chain ends. */
struct chain_tail {
	uint64_t seq;          /* of the last record, 0 without one */
	char hash[SHA256_HEX]; /* of the last record, CHAIN_FIRST without one */
	const char *torn;      /* what follows it: a writer that was cut off */
	size_t torn_n;
	bool lacks_newline; /* at the end of the file, which may be whole all the same */
};
int chain_tail(struct arena *arena, int fd, off_t size, struct chain_tail *ret_tail,
	       struct error *err);
/* The end of the file beside PATH, rotated away from it, that FIRST continues; FIRST NULL: of the
 * one with the last record. False when there is none. */
bool chain_before(struct arena *arena, const char *path, const struct chain_link *first,
		  struct chain_tail *ret_tail);

/* A line of a stream; a zeroed one begins, chain_line_free ends. */
struct chain_line {
	char *bytes; /* without the newline */
	size_t n, capacity;
	bool has_newline;
	bool is_cut; /* longer than CHAIN_LINE_MAX: the rest is skipped */
};
bool chain_line_next(FILE *stream, struct chain_line *line);
void chain_line_free(struct chain_line *line);
