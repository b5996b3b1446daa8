/* SPDX-License-Identifier: Apache-2.0 */
/* A directory's contents are copied whole: files, links, modes and times, and nothing that acts. */
#include "test.h"

#include "apply/copyup.h"
#include "base/fd.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
	char top[64];
	int from, to;
};

static void place_make(struct place *place)
{
	(void)snprintf(place->top, sizeof(place->top), "%s", "/tmp/mxc-copyup-XXXXXX");
	expect(mkdtemp(place->top));
	int top = open(place->top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	expect(mkdirat(top, "from", 0755) == 0 && mkdirat(top, "to", 0755) == 0);
	place->from = openat(top, "from", O_PATH | O_DIRECTORY | O_CLOEXEC);
	place->to = openat(top, "to", O_PATH | O_DIRECTORY | O_CLOEXEC);
	expect(place->from >= 0 && place->to >= 0);
	(void)close(top);
}

static void place_remove(struct place *place)
{
	char command[128];
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", place->top);
	expect_int(system(command), 0);
	(void)close(place->from);
	(void)close(place->to);
}

TEST(files_directories_and_links_arrive_with_mode_and_time)
{
	struct place place;
	struct error err = {};
	place_make(&place);
	expect_int(mkdirat(place.from, "d", 0750), 0);
	autofd file = openat(place.from, "d/f", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	expect(file >= 0 && write(file, "text", 4) == 4 && fchmod(file, 0640) == 0);
	const struct timespec times[2] = { { .tv_sec = 1000 }, { .tv_sec = 2000 } };
	expect_int(futimens(file, times), 0);
	expect_int(symlinkat("d/f", place.from, "l"), 0);

	expect_ok(copy_up(place.from, place.to, &err), &err);
	struct stat st;
	expect(fstatat(place.to, "d", &st, 0) == 0 && (st.st_mode & 07777) == 0750);
	expect(fstatat(place.to, "d/f", &st, 0) == 0 && (st.st_mode & 07777) == 0640);
	expect(st.st_size == 4 && st.st_mtim.tv_sec == 2000);
	char text[16] = "";
	expect(readlinkat(place.to, "l", text, sizeof(text) - 1) == 3);
	expect_text(text, "d/f");
	place_remove(&place);
}

TEST(a_link_is_copied_not_followed)
{
	struct place place;
	struct error err = {};
	place_make(&place);
	expect_int(symlinkat("/etc", place.from, "etc"), 0);
	expect_ok(copy_up(place.from, place.to, &err), &err);
	struct stat st;
	expect(fstatat(place.to, "etc", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode));
	place_remove(&place);
}

TEST(the_directory_itself_keeps_its_mode)
{
	struct place place;
	struct error err = {};
	place_make(&place);
	expect_int(fchmodat(place.from, ".", 01777, 0), 0);
	expect_ok(copy_up(place.from, place.to, &err), &err);
	struct stat st;
	expect(fstat(place.to, &st) == 0 && (st.st_mode & 07777) == 0755);
	place_remove(&place);
}

TEST(a_name_that_is_there_already_is_an_error)
{
	struct place place;
	struct error err = {};
	place_make(&place);
	expect_int(mkdirat(place.from, "d", 0755), 0);
	expect_int(mkdirat(place.to, "d", 0755), 0);
	expect_fail(copy_up(place.from, place.to, &err), &err, "'d'");
	place_remove(&place);
}
