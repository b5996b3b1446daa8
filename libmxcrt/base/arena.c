/* SPDX-License-Identifier: Apache-2.0 */
/* Bump allocation in chunks that grow: few mallocs, one pass to free. */
#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * One chunk holds what a usual verb needs. A sanitizer sees overruns only at the end of a chunk:
 * fuzzers are compiled with a size of 1, which gives nearly every allocation a chunk of its own.
 */
#ifndef ARENA_CHUNK
#define ARENA_CHUNK 65536
#endif
enum { ARENA_CHUNK_MAX = 64 * ARENA_CHUNK };

struct arena_chunk {
	struct arena_chunk *previous;
	size_t size;
	alignas(max_align_t) char bytes[];
};

/* A document's demands are bounded, so this is a machine without memory: there is no way on. */
static _Noreturn void exhausted(void)
{
	if (memory_exhausted)
		memory_exhausted();
	abort();
}

static void chunk_add(struct arena *arena, size_t need)
{
	size_t size = ARENA_CHUNK;
	if (arena->chunks && arena->chunks->size < ARENA_CHUNK_MAX)
		size = 2 * arena->chunks->size;
	else if (arena->chunks)
		size = ARENA_CHUNK_MAX;
	if (size < need)
		size = need;

	struct arena_chunk *chunk = malloc(sizeof(*chunk) + size);
	if (!chunk)
		exhausted();
	chunk->previous = arena->chunks;
	chunk->size = size;
	arena->chunks = chunk;
	arena->next = chunk->bytes;
	arena->end = chunk->bytes + size;
}

/* Not zeroed. ALIGN is a power of two, at most that of max_align_t. */
static char *bump(struct arena *arena, size_t size, size_t align)
{
	if (size > SIZE_MAX / 4)
		exhausted();

	size_t gap = -(uintptr_t)arena->next & (align - 1);
	if (!arena->next || (size_t)(arena->end - arena->next) < gap + size) {
		chunk_add(arena, size);
		gap = 0;
	}

	char *bytes = arena->next + gap;
	arena->next = bytes + size;
	return bytes;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	return memset(bump(arena, size, alignof(max_align_t)), 0, size);
}

char *arena_strndup(struct arena *arena, const char *text, size_t n)
{
	n = strnlen(text, n);
	char *copy = bump(arena, n + 1, 1);
	memcpy(copy, text, n);
	copy[n] = '\0';
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

char *arena_vprintf(struct arena *arena, const char *format, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	assert(n >= 0);

	char *text = bump(arena, (size_t)n + 1, 1);
	(void)vsnprintf(text, (size_t)n + 1, format, ap); /* measured just now */
	return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	char *text = arena_vprintf(arena, format, ap);
	va_end(ap);
	return text;
}

void arena_free(struct arena *arena)
{
	for (struct arena_chunk *chunk = arena->chunks, *previous; chunk; chunk = previous) {
		previous = chunk->previous;
		free(chunk);
	}
	*arena = (struct arena){};
}

void *arena_grow(struct arena *arena, void *items, size_t n, size_t *capacity, size_t item_size)
{
	if (n >= *capacity) {
		size_t wider = *capacity ? 2 * *capacity : 4;
		size_t old_size = *capacity * item_size, size;
		if (__builtin_mul_overflow(wider, item_size, &size))
			exhausted();

		char *end = items ? (char *)items + old_size : NULL;
		if (end && end == arena->next && (size_t)(arena->end - end) >= size - old_size) {
			/* The last allocation grows where it is. */
			arena->next = (char *)items + size;
		} else {
			char *grown = bump(arena, size, alignof(max_align_t));
			if (items)
				memcpy(grown, items, n * item_size);
			items = grown;
		}
		*capacity = wider;
	}
	memset((char *)items + n * item_size, 0, item_size);
	return items;
}
