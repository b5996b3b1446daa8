/* SPDX-License-Identifier: Apache-2.0 */
/* Why CRIU failed, out of its log: what it reports itself is the first error, which it may have got
 * over. */
#include "apply/criu.h"

#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Errors that stand closer than this tell of one failure. */
enum { TAIL_BYTES = 64 << 10, NEAR_LINES = 10 };

/* "(00.056416) Error (criu/cgroup.c:1490): TEXT"; NULL when LINE is no error. */
static const char *error_text(const char *line)
{
	const char *mark = strstr(line, ") Error (");
	const char *text = mark ? strstr(mark + strlen(") Error ("), "): ") : NULL;

	return text ? text + strlen("): ") : NULL;
}

const char *criu_log_reason(struct arena *arena, const char *path)
{
	char *text = arena_alloc(arena, TAIL_BYTES + 1);
	const char *reason = NULL;
	size_t since = NEAR_LINES;
	autofd fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	off_t size = lseek(fd, 0, SEEK_END);
	(void)lseek(fd, size > TAIL_BYTES ? size - TAIL_BYTES : 0, SEEK_SET);
	ssize_t n = read_some(fd, text, TAIL_BYTES);
	text[n < 0 ? 0 : n] = '\0';
	/* The first of the last errors that stand together; "Dumping FAILED" tells nothing. */
	for (char *line = text; *line;) {
		char *end = line + strcspn(line, "\n");
		char *next = *end ? end + 1 : end;
		*end = '\0';
		const char *error = error_text(line);
		if (error && since >= NEAR_LINES && !strstr(error, "FAILED"))
			reason = error;
		since = error ? 0 : since + 1;
		line = next;
	}
	return reason;
}
