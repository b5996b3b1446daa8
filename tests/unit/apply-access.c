/* SPDX-License-Identifier: Apache-2.0 */
/* The policy's file tree for real: attached in a mount namespace of a child, then attacked with the
 * agent's rights. */
#include "apply-child.h"

#include "apply/access.h"
#include "apply/landlock.h"
#include "apply/masks.h"
#include "apply/mounts.h"
#include "apply/placeholders.h"
#include "apply/proc.h"
#include "apply/rootfs.h"
#include "apply/sources.h"
#include "apply/step.h"
#include "base/arena.h"
#include "plan/plan.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* All of it lives on a tmpfs of the child's own namespace: root, two volumes, state. */
#define HOME   "/tmp"
#define ROOT   HOME "/root"
#define VOLUME HOME "/volume"
#define STATE  HOME "/state"

struct fixture {
	struct arena arena;
	struct plan plan;
	struct handles handles;
	struct error err;
};

static void need_root(void)
{
	if (geteuid() != 0)
		test_skip("root");
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	need(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	(void)close(fd);
}

static void lay_out(void)
{
	static const char *const directories[] = {
		ROOT,
		ROOT "/w",
		ROOT "/alias",
		ROOT "/etc",
		ROOT "/proc",
		ROOT "/dev",
		VOLUME,
		VOLUME "/a",
		VOLUME "/a/b",
		VOLUME "/.git",
		VOLUME "/.git/objects",
		VOLUME "/closed",
		VOLUME "/closed/open",
		STATE,
	};
	(void)umask(022);
	need(unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	need(mount("tmpfs", HOME, "tmpfs", 0, "mode=0755") == 0);
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
		need(mkdir(directories[i], 0777) == 0);
	put(ROOT "/etc/passwd", "image");
	put(VOLUME "/.env", "secret");
	put(VOLUME "/plain", "plain");
	put(VOLUME "/a/b/secret", "secret");
	put(VOLUME "/.git/config", "config");
	put(VOLUME "/closed/in", "secret");
	put(VOLUME "/closed/open/out", "out");
	need(symlink("a/b", VOLUME "/link") == 0);
}

static void prepare(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	lay_out();
	f->plan.arena = &f->arena;
	f->plan.id = "test";
	f->plan.mounts.root = ROOT;
	f->plan.filesystem.is_active = true;
	handles_init(&f->handles, &f->arena);
	need_ok(f->handles.proc = proc_open(&f->err), &f->err);
	need((f->handles.state = open(STATE, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0);
}

static void volume(struct fixture *f, const char *target, uint64_t set)
{
	struct plan_mount *mount = arena_push(&f->arena, &f->plan.mounts.rows);
	*mount = (struct plan_mount){
		.kind = PLAN_MOUNT_BIND,
		.source = VOLUME,
		.target = target,
		.is_recursive = true,
		.set = set,
		.origin = "config.json mounts",
	};
}

/* Rows are given sorted, as plan_settle leaves them. */
static struct plan_access *row(struct fixture *f, enum access_intent intent, const char *path)
{
	struct plan_access *access = arena_push(&f->arena, &f->plan.filesystem.rows);
	*access = (struct plan_access){ .path = path, .intent = intent, .origin = path };
	return access;
}

static int build(struct fixture *f)
{
	static const step_fn steps[] = {
		access_prepare, sources_open, rootfs_attach, mounts_attach,
		access_apply,   rootfs_pivot, masks_apply,   rootfs_finish
	};
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (steps[i](&f->plan, &f->handles, &f->err) < 0)
			return -1;
	return 0;
}

static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = {};
	need(syscall(SYS_capset, &header, none) == 0);
}

/* The errno of an attempt, 0 when it worked. */
static int reading(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int cause = fd < 0 ? errno : 0;
	if (fd >= 0)
		(void)close(fd);
	return cause;
}

static int writing(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	int cause = fd < 0 ? errno : 0;
	if (fd >= 0)
		(void)close(fd);
	return cause;
}

static int renaming(const char *from, const char *to)
{
	return rename(from, to) < 0 ? errno : 0;
}

static void begin(struct fixture *f)
{
	prepare(f);
	volume(f, "/w", 0);
	row(f, ACCESS_READ_WRITE, "/w");
}

static void become_agent(struct fixture *f)
{
	need_ok(build(f), &f->err);
	drop_capabilities();
}

static void only_grants_are_writable(void)
{
	struct fixture f;
	begin(&f);
	become_agent(&f);
	need(writing("/w/new") == 0);
	need(writing("/new") == EROFS && writing("/etc/passwd") == EROFS);
	need(reading("/etc/passwd") == 0);
}

TEST(only_what_is_granted_is_writable)
{
	need_root();
	expect_int(in_child(only_grants_are_writable), 0);
}

static void a_denied_file(void)
{
	struct fixture f;
	struct stat st;
	begin(&f);
	row(&f, ACCESS_DENY, "/w/.env");
	become_agent(&f);
	need(stat("/w/.env", &st) == 0 && (st.st_mode & 07777) == 0);
	need(reading("/w/.env") == EACCES && writing("/w/.env") == EACCES);
	need(unlink("/w/.env") < 0 && errno == EBUSY);
	need(renaming("/w/.env", "/w/e") == EBUSY && renaming("/w/plain", "/w/.env") == EBUSY);
	need(chmod("/w/.env", 0777) < 0 && errno == EROFS);
	need(link("/w/.env", "/w/l") < 0 && errno == EXDEV);
	need(symlink(".env", "/w/s") == 0 && reading("/w/s") == EACCES);
	need(umount2("/w/.env", MNT_DETACH) < 0 && errno == EPERM);
}

TEST(a_denied_file_is_visible_and_cannot_be_opened_or_moved)
{
	need_root();
	expect_int(in_child(a_denied_file), 0);
}

static void ancestors(void)
{
	struct fixture f;
	begin(&f);
	row(&f, ACCESS_DENY, "/w/a/b/secret");
	become_agent(&f);
	need(renaming("/w/a", "/w/z") == EBUSY && renaming("/w/a/b", "/w/a/z") == EBUSY);
	need(syscall(SYS_renameat2, AT_FDCWD, "/w/a", AT_FDCWD, "/w/.git", 2) < 0 &&
	     errno == EBUSY);
	need(writing("/w/a/new") == 0 && writing("/w/a/b/new") == 0);
}

TEST(ancestors_of_a_denied_path_cannot_be_renamed_away)
{
	need_root();
	expect_int(in_child(ancestors), 0);
}

static void through_a_link(void)
{
	struct fixture f;
	begin(&f);
	row(&f, ACCESS_DENY, "/w/link/secret");
	become_agent(&f);
	need(reading("/w/link/secret") == EACCES && reading("/w/a/b/secret") == EACCES);
	need(unlink("/w/link") < 0 && errno == EBUSY);
	need(renaming("/w/link", "/w/l") == EBUSY);
}

TEST(a_path_through_a_link_is_denied_where_it_leads_and_the_link_stays)
{
	need_root();
	expect_int(in_child(through_a_link), 0);
}

static void by_alias(void)
{
	struct fixture f;
	prepare(&f);
	volume(&f, "/alias", 0);
	volume(&f, "/w", 0);
	row(&f, ACCESS_READ_WRITE, "/alias");
	row(&f, ACCESS_READ_WRITE, "/w");
	row(&f, ACCESS_DENY, "/w/.env");
	row(&f, ACCESS_READ_ONLY, "/w/.git");
	row(&f, ACCESS_DENY, "/w/missing");
	become_agent(&f);
	need(reading("/alias/.env") == EACCES && writing("/alias/.git/config") == EROFS);
	need(unlink("/alias/missing") < 0 && errno == EBUSY);
	need(writing("/alias/new") == 0);
}

TEST(another_mount_of_the_same_tree_is_no_way_around)
{
	need_root();
	expect_int(in_child(by_alias), 0);
}

static void most_specific(void)
{
	struct fixture f;
	begin(&f);
	row(&f, ACCESS_READ_ONLY, "/w/.git");
	row(&f, ACCESS_READ_WRITE, "/w/.git/objects");
	row(&f, ACCESS_DENY, "/w/closed");
	row(&f, ACCESS_READ_WRITE, "/w/closed/open");
	become_agent(&f);
	need(reading("/w/.git/config") == 0 && writing("/w/.git/config") == EROFS);
	need(writing("/w/.git/objects/new") == 0);
	need(reading("/w/closed") == EACCES && reading("/w/closed/in") != 0 &&
	     writing("/w/closed/new") != 0);
	need(reading("/w/closed/open/out") == 0 && writing("/w/closed/open/new") == 0);
	need(renaming("/w/.git", "/w/g") == EBUSY && renaming("/w/closed", "/w/c") == EBUSY);
}

TEST(the_most_specific_path_wins_in_both_directions)
{
	need_root();
	expect_int(in_child(most_specific), 0);
}

static void never_wider(void)
{
	struct fixture f;
	prepare(&f);
	volume(&f, "/w", MOUNT_ATTR_RDONLY);
	f.plan.mounts.root_read_only = true;
	row(&f, ACCESS_READ_WRITE, "/etc");
	row(&f, ACCESS_READ_WRITE, "/w");
	become_agent(&f);
	need(writing("/w/new") == EROFS && writing("/etc/new") == EROFS);
}

TEST(a_grant_does_not_widen_a_read_only_mount)
{
	need_root();
	expect_int(in_child(never_wider), 0);
}

static void uncovered_volume(void)
{
	struct fixture f;
	prepare(&f);
	volume(&f, "/w", 0);
	row(&f, ACCESS_DENY, "/w")->is_volume = true;
	become_agent(&f);
	need(reading("/w") == EACCES && reading("/w/plain") == EACCES);
}

TEST(a_volume_that_no_grant_covers_is_denied)
{
	need_root();
	expect_int(in_child(uncovered_volume), 0);
}

static void not_yet_there(void)
{
	struct fixture f;
	begin(&f);
	row(&f, ACCESS_DENY, "/w/a/.npmrc");
	row(&f, ACCESS_DENY, "/w/new/deep/x");
	row(&f, ACCESS_DENY, "/w/plain/below");
	/* Seen from outside by a descriptor that was opened before the pivot. */
	int outside = open(VOLUME, O_PATH | O_DIRECTORY | O_CLOEXEC);
	need_ok(build(&f), &f.err);
	struct stat st;
	need(fstatat(outside, "a/.npmrc", &st, 0) == 0 && S_ISREG(st.st_mode) && st.st_size == 0);
	need(fstatat(outside, "new", &st, 0) == 0 && S_ISDIR(st.st_mode));
	drop_capabilities();
	need(writing("/w/a/.npmrc") == EACCES && mkdir("/w/new/deep", 0755) < 0 && errno == EACCES);
	need(unlink("/w/a/.npmrc") < 0 && errno == EBUSY && rmdir("/w/new") < 0 && errno == EBUSY);
	need(unlink("/w/plain") < 0 && errno == EBUSY && writing("/w/plain") == 0);
}

TEST(a_denied_path_cannot_come_into_being)
{
	need_root();
	expect_int(in_child(not_yet_there), 0);
}

static void hard_link(void)
{
	struct fixture f;
	begin(&f);
	need(link(VOLUME "/.env", VOLUME "/other") == 0);
	row(&f, ACCESS_DENY, "/w/.env");
	need_fail(build(&f), &f.err, "'/w/.env' has 2 hard links");
}

static void hard_links(void)
{
	struct fixture f;
	begin(&f);
	need(link(VOLUME "/.env", VOLUME "/other") == 0);
	row(&f, ACCESS_DENY, "/w/.env");
	row(&f, ACCESS_DENY, "/w/other");
	become_agent(&f);
	need(reading("/w/.env") == EACCES && reading("/w/other") == EACCES);
}

TEST(a_denied_file_with_another_hard_link_is_refused_unless_that_is_denied_too)
{
	need_root();
	expect_int(in_child(hard_link), 0);
	expect_int(in_child(hard_links), 0);
}

static void same_object(void)
{
	struct fixture f;
	begin(&f);
	row(&f, ACCESS_READ_ONLY, "/w/a/b");
	row(&f, ACCESS_READ_WRITE, "/w/link");
	become_agent(&f);
	need(writing("/w/a/b/new") == EROFS && writing("/w/link/new") == EROFS);
}

TEST(two_paths_to_one_object_get_the_strictest_intent)
{
	need_root();
	expect_int(in_child(same_object), 0);
}

static void missing_grant(void)
{
	struct fixture f;
	begin(&f);
	row(&f, ACCESS_READ_WRITE, "/x");
	need_fail(build(&f), &f.err, "'/x' does not exist in the container");
}

static void optional_grant(void)
{
	struct fixture f;
	begin(&f);
	row(&f, ACCESS_READ_WRITE, "/x")->is_optional = true;
	need_ok(build(&f), &f.err);
}

TEST(a_missing_grant_is_refused_unless_it_is_optional)
{
	need_root();
	expect_int(in_child(missing_grant), 0);
	expect_int(in_child(optional_grant), 0);
}

static void nothing_executes(void)
{
	struct fixture f;
	begin(&f);
	need(chmod(VOLUME "/plain", 0755) == 0);
	become_agent(&f);
	char *const args[] = { (char[]){ "plain" }, NULL };
	need(execv("/w/plain", args) < 0 && errno == EACCES);
}

TEST(what_the_agent_wrote_does_not_run)
{
	need_root();
	expect_int(in_child(nothing_executes), 0);
}

static void holes(void)
{
	struct fixture f;
	begin(&f);
	f.plan.landlock = (struct plan_landlock){ .is_active = true, .handled_fs = 0x1fff };
	struct plan_landlock_rule *rule = arena_push(&f.arena, &f.plan.landlock.rules);
	*rule = (struct plan_landlock_rule){ .path = "/", .rights = 1 << 2, .origin = "base" };
	*arena_push(&f.arena, &rule->holes) = "/w/a/b";
	need_ok(build(&f), &f.err);
	need_ok(landlock_prepare(&f.plan, &f.handles, &f.err), &f.err);
	need_ok(landlock_enter(&f.plan, &f.handles, &f.err), &f.err);
	need(reading("/etc/passwd") == 0 && reading("/w/plain") == 0);
	need(reading("/w/a/b/secret") == EACCES && reading("/w/link/secret") == EACCES);
}

TEST(landlock_grants_around_a_hole)
{
	need_root();
	if (landlock_abi().abi < 1)
		test_skip("Landlock");
	expect_int(in_child(holes), 0);
}

static void landlock_read(struct fixture *f, const char *path)
{
	struct plan_landlock_rule *rule = arena_push(&f->arena, &f->plan.landlock.rules);
	*rule = (struct plan_landlock_rule){ .path = path, .rights = 1 << 2, .origin = "base" };
}

/* An exec, after the agent has put a link where the policy has a path. */
static void bent_path(void)
{
	struct fixture f;
	begin(&f);
	need(symlink("etc", ROOT "/link") == 0);
	f.plan.landlock = (struct plan_landlock){ .is_active = true, .handled_fs = 0x1fff };
	landlock_read(&f, "/w/tools");
	landlock_read(&f, "/link/group");
	put(ROOT "/etc/group", "image");
	need_ok(build(&f), &f.err);
	need(symlink("/etc", "/w/tools") == 0);
	f.plan.is_exec = true;
	need_ok(landlock_prepare(&f.plan, &f.handles, &f.err), &f.err);
	need_ok(landlock_enter(&f.plan, &f.handles, &f.err), &f.err);
	need(reading("/etc/group") == 0);
	need(reading("/w/tools/passwd") == EACCES && reading("/etc/passwd") == EACCES);
}

TEST(an_exec_follows_links_of_the_image_but_none_that_the_agent_made)
{
	need_root();
	if (landlock_abi().abi < 1)
		test_skip("Landlock");
	expect_int(in_child(bent_path), 0);
}

static void mask_by_the_image(void)
{
	struct fixture f;
	prepare(&f);
	f.plan.filesystem.is_active = false;
	/* The image's own /dev/null: whatever it is, it must not become the mask. */
	need(symlink("/etc/passwd", ROOT "/dev/null") == 0);
	*arena_push(&f.arena, &f.plan.mounts.masked) = "/etc/passwd";
	need_fail(build(&f), &f.err, "not the null device");
}

static void mask_by_null(void)
{
	struct fixture f;
	struct stat st;
	prepare(&f);
	f.plan.filesystem.is_active = false;
	need(mknod(ROOT "/dev/null", S_IFCHR | 0666, 1 << 8 | 3) == 0);
	*arena_push(&f.arena, &f.plan.mounts.masked) = "/etc/passwd";
	*arena_push(&f.arena, &f.plan.mounts.masked) = "/w";
	*arena_push(&f.arena, &f.plan.mounts.masked) = "/not/there";
	*arena_push(&f.arena, &f.plan.mounts.read_only) = "/alias";
	need_ok(build(&f), &f.err);
	need(stat("/etc/passwd", &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == (1 << 8 | 3));
	need(writing("/w/new") == EROFS && writing("/alias/new") == EROFS);
}

TEST(masks_are_made_of_the_null_device_or_not_at_all)
{
	need_root();
	expect_int(in_child(mask_by_the_image), 0);
	expect_int(in_child(mask_by_null), 0);
}

static void mount_on_proc(void)
{
	struct fixture f;
	prepare(&f);
	f.plan.filesystem.is_active = false;
	volume(&f, "/proc", 0);
	need_fail(build(&f), &f.err, "only a proc file system");
}

static void proc_on_a_link(void)
{
	struct fixture f;
	prepare(&f);
	need(rmdir(ROOT "/proc") == 0 && symlink("etc", ROOT "/proc") == 0);
	struct plan_mount *mount = arena_push(&f.arena, &f.plan.mounts.rows);
	*mount = (struct plan_mount){
		.kind = PLAN_MOUNT_FILESYSTEM, .type = "proc", .target = "/proc", .origin = "o"
	};
	need_fail(build(&f), &f.err, "not a plain directory");
}

TEST(proc_is_mounted_on_a_plain_directory_and_nothing_else_is_mounted_on_proc)
{
	need_root();
	expect_int(in_child(mount_on_proc), 0);
	expect_int(in_child(proc_on_a_link), 0);
}
