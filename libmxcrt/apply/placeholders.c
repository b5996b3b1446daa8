/* SPDX-License-Identifier: Apache-2.0 */
/* Empty objects that keep a denied path from coming into being, and their removal. */
#include "apply/placeholders.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LIST_MAX = 16 << 20 };
#define LIST        "placeholders"
#define LIST_CLOSED "placeholders.closed"

/*
 * The list is a sequence of entries, each of FIELDS texts that end in NUL; paths stand there byte
 * for byte. WHAT is "intent" before it is made (device and inode are the directory's), "made"
 * after, or "shared": it was there, and some other container's. KIND is "d" or "f".
 */
enum { WHAT, KIND, DEVICE, INODE, BASE, REST, FIELDS };

static void field_add(struct text *text, const char *field)
{
	text_add_n(text, field, strlen(field) + 1);
}

/* One write call: a crash leaves a whole entry, or a tail that is not one. */
static int entry_write(int record, const char *const fields[FIELDS], struct error *err)
{
	autoarena arena = {};
	struct text text = { .arena = &arena };
	for (size_t i = 0; i < FIELDS; i++)
		field_add(&text, fields[i]);
	if (write_all(record, text.data, text.n) < 0)
		return fail_sys(err, "note the placeholder '%s/%s'", fields[BASE], fields[REST]);
	return 0;
}

/* The fields of an entry about the object ST. */
struct entry {
	const char *fields[FIELDS];
	char device[24], inode[24];
};

static const char *const *entry_about(struct entry *entry, const char *what,
				      const struct placeholder *placeholder, const struct stat *st)
{
	(void)snprintf(entry->device, sizeof(entry->device), "%ju", (uintmax_t)st->st_dev);
	(void)snprintf(entry->inode, sizeof(entry->inode), "%ju", (uintmax_t)st->st_ino);
	entry->fields[WHAT] = what;
	entry->fields[KIND] = placeholder->is_directory ? "d" : "f";
	entry->fields[DEVICE] = entry->device;
	entry->fields[INODE] = entry->inode;
	entry->fields[BASE] = placeholder->base;
	entry->fields[REST] = placeholder->rest;
	return entry->fields;
}

static int note(int record, const char *what, const struct placeholder *placeholder,
		const struct stat *st, struct error *err)
{
	struct entry entry;
	return record < 0 ? 0
			  : entry_write(record, entry_about(&entry, what, placeholder, st), err);
}

/* What a placeholder looks like; that a directory is empty shows when it is removed. */
static bool looks_made(const struct stat *st)
{
	if ((st->st_mode & 07777) != 0)
		return false;
	return S_ISDIR(st->st_mode) ||
	       (S_ISREG(st->st_mode) && st->st_size == 0 && st->st_nlink == 1);
}

int placeholder_make(int record, const struct placeholder *placeholder, int parent,
		     const char *name, struct error *err)
{
	struct stat st;
	if (fstat(parent, &st) < 0)
		return fail_sys(err, "look at the directory of the placeholder '%s'", name);
	TRY(note(record, "intent", placeholder, &st, err));

	int made = placeholder->is_directory ? mkdirat(parent, name, 0)
					     : mknodat(parent, name, S_IFREG, 0);
	if (made < 0 && errno == EEXIST)
		return 0;
	if (made < 0)
		return fail_sys(err, "make the placeholder '%s'", name);
	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return fail_sys(err, "look at the placeholder '%s'", name);
	TRY(note(record, "made", placeholder, &st, err));
	return 1;
}

int placeholder_share(int record, struct placeholder placeholder, int object, struct error *err)
{
	struct stat st;
	if (fstat(object, &st) < 0)
		return fail_sys(err, "look at '%s/%s'", placeholder.base, placeholder.rest);
	placeholder.is_directory = S_ISDIR(st.st_mode);
	return looks_made(&st) ? note(record, "shared", &placeholder, &st, err) : 0;
}

/* Entries of a list, one after the other; false at its end, or at a torn tail. */
struct reader {
	const char *at, *end;
};

static bool entry_next(struct reader *reader, const char *fields[FIELDS])
{
	for (size_t i = 0; i < FIELDS; i++) {
		const char *nul = NULL;
		if (reader->at < reader->end)
			nul = memchr(reader->at, '\0', (size_t)(reader->end - reader->at));
		if (!nul)
			return false;
		fields[i] = reader->at;
		reader->at = nul + 1;
	}
	return true;
}

static bool holds(const char *bytes, size_t n, const char *const wanted[FIELDS])
{
	struct reader reader = { .at = bytes, .end = bytes + n };
	const char *fields[FIELDS];
	while (entry_next(&reader, fields))
		if (!str_equal(fields[WHAT], "intent") &&
		    str_equal(fields[DEVICE], wanted[DEVICE]) &&
		    str_equal(fields[INODE], wanted[INODE]))
			return true;
	return false;
}

/* Another container's list that has the same placeholder takes over ours; 1 when it did. */
static int hand_over_to(int others, const char *name, const char *const fields[FIELDS],
			struct error *err)
{
	autoarena arena = {};
	char *bytes;
	size_t n;
	struct error ignored = {};
	const char *path = path_join(&arena, name, LIST);
	/* Gone meanwhile, or no container at all: nobody to hand over to. */
	if (file_read(&arena, others, path, LIST_MAX, &bytes, &n, &ignored) < 0 ||
	    !holds(bytes, n, fields))
		return 0;
	autofd list = openat(others, path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
	if (list < 0)
		return 0;
	TRY(entry_write(list, fields, err));
	return 1;
}

/* Removing what another container still denies would uncover the path there. */
static int hand_over(int state, const char *const fields[FIELDS], struct error *err)
{
	autofd above = openat(state, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	autodir others = above < 0 ? NULL : fdopendir(above);
	if (!others)
		return fail_sys(err, "list the containers that may share a placeholder");
	(void)fd_take(&above); /* the stream closes it */

	for (;;) {
		errno = 0;
		const struct dirent *entry = readdir(others);
		if (!entry && errno != 0)
			return fail_sys(err, "list the containers that may share a placeholder");
		if (!entry)
			return 0;
		if (entry->d_name[0] == '.')
			continue;
		int taken = TRY(hand_over_to(dirfd(others), entry->d_name, fields, err));
		if (taken)
			return 1;
	}
}

/* The directory that holds it: the base is the operator's, below it nothing is followed that the
 * agent could have bent. */
static int holder_open(struct arena *arena, const char *base, const char *rest)
{
	autofd top = open(base, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (top < 0)
		return -1;
	const char *slash = strrchr(rest, '/');
	const char *directory = slash ? arena_strndup(arena, rest, (size_t)(slash - rest)) : ".";
	return open_resolved(top, directory, O_PATH | O_DIRECTORY, 0,
			     RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

static bool is_ours(const char *const fields[FIELDS], const struct stat *holder,
		    const struct stat *st)
{
	uint64_t device, inode;
	if (str_to_u64(fields[DEVICE], UINT64_MAX, &device) < 0 ||
	    str_to_u64(fields[INODE], UINT64_MAX, &inode) < 0)
		return false;
	/* Between intent and deed only the directory was known: what looks like it there is the
	 * deed. */
	const struct stat *known = str_equal(fields[WHAT], "made") ? st : holder;
	return known->st_dev == device && known->st_ino == inode && looks_made(st) &&
	       S_ISDIR(st->st_mode) == str_equal(fields[KIND], "d");
}

static int entry_remove(int state, const char *const fields[FIELDS], struct error *err)
{
	if (str_equal(fields[WHAT], "shared"))
		return 0;
	autoarena arena = {};
	const char *rest = fields[REST], *slash = strrchr(rest, '/');
	const char *name = slash ? slash + 1 : rest;
	autofd holder = holder_open(&arena, fields[BASE], rest);
	struct stat above, st;
	/* The whole tree is gone, moved or bent: nothing there is ours. */
	if (holder < 0 || fstat(holder, &above) < 0 ||
	    fstatat(holder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (!is_ours(fields, &above, &st))
		return 0;

	struct entry entry;
	const struct placeholder placeholder = { fields[BASE], rest, S_ISDIR(st.st_mode) };
	int taken = TRY(hand_over(state, entry_about(&entry, "made", &placeholder, &st), err));
	if (taken)
		return 0;
	int flags = S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0;
	if (unlinkat(holder, name, flags) < 0 && errno != ENOENT && errno != ENOTEMPTY)
		return fail_sys(err, "remove the placeholder '%s/%s'", fields[BASE], rest);
	return 0;
}

/* Whether the deed of an intent is among the entries that follow. */
static bool is_done(struct reader reader, const char *const intent[FIELDS])
{
	const char *fields[FIELDS];
	while (entry_next(&reader, fields))
		if (str_equal(fields[WHAT], "made") && str_equal(fields[BASE], intent[BASE]) &&
		    str_equal(fields[REST], intent[REST]))
			return true;
	return false;
}

static int list_remove(int state, const char *list, struct error *err)
{
	autoarena arena = {};
	char *bytes;
	size_t n;
	TRY(file_read(&arena, state, list, LIST_MAX, &bytes, &n, err));
	struct reader reader = { .at = bytes, .end = bytes + n };
	const char *fields[FIELDS];
	while (entry_next(&reader, fields))
		/* Once the deed is noted it alone says which object it was. */
		if (!(str_equal(fields[WHAT], "intent") && is_done(reader, fields)))
			TRY(entry_remove(state, fields, err));
	if (unlinkat(state, list, 0) < 0)
		return fail_sys(err, "remove the list of placeholders");
	return 0;
}

int placeholders_remove(int state, struct error *err)
{
	/* Under another name nobody takes us for one who still needs them, and an interrupted
	 * removal can be taken up. */
	if (renameat(state, LIST, state, LIST_CLOSED) < 0 && errno != ENOENT)
		return fail_sys(err, "close the list of placeholders");
	if (faccessat(state, LIST_CLOSED, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : fail_sys(err, "look at the list of placeholders");
	return list_remove(state, LIST_CLOSED, err);
}
