/* SPDX-License-Identifier: Apache-2.0 */
/* The Landlock rules that settled rows become, for each ABI. */
#include "plan/landlock.h"

#include "base/arena.h"
#include "base/str.h"
#include "plan/host.h"
#include "plan/plan.h"
#include "plan/settle.h"
#include "test.h"

#include <string.h>

static struct arena arena;
static struct error err;
static const struct host newest = {
	.landlock_abi = 7, .has_seccomp = true, .has_memfd_noexec = true, .is_root = true
};

static struct plan new_plan(void)
{
	struct plan plan = { .arena = &arena,
			     .filesystem = { .is_active = true, .exec_base = true } };
	plan.namespaces.of[NAMESPACE_PID].mode = NAMESPACE_NEW;
	plan.namespaces.of[NAMESPACE_NETWORK].mode = NAMESPACE_NEW;
	plan.seccomp.profile = SYSCALLS_AGENT;
	plan.seccomp.origin = "profile";
	return plan;
}

static void row(struct plan *plan, enum access_intent intent, const char *path)
{
	*arena_push(&arena, &plan->filesystem.rows) = (struct plan_access){ .path = path,
									    .intent = intent,
									    .origin = "row" };
}

static void bind_mount(struct plan *plan, const char *target)
{
	*arena_push(&arena, &plan->mounts.rows) = (struct plan_mount){ .kind = PLAN_MOUNT_BIND,
								       .source = "/outside",
								       .target = target };
}

/* "R" read-file, "D" read-dir, "X" execute, "W" every right of a writable tree, "I" ioctl. */
static const char *rights_text(uint64_t rights)
{
	struct text text = { .arena = &arena };
	text_add(&text, "");
	text_add(&text, rights & LANDLOCK_READ_FILE ? "R" : "");
	text_add(&text, rights & LANDLOCK_READ_DIR ? "D" : "");
	text_add(&text, rights & LANDLOCK_EXECUTE ? "X" : "");
	text_add(&text, rights & LANDLOCK_WRITE_FILE ? "W" : "");
	text_add(&text, rights & LANDLOCK_IOCTL_DEV ? "I" : "");
	return text.data;
}

/* Every rule but the standard devices'. */
static const char *rules_text(const struct plan *plan)
{
	struct text text = { .arena = &arena };
	text_add(&text, "");
	for (size_t i = 0; i < plan->landlock.rules.n; i++) {
		const struct plan_landlock_rule *rule = &plan->landlock.rules.items[i];
		if (strcmp(rule->origin, "standard devices") == 0)
			continue;
		text_printf(&text, "%s %s", rule->path, rights_text(rule->rights));
		for (size_t hole = 0; hole < rule->holes.n; hole++)
			text_printf(&text, " -%s", rule->holes.items[hole]);
		text_add(&text, "\n");
	}
	return text.data;
}

static const struct plan_landlock_rule *rule_of(const struct plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->landlock.rules.n; i++)
		if (strcmp(plan->landlock.rules.items[i].path, path) == 0)
			return &plan->landlock.rules.items[i];
	return NULL;
}

/* 0 when no rule is of PATH: none grants nothing. */
static uint64_t rights_at(const struct plan *plan, const char *path)
{
	const struct plan_landlock_rule *rule = rule_of(plan, path);
	return rule ? rule->rights : 0;
}

static void settle(struct plan *plan)
{
	expect_ok(plan_settle_policy(plan, &newest, &err), &err);
}

static const char *weaker(const struct plan *plan)
{
	struct text text = { .arena = &arena };
	text_add(&text, "");
	for (size_t i = 0; i < plan->degradations.n; i++)
		text_printf(&text, "%s\n", plan->degradations.items[i].what);
	return text.data;
}

TEST(each_abi_knows_its_rights)
{
	expect_int(landlock_rights_of(0), 0);
	expect_int(landlock_rights_of(1), 0x1fff);
	expect_int(landlock_rights_of(2), 0x3fff);
	expect_int(landlock_rights_of(3), 0x7fff);
	expect_int(landlock_rights_of(4), 0x7fff);
	expect_int(landlock_rights_of(5), 0xffff);
	expect_int(landlock_rights_of(8), 0xffff);
	expect_int(landlock_rights_of(9), 0x1ffff);
	expect_int(landlock_rights_of(10), 0x1ffff);
}

TEST(the_image_alone_is_one_rule)
{
	struct plan plan = new_plan();
	settle(&plan);
	expect_text(rules_text(&plan), "/ RDX\n");
}

TEST(a_writable_tree_has_every_right_but_execution_and_devices)
{
	struct plan plan = new_plan();
	row(&plan, ACCESS_READ_WRITE, "/w");
	settle(&plan);
	expect_int(rights_at(&plan, "/w"), 0xffff & ~(LANDLOCK_EXECUTE | LANDLOCK_MAKE_CHAR |
						      LANDLOCK_MAKE_BLOCK | LANDLOCK_IOCTL_DEV));
	expect_text(rules_text(&plan), "/ X -/w\n/ RD\n/w RDW\n");
}

TEST(with_rw_in_exec_the_writable_tree_needs_no_hole)
{
	struct plan plan = new_plan();
	plan.filesystem.exec_writable = true;
	row(&plan, ACCESS_READ_WRITE, "/w");
	settle(&plan);
	expect_text(rules_text(&plan), "/ RDX\n/w RDXW\n");
}

TEST(a_denied_path_in_the_image_is_a_hole_and_its_grants_are_rules)
{
	struct plan plan = new_plan();
	row(&plan, ACCESS_DENY, "/etc/secret");
	row(&plan, ACCESS_READ_ONLY, "/etc/secret/public");
	settle(&plan);
	expect_text(rules_text(&plan), "/ RX -/etc/secret\n/ D\n/etc/secret/public RDX\n");
}

TEST(what_is_stricter_in_a_writable_tree_is_left_to_mounts)
{
	struct plan plan = new_plan();
	plan.filesystem.exec_writable = true;
	row(&plan, ACCESS_READ_WRITE, "/w");
	row(&plan, ACCESS_DENY, "/w/.env");
	row(&plan, ACCESS_READ_ONLY, "/w/.git");
	settle(&plan);
	expect_text(rules_text(&plan), "/ RDX\n/w RDXW\n");
}

TEST(a_volume_has_no_holes_and_no_execution)
{
	struct plan plan = new_plan();
	bind_mount(&plan, "/data");
	row(&plan, ACCESS_READ_ONLY, "/data");
	row(&plan, ACCESS_DENY, "/data/secret");
	settle(&plan);
	expect_text(rules_text(&plan), "/ X -/data\n/ RD\n/data RD\n");
}

TEST(a_read_only_tree_of_the_image_has_holes_of_its_own)
{
	struct plan plan = new_plan();
	plan.filesystem.base = ACCESS_BASE_NONE;
	plan.filesystem.exec_writable = true;
	row(&plan, ACCESS_READ_ONLY, "/srv");
	row(&plan, ACCESS_DENY, "/srv/b");
	row(&plan, ACCESS_READ_WRITE, "/srv/c");
	row(&plan, ACCESS_DENY, "/srv/c/d");
	settle(&plan);
	expect_text(rules_text(&plan), "/srv R -/srv/b\n/srv D\n/srv/c RDXW\n");
}

TEST(a_path_to_execute_from_yields_to_denials_only)
{
	struct plan plan = new_plan();
	plan.filesystem.exec_base = false;
	row(&plan, ACCESS_READ_WRITE, "/opt/out");
	row(&plan, ACCESS_DENY, "/opt/secret");
	*arena_push(&arena,
		    &plan.filesystem.exec_paths) = (struct plan_exec_path){ .path = "/opt",
									    .origin = "exec" };
	settle(&plan);
	expect_text(rules_text(&plan),
		    "/ R -/opt/secret\n/ D\n/opt/out RDW\n/opt X -/opt/secret\n");
}

TEST(the_kernels_own_trees_have_no_holes)
{
	struct plan plan = new_plan();
	row(&plan, ACCESS_DENY, "/proc/kcore");
	row(&plan, ACCESS_DENY, "/sys/firmware");
	settle(&plan);
	expect_text(rules_text(&plan), "/ RDX\n");
}

TEST(the_system_base_is_a_list_of_trees)
{
	struct plan plan = new_plan();
	plan.filesystem.base = ACCESS_BASE_SYSTEM;
	row(&plan, ACCESS_DENY, "/etc/shadow");
	settle(&plan);
	expect_text(rules_text(&plan), "/bin RDX\n/etc RX -/etc/shadow\n/etc D\n"
				       "/lib RDX\n/lib32 RDX\n/lib64 RDX\n/libx32 RDX\n"
				       "/proc RDX\n/sbin RDX\n/usr RDX\n");
}

TEST(a_writable_root_takes_the_place_of_the_base)
{
	struct plan plan = new_plan();
	plan.filesystem.exec_writable = true;
	row(&plan, ACCESS_READ_WRITE, "/");
	row(&plan, ACCESS_READ_ONLY, "/proc");
	settle(&plan);
	expect_text(rules_text(&plan), "/ RDXW\n");
}

TEST(standard_devices_are_writable_unless_denied)
{
	struct plan plan = new_plan();
	row(&plan, ACCESS_DENY, "/dev/tty");
	settle(&plan);
	expect_text(rights_text(rights_at(&plan, "/dev/null")), "RW");
	expect_text(rights_text(rights_at(&plan, "/dev/pts")), "RDWI");
	expect(!rule_of(&plan, "/dev/tty"));
}

TEST(a_granted_device_takes_commands_and_shared_memory_does_not)
{
	struct plan plan = new_plan();
	row(&plan, ACCESS_READ_WRITE, "/dev/fuse");
	row(&plan, ACCESS_READ_WRITE, "/dev/shm");
	settle(&plan);
	expect_text(rights_text(rights_at(&plan, "/dev/fuse")), "RDWI");
	expect_text(rights_text(rights_at(&plan, "/dev/shm")), "RDW");
}

TEST(scopes_and_log_flags_come_with_their_abi)
{
	struct plan plan = new_plan();
	settle(&plan);
	expect_int(plan.landlock.scoped, 3);
	expect_int(plan.landlock.restrict_flags, 2);
	expect_int(plan.landlock.handled_net, 0);
	expect_text(weaker(&plan), "");

	struct host older = newest;
	older.landlock_abi = 6;
	struct plan plain = new_plan();
	expect_ok(plan_settle_policy(&plain, &older, &err), &err);
	expect_int(plain.landlock.scoped, 3);
	expect_int(plain.landlock.restrict_flags, 0);
}

TEST(an_old_abi_is_weaker_and_says_so)
{
	struct host old = newest;
	old.landlock_abi = 1;
	struct plan plan = new_plan();
	row(&plan, ACCESS_READ_WRITE, "/w");
	expect_ok(plan_settle_policy(&plan, &old, &err), &err);
	expect_int(rights_at(&plan, "/w") & ~UINT64_C(0x1fff), 0);
	expect_int(plan.landlock.scoped, 0);
	expect_text(weaker(&plan),
		    "Landlock ABI 1: no rename or link between directories (EXDEV)\n"
		    "Landlock below ABI 3: mounts alone hold truncating\n"
		    "Landlock below ABI 5: seccomp alone holds device commands\n"
		    "Landlock below ABI 6: namespaces alone hold signals and abstract sockets\n");
}

TEST(a_host_without_landlock_is_refused)
{
	struct host none = newest;
	none.landlock_abi = 0;
	struct plan plan = new_plan();
	expect_fail(plan_settle_policy(&plan, &none, &err), &err, "a policy needs Landlock");
	expect_text(error_code(&err), "backend_unavailable");
}

TEST(without_scopes_a_shared_namespace_is_refused)
{
	struct host old = newest;
	old.landlock_abi = 5;
	struct plan pid = new_plan(), network = new_plan();
	pid.namespaces.of[NAMESPACE_PID].mode = NAMESPACE_INHERIT;
	expect_fail(plan_settle_policy(&pid, &old, &err), &err, "cannot keep signals inside");
	network.namespaces.of[NAMESPACE_NETWORK].mode = NAMESPACE_JOIN;
	expect_fail(plan_settle_policy(&network, &old, &err), &err,
		    "cannot keep abstract sockets inside");
	network.seccomp.profile = SYSCALLS_STRICT; /* no sockets at all */
	network.filesystem.rows.n = 0;
	expect_ok(plan_settle_policy(&network, &old, &err), &err);
}

TEST(memfds_are_kept_by_the_sysctl_or_else_by_the_filter)
{
	struct plan own = new_plan(), shared = new_plan(), open = new_plan();
	settle(&own);
	expect(own.kernel.memfd_noexec);
	shared.namespaces.of[NAMESPACE_PID].mode = NAMESPACE_JOIN;
	settle(&shared);
	expect(!shared.kernel.memfd_noexec);
	expect_text(weaker(&shared),
		    "vm.memfd_noexec is not ours to set: memfd_create needs MFD_NOEXEC_SEAL\n");
	open.filesystem.memfd_exec = true;
	settle(&open);
	expect(!open.kernel.memfd_noexec);
}

TEST(nothing_that_keeps_memfds_is_refused)
{
	struct host old = newest;
	old.has_memfd_noexec = false;
	struct plan plan = new_plan();
	plan.seccomp.profile = SYSCALLS_NONE;
	expect_fail(plan_settle_policy(&plan, &old, &err), &err,
		    "only a profile keeps memfds from being executed (profile)");
}

TEST(a_time_limit_needs_what_ends_every_process)
{
	struct plan own = new_plan(), shared = new_plan();
	own.timeout_ms = shared.timeout_ms = 1000;
	settle(&own);
	expect(!own.cgroup.is_asked);

	shared.namespaces.of[NAMESPACE_PID].mode = NAMESPACE_JOIN;
	shared.cgroup.manager = CGROUP_NONE;
	expect_fail(plan_settle_policy(&shared, &newest, &err), &err, "cannot all be ended");
	struct plan grouped = new_plan();
	grouped.timeout_ms = 1000;
	grouped.namespaces.of[NAMESPACE_PID].mode = NAMESPACE_JOIN;
	grouped.cgroup.manager = CGROUP_FILESYSTEM;
	settle(&grouped);
	expect(grouped.cgroup.is_asked);
}

TEST(a_host_without_filters_is_refused)
{
	struct host old = newest;
	old.has_seccomp = false;
	struct plan plan = new_plan();
	expect_fail(plan_settle_policy(&plan, &old, &err), &err,
		    "no system call filters (profile)");
}

TEST(a_plan_without_a_policy_is_left_alone)
{
	struct plan plan = { .arena = &arena };
	settle(&plan);
	expect(!plan.landlock.is_active && !plan.seccomp.program && !plan.kernel.memfd_noexec);
}
