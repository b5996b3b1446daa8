/* SPDX-License-Identifier: Apache-2.0 */
/* Tell changed, removed, inserted and moved records apart by who names whom. */
#include "audit/explain.h"

#include "audit/chain.h"
#include "base/arena.h"
#include "base/str.h"

#include <inttypes.h>
#include <string.h>

/* How far behind the break the reasons are looked for. */
enum { LOOK_AHEAD = 100000 };

struct entry {
	uint64_t line, seq;
	char hash[SHA256_HEX], prev[SHA256_HEX];
};
struct evidence {
	ARRAY(struct entry) entries;
	size_t at; /* the record that does not follow the one before it */
};
struct verdict {
	uint64_t line;
	char text[160];
};

/* The two records before the bad one, and what comes behind it. */
static void evidence_read(FILE *stream, uint64_t bad, struct arena *arena,
			  struct evidence *ret_evidence)
{
	struct chain_line line = {};
	struct entry before[2] = {};
	struct evidence evidence = {};
	bool is_behind = false;

	for (uint64_t number = 1; chain_line_next(stream, &line); number++) {
		autoarena scratch = {};
		struct chain_link link;
		if (line.is_cut || chain_read(&scratch, line.bytes, line.n, &link) < 0)
			continue;
		struct entry entry = { .line = number, .seq = link.seq };
		memcpy(entry.prev, link.prev, SHA256_HEX);
		sha256_hex(line.bytes, line.n, entry.hash);
		if (number == bad) {
			for (size_t i = 0; i < 2; i++)
				if (before[i].line > 0)
					*arena_push(arena, &evidence.entries) = before[i];
			evidence.at = evidence.entries.n;
			is_behind = true;
		}
		if (is_behind)
			*arena_push(arena, &evidence.entries) = entry;
		if (evidence.entries.n > LOOK_AHEAD)
			break;
		before[0] = before[1];
		before[1] = entry;
	}
	chain_line_free(&line);
	*ret_evidence = evidence;
}

/* The record that names HASH as the one before it, beginning at FROM; the count when none does. */
static size_t named_by(const struct evidence *evidence, const char *hash, size_t from)
{
	size_t i = from;

	while (i < evidence->entries.n && !str_equal(evidence->entries.items[i].prev, hash))
		i++;
	return i;
}

static bool is_copied(const struct evidence *evidence, const struct entry *entry)
{
	for (size_t i = 0; i < evidence->entries.n; i++)
		if (&evidence->entries.items[i] != entry &&
		    str_equal(evidence->entries.items[i].hash, entry->hash))
			return true;
	return false;
}

__attribute__((format(printf, 3, 4))) static void conclude(struct verdict *verdict,
							   const struct entry *entry,
							   const char *format, ...)
{
	va_list ap;

	verdict->line = entry->line;
	va_start(ap, format);
	(void)vsnprintf(verdict->text, sizeof(verdict->text), format, ap); /* two numbers fit */
	va_end(ap);
}

/* The record that ENTRY names stands behind it. */
static bool precedes_its_predecessor(const struct evidence *evidence, const struct entry *entry)
{
	for (const struct entry *end = evidence->entries.items + evidence->entries.n, *at = entry;
	     ++at < end;)
		if (str_equal(at->hash, entry->prev))
			return true;
	return false;
}

/* A record that does not belong where it stands: it is a part of the chain and was moved, or not.
 */
static void misplaced(const struct evidence *evidence, const struct entry *entry,
		      struct verdict *verdict)
{
	bool is_part = named_by(evidence, entry->hash, evidence->at) < evidence->entries.n ||
		       precedes_its_predecessor(evidence, entry);

	if (is_part && !is_copied(evidence, entry))
		conclude(verdict, entry, "record %" PRIu64 " was moved here: reordered",
			 entry->seq);
	else
		conclude(verdict, entry, "record %" PRIu64 " was inserted", entry->seq);
}

/* Nobody names the record before as it is: it was changed, or what followed it was. */
static void unnamed(const struct evidence *evidence, struct verdict *verdict)
{
	const struct entry *bad = &evidence->entries.items[evidence->at], *before = bad - 1;
	bool is_last = evidence->at + 1 == evidence->entries.n;
	bool is_genuine = named_by(evidence, bad->hash, evidence->at) < evidence->entries.n;

	if (bad->seq == before->seq + 2)
		conclude(verdict, bad, "record %" PRIu64 ", before this one, was removed",
			 before->seq + 1);
	else if (bad->seq > before->seq + 2)
		conclude(verdict, bad,
			 "records %" PRIu64 " to %" PRIu64 ", before this one, were removed",
			 before->seq + 1, bad->seq - 1);
	else if (bad->seq <= before->seq)
		misplaced(evidence, bad, verdict);
	else if (is_genuine)
		conclude(verdict, before, "record %" PRIu64 " was changed", before->seq);
	else if (is_last)
		conclude(verdict, before,
			 "record %" PRIu64 " was changed, or the last one, after it, was",
			 before->seq);
	else
		conclude(verdict, bad, "record %" PRIu64 " was changed", bad->seq);
}

static void judge(const struct evidence *evidence, struct verdict *verdict)
{
	const struct entry *bad = &evidence->entries.items[evidence->at], *before = bad - 1;
	size_t successor = named_by(evidence, before->hash, evidence->at);

	if (successor == evidence->at)
		conclude(verdict, bad, "record %" PRIu64 " was changed: its number is not %" PRIu64,
			 bad->seq, before->seq + 1);
	else if (evidence->at > 1 && str_equal(bad->prev, before[-1].hash))
		misplaced(evidence, before, verdict);
	else if (evidence->at == 1 && before->line == 1 && str_equal(bad->prev, CHAIN_FIRST))
		misplaced(evidence, before, verdict);
	else if (successor < evidence->entries.n)
		misplaced(evidence, bad, verdict);
	else
		unnamed(evidence, verdict);
}

int chain_explain(FILE *stream, const char *file, uint64_t line, struct text *out)
{
	autoarena arena = {};
	struct evidence evidence = {};
	struct verdict verdict = { line, "this record does not follow the one before it" };

	/* What cannot be read twice, as a pipe, is not explained. */
	if (fseek(stream, 0, SEEK_SET) == 0)
		evidence_read(stream, line, &arena, &evidence);
	if (evidence.at > 0)
		judge(&evidence, &verdict);
	text_printf(out, "%s: broken at line %" PRIu64 ": %s\n", file, verdict.line, verdict.text);
	return 1;
}
