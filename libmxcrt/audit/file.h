/* SPDX-License-Identifier: Apache-2.0 */
/* The audit file's form, shared by the writer and the verifier. */
#pragma once

#include "base/sha256.h"

#include <stddef.h>
#include <stdint.h>

struct arena;
struct json;

/* What the chain says of a record. */
struct chain_link {
	uint64_t seq;
	const char *prev; /* 64 hexadecimal digits */
};
#define CHAIN_FIRST "0000000000000000000000000000000000000000000000000000000000000000"

/* seq and prev of a line (without newline), or -1 when it is no record. */
int chain_read(struct arena *arena, const char *line, size_t n, struct chain_link *ret_link);
/* Now, RFC 3339 in UTC with nanoseconds. */
const char *audit_time(struct arena *arena);
