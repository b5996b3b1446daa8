/* SPDX-License-Identifier: Apache-2.0 */
/* Records of the chain, and lines of its file, one at a time. */
#include "audit/chain.h"

#include "base/json.h"
#include "base/error.h"
#include "base/str.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int chain_read(struct arena *arena, const char *line, size_t n, struct chain_link *ret_link)
{
	struct error ignored = {};
	struct json *root;

	/* Cheaper than finding out that half a record is no JSON. */
	if (n < 2 || line[0] != '{' || line[n - 1] != '}')
		return -1;
	if (json_read(arena, "audit record", line, n, NULL, &root, &ignored) < 0)
		return -1;
	const struct json *seq = json_get(root, "seq");
	const struct json *prev = json_get(root, "prev");
	if (!seq || seq->type != JSON_NUMBER || !seq->is_integer || seq->is_negative)
		return -1;
	/* The next one must have a number too. */
	if (seq->magnitude == 0 || seq->magnitude >= INT64_MAX)
		return -1;
	if (!prev || prev->type != JSON_STRING || prev->n != SHA256_HEX - 1)
		return -1;
	*ret_link = (struct chain_link){ seq->magnitude, prev->text, root };
	return 0;
}

void chain_write(struct text *out, const char *event_json, uint64_t seq, const char *prev)
{
	/* The first occurrence is the member's: before it stand only v and time. */
	const char *rest = strstr(event_json, ",\"event\"");

	text_add_n(out, event_json, rest ? (size_t)(rest - event_json) : strlen(event_json) - 1);
	text_printf(out, ",\"seq\":%" PRIu64 ",\"prev\":\"%s\"", seq, prev);
	text_add(out, rest ? rest : "}");
	text_add(out, "\n");
}

static bool line_grow(struct chain_line *line)
{
	size_t capacity = line->capacity ? line->capacity * 2 : 4096;
	char *wider = realloc(line->bytes, capacity);

	if (!wider)
		return false;
	line->bytes = wider;
	line->capacity = capacity;
	return true;
}

bool chain_line_next(FILE *stream, struct chain_line *line)
{
	int c = getc_unlocked(stream);

	line->n = 0;
	line->has_newline = line->is_cut = false;
	if (c == EOF)
		return false;
	for (; c != EOF && c != '\n'; c = getc_unlocked(stream)) {
		if (line->n == CHAIN_LINE_MAX || (line->n == line->capacity && !line_grow(line)))
			line->is_cut = true;
		else
			line->bytes[line->n++] = (char)c;
	}
	line->has_newline = c == '\n';
	return true;
}

void chain_line_free(struct chain_line *line)
{
	free(line->bytes);
	*line = (struct chain_line){};
}
