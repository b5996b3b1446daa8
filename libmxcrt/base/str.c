/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing, converting and splitting strings; the growing text. */
#include "base/str.h"

#include "base/arena.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

bool str_equal(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool str_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *text, const char *suffix)
{
	size_t n = strlen(text), suffix_n = strlen(suffix);
	return n >= suffix_n && strcmp(text + n - suffix_n, suffix) == 0;
}

/* The digits that TEXT begins with: where they end; NULL without any, or when beyond MAX. */
static const char *digits_read(const char *text, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;
	const char *at = text;
	for (; *at >= '0' && *at <= '9'; at++) {
		uint64_t digit = (uint64_t)(*at - '0');
		if (__builtin_mul_overflow(value, 10U, &value) ||
		    __builtin_add_overflow(value, digit, &value))
			return NULL;
	}
	if (at == text || value > max)
		return NULL;
	*ret = value;
	return at;
}

int str_to_u64(const char *text, uint64_t max, uint64_t *ret)
{
	uint64_t value;
	const char *end = digits_read(text, max, &value);
	if (!end || *end)
		return -1;
	*ret = value;
	return 0;
}

int str_to_i64(const char *text, int64_t min, int64_t max, int64_t *ret)
{
	bool is_negative = text[0] == '-';
	uint64_t magnitude;
	if (str_to_u64(text + is_negative, (uint64_t)INT64_MAX + is_negative, &magnitude) < 0)
		return -1;

	/* Two's complement: right for the magnitude of INT64_MIN too. */
	int64_t value = (int64_t)(is_negative ? -magnitude : magnitude);
	if (value < min || value > max)
		return -1;
	*ret = value;
	return 0;
}

int str_to_size(const char *text, uint64_t *ret)
{
	static const char units[] = "KMGTPE";
	uint64_t value;
	const char *at = digits_read(text, INT64_MAX, &value);
	if (!at)
		return -1;

	if (*at) {
		char letter = (char)(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at);
		const char *unit = strchr(units, letter);
		if (unit) {
			unsigned shift = 10U * (unsigned)(unit - units + 1);
			if (value > (uint64_t)INT64_MAX >> shift)
				return -1;
			value <<= shift;
			at++;
			at += *at == 'i';
		}
		at += *at == 'B';
	}
	if (*at)
		return -1;
	*ret = value;
	return 0;
}

enum { NEAREST_LENGTH = 64 };

static unsigned smaller(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Steps from A to B, both of NEAREST_LENGTH at most: insert, delete, replace, swap neighbours. */
static unsigned distance(const char *a, size_t a_n, const char *b, size_t b_n)
{
	unsigned rows[3][NEAREST_LENGTH + 1];
	unsigned *before = rows[0], *above = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b_n; j++)
		above[j] = before[j] = (unsigned)j;
	for (size_t i = 1; i <= a_n; i++) {
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_n; j++) {
			unsigned replaced = above[j - 1] + (a[i - 1] != b[j - 1]);
			row[j] = smaller(smaller(above[j], row[j - 1]) + 1, replaced);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = smaller(row[j], before[j - 2] + 1);
		}
		unsigned *oldest = before;
		before = above;
		above = row;
		row = oldest;
	}
	return above[b_n];
}

const char *str_nearest(const char *text, const char *const *names, size_t n)
{
	size_t text_n = strlen(text);
	if (text_n > NEAREST_LENGTH)
		return NULL;

	/* At most every third letter differs: a suggestion that is not meant is worse than none. */
	const char *nearest = NULL;
	unsigned best = (unsigned)text_n / 3 + 1;
	for (size_t i = 0; i < n; i++) {
		size_t name_n = strlen(names[i]);
		if (name_n > NEAREST_LENGTH)
			continue;
		unsigned steps = distance(text, text_n, names[i], name_n);
		if (steps < best) {
			best = steps;
			nearest = names[i];
		}
	}
	return nearest;
}

char **str_split(struct arena *arena, const char *text, char separator)
{
	size_t n = text[0] != '\0';
	for (const char *at = text; *at; at++)
		n += *at == separator;

	char **list = arena_alloc(arena, (n + 1) * sizeof(*list));
	char *rest = arena_strdup(arena, text);
	for (size_t i = 0; i < n; i++) {
		list[i] = rest;
		rest = strchr(rest, separator);
		if (rest)
			*rest++ = '\0';
	}
	return list;
}

/* Where the character begins to which the byte at AT belongs. */
static size_t character_start(const char *text, size_t at)
{
	/* At most three bytes continue a character; what has more is no UTF-8, cut anywhere. */
	for (size_t back = 0; back <= 3 && back <= at; back++)
		if (((unsigned char)text[at - back] & 0xc0) != 0x80)
			return at - back;
	return at;
}

size_t str_cut(const char *text, size_t max)
{
	size_t n = strnlen(text, max + 1);
	return n <= max ? n : character_start(text, max);
}

size_t str_visible(char *buffer, size_t size, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;
	if (size == 0)
		return 0;
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;
		bool is_control = byte < 0x20 || byte == 0x7f;
		if (n + (is_control ? 4 : 1) >= size)
			break;
		if (is_control) {
			buffer[n++] = '\\';
			buffer[n++] = 'x';
			buffer[n++] = hex[byte >> 4];
			buffer[n++] = hex[byte & 15];
		} else {
			buffer[n++] = (char)byte;
		}
	}
	if (*text) {
		buffer[n] = *text;
		n = character_start(buffer, n);
	}
	buffer[n] = '\0';
	return n;
}

/* Room for n more bytes and the NUL. */
static void text_reserve(struct text *text, size_t n)
{
	size_t need = text->n + n + 1;
	assert(need > n);
	if (need <= text->capacity)
		return;

	size_t capacity = text->capacity ? 2 * text->capacity : 128;
	if (capacity < need)
		capacity = need;
	char *data = arena_alloc(text->arena, capacity);
	if (text->n)
		memcpy(data, text->data, text->n);
	text->data = data;
	text->capacity = capacity;
}

void text_add_n(struct text *text, const char *bytes, size_t n)
{
	text_reserve(text, n);
	if (n)
		memcpy(text->data + text->n, bytes, n);
	text->n += n;
	text->data[text->n] = '\0';
}

void text_add(struct text *text, const char *bytes)
{
	text_add_n(text, bytes, strlen(bytes));
}

void text_printf(struct text *text, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	int n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	assert(n >= 0);

	text_reserve(text, (size_t)n);
	va_start(ap, format);
	(void)vsnprintf(text->data + text->n, (size_t)n + 1, format, ap); /* measured just now */
	va_end(ap);
	text->n += (size_t)n;
}
