/* SPDX-License-Identifier: Apache-2.0 */
/* The file sink: JSON lines, each with the SHA-256 of the line before it. */
#include "audit/audit.h"
#include "audit/file.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/json.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TAIL_FIRST = 4096, TAIL_MAX = 4 << 20 };

int chain_read(struct arena *arena, const char *line, size_t n, struct chain_link *ret_link)
{
	struct error ignored = {};
	struct json *root;

	if (json_read(arena, "audit record", line, n, NULL, &root, &ignored) < 0)
		return -1;
	const struct json *seq = json_get(root, "seq");
	const struct json *prev = json_get(root, "prev");
	if (!seq || seq->type != JSON_NUMBER || !seq->is_integer || seq->is_negative)
		return -1;
	if (!prev || prev->type != JSON_STRING || prev->n != SHA256_HEX - 1)
		return -1;
	*ret_link = (struct chain_link){ .seq = seq->magnitude, .prev = prev->text };
	return 0;
}

static int directory_make(const char *path)
{
	char copy[PATH_MAX];
	size_t n = strlen(path);

	if (n >= sizeof(copy))
		return -1;
	memcpy(copy, path, n + 1);
	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0750) < 0 && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	return 0;
}

static int file_open(const char *path, struct error *err)
{
	int flags = O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
	autofd fd = open(path, flags, 0640);

	if (fd < 0 && errno == ENOENT && directory_make(path) == 0)
		fd = open(path, flags, 0640);
	if (fd < 0)
		return fail_sys(err, "open the audit file '%s'", path);
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return fail_sys(err, "lock the audit file '%s'", path);
	return fd_take(&fd);
}

struct tail {
	const char *last;  /* last whole line, without its newline; NULL = none */
	size_t last_n;
	size_t torn;       /* bytes after it without a newline: a writer that was cut off */
};

/* Read from the end until the last whole line is in the buffer. */
static int tail_read(struct arena *arena, int fd, off_t size, struct tail *ret_tail, struct error *err)
{
	*ret_tail = (struct tail){};
	for (size_t want = TAIL_FIRST; size > 0; want *= 8) {
		size_t n = (off_t)want < size ? want : (size_t)size;
		char *bytes = arena_alloc(arena, n);
		ssize_t got = pread(fd, bytes, n, size - (off_t)n);
		if (got != (ssize_t)n)
			return fail_sys(err, "read the end of the audit file");

		const char *newline = memrchr(bytes, '\n', n);
		size_t line_end = newline ? (size_t)(newline - bytes) : 0;
		const char *before = newline && line_end ? memrchr(bytes, '\n', line_end) : NULL;
		bool is_whole_file = (off_t)n == size;
		if (!is_whole_file && (!newline || !before)) {
			if (n >= TAIL_MAX)
				return fail(err, ERROR_HOST, "the last record of the audit file is longer than %d bytes", TAIL_MAX);
			continue;
		}
		ret_tail->torn = newline ? n - line_end - 1 : n;
		if (newline) {
			ret_tail->last = before ? before + 1 : bytes;
			ret_tail->last_n = (size_t)(newline - ret_tail->last);
		}
		return 0;
	}
	return 0;
}

/* The event's object with the chain's two members after "v":1 … : all of it is what the next record's prev covers. */
static void record_add(struct text *out, const char *event_json, uint64_t seq, const char *prev)
{
	const char *rest = strstr(event_json, ",\"event\"");

	text_add_n(out, event_json, rest ? (size_t)(rest - event_json) : strlen(event_json) - 1);
	text_printf(out, ",\"seq\":%" PRIu64 ",\"prev\":\"%s\"", seq, prev);
	text_add(out, rest ? rest : "}");
	text_add(out, "\n");
}

/* What was cut off stays as evidence, on a line of its own that the next record does not cover but names. */
static void gap_add(struct arena *arena, struct text *out, const struct tail *tail, uint64_t *seq, char prev[SHA256_HEX])
{
	text_add(out, "\n");
	size_t start = out->n;
	struct text gap = { .arena = arena };
	text_printf(&gap, "{\"v\":1,\"time\":\"%s\",\"event\":\"audit.gap\",\"outcome\":\"failure\",\"torn_bytes\":%zu}",
		    audit_time(arena), tail->torn);
	record_add(out, gap.data, (*seq)++, prev);
	sha256_hex(out->data + start, out->n - start - 1, prev);
}

static int append(int fd, off_t size, const struct text *record, const struct audit_config *config, struct error *err)
{
	ssize_t n;

	do
		n = write(fd, record->data, record->n);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)record->n) {
		int saved = n < 0 ? errno : ENOSPC;
		/* Half a record would break the chain for everybody after us. */
		if (n > 0 && ftruncate(fd, size) < 0)
			return fail_sys(err, "cut a half written record from the audit file '%s'", config->file);
		errno = saved;
		return fail_sys(err, "write to the audit file '%s'", config->file);
	}
	if (config->sync && fdatasync(fd) < 0)
		return fail_sys(err, "sync the audit file '%s'", config->file);
	return 0;
}

int audit_file_append(struct arena *arena, const struct audit_config *config, const char *event_json, struct error *err)
{
	struct text record = { .arena = arena };
	struct chain_link last = {};
	char prev[SHA256_HEX] = CHAIN_FIRST;
	struct tail tail;
	struct stat st;

	autofd fd = file_open(config->file, err);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return fail_sys(err, "look at the audit file '%s'", config->file);
	if (!S_ISREG(st.st_mode))
		return fail(err, ERROR_HOST, "the audit file '%s' is not a regular file", config->file);
	TRY(tail_read(arena, fd, st.st_size, &tail, err));
	if (tail.last) {
		if (chain_read(arena, tail.last, tail.last_n, &last) < 0) {
			(void)fail(err, ERROR_HOST, "the last line of the audit file '%s' is no record of the chain", config->file);
			return fail_remedy(err, "look at it with 'mxc-runtime audit verify', then move the file away");
		}
		sha256_hex(tail.last, tail.last_n, prev);
	}

	uint64_t seq = last.seq + 1;
	if (tail.torn > 0)
		gap_add(arena, &record, &tail, &seq, prev);
	record_add(&record, event_json, seq, prev);
	return append(fd, st.st_size, &record, config, err);
}
