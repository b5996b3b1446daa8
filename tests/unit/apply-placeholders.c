/* SPDX-License-Identifier: Apache-2.0 */
/* Placeholders are noted, made, shared between containers, and removed only while they are ours. */
#include "test.h"

#include "apply/placeholders.h"
#include "base/fd.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Two containers' state directories, and a tree that both have as a volume. */
struct place {
	char top[64], volume[80];
	int tree, first, second;
};

static void place_make(struct place *place)
{
	(void)snprintf(place->top, sizeof(place->top), "%s", "/tmp/mxc-placeholders-XXXXXX");
	expect(mkdtemp(place->top));
	(void)snprintf(place->volume, sizeof(place->volume), "%s/volume", place->top);
	int top = open(place->top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	expect(mkdirat(top, "volume", 0755) == 0 && mkdirat(top, "volume/sub", 0755) == 0);
	expect(mkdirat(top, "state", 0755) == 0);
	expect(mkdirat(top, "state/first", 0700) == 0 && mkdirat(top, "state/second", 0700) == 0);
	place->tree = openat(top, "volume", O_PATH | O_DIRECTORY | O_CLOEXEC);
	place->first = openat(top, "state/first", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	place->second = openat(top, "state/second", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	expect(place->tree >= 0 && place->first >= 0 && place->second >= 0);
	(void)close(top);
}

static void place_remove(struct place *place)
{
	char command[128];
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", place->top);
	expect_int(system(command), 0);
	(void)close(place->tree);
	(void)close(place->first);
	(void)close(place->second);
}

static int list_open(int state)
{
	int list = openat(state, "placeholders", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	expect(list >= 0);
	return list;
}

static bool is_there(int at, const char *path)
{
	struct stat st;
	return fstatat(at, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static void make(struct place *place, int state, const char *rest, const char *name,
		 bool is_directory)
{
	struct error err = {};
	autofd list = list_open(state);
	autofd parent = openat(place->tree, name == rest ? "." : "sub", O_PATH | O_CLOEXEC);
	const struct placeholder placeholder = { place->volume, rest, is_directory };
	expect_int(placeholder_make(list, &placeholder, parent, name, &err), 1);
}

static void share(struct place *place, int state, const char *rest)
{
	struct error err = {};
	autofd list = list_open(state);
	autofd object = openat(place->tree, rest, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	const struct placeholder placeholder = { .base = place->volume, .rest = rest };
	expect_ok(placeholder_share(list, placeholder, object, &err), &err);
}

TEST(a_placeholder_is_empty_closed_and_removed_at_delete)
{
	struct place place;
	struct error err = {};
	struct stat st;
	place_make(&place);
	make(&place, place.first, "sub/.env", ".env", false);
	expect(fstatat(place.tree, "sub/.env", &st, 0) == 0);
	expect(S_ISREG(st.st_mode) && (st.st_mode & 07777) == 0 && st.st_size == 0);
	expect_ok(placeholders_remove(place.first, &err), &err);
	expect(!is_there(place.tree, "sub/.env"));
	expect(!is_there(place.first, "placeholders") &&
	       !is_there(place.first, "placeholders.closed"));
	place_remove(&place);
}

TEST(a_directory_is_removed_only_when_empty)
{
	struct place place;
	struct error err = {};
	const char *name = "hooks";
	place_make(&place);
	make(&place, place.first, name, name, true);
	expect_int(mkdirat(place.tree, "hooks/x", 0755), 0);
	expect_ok(placeholders_remove(place.first, &err), &err);
	expect(is_there(place.tree, "hooks/x"));
	place_remove(&place);
}

TEST(what_was_opened_or_filled_since_is_left_alone)
{
	struct place place;
	struct error err = {};
	place_make(&place);
	const char *opened = "opened", *filled = "filled", *replaced = "replaced";
	make(&place, place.first, opened, opened, false);
	make(&place, place.first, filled, filled, false);
	make(&place, place.first, replaced, replaced, false);
	expect_int(fchmodat(place.tree, opened, 0644, 0), 0);
	expect_int(renameat(place.tree, filled, place.tree, "elsewhere"), 0);
	expect_int(symlinkat("/etc/passwd", place.tree, filled), 0);
	expect_int(renameat(place.tree, replaced, place.tree, "aside"), 0);
	expect_int(mknodat(place.tree, replaced, S_IFREG, 0), 0);
	expect_ok(placeholders_remove(place.first, &err), &err);
	expect(is_there(place.tree, opened) && is_there(place.tree, filled));
	expect(is_there(place.tree, replaced));
	place_remove(&place);
}

TEST(a_directory_replaced_by_a_link_is_not_followed)
{
	struct place place;
	struct error err = {};
	place_make(&place);
	make(&place, place.first, "sub/.env", ".env", false);
	expect_int(renameat(place.tree, "sub", place.tree, "moved"), 0);
	expect_int(symlinkat("moved", place.tree, "sub"), 0);
	expect_ok(placeholders_remove(place.first, &err), &err);
	expect(is_there(place.tree, "moved/.env"));
	place_remove(&place);
}

TEST(an_object_that_is_there_is_not_ours)
{
	struct place place;
	struct error err = {};
	place_make(&place);
	expect_int(mknodat(place.tree, "mine", S_IFREG | 0600, 0), 0);
	autofd list = list_open(place.first);
	const struct placeholder placeholder = { place.volume, "mine", false };
	expect_int(placeholder_make(list, &placeholder, place.tree, "mine", &err), 0);
	expect_ok(placeholders_remove(place.first, &err), &err);
	expect(is_there(place.tree, "mine"));
	place_remove(&place);
}

TEST(a_shared_placeholder_goes_with_the_last_container)
{
	struct place place;
	struct error err = {};
	place_make(&place);
	make(&place, place.first, "sub/.env", ".env", false);
	share(&place, place.second, "sub/.env");
	expect_ok(placeholders_remove(place.first, &err), &err);
	expect(is_there(place.tree, "sub/.env"));
	expect_ok(placeholders_remove(place.second, &err), &err);
	expect(!is_there(place.tree, "sub/.env"));
	place_remove(&place);
}

TEST(somebody_elses_placeholder_is_not_removed)
{
	struct place place;
	struct error err = {};
	place_make(&place);
	expect_int(mknodat(place.tree, "sub/.env", S_IFREG, 0), 0);
	share(&place, place.second, "sub/.env");
	expect_ok(placeholders_remove(place.second, &err), &err);
	expect(is_there(place.tree, "sub/.env"));
	place_remove(&place);
}

TEST(a_torn_list_is_read_as_far_as_it_goes)
{
	struct place place;
	struct error err = {};
	place_make(&place);
	make(&place, place.first, "sub/.env", ".env", false);
	autofd list = list_open(place.first);
	expect_int(write(list,
			 "made\0f\0"
			 "12",
			 9),
		   9);
	expect_ok(placeholders_remove(place.first, &err), &err);
	expect(!is_there(place.tree, "sub/.env"));
	place_remove(&place);
}

TEST(no_list_is_nothing_to_do)
{
	struct place place;
	struct error err = {};
	place_make(&place);
	expect_ok(placeholders_remove(place.first, &err), &err);
	place_remove(&place);
}

TEST(an_intent_without_a_deed_is_nothing_to_remove)
{
	struct place place;
	struct error err = {};
	place_make(&place);
	const char *name = "x";
	make(&place, place.first, name, name, false);
	expect_int(unlinkat(place.tree, name, 0), 0);
	expect_ok(placeholders_remove(place.first, &err), &err);
	place_remove(&place);
}
