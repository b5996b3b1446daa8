/* SPDX-License-Identifier: Apache-2.0 */
/* Find the record that the next one continues: at the end of the file, or of the one before it. */
#include "audit/chain.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WINDOW_FIRST = 4096 };

static void tail_set(struct arena *arena, const char *line, size_t n, struct chain_tail *tail)
{
	struct chain_link link;

	if (chain_read(arena, line, n, &link) < 0)
		return;
	tail->seq = link.seq;
	sha256_hex(line, n, tail->hash);
}

/*
 * The last record in the N bytes before the end of the file. Lines behind it that are none are what
 * a cut off writer, or a file system after a power cut, has left. False: none whose start is here.
 */
static bool window_search(struct arena *arena, const char *bytes, size_t n, bool is_whole_file,
			  struct chain_tail *tail)
{
	const char *end = bytes + n;

	tail->lacks_newline = n > 0 && end[-1] != '\n';
	/* The line that ends at END: behind the newline before it. */
	for (const char *line_end = tail->lacks_newline ? end : end - 1; line_end > bytes;) {
		const char *newline = memrchr(bytes, '\n', (size_t)(line_end - bytes));
		if (!newline && !is_whole_file)
			return false;
		const char *line = newline ? newline + 1 : bytes;
		tail_set(arena, line, (size_t)(line_end - line), tail);
		if (tail->seq > 0) {
			tail->torn = line_end == end ? end : line_end + 1;
			tail->torn_n = (size_t)(end - tail->torn);
			return true;
		}
		if (!newline)
			break;
		line_end = newline;
	}
	tail->torn = bytes;
	tail->torn_n = n;
	return is_whole_file;
}

/* All that is left of a first record, not a file of somebody else's. */
static bool is_ours(const char *bytes, size_t n)
{
	static const char start[] = "{\"v\":1,";
	size_t zeros = 0;

	while (zeros < n && bytes[zeros] == '\0')
		zeros++;
	if (zeros == n)
		return true;
	return memcmp(bytes, start, n < strlen(start) ? n : strlen(start)) == 0;
}

int chain_tail(struct arena *arena, int fd, off_t size, struct chain_tail *ret_tail,
	       struct error *err)
{
	struct chain_tail tail = { .hash = CHAIN_FIRST };
	bool is_whole_file = size == 0;

	for (size_t want = WINDOW_FIRST; !is_whole_file; want *= 8) {
		is_whole_file = size <= (off_t)want;
		size_t n = is_whole_file ? (size_t)size : want;
		char *bytes = arena_alloc(arena, n);
		ssize_t got = pread(fd, bytes, n, size - (off_t)n);
		if (got < 0)
			return fail_sys(err, "read the end of the audit file");
		if (got != (ssize_t)n)
			return fail(err, ERROR_HOST, "the audit file shrank while it was read");
		if (window_search(arena, bytes, n, is_whole_file, &tail))
			break;
		if (n > CHAIN_LINE_MAX)
			return fail(err, ERROR_HOST,
				    "no record in the last %zu bytes of the audit file", n);
	}
	if (tail.seq == 0 && tail.torn_n > 0 && !is_ours(tail.torn, tail.torn_n))
		return fail(err, ERROR_HOST, "the file has no record of an audit chain");
	*ret_tail = tail;
	return 0;
}

static bool rotated_tail(struct arena *arena, const char *path, struct chain_tail *ret_tail)
{
	struct error ignored = {};
	struct stat st;

	autofd fd = open(path, O_RDONLY | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0)
		return false;
	return chain_tail(arena, fd, st.st_size, ret_tail, &ignored) == 0 && ret_tail->seq > 0;
}

/* Of "audit.jsonl.1", "audit.jsonl-20260101", the names that log rotation gives: "audit.jsonl". */
static const char *rotation_stem(struct arena *arena, const char *base)
{
	size_t n = strlen(base);

	while (n > 0 && strchr("0123456789", base[n - 1]))
		n--;
	if (n < 2 || !base[n] || !strchr(".-", base[n - 1]))
		return base;
	return arena_strndup(arena, base, n - 1);
}

static bool is_rotated(const char *name, const char *stem)
{
	size_t n = strlen(stem);

	return str_starts(name, stem) && (!name[n] || strchr(".-", name[n]));
}

static bool is_better(const struct chain_tail *tail, const struct chain_link *first,
		      const struct chain_tail *best)
{
	if (first)
		return tail->seq + 1 == first->seq && str_equal(tail->hash, first->prev);
	return tail->seq > best->seq;
}

bool chain_before(struct arena *arena, const char *path, const struct chain_link *first,
		  struct chain_tail *ret_tail)
{
	const char *parent = strchr(path, '/') ? path_parent(arena, path) : ".";
	const char *base = path_base(path);
	const char *stem = first ? rotation_stem(arena, base) : base;
	struct chain_tail best = {};

	autodir directory = opendir(parent);
	for (struct dirent *entry = directory ? readdir(directory) : NULL; entry;
	     entry = readdir(directory)) {
		struct chain_tail tail;
		if (!is_rotated(entry->d_name, stem) || str_equal(entry->d_name, base))
			continue;
		if (rotated_tail(arena, path_join(arena, parent, entry->d_name), &tail) &&
		    is_better(&tail, first, &best))
			best = tail;
	}
	if (best.seq == 0)
		return false;
	*ret_tail = best;
	return true;
}
