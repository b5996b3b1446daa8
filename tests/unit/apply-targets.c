/* SPDX-License-Identifier: Apache-2.0 */
/* Mount points are found or made beneath the root, whatever links the image holds. */
#include "test.h"

#include "apply/targets.h"
#include "base/fd.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A root in a directory of its own, with a neighbour that nothing may reach. */
struct place {
	char top[64];
	int outside, root;
};

static void place_make(struct place *place)
{
	(void)snprintf(place->top, sizeof(place->top), "%s", "/tmp/mxc-targets-XXXXXX");
	expect(mkdtemp(place->top));
	int top = open(place->top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	expect(mkdirat(top, "root", 0755) == 0 && mkdirat(top, "outside", 0755) == 0);
	place->root = openat(top, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	place->outside = openat(top, "outside", O_PATH | O_DIRECTORY | O_CLOEXEC);
	expect(place->root >= 0 && place->outside >= 0);
	(void)close(top);
}

static void place_remove(struct place *place)
{
	char command[128];
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", place->top);
	expect_int(system(command), 0);
	(void)close(place->root);
	(void)close(place->outside);
}

static bool is_there(int at, const char *path, mode_t type)
{
	struct stat st;
	return fstatat(at, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && (st.st_mode & S_IFMT) == type;
}

TEST(missing_directories_are_made_on_the_way)
{
	struct place place;
	struct error err = {};
	place_make(&place);
	autofd target = target_open(place.root, "/a/b/c", TARGET_DIRECTORY, &err);
	expect_ok(target, &err);
	expect(is_there(place.root, "a/b/c", S_IFDIR));
	place_remove(&place);
}

TEST(a_file_is_made_for_a_file)
{
	struct place place;
	struct error err = {};
	place_make(&place);
	autofd target = target_open(place.root, "/etc/hosts", TARGET_FILE, &err);
	expect_ok(target, &err);
	expect(is_there(place.root, "etc/hosts", S_IFREG));
	place_remove(&place);
}

TEST(what_exists_is_taken_as_it_is)
{
	struct place place;
	struct error err = {};
	place_make(&place);
	expect_int(mkdirat(place.root, "a", 0700), 0);
	autofd target = target_open(place.root, "/a", TARGET_FILE, &err);
	struct stat st;
	expect_ok(target, &err);
	expect(fstat(target, &st) == 0 && S_ISDIR(st.st_mode) && (st.st_mode & 0777) == 0700);
	place_remove(&place);
}

TEST(an_absolute_link_stays_beneath_the_root)
{
	struct place place;
	struct error err = {};
	place_make(&place);
	char outside[128];
	(void)snprintf(outside, sizeof(outside), "%s/outside", place.top);
	expect_int(symlinkat(outside, place.root, "dev"), 0);
	autofd target = target_open(place.root, "/dev/new", TARGET_FILE, &err);
	expect_ok(target, &err);
	expect(!is_there(place.outside, "new", S_IFREG));
	char inside[256];
	(void)snprintf(inside, sizeof(inside), ".%s/new", outside);
	expect(is_there(place.root, inside, S_IFREG));
	place_remove(&place);
}

TEST(a_climbing_link_stays_beneath_the_root)
{
	struct place place;
	struct error err = {};
	place_make(&place);
	expect_int(symlinkat("../../../outside", place.root, "up"), 0);
	autofd target = target_open(place.root, "/up/new", TARGET_DIRECTORY, &err);
	expect_ok(target, &err);
	expect(!is_there(place.outside, "new", S_IFDIR));
	expect(is_there(place.root, "outside/new", S_IFDIR));
	place_remove(&place);
}

TEST(a_dangling_link_gets_its_target)
{
	struct place place;
	struct error err = {};
	place_make(&place);
	expect_int(mkdirat(place.root, "var", 0755), 0);
	expect_int(symlinkat("../run", place.root, "var/run"), 0);
	autofd target = target_open(place.root, "/var/run/secrets", TARGET_DIRECTORY, &err);
	expect_ok(target, &err);
	expect(is_there(place.root, "run/secrets", S_IFDIR));
	place_remove(&place);
}

TEST(links_in_a_circle_are_refused)
{
	struct place place;
	struct error err = {};
	place_make(&place);
	expect_int(symlinkat("b", place.root, "a"), 0);
	expect_int(symlinkat("a", place.root, "b"), 0);
	expect_fail(target_open(place.root, "/a/x", TARGET_DIRECTORY, &err), &err, "'/a");
	place_remove(&place);
}

TEST(a_file_on_the_way_is_refused)
{
	struct place place;
	struct error err = {};
	place_make(&place);
	expect_int(mknodat(place.root, "f", S_IFREG | 0644, 0), 0);
	expect_fail(target_open(place.root, "/f/x", TARGET_DIRECTORY, &err), &err, "'/f/x'");
	place_remove(&place);
}

TEST(the_parent_is_made_but_not_the_last_component)
{
	struct place place;
	struct error err = {};
	place_make(&place);
	autofd parent = target_open_parent(place.root, "/dev/net/tun", &err);
	expect_ok(parent, &err);
	expect(is_there(place.root, "dev/net", S_IFDIR));
	expect(!is_there(place.root, "dev/net/tun", S_IFREG));
	place_remove(&place);
}
