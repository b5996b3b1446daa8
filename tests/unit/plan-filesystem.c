/* SPDX-License-Identifier: Apache-2.0 */
/* Which row decides about a path, and what settling makes of the rows. */
#include "base/arena.h"
#include "base/str.h"
#include "plan/plan.h"
#include "test.h"

static struct arena arena;
static struct error err;

static struct plan new_plan(void)
{
	return (struct plan){ .arena = &arena,
			      .filesystem = { .is_active = true, .exec_base = true } };
}

static void row(struct plan *plan, enum access_intent intent, const char *path)
{
	*arena_push(&arena, &plan->filesystem.rows) = (struct plan_access){
		.path = path, .intent = intent, .origin = arena_printf(&arena, "row %s", path)
	};
}

static void bind_mount(struct plan *plan, const char *source, const char *target)
{
	*arena_push(&arena, &plan->mounts.rows) = (struct plan_mount){ .kind = PLAN_MOUNT_BIND,
								       .source = source,
								       .target = target };
}

static const char *rows_text(const struct plan *plan)
{
	static const char *const intents[] = { "ro", "rw", "deny" };
	struct text text = { .arena = &arena };
	for (size_t i = 0; i < plan->filesystem.rows.n; i++) {
		const struct plan_access *at = &plan->filesystem.rows.items[i];
		text_printf(&text, "%s %s%s%s%s\n", intents[at->intent], at->path,
			    at->is_optional ? " optional" : "",
			    at->is_directory ? " directory" : "",
			    at->allows_execute ? " execute" : "");
	}
	return text.data ? text.data : "";
}

static void settle(struct plan *plan)
{
	expect_ok(plan_filesystem_settle(plan, &err), &err);
}

TEST(the_longest_row_decides_in_any_order)
{
	struct plan plan = new_plan();
	row(&plan, ACCESS_DENY, "/w/deny");
	row(&plan, ACCESS_READ_WRITE, "/w");
	row(&plan, ACCESS_READ_WRITE, "/w/deny/child");
	expect_int(plan_access_of(&plan.filesystem, "/w/x/y")->intent, ACCESS_READ_WRITE);
	expect_int(plan_access_of(&plan.filesystem, "/w/deny")->intent, ACCESS_DENY);
	expect_int(plan_access_of(&plan.filesystem, "/w/deny/child/z")->intent, ACCESS_READ_WRITE);
	expect_int(plan_access_of(&plan.filesystem, "/w/denyelse")->intent, ACCESS_READ_WRITE);
	expect(!plan_access_of(&plan.filesystem, "/etc"));
}

TEST(rows_are_sorted_with_parents_first)
{
	struct plan plan = new_plan();
	row(&plan, ACCESS_READ_WRITE, "/b");
	row(&plan, ACCESS_READ_WRITE, "/a-b");
	row(&plan, ACCESS_READ_ONLY, "/a/b");
	row(&plan, ACCESS_READ_WRITE, "/a");
	settle(&plan);
	expect_text(rows_text(&plan), "rw /a\nro /a/b\nrw /a-b\nrw /b\n");
}

TEST(what_lies_in_a_writable_tree_is_no_longer_the_image)
{
	struct plan plan = new_plan();
	row(&plan, ACCESS_READ_WRITE, "/w");
	row(&plan, ACCESS_READ_ONLY, "/w/.git");
	row(&plan, ACCESS_READ_ONLY, "/usr");
	settle(&plan);
	expect_text(rows_text(&plan), "ro /usr execute\nrw /w\nro /w/.git\n");
}

TEST(a_container_in_which_nothing_may_run_is_refused)
{
	struct plan none = new_plan(), empty = new_plan();
	none.filesystem.base = ACCESS_BASE_NONE;
	expect_fail(plan_filesystem_settle(&none, &err), &err, "no program may be executed");
	empty.filesystem.exec_base = false;
	expect_fail(plan_filesystem_settle(&empty, &err), &err, "no program may be executed");
}

TEST(of_one_path_the_strictest_intent_wins)
{
	struct plan plan = new_plan();
	row(&plan, ACCESS_READ_WRITE, "/a");
	row(&plan, ACCESS_DENY, "/a");
	row(&plan, ACCESS_READ_ONLY, "/a");
	row(&plan, ACCESS_READ_WRITE, "/b");
	row(&plan, ACCESS_READ_ONLY, "/b");
	settle(&plan);
	expect_text(rows_text(&plan), "deny /a\nro /b execute\n");
}

TEST(a_path_is_optional_only_where_all_say_so)
{
	struct plan plan = new_plan();
	row(&plan, ACCESS_DENY, "/a");
	row(&plan, ACCESS_DENY, "/a");
	row(&plan, ACCESS_DENY, "/b");
	row(&plan, ACCESS_DENY, "/b");
	plan.filesystem.rows.items[0].is_optional = true;
	plan.filesystem.rows.items[2].is_optional = plan.filesystem.rows.items[3].is_optional =
		true;
	plan.filesystem.rows.items[3].is_directory = true;
	settle(&plan);
	expect_text(rows_text(&plan), "deny /a\ndeny /b optional directory\n");
}

TEST(a_denial_beneath_a_denial_is_dropped_but_not_beneath_a_grant_within)
{
	struct plan plan = new_plan();
	row(&plan, ACCESS_DENY, "/a");
	row(&plan, ACCESS_DENY, "/a/b");
	row(&plan, ACCESS_READ_WRITE, "/a/c");
	row(&plan, ACCESS_DENY, "/a/c/d");
	settle(&plan);
	expect_text(rows_text(&plan), "deny /a\nrw /a/c\ndeny /a/c/d\n");
}

TEST(what_is_written_runs_only_with_rw)
{
	struct plan plan = new_plan();
	row(&plan, ACCESS_READ_WRITE, "/w");
	settle(&plan);
	expect_text(rows_text(&plan), "rw /w\n");
	plan.filesystem.exec_writable = true;
	settle(&plan);
	expect_text(rows_text(&plan), "rw /w execute\n");
}

TEST(a_read_only_path_of_the_image_stays_executable_and_one_on_a_volume_is_not)
{
	struct plan plan = new_plan();
	bind_mount(&plan, "/srv/data", "/data");
	row(&plan, ACCESS_READ_ONLY, "/usr");
	row(&plan, ACCESS_READ_ONLY, "/data/in");
	settle(&plan);
	expect_text(rows_text(&plan), "ro /data/in\nro /usr execute\n");
	plan.filesystem.exec_base = false;
	*arena_push(&arena, &plan.filesystem.exec_paths) = (struct plan_exec_path){
		.path = "/data/in/bin"
	};
	settle(&plan);
	expect_text(rows_text(&plan), "ro /data/in execute\nro /usr\n");
}

TEST(a_path_that_may_not_be_read_cannot_be_executed_from)
{
	struct plan plan = new_plan();
	row(&plan, ACCESS_DENY, "/opt");
	*arena_push(&arena,
		    &plan.filesystem.exec_paths) = (struct plan_exec_path){ .path = "/opt/bin",
									    .origin = "here" };
	expect_fail(plan_filesystem_settle(&plan, &err), &err,
		    "'/opt/bin' is to be executed, but may not be read (here)");

	struct plan bare = new_plan();
	bare.filesystem.base = ACCESS_BASE_NONE;
	*arena_push(&arena,
		    &bare.filesystem.exec_paths) = (struct plan_exec_path){ .path = "/bin",
									    .origin = "here" };
	expect_fail(plan_filesystem_settle(&bare, &err), &err, "may not be read (here)");
}

TEST(a_writable_root_from_which_nothing_may_run_is_refused)
{
	struct plan plan = new_plan();
	row(&plan, ACCESS_READ_WRITE, "/");
	expect_fail(plan_filesystem_settle(&plan, &err), &err, "no file in it may be executed");
	plan.filesystem.exec_writable = true;
	settle(&plan);
}

TEST(volumes_are_what_the_engine_brings_from_outside)
{
	static const struct {
		struct plan_mount mount;
		bool is_volume;
	} rows[] = {
		{ { .kind = PLAN_MOUNT_BIND, .source = "/srv", .target = "/srv" }, true },
		{ { .kind = PLAN_MOUNT_BIND,
		    .source = "/x/hosts",
		    .target = "/etc/hosts",
		    .is_engine_file = true },
		  false },
		{ { .kind = PLAN_MOUNT_BIND, .source = "/sys", .target = "/sys" }, false },
		{ { .kind = PLAN_MOUNT_BIND, .source = "/dev/null", .target = "/dev/null" },
		  false },
		{ { .kind = PLAN_MOUNT_BIND, .source = "/dev/sda", .target = "/dev/null" }, true },
		{ { .kind = PLAN_MOUNT_BIND, .source = "/dev/sda", .target = "/dev/sda" }, true },
		{ { .kind = PLAN_MOUNT_FILESYSTEM, .type = "tmpfs", .target = "/t" }, false },
		{ { .kind = PLAN_MOUNT_FILESYSTEM, .type = "overlay", .target = "/o" }, true },
		{ { .kind = PLAN_MOUNT_CGROUP, .target = "/sys/fs/cgroup" }, false },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect_int(plan_mount_is_volume(&rows[i].mount), rows[i].is_volume);
}
