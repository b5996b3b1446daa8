/* SPDX-License-Identifier: Apache-2.0 */
/* Walk the chain of an audit file and say where it breaks. */
#include "audit/audit.h"
#include "audit/file.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/str.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct walk {
	const char *file;
	uint64_t line;          /* of the record under the eye, from 1 */
	uint64_t records;
	uint64_t first_seq, seq;
	char hash[SHA256_HEX];  /* of the last good record */
	bool is_after_torn;     /* the line before was cut off: only audit.gap may follow */
};

static int broken(const struct walk *walk, struct text *out, const char *what)
{
	text_printf(out, "%s: broken at line %" PRIu64 ": %s\n", walk->file, walk->line, what);
	return 1;
}

static int explain(const struct walk *walk, const struct chain_link *link, struct text *out)
{
	char what[256];

	if (link->seq == walk->seq + 1)
		(void)snprintf(what, sizeof(what), "record %" PRIu64 " was changed, or the one after it was", walk->seq);
	else if (link->seq > walk->seq + 1)
		(void)snprintf(what, sizeof(what), "records %" PRIu64 " to %" PRIu64 " were removed", walk->seq + 1, link->seq - 1);
	else
		(void)snprintf(what, sizeof(what), "record %" PRIu64 " stands after record %" PRIu64 ": inserted or reordered",
			       link->seq, walk->seq);
	return broken(walk, out, what);
}

static int record_check(struct walk *walk, const char *line, size_t n, struct text *out)
{
	autoarena arena = {};
	struct chain_link link;

	if (chain_read(&arena, line, n, &link) < 0) {
		/* A writer that was cut off: the next record must be the gap that names it, chained on the last whole one. */
		if (walk->is_after_torn || walk->records == 0)
			return broken(walk, out, "this is no record of the chain");
		walk->is_after_torn = true;
		return 0;
	}
	if (walk->is_after_torn && !memmem(line, n, "\"event\":\"audit.gap\"", strlen("\"event\":\"audit.gap\"")))
		return broken(walk, out, "the line before is no record and no audit.gap says why");
	walk->is_after_torn = false;

	if (walk->records > 0 && (link.seq != walk->seq + 1 || !str_equal(link.prev, walk->hash)))
		return explain(walk, &link, out);
	if (walk->records == 0 && link.seq == 1 && !str_equal(link.prev, CHAIN_FIRST))
		return broken(walk, out, "the first record names one before it");
	if (walk->records++ == 0)
		walk->first_seq = link.seq;
	walk->seq = link.seq;
	sha256_hex(line, n, walk->hash);
	return 0;
}

static int walk_file(FILE *stream, struct walk *walk, struct text *out)
{
	char *line = NULL;
	size_t size = 0;
	int result = 0;

	for (ssize_t n = getline(&line, &size, stream); n > 0 && result == 0; n = getline(&line, &size, stream)) {
		walk->line++;
		if (line[n - 1] == '\n')
			result = record_check(walk, line, (size_t)n - 1, out);
		else
			result = broken(walk, out, "the last line is torn: its writer was cut off");
	}
	free(line);
	return result;
}

int audit_verify(struct arena *arena, const char *file, struct text *out, struct error *err)
{
	struct walk walk = { .file = file };

	(void)arena;
	autofile stream = fopen(file, "re");
	if (!stream)
		return fail_sys(err, "open the audit file '%s'", file);
	int result = walk_file(stream, &walk, out);
	if (ferror(stream))
		return fail_sys(err, "read the audit file '%s'", file);
	if (result > 0)
		return result;
	if (walk.is_after_torn)
		return broken(&walk, out, "this is no record of the chain");

	text_printf(out, "%s: intact, %" PRIu64 " records", file, walk.records);
	if (walk.first_seq > 1)
		text_printf(out, ", continues from record %" PRIu64 " of an earlier file", walk.first_seq - 1);
	text_add(out, "\n");
	return 0;
}
