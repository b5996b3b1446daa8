/* SPDX-License-Identifier: Apache-2.0 */
/* The file sink: JSON lines, each with the SHA-256 of the line before it. */
#include "audit/audit.h"
#include "audit/chain.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LOCK_WAIT_MS = 10000, REOPEN_MAX = 10, OVERFLOW_UID = 65534 };

static bool is_trusted(uid_t owner)
{
	return owner == 0 || owner == geteuid();
}

/* Whoever may write the file, or put another in its place, could rewrite the whole chain. */
static int trust_check(struct arena *arena, const char *path, const struct stat *file,
		       struct error *err)
{
	const char *parent = path_parent(arena, path);
	struct stat directory;

	if (!S_ISREG(file->st_mode))
		return fail(err, ERROR_HOST, "the audit file '%s' is not a regular file", path);
	if (!is_trusted(file->st_uid) || (file->st_mode & S_IWOTH)) {
		(void)fail(err, ERROR_HOST, "others may write the audit file '%s'", path);
		return fail_remedy(err, "it must belong to root or to you, mode 0640");
	}
	if (stat(parent, &directory) < 0)
		return fail_sys(err, "look at '%s', the directory of the audit file", parent);
	/* A user namespace shows the host's root as the overflow id. */
	bool is_sticky = directory.st_mode & S_ISVTX;
	bool is_shared = (directory.st_mode & S_IWOTH) && !is_sticky;
	bool is_foreign = !is_trusted(directory.st_uid) &&
			  !(is_sticky && directory.st_uid == OVERFLOW_UID);
	if (is_shared || is_foreign) {
		(void)fail(err, ERROR_HOST, "others may replace the audit file: '%s'", parent);
		return fail_remedy(err, "it must belong to root or to you, and not be writable by "
					"all");
	}
	return 0;
}

/* Not for ever: who may read the file may also hold a lock on it, and would hold up every start. */
static int file_lock(int fd, const char *path, struct error *err)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0;) {
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK)
			return fail_sys(err, "lock the audit file '%s'", path);
		if (waited++ == LOCK_WAIT_MS)
			return fail(err, ERROR_HOST, "the audit file '%s' stayed locked for %d s",
				    path, LOCK_WAIT_MS / 1000);
		(void)nanosleep(&pause, NULL); /* cut short: looked at sooner */
	}
	return 0;
}

static int file_open_once(const char *path, struct error *err)
{
	int flags = O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
	int fd = open(path, flags, 0640);

	if (fd < 0 && errno == ENOENT && directories_make(path, 0750) == 0)
		fd = open(path, flags, 0640);
	if (fd < 0 && errno == ELOOP)
		return fail(err, ERROR_HOST, "the audit file '%s' is a symbolic link", path);
	return fd < 0 ? fail_sys(err, "open the audit file '%s'", path) : fd;
}

/* The file, locked, and what is true of it under the lock. */
static int file_open(struct arena *arena, const char *path, struct stat *ret_st, struct error *err)
{
	for (int i = 0; i < REOPEN_MAX; i++) {
		struct stat st, now;
		autofd fd = TRY(file_open_once(path, err));
		if (fstat(fd, &st) < 0)
			return fail_sys(err, "look at the audit file '%s'", path);
		TRY(trust_check(arena, path, &st, err));
		TRY(file_lock(fd, path, err));
		if (fstat(fd, &st) < 0)
			return fail_sys(err, "look at the audit file '%s'", path);
		/* Rotated while we waited for the lock: the name is another file's now. */
		if (stat(path, &now) < 0 || now.st_ino != st.st_ino || now.st_dev != st.st_dev)
			continue;
		*ret_st = st;
		return fd_take(&fd);
	}
	return fail(err, ERROR_HOST, "the audit file '%s' is replaced again and again", path);
}

/*
 * What was cut off stays as evidence on lines of its own. No record's digest covers it, so the gap
 * carries one.
 */
static void gap_add(struct arena *arena, struct text *out, struct chain_tail *tail)
{
	struct text gap = { .arena = arena };
	char torn[SHA256_HEX];
	size_t n = tail->torn_n -
		   !tail->lacks_newline; /* the newline is the line's end, not torn */
	size_t start = out->n;

	sha256_hex(tail->torn, n, torn);
	text_printf(&gap,
		    "{\"v\":1,\"time\":\"%s\",\"event\":\"audit.gap\",\"outcome\":\"failure\","
		    "\"torn_bytes\":%zu,\"torn_sha256\":\"%s\"}",
		    clock_now().text, n, torn);
	chain_write(out, gap.data, ++tail->seq, tail->hash);
	sha256_hex(out->data + start, out->n - start - 1, tail->hash);
}

static int append(int fd, off_t size, const struct text *record, const struct audit_config *config,
		  struct error *err)
{
	ssize_t n;

	do
		n = write(fd, record->data, record->n);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)record->n) {
		int saved = n < 0 ? errno : ENOSPC;
		/* Half a record would cost the next writer a gap. */
		if (n > 0 && ftruncate(fd, size) < 0)
			return fail_sys(err, "cut a half written record from the audit file '%s'",
					config->file);
		errno = saved;
		return fail_sys(err, "write to the audit file '%s'", config->file);
	}
	if (config->sync && fdatasync(fd) < 0)
		return fail_sys(err, "sync the audit file '%s'", config->file);
	return 0;
}

int audit_file_append(struct arena *arena, const struct audit_config *config,
		      const char *event_json, struct error *err)
{
	struct text record = { .arena = arena };
	struct chain_tail tail;
	struct stat st = {};

	if (strlen(event_json) > CHAIN_RECORD_MAX)
		return fail(err, ERROR_HOST, "the event is longer than %d bytes", CHAIN_RECORD_MAX);
	autofd fd = TRY(file_open(arena, config->file, &st, err));
	if (chain_tail(arena, fd, st.st_size, &tail, err) < 0) {
		(void)fail_field(err, "%s", config->file);
		return fail_remedy(err, "look at it with 'mxc-runtime audit verify', then move it "
					"away or name another in mxc.conf");
	}
	/* Rotation starts a file, not a chain. */
	if (st.st_size == 0)
		(void)chain_before(arena, config->file, NULL, &tail);
	if (st.st_size > 0 && tail.lacks_newline)
		text_add(&record, "\n");
	if (st.st_size > 0 && tail.torn_n > 0)
		gap_add(arena, &record, &tail);
	chain_write(&record, event_json, tail.seq + 1, tail.hash);
	return append(fd, st.st_size, &record, config, err);
}
