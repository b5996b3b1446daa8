/* SPDX-License-Identifier: Apache-2.0 */
/* Every kind of tampering with the audit file is found, and named with its line. */
#include "audit-chain.h"

/* A file of five records, its lines at hand. */
static void begin(struct chain *chain)
{
	chain_begin(chain);
	chain_grow(chain, 5);
	chain_load(chain);
	expect_int(chain->n, 5);
}

/* LINE with the first FROM in it replaced. */
static char *replaced(struct chain *chain, const char *line, const char *from, const char *to)
{
	const char *at = strstr(line, from);
	expect(at != NULL);
	return arena_printf(&chain->arena, "%.*s%s%s", (int)(at - line), line, to,
			    at + strlen(from));
}

static void line_remove(struct chain *chain, size_t at)
{
	for (size_t i = at + 1; i < chain->n; i++)
		chain->lines[i - 1] = chain->lines[i];
	chain->n--;
}

static void line_insert(struct chain *chain, size_t at, char *line)
{
	for (size_t i = chain->n++; i > at; i--)
		chain->lines[i] = chain->lines[i - 1];
	chain->lines[at] = line;
}

static void line_swap(struct chain *chain, size_t a, size_t b)
{
	char *kept = chain->lines[a];
	chain->lines[a] = chain->lines[b];
	chain->lines[b] = kept;
}

static void expect_found(struct chain *chain, const char *sentence)
{
	chain_store(chain);
	expect_verdict(chain, 1, sentence);
	chain_end(chain);
}

TEST(a_file_that_nobody_touched_is_intact)
{
	struct chain chain;
	begin(&chain);
	expect_verdict(&chain, 0, "intact, 5 records");
	chain_end(&chain);
}

TEST(an_empty_file_is_intact)
{
	struct chain chain;
	chain_begin(&chain);
	chain_put(&chain, "", 0, O_TRUNC);
	expect_verdict(&chain, 0, "intact, 0 records");
	chain_end(&chain);
}

TEST(a_file_that_is_not_there_is_an_error)
{
	struct chain chain;
	chain_begin(&chain);
	expect_fail(chain_verify(&chain), &chain.err, "audit.jsonl': No such file or directory");
	chain_end(&chain);
}

TEST(a_changed_record_is_named)
{
	for (size_t i = 0; i < 4; i++) {
		struct chain chain;
		begin(&chain);
		chain.lines[i] = replaced(&chain, chain.lines[i], "\"id\":\"c", "\"id\":\"x");
		const char * or = i == 3 ? ", or the last one, after it, was" : "";
		expect_found(&chain, arena_printf(&chain.arena,
						  "broken at line %zu: record %zu was changed%s",
						  i + 1, i + 1, or));
	}
}

TEST(a_changed_time_or_a_blank_is_a_change)
{
	struct chain chain;
	begin(&chain);
	chain.lines[1] = replaced(&chain, chain.lines[1], "\"time\":\"2", "\"time\":\"1");
	expect_found(&chain, "broken at line 2: record 2 was changed");
	begin(&chain);
	chain.lines[1] = replaced(&chain, chain.lines[1], ",\"event\"", ", \"event\"");
	expect_found(&chain, "broken at line 2: record 2 was changed");
}

TEST(a_changed_link_is_a_change_of_its_own_record)
{
	struct chain chain;
	begin(&chain);
	char *digit = strstr(chain.lines[2], "\"prev\":\"") + strlen("\"prev\":\"");
	*digit = *digit == '0' ? '1' : '0';
	expect_found(&chain, "broken at line 3: record 3 was changed");
}

TEST(a_changed_number_is_a_change_of_its_own_record)
{
	struct chain chain;
	begin(&chain);
	chain.lines[2] = replaced(&chain, chain.lines[2], "\"seq\":3", "\"seq\":7");
	expect_found(&chain, "broken at line 3: record 7 was changed: its number is not 3");
}

TEST(a_first_record_that_names_another_before_it_was_changed)
{
	struct chain chain;
	begin(&chain);
	chain.lines[0] = replaced(&chain, chain.lines[0], "\"prev\":\"0", "\"prev\":\"1");
	expect_found(&chain,
		     "broken at line 1: the first record names one before it: it was changed");
}

TEST(a_record_that_became_something_else_is_named)
{
	struct chain chain;
	begin(&chain);
	chain.lines[2] = arena_strdup(&chain.arena, "{}");
	expect_found(&chain, "broken at line 3: this is no record: it was changed");
}

TEST(a_last_record_that_became_something_else_is_named)
{
	struct chain chain;
	begin(&chain);
	chain.lines[4] = arena_strdup(&chain.arena, "nothing");
	expect_found(&chain, "broken at line 5: this is no record: it was changed, or its writer "
			     "was cut off");
}

TEST(a_removed_record_is_named)
{
	struct chain chain;
	begin(&chain);
	line_remove(&chain, 2);
	expect_found(&chain, "broken at line 3: record 3, before this one, was removed");
}

TEST(several_removed_records_are_named)
{
	struct chain chain;
	begin(&chain);
	line_remove(&chain, 1);
	line_remove(&chain, 1);
	line_remove(&chain, 1);
	expect_found(&chain, "broken at line 2: records 2 to 4, before this one, were removed");
}

TEST(removed_first_records_are_named)
{
	struct chain chain;
	begin(&chain);
	line_remove(&chain, 0);
	line_remove(&chain, 0);
	expect_found(&chain, "broken at line 1: the records before 3 were removed, or are in a "
			     "file that is not beside this one");
}

TEST(an_inserted_record_is_named)
{
	struct chain chain;
	begin(&chain);
	/* It takes the number and the link of the one that it pushes aside. */
	line_insert(&chain, 2, replaced(&chain, chain.lines[2], "\"c3\"", "\"forged\""));
	expect_found(&chain, "broken at line 3: record 3 was inserted");
}

TEST(an_inserted_record_with_any_number_is_named)
{
	struct chain chain;
	begin(&chain);
	line_insert(&chain, 3, replaced(&chain, chain.lines[3], "\"seq\":4", "\"seq\":40"));
	expect_found(&chain, "broken at line 4: record 40 was changed: its number is not 4");
	begin(&chain);
	char *forged = replaced(&chain, chain.lines[0], "\"seq\":1", "\"seq\":40");
	line_insert(&chain, 3, forged);
	expect_found(&chain, "broken at line 4: record 40 was inserted");
}

TEST(a_copy_of_an_earlier_record_is_named_as_inserted)
{
	struct chain chain;
	begin(&chain);
	line_insert(&chain, 4, chain.lines[1]);
	expect_found(&chain, "broken at line 5: record 2 was inserted");
}

TEST(swapped_records_are_named_as_reordered)
{
	for (size_t i = 0; i < 4; i++) {
		struct chain chain;
		begin(&chain);
		line_swap(&chain, i, i + 1);
		if (i == 0)
			expect_found(&chain,
				     "broken at line 1: the records before 2 were removed, or are "
				     "in a file that is not beside this one");
		else
			expect_found(
				&chain,
				arena_printf(
					&chain.arena,
					"broken at line %zu: record %zu was moved here: reordered",
					i + 1, i + 2));
	}
}

TEST(a_record_moved_to_the_end_is_named_as_reordered)
{
	struct chain chain;
	begin(&chain);
	char *moved = chain.lines[1];
	line_remove(&chain, 1);
	line_insert(&chain, 4, moved);
	expect_found(&chain, "broken at line 2: record 3 was moved here: reordered");
}

TEST(a_torn_last_line_is_named)
{
	struct chain chain;
	begin(&chain);
	chain_put(&chain, "{\"v\":1,\"time", 12, O_APPEND);
	expect_verdict(&chain, 1,
		       "broken at line 6: the last line is torn: its writer was cut off");
	chain_end(&chain);
}

TEST(a_torn_line_that_a_gap_names_is_accepted_and_counted)
{
	struct chain chain;
	begin(&chain);
	chain_put(&chain, "{\"v\":1,\"time", 12, O_APPEND);
	chain_grow(&chain, 1);
	expect_verdict(&chain, 0, "intact, 7 records, 1 of them a gap after a torn line");
	chain_end(&chain);
}

TEST(a_torn_line_is_covered_by_its_gap)
{
	struct chain chain;
	begin(&chain);
	chain_put(&chain, "{\"v\":1,\"time", 12, O_APPEND);
	chain_grow(&chain, 1);
	chain_load(&chain);
	chain.lines[5][3] = 'w';
	expect_found(&chain, "broken at line 6: this is not the torn line that audit.gap names: it "
			     "was changed");

	begin(&chain);
	chain_put(&chain, "{\"v\":1,\"time", 12, O_APPEND);
	chain_grow(&chain, 1);
	chain_load(&chain);
	line_remove(&chain, 5);
	expect_found(&chain, "broken at line 6: the torn line before audit.gap was removed");
}

TEST(a_line_longer_than_any_record_is_no_record)
{
	struct chain chain;
	begin(&chain);
	size_t n = 5 << 20;
	char *line = arena_alloc(&chain.arena, n + 1);
	memset(line, 'x', n);
	line[n] = '\n';
	chain_put(&chain, line, n + 1, O_APPEND);
	expect_verdict(&chain, 1,
		       "broken at line 6: this is no record: it was changed, or its writer was "
		       "cut off");
	chain_end(&chain);
}
