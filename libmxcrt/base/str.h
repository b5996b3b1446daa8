/* SPDX-License-Identifier: Apache-2.0 */
/* Small pure helpers on strings, and a text that grows in an arena. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

bool str_equal(const char *a, const char *b); /* both NULL: true */
bool str_starts(const char *text, const char *prefix);
bool str_ends(const char *text, const char *suffix);
/* The whole text is a decimal number within the type and [min, max], or -1 and *ret untouched. */
int str_to_u64(const char *text, uint64_t max, uint64_t *ret);
int str_to_i64(const char *text, int64_t min, int64_t max, int64_t *ret);
/* Bytes: "4096", "512M", "2g", "1Ki", "1MiB" (powers of 1024); -1 if malformed or > INT64_MAX. */
int str_to_size(const char *text, uint64_t *ret);
/* By edit distance, for "did you mean": the row of NAMES nearest to TEXT; NULL if none is near. */
const char *str_nearest(const char *text, const char *const *names, size_t n);
/* A NULL-terminated list in the arena: TEXT split at SEPARATOR; "" gives the empty list. */
char **str_split(struct arena *arena, const char *text, char separator);
/* How many bytes of TEXT fit into MAX without cutting a UTF-8 character in two. */
size_t str_cut(const char *text, size_t max);
/* TEXT into BUFFER with bytes below 0x20 and 0x7f as \xNN, cut to SIZE with its NUL; the bytes
 * written without it. */
size_t str_visible(char *buffer, size_t size, const char *text);

/* A text that is appended to; NUL-terminated; text.data is never NULL after the first append. */
struct text {
	struct arena *arena;
	char *data;
	size_t n, capacity;
};
void text_add(struct text *text, const char *bytes);
void text_add_n(struct text *text, const char *bytes, size_t n);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
