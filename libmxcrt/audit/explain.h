/* SPDX-License-Identifier: Apache-2.0 */
/* Say what was done to a chain that is broken. */
#pragma once

#include <stdint.h>
#include <stdio.h>

struct text;

/* The record at LINE of STREAM does not follow the one before it. Adds a line for people to OUT:
 * the line that was changed, removed, inserted or moved. Returns 1. */
int chain_explain(FILE *stream, const char *file, uint64_t line, struct text *out);
