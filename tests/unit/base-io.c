/* SPDX-License-Identifier: Apache-2.0 */
/* Whole reads and writes; replacement leaves no trace; resolution stays beneath its root. */
#include "test.h"

#include "base/arena.h"
#include "base/fd.h"
#include "base/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A directory of its own for each test; leave it with room_remove. */
struct room {
	char path[32];
	int fd;
};

static struct room room_make(void)
{
	struct room room = { "/tmp/base-io.XXXXXX", -1 };
	expect(mkdtemp(room.path) != NULL);
	room.fd = open(room.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	expect(room.fd >= 0);
	return room;
}

/* How many entries the room has; all of them are removed when REMOVE. */
static int room_entries(const struct room *room, bool remove)
{
	int n = 0;
	autodir dir = opendir(room->path);
	expect(dir != NULL);
	for (struct dirent *entry; (entry = readdir(dir));) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		n++;
		if (remove)
			expect(unlinkat(room->fd, entry->d_name, 0) == 0 ||
			       unlinkat(room->fd, entry->d_name, AT_REMOVEDIR) == 0);
	}
	return n;
}

static void room_remove(struct room *room)
{
	(void)room_entries(room, true); /* how many does not matter */
	fd_close(&room->fd);
	expect_int(rmdir(room->path), 0);
}

#define autoroom __attribute__((cleanup(room_remove))) struct room

static void room_write(const struct room *room, const char *name, const char *text)
{
	autofd fd = openat(room->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	expect(fd >= 0);
	expect_int(write_all(fd, text, strlen(text)), 0);
}

TEST(reads_and_writes_are_whole_also_through_a_pipe)
{
	int ends[2];
	expect_int(pipe2(ends, O_CLOEXEC), 0);
	autofd in = ends[0], out = ends[1];
	char text[5000], back[6000];
	memset(text, 'x', sizeof(text));
	expect_int(write_all(out, text, 2000), 0);
	expect_int(write_all(out, text, 3000), 0);
	fd_close(&out);
	expect_int(read_some(in, back, 10), 10);
	expect_int(read_some(in, back, sizeof(back)), 4990);
	expect_int(read_some(in, back, sizeof(back)), 0);
}

TEST(a_failed_read_or_write_says_so)
{
	char byte = 'x';
	expect_int(write_all(-1, &byte, 1), -1);
	expect_int(errno, EBADF);
	expect_int(read_some(-1, &byte, 1), -1);
	expect_int(errno, EBADF);
	expect_int(write_all(-1, &byte, 0), 0);
}

TEST(a_file_is_read_whole_up_to_its_limit)
{
	autoarena arena = {};
	autoroom room = room_make();
	struct error err;
	char *bytes;
	size_t n;
	room_write(&room, "f", "hello");
	expect_ok(file_read(&arena, room.fd, "f", 5, &bytes, &n, &err), &err);
	expect_text(bytes, "hello");
	expect_int(n, 5);
	expect_ok(file_read(&arena, room.fd, "f", 100, &bytes, NULL, &err), &err);
	expect_text(bytes, "hello");
	expect_fail(file_read(&arena, room.fd, "f", 4, &bytes, &n, &err), &err,
		    "'f' is larger than 4 bytes");
	expect_int(err.kind, ERROR_CONFIG);
	room_write(&room, "f", "");
	expect_ok(file_read(&arena, room.fd, "f", 4, &bytes, &n, &err), &err);
	expect_int(n, 0);
	expect_text(bytes, "");
}

TEST(a_file_that_hides_its_size_is_read_whole_too)
{
	autoarena arena = {};
	struct error err;
	char *bytes;
	size_t n;
	expect_ok(file_read(&arena, AT_FDCWD, "/proc/self/status", 1 << 20, &bytes, &n, &err),
		  &err);
	expect_contains(bytes, "\nPid:");
	expect_int(strlen(bytes), n);
	expect_fail(file_read(&arena, AT_FDCWD, "/proc/self/status", 100, &bytes, &n, &err), &err,
		    "larger than 100");
	/* More than one guess. */
	expect_ok(file_read(&arena, AT_FDCWD, "/proc/self/smaps", 1 << 20, &bytes, &n, &err), &err);
	expect(n > 8192);
	expect_int(strlen(bytes), n);
}

TEST(what_is_no_regular_file_is_refused_without_waiting)
{
	autoarena arena = {};
	autoroom room = room_make();
	struct error err;
	char *bytes;
	expect_int(mkfifoat(room.fd, "fifo", 0600), 0);
	expect_fail(file_read(&arena, room.fd, "fifo", 10, &bytes, NULL, &err), &err,
		    "'fifo' is not a regular file");
	expect_int(err.kind, ERROR_CONFIG);
	expect_fail(file_read(&arena, AT_FDCWD, "/", 10, &bytes, NULL, &err), &err,
		    "not a regular file");
	expect_fail(file_read(&arena, AT_FDCWD, "/dev/zero", 10, &bytes, NULL, &err), &err,
		    "not a regular file");
	expect_fail(file_read(&arena, room.fd, "nope", 10, &bytes, NULL, &err), &err,
		    "open 'nope': No such file");
	expect_int(err.kind, ERROR_HOST);
}

TEST(a_replaced_file_has_the_new_bytes_and_the_mode_whatever_the_umask)
{
	autoarena arena = {};
	autoroom room = room_make();
	struct error err;
	struct stat st;
	char *bytes;
	mode_t mask = umask(077);
	int first = file_replace(room.fd, "f", "one", 3, 0644, &err);
	(void)umask(mask); /* always succeeds */
	expect_ok(first, &err);
	expect_int(fstatat(room.fd, "f", &st, 0), 0);
	expect_int(st.st_mode & 07777, 0644);

	autofd old = openat(room.fd, "f", O_RDONLY | O_CLOEXEC);
	expect_ok(file_replace(room.fd, "f", "three", 5, 0600, &err), &err);
	expect_ok(file_read(&arena, room.fd, "f", 10, &bytes, NULL, &err), &err);
	expect_text(bytes, "three");
	char seen[10] = "";
	expect_int(read_some(old, seen, sizeof(seen)), 3);
	expect_text(seen, "one");
	expect_int(room_entries(&room, false), 1);
}

TEST(a_failed_replacement_leaves_nothing_behind)
{
	autoroom room = room_make();
	struct error err;
	expect_int(mkdirat(room.fd, "d", 0700), 0);
	expect_fail(file_replace(room.fd, "d", "x", 1, 0600, &err), &err,
		    "replace 'd': Is a directory");
	expect_int(room_entries(&room, false), 1);
	expect_fail(file_replace(room.fd, "no/f", "x", 1, 0600, &err), &err,
		    "replace 'no/f': No such file");
	char name[5000];
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	expect_fail(file_replace(room.fd, name, "x", 1, 0600, &err), &err, "File name too long");
}

TEST(a_replacement_takes_the_place_of_a_symlink_not_of_its_target)
{
	autoarena arena = {};
	autoroom room = room_make();
	struct error err;
	char *bytes;
	room_write(&room, "target", "kept");
	expect_int(symlinkat("target", room.fd, "link"), 0);
	expect_ok(file_replace(room.fd, "link", "new", 3, 0600, &err), &err);
	expect_ok(file_read(&arena, room.fd, "target", 10, &bytes, NULL, &err), &err);
	expect_text(bytes, "kept");
}

TEST(writing_needs_an_existing_file)
{
	autoarena arena = {};
	autoroom room = room_make();
	struct error err;
	char *bytes;
	expect_int(file_write_at(room.fd, "nope", "x"), -1);
	expect_int(errno, ENOENT);
	room_write(&room, "f", "");
	expect_int(file_write_at(room.fd, "f", "value"), 0);
	expect_ok(file_read(&arena, room.fd, "f", 10, &bytes, NULL, &err), &err);
	expect_text(bytes, "value");
	expect_int(file_write_at(AT_FDCWD, "/dev/full", "value"), -1);
	expect_int(errno, ENOSPC);
}

TEST(opened_descriptors_do_not_survive_exec)
{
	autofd fd = open_resolved(AT_FDCWD, "/", O_PATH, 0, 0);
	expect(fd >= 0);
	expect(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

TEST(resolution_honours_its_restrictions)
{
	autoroom room = room_make();
	expect_int(symlinkat("/etc/passwd", room.fd, "link"), 0);
	autofd link = open_resolved(room.fd, "link", O_RDONLY, 0, RESOLVE_NO_SYMLINKS);
	expect_int(link, -1);
	expect_int(errno, ELOOP);
	autofd above = open_resolved(room.fd, "..", O_PATH, 0, RESOLVE_BENEATH);
	expect_int(above, -1);
	expect_int(errno, EXDEV);
	autofd made = open_resolved(room.fd, "made", O_WRONLY | O_CREAT | O_EXCL, 0600,
				    RESOLVE_BENEATH);
	expect(made >= 0);
}

TEST(a_root_is_not_left_by_links_or_dots)
{
	autoroom room = room_make();
	room_write(&room, "f", "inside");
	expect_int(symlinkat("/f", room.fd, "absolute"), 0);
	expect_int(symlinkat("../../../../f", room.fd, "upwards"), 0);
	static const char *const names[] = { "/f", "f", "/../../f", "/absolute", "/upwards" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		autofd fd = open_in_root(room.fd, names[i], 0);
		expect(fd >= 0);
		struct stat st, expected;
		expect_int(fstat(fd, &st), 0);
		expect_int(fstatat(room.fd, "f", &expected, 0), 0);
		expect_int(st.st_ino, expected.st_ino);
		expect(fcntl(fd, F_GETFL) & O_PATH);
	}
	autofd outside = open_in_root(room.fd, "/etc/passwd", 0);
	expect_int(outside, -1);
	expect_int(errno, ENOENT);
	autofd itself = open_in_root(room.fd, "/absolute", O_NOFOLLOW);
	struct stat st;
	expect_int(fstat(itself, &st), 0);
	expect(S_ISLNK(st.st_mode));
}

TEST(magic_links_are_not_followed)
{
	autofd root = open("/", O_PATH | O_CLOEXEC);
	autofd magic = open_in_root(root, "/proc/self/root/etc", 0);
	expect_int(magic, -1);
	expect_int(errno, ELOOP);
}

TEST(a_descriptor_has_a_path)
{
	expect_text(fd_path(3).text, "/proc/self/fd/3");
	expect_text(fd_path(2147483647).text, "/proc/self/fd/2147483647");
	autofd root = open("/", O_PATH | O_CLOEXEC);
	struct stat st, expected;
	expect_int(stat(fd_path(root).text, &st), 0);
	expect_int(stat("/", &expected), 0);
	expect_int(st.st_ino, expected.st_ino);
}
