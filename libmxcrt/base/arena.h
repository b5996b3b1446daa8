/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that lives as long as one verb: bump allocation, freed once. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

struct arena_chunk;
struct arena {
	struct arena_chunk *chunks;
	char *next, *end;
};

/* An array that grows in the arena: ARRAY(struct plan_mount) mounts; */
#define ARRAY(type)                 \
	struct {                    \
		type *items;        \
		size_t n, capacity; \
	}

/* Zeroed memory, aligned for any type. Never NULL: exhaustion ends the process with a message
 * (inputs are bounded). */
void *arena_alloc(struct arena *arena, size_t size);
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t n);
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list ap)
	__attribute__((format(printf, 2, 0)));
/* Frees everything; the arena is empty and usable afterwards. A zeroed struct arena is a valid
 * empty one. */
void arena_free(struct arena *arena);
/* Says that there is no memory, where errors are said, and ends the process; absent where nothing
 * may be said (libpure alone). */
_Noreturn void memory_exhausted(void) __attribute__((weak));
#define autoarena __attribute__((cleanup(arena_free))) struct arena

void *arena_grow(struct arena *arena, void *items, size_t n, size_t *capacity, size_t item_size);

/* A new zeroed last element; earlier element pointers are stale afterwards. */
#define arena_push(arena, array)                                                                   \
	({                                                                                         \
		(array)->items = arena_grow(arena, (array)->items, (array)->n, &(array)->capacity, \
					    sizeof(*(array)->items));                              \
		&(array)->items[(array)->n++];                                                     \
	})
