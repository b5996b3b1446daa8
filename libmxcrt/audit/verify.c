/* SPDX-License-Identifier: Apache-2.0 */
/* Walk the chain of an audit file and say where it breaks. */
#include "audit/audit.h"
#include "audit/chain.h"
#include "audit/explain.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/json.h"
#include "base/str.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct walk {
	const char *file;
	FILE *stream;
	uint64_t line; /* under the eye, from 1 */
	uint64_t records, gaps;
	uint64_t first_seq, seq;
	char hash[SHA256_HEX]; /* of the last good record */
	/* Lines that are no records: the next one must be the gap that names them. */
	uint64_t torn_line; /* the first of them, 0 = none */
	uint64_t torn_bytes;
	struct sha256 torn;
};

static int broken(const struct walk *walk, uint64_t line, struct text *out, const char *what)
{
	text_printf(out, "%s: broken at line %" PRIu64 ": %s\n", walk->file, line, what);
	return 1;
}

static void torn_add(struct walk *walk, const struct chain_line *line)
{
	if (walk->torn_line == 0) {
		walk->torn_line = walk->line;
		walk->torn_bytes = 0;
		sha256_begin(&walk->torn);
	} else {
		walk->torn_bytes++;
		sha256_add(&walk->torn, "\n", 1);
	}
	walk->torn_bytes += line->n;
	sha256_add(&walk->torn, line->bytes, line->n);
}

/* The record names exactly the torn bytes that stand before it. */
static bool gap_matches(const struct walk *walk, const struct json *record)
{
	const struct json *bytes = json_get(record, "torn_bytes");
	const struct json *digest = json_get(record, "torn_sha256");
	struct sha256 torn = walk->torn;
	unsigned char raw[32];
	char hex[SHA256_HEX];

	if (!bytes || bytes->type != JSON_NUMBER || bytes->magnitude != walk->torn_bytes)
		return false;
	sha256_end(&torn, raw);
	for (size_t i = 0; i < sizeof(raw); i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", raw[i]); /* fits */
	return digest && digest->type == JSON_STRING && str_equal(digest->text, hex);
}

static int gap_check(struct walk *walk, const struct json *record, struct text *out)
{
	const struct json *event = json_get(record, "event");
	bool is_gap = event && event->type == JSON_STRING && str_equal(event->text, "audit.gap");

	if (!is_gap && walk->torn_line == 0)
		return 0;
	if (!is_gap)
		return broken(walk, walk->torn_line, out, "this is no record: it was changed");
	if (walk->torn_line == 0)
		return broken(walk, walk->line, out, "the torn line before audit.gap was removed");
	if (!gap_matches(walk, record))
		return broken(walk, walk->torn_line, out,
			      "this is not the torn line that audit.gap names: it was changed");
	walk->torn_line = 0;
	walk->gaps++;
	return 0;
}

/* Without the file that it continues, nobody can say whether a file lost its beginning. */
static int first_check(const struct walk *walk, const struct chain_link *first, struct text *out)
{
	autoarena arena = {};
	struct chain_tail before;

	if (first->seq == 1 && !str_equal(first->prev, CHAIN_FIRST))
		return broken(walk, walk->line, out,
			      "the first record names one before it: it was changed");
	if (first->seq == 1 || chain_before(&arena, walk->file, first, &before))
		return 0;
	return broken(walk, walk->line, out,
		      arena_printf(&arena,
				   "the records before %" PRIu64 " were removed, or are in a file "
				   "that is not beside this one",
				   first->seq));
}

static int record_check(struct walk *walk, const struct chain_line *line, struct text *out)
{
	autoarena arena = {};
	struct chain_link link;

	if (line->is_cut || chain_read(&arena, line->bytes, line->n, &link) < 0) {
		torn_add(walk, line);
		return 0;
	}
	if (gap_check(walk, link.root, out) > 0)
		return 1;
	if (walk->records > 0 && (link.seq != walk->seq + 1 || !str_equal(link.prev, walk->hash)))
		return chain_explain(walk->stream, walk->file, walk->line, out);
	if (walk->records == 0 && first_check(walk, &link, out) > 0)
		return 1;
	if (walk->records++ == 0)
		walk->first_seq = link.seq;
	walk->seq = link.seq;
	sha256_hex(line->bytes, line->n, walk->hash);
	return 0;
}

static int walk_lines(struct walk *walk, struct text *out)
{
	struct chain_line line = {};
	int result = 0;

	while (result == 0 && chain_line_next(walk->stream, &line)) {
		walk->line++;
		if (line.has_newline)
			result = record_check(walk, &line, out);
		else
			result = broken(walk, walk->torn_line ? walk->torn_line : walk->line, out,
					"the last line is torn: its writer was cut off");
	}
	chain_line_free(&line);
	if (result == 0 && walk->torn_line)
		result = broken(walk, walk->torn_line, out,
				"this is no record: it was changed, or its writer was cut off");
	return result;
}

int audit_verify(struct arena *arena, const char *file, struct text *out, struct error *err)
{
	(void)arena; /* a file may be longer than memory: each record has an arena of its own */
	autofile stream = fopen(file, "re");
	if (!stream)
		return fail_sys(err, "open the audit file '%s'", file);
	struct walk walk = { .file = file, .stream = stream };
	int result = walk_lines(&walk, out);
	if (ferror(stream))
		return fail_sys(err, "read the audit file '%s'", file);
	if (result > 0)
		return result;

	text_printf(out, "%s: intact, %" PRIu64 " record%s", file, walk.records,
		    walk.records == 1 ? "" : "s");
	if (walk.gaps > 0)
		text_printf(out, ", %" PRIu64 " of them a gap after a torn line", walk.gaps);
	if (walk.first_seq > 1)
		text_printf(out, ", continues from record %" PRIu64 " of an earlier file",
			    walk.first_seq - 1);
	text_add(out, "\n");
	return 0;
}
