/* SPDX-License-Identifier: Apache-2.0 */
/* The arena gives zeroed, aligned, separate memory, whatever it gave before. */
#include "test.h"

#include "base/arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static bool is_zero(const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i])
			return false;
	return true;
}

TEST(memory_is_zeroed_also_after_the_arena_was_used_and_freed)
{
	autoarena arena = {};
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < 100; i++) {
			char *bytes = arena_alloc(&arena, 5000);
			expect(is_zero(bytes, 5000));
			memset(bytes, 0xff, 5000);
		}
		arena_free(&arena);
		expect(arena.chunks == NULL && arena.next == NULL);
	}
}

TEST(memory_is_aligned_for_any_type_also_behind_strings)
{
	autoarena arena = {};
	for (size_t i = 0; i < 40; i++) {
		(void)arena_strdup(&arena, "abc");
		expect_int((uintptr_t)arena_alloc(&arena, 1 + i) % alignof(max_align_t), 0);
	}
}

TEST(blocks_do_not_overlap)
{
	enum { N = 2000 };
	autoarena arena = {};
	unsigned char *blocks[N];
	for (size_t i = 0; i < N; i++) {
		blocks[i] = arena_alloc(&arena, i % 300 + 1);
		memset(blocks[i], (int)(i % 251), i % 300 + 1);
	}
	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j <= i % 300; j++)
			expect_int(blocks[i][j], i % 251);
}

TEST(a_block_larger_than_a_chunk_is_possible)
{
	autoarena arena = {};
	char *large = arena_alloc(&arena, 10 << 20);
	large[(10 << 20) - 1] = 'x';
	expect(is_zero(arena_alloc(&arena, 10), 10));
	expect_int(large[(10 << 20) - 1], 'x');
}

TEST(an_empty_block_is_not_null)
{
	autoarena arena = {};
	expect(arena_alloc(&arena, 0) != NULL);
}

TEST(strndup_stops_at_the_nul_and_at_n)
{
	autoarena arena = {};
	const char unterminated[3] = { 'a', 'b', 'c' };
	expect_text(arena_strndup(&arena, unterminated, 3), "abc");
	expect_text(arena_strndup(&arena, "abc", 2), "ab");
	expect_text(arena_strndup(&arena, "abc", 99), "abc");
	expect_text(arena_strndup(&arena, "abc", 0), "");
	expect_text(arena_strdup(&arena, ""), "");
}

TEST(printf_takes_texts_of_any_length)
{
	autoarena arena = {};
	char *text = arena_printf(&arena, "%0100000d|%s", 7, "end");
	expect_int(strlen(text), 100004);
	expect_text(text + 99999, "7|end");
}

TEST(an_array_keeps_its_elements_while_it_grows)
{
	autoarena arena = {};
	ARRAY(int) grows_in_place = {};
	ARRAY(int) moves = {};
	for (int i = 0; i < 10000; i++) {
		*arena_push(&arena, &grows_in_place) = i;
		if (i % 7 == 0)
			*arena_push(&arena, &moves) = i;
	}
	expect_int(grows_in_place.n, 10000);
	for (int i = 0; i < 10000; i++) {
		expect_int(grows_in_place.items[i], i);
		expect_int(moves.items[i / 7], i / 7 * 7);
	}
}

TEST(a_pushed_element_is_zeroed_also_where_one_was_popped)
{
	autoarena arena = {};
	ARRAY(int) numbers = {};
	*arena_push(&arena, &numbers) = 5;
	numbers.n--;
	expect_int(*arena_push(&arena, &numbers), 0);
}
