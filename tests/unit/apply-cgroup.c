/* SPDX-License-Identifier: Apache-2.0 */
/* Cgroups for real, in a private view in which only version 2 is mounted. */
#include "apply-child.h"

#include "apply/cgroup.h"
#include "apply/proc.h"
#include "apply/step.h"
#include "base/arena.h"
#include "base/io.h"
#include "plan/plan.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* The one cgroup of these tests, below a branch of their own. */
static const char branch[] = "/mxc-test-unit";

struct fixture {
	struct arena arena;
	struct plan plan;
	struct handles handles;
	struct error err;
};

static void enter_private_view(void)
{
	need(unshare(CLONE_NEWNS) == 0);
	need(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	need(mount("none", "/sys/fs/cgroup", "cgroup2", 0, NULL) == 0);
}

static void prepare(struct fixture *f)
{
	enter_private_view();
	memset(f, 0, sizeof(*f));
	f->plan.arena = &f->arena;
	f->plan.id = "test";
	f->plan.cgroup.manager = CGROUP_FILESYSTEM;
	f->plan.cgroup.path = arena_printf(&f->arena, "%s/c%d", branch, getpid());
	handles_init(&f->handles, &f->arena);
	need_ok(f->handles.proc = proc_open(&f->err), &f->err);
}

static void finish(struct fixture *f)
{
	cgroup_undo(&f->plan, &f->handles);
	(void)rmdir(arena_printf(&f->arena, "/sys/fs/cgroup%s", branch));
	handles_close(&f->handles);
	arena_free(&f->arena);
}

/* A child that waits to be killed, in the cgroup. */
static pid_t member(struct fixture *f, int cgroup)
{
	char text[16];
	pid_t pid = fork();

	if (pid == 0) {
		for (;;)
			(void)pause();
	}
	(void)snprintf(text, sizeof(text), "%d", pid);
	need(file_write_at(cgroup, "cgroup.procs", text) == 0);
	(void)f;
	return pid;
}

static void create_body(void)
{
	struct fixture f;
	struct stat st;

	prepare(&f);
	need_ok(cgroup_create(&f.plan, &f.handles, &f.err), &f.err);
	need(f.handles.cgroup >= 0);
	need(strcmp(f.handles.cgroup_path, f.plan.cgroup.path) == 0);
	const char *path = arena_printf(&f.arena, "/sys/fs/cgroup%s", f.plan.cgroup.path);
	need(stat(path, &st) == 0);

	struct plan_cgroup_value *value = arena_push(&f.arena, &f.plan.cgroup.values);
	*value = (struct plan_cgroup_value){ "cgroup.max.depth", "3",
					     "config.json linux.resources.unified" };
	need_ok(cgroup_limits(&f.plan, &f.handles, &f.err), &f.err);
	value->file = "nonsense.max";
	need_fail(cgroup_limits(&f.plan, &f.handles, &f.err), &f.err, "linux.resources.unified");
	value->file = "../cgroup.max.depth";
	need_fail(cgroup_limits(&f.plan, &f.handles, &f.err), &f.err, "is no cgroup file");

	cgroup_undo(&f.plan, &f.handles);
	need(stat(path, &st) < 0 && errno == ENOENT);
	finish(&f);
}

static void populated_body(void)
{
	struct fixture f;

	prepare(&f);
	need_ok(cgroup_create(&f.plan, &f.handles, &f.err), &f.err);
	pid_t pid = member(&f, f.handles.cgroup);
	struct handles second;
	handles_init(&second, &f.arena);
	second.proc = f.handles.proc;
	need_fail(cgroup_create(&f.plan, &second, &f.err), &f.err,
		  "already exists and has processes");
	need(second.cgroup < 0);

	const char *path;
	need_ok(cgroup_of_process(&f.arena, f.handles.proc, pid, &path, &f.err), &f.err);
	need(strcmp(path, f.handles.cgroup_path) == 0);
	finish(&f);
	need(waitpid(pid, NULL, 0) == pid);
}

static void tree_body(void)
{
	struct fixture f;
	struct cgroup_pids pids;
	int status;

	prepare(&f);
	need_ok(cgroup_create(&f.plan, &f.handles, &f.err), &f.err);
	need(mkdirat(f.handles.cgroup, "child", 0755) == 0);
	need(mkdirat(f.handles.cgroup, "child/grandchild", 0755) == 0);
	int child = openat(f.handles.cgroup, "child/grandchild",
			   O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	pid_t above = member(&f, f.handles.cgroup), below = member(&f, child);

	need_ok(cgroup_pids(&f.arena, f.handles.cgroup, &pids, &f.err), &f.err);
	need(pids.list.n == 2 && pids.list.items[0] == above && pids.list.items[1] == below);
	need(cgroup_is_populated(f.handles.cgroup));

	need_ok(cgroup_freeze(f.handles.cgroup, true, &f.err), &f.err);
	need(cgroup_is_frozen(f.handles.cgroup));
	need_ok(cgroup_freeze(f.handles.cgroup, false, &f.err), &f.err);
	need(!cgroup_is_frozen(f.handles.cgroup));

	need_ok(cgroup_kill(f.handles.cgroup, SIGTERM, &f.err), &f.err);
	need(waitpid(above, &status, 0) == above && WTERMSIG(status) == SIGTERM);
	need(waitpid(below, &status, 0) == below && WTERMSIG(status) == SIGTERM);

	below = member(&f, child);
	need_ok(cgroup_kill(f.handles.cgroup, SIGKILL, &f.err), &f.err);
	need(waitpid(below, &status, 0) == below && WTERMSIG(status) == SIGKILL);
	need_ok(cgroup_remove(f.handles.cgroup_path, NULL, &f.err), &f.err);
	need_ok(cgroup_remove(f.handles.cgroup_path, NULL, &f.err), &f.err);
	need_fail(cgroup_open(f.handles.cgroup_path, &f.err), &f.err, "No such file");
	finish(&f);
}

static void stats_body(void)
{
	struct fixture f;
	struct cgroup_stats stats;

	prepare(&f);
	need_ok(cgroup_create(&f.plan, &f.handles, &f.err), &f.err);
	cgroup_stats(f.handles.cgroup, &stats);
	need(stats.has_cpu && stats.cpu_usec < 1000000);
	finish(&f);
}

static void unavailable_body(void)
{
	struct fixture f;

	prepare(&f);
	struct plan_cgroup_value *value = arena_push(&f.arena, &f.plan.cgroup.values);
	*value = (struct plan_cgroup_value){ "rdma.max", "none", "x" };
	f.plan.cgroup.may_be_absent = true;
	f.plan.cgroup.is_asked = true;
	int result = cgroup_create(&f.plan, &f.handles, &f.err);
	/* A host that has the controller proves nothing here. */
	if (result < 0)
		need(strstr(f.err.text, "the cgroup controller 'rdma' is not available"));
	finish(&f);
}

static void version_one_body(void)
{
	struct fixture f;

	prepare(&f);
	need(mount("none", "/sys/fs/cgroup", "tmpfs", 0, NULL) == 0);
	need_fail(cgroup_create(&f.plan, &f.handles, &f.err), &f.err, "version 1 is not supported");
	f.plan.cgroup.may_be_absent = true;
	need_ok(cgroup_create(&f.plan, &f.handles, &f.err), &f.err);
	need(f.handles.cgroup < 0);
}

/* In the cgroup: "null rw", "zero w" … : whether the device opens. */
static bool opens(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC | O_NOCTTY);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

static void add_device(struct fixture *f, bool allow, char type, int64_t minor, const char *access)
{
	struct plan_device_rule *rule = arena_push(&f->arena, &f->plan.cgroup.devices);

	*rule = (struct plan_device_rule){
		.allow = allow,
		.type = type,
		.major = type == 'a' ? -1 : 1,
		.minor = minor,
		.read = strchr(access, 'r'),
		.write = strchr(access, 'w'),
		.mknod = strchr(access, 'm'),
	};
}

static void devices_body(void)
{
	struct fixture f;
	char text[16];
	int status;

	prepare(&f);
	need_ok(cgroup_create(&f.plan, &f.handles, &f.err), &f.err);
	f.plan.cgroup.has_device_filter = true;
	add_device(&f, false, 'a', -1, "rwm");
	add_device(&f, true, 'c', 3, "r"); /* null: read and write by two rules */
	add_device(&f, true, 'c', 3, "w");
	add_device(&f, true, 'c', 5, "rw"); /* zero: writing taken away again */
	add_device(&f, false, 'c', 5, "w");
	add_device(&f, true, 'c', 7, "rwm"); /* full: all */
	need_ok(cgroup_filter_devices(&f.plan, &f.handles, &f.err), &f.err);

	pid_t pid = fork();
	if (pid == 0) {
		(void)snprintf(text, sizeof(text), "%d", getpid());
		need(file_write_at(f.handles.cgroup, "cgroup.procs", text) == 0);
		need(opens("/dev/null", O_RDWR));
		need(opens("/dev/zero", O_RDONLY));
		need(!opens("/dev/zero", O_WRONLY));
		need(!opens("/dev/zero", O_RDWR));
		need(!opens("/dev/urandom", O_RDONLY));
		need(mount("none", "/mnt", "tmpfs", 0, NULL) == 0);
		need(mknod("/mnt/full", S_IFCHR | 0600, makedev(1, 7)) == 0);
		need(mknod("/mnt/null", S_IFCHR | 0600, makedev(1, 3)) < 0 && errno == EPERM);
		need(mknod("/mnt/sda", S_IFBLK | 0600, makedev(1, 7)) < 0 && errno == EPERM);
		need(umount("/mnt") == 0);
		_exit(0);
	}
	need(waitpid(pid, &status, 0) == pid);
	finish(&f);
	need(status == 0);
}

static void need_root(void)
{
	if (geteuid() != 0)
		test_skip("root");
}

TEST(a_cgroup_is_made_limited_and_removed)
{
	need_root();
	expect_int(in_child(create_body), 0);
}

TEST(a_cgroup_with_processes_is_refused)
{
	need_root();
	expect_int(in_child(populated_body), 0);
}

TEST(a_tree_of_cgroups_is_listed_frozen_killed_and_removed)
{
	need_root();
	expect_int(in_child(tree_body), 0);
}

TEST(absent_controllers_are_absent_from_the_statistics)
{
	need_root();
	expect_int(in_child(stats_body), 0);
}

TEST(a_limit_without_its_controller_is_refused)
{
	need_root();
	expect_int(in_child(unavailable_body), 0);
}

TEST(a_host_without_cgroup2_is_refused_unless_it_may_be_absent)
{
	need_root();
	expect_int(in_child(version_one_body), 0);
}

TEST(device_rules_decide_bit_by_bit_and_the_last_wins)
{
	need_root();
	expect_int(in_child(devices_body), 0);
}
