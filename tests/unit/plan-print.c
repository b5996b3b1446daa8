/* SPDX-License-Identifier: Apache-2.0 */
/* The printed plan and its digest: complete, and nothing in it can forge a line. */
#include "test.h"

#include "base/str.h"
#include "plan/plan.h"

#include <string.h>

/* One settled-looking plan with something in every list. */
static struct plan *plan_make(struct arena *arena)
{
	static const char *args[] = { "sh", NULL }, *env[] = { "A=1", NULL }, *none[] = { NULL };
	struct plan *plan = arena_alloc(arena, sizeof(*plan));

	*plan = (struct plan){ .arena = arena,
			       .id = "box",
			       .bundle = "/b",
			       .oci_version = "1.0.0",
			       .annotations = none };
	plan->process.args = args;
	plan->process.env = env;
	plan->process.cwd = plan->process.config_cwd = "/";
	plan->caps.is_set = true;
	plan->mounts.root = "/b/rootfs";
	plan->filesystem.is_active = plan->landlock.is_active = plan->audit.is_active = true;
	plan_cgroup_init(&plan->cgroup);
	*arena_push(arena, &plan->mounts.rows) = (struct plan_mount){ .type = "tmpfs",
								      .target = "/x" };
	*arena_push(arena, &plan->devices.rows) = (struct plan_device){ .type = 'c',
									.path = "/dev/x" };
	*arena_push(arena, &plan->cgroup.devices) = (struct plan_device_rule){ .type = 'a',
									       .major = -1,
									       .minor = -1 };
	*arena_push(arena, &plan->hooks.of[0]) = (struct plan_hook){ .path = "/hook" };
	*arena_push(arena, &plan->filesystem.rows) = (struct plan_access){ .path = "/w" };
	*arena_push(arena, &plan->landlock.rules) = (struct plan_landlock_rule){ .path = "/w",
										 .rights = 1 };
	*arena_push(arena, &plan->process.rlimits) = (struct plan_rlimit){ .name = "RLIMIT_CORE" };
	return plan;
}

#define CHANGE(name, statement)             \
	static void name(struct plan *plan) \
	{                                   \
		statement;                  \
	}
CHANGE(id, plan->id = "other")
CHANGE(bundle, plan->bundle = "/other")
CHANGE(version, plan->oci_version = "1.1.0")
CHANGE(is_exec, plan->is_exec = true)
CHANGE(namespace_mode, plan->namespaces.of[NAMESPACE_TIME].mode = NAMESPACE_NEW)
CHANGE(clock, plan->namespaces.boottime = ((struct plan_time_offset){ true, 1, 2 }))
CHANGE(uid, plan->ids.uid = 1)
CHANGE(gid, plan->ids.gid = 1)
CHANGE(group, *arena_push(plan->arena, &plan->ids.groups) = 0)
CHANGE(umask_zero, plan->ids.has_umask = true)
CHANGE(uid_map,
       *arena_push(plan->arena, &plan->ids.uid_maps.rows) = ((struct plan_id_map){ 0, 1, 2 }))
CHANGE(gid_map,
       *arena_push(plan->arena, &plan->ids.gid_maps.rows) = ((struct plan_id_map){ 0, 1, 2 }))
CHANGE(args, plan->process.args[0] = "ls")
CHANGE(env, plan->process.env[0] = "A=2")
CHANGE(cwd, plan->process.cwd = "/x")
CHANGE(config_cwd, plan->process.config_cwd = "/x")
CHANGE(terminal, plan->process.terminal = true)
CHANGE(no_new_privileges, plan->process.no_new_privileges = true)
CHANGE(oom_score, plan->process.has_oom_score = true)
CHANGE(rlimit, plan->process.rlimits.items[0].hard = 1)
CHANGE(apparmor, plan->process.apparmor = "x")
CHANGE(selinux, plan->process.selinux = "x")
CHANGE(personality, plan->process.has_personality = true)
CHANGE(scheduler, plan->process.scheduler.is_set = true)
CHANGE(io_priority, plan->process.io_priority.is_set = true)
CHANGE(keyring, plan->process.keeps_keyring = true)
CHANGE(preserve_fds, plan->process.preserve_fds = 1)
CHANGE(bounding, plan->caps.bounding = 1)
CHANGE(effective, plan->caps.effective = 1)
CHANGE(inheritable, plan->caps.inheritable = 1)
CHANGE(permitted, plan->caps.permitted = 1)
CHANGE(ambient, plan->caps.ambient = 1)
CHANGE(caps_unset, plan->caps.is_set = false)
CHANGE(root, plan->mounts.root = "/x")
CHANGE(root_read_only, plan->mounts.root_read_only = true)
CHANGE(root_propagation, plan->mounts.root_propagation = 1 << 18)
CHANGE(no_pivot, plan->mounts.no_pivot = true)
CHANGE(label, plan->mounts.label = "x")
CHANGE(masked, *arena_push(plan->arena, &plan->mounts.masked) = "/x")
CHANGE(read_only, *arena_push(plan->arena, &plan->mounts.read_only) = "/x")
CHANGE(mount_kind, plan->mounts.rows.items[0].kind = PLAN_MOUNT_REMOUNT)
CHANGE(mount_type, plan->mounts.rows.items[0].type = "proc")
CHANGE(mount_source, plan->mounts.rows.items[0].source = "/y")
CHANGE(mount_target, plan->mounts.rows.items[0].target = "/y")
CHANGE(mount_recursive, plan->mounts.rows.items[0].is_recursive = true)
CHANGE(mount_set, plan->mounts.rows.items[0].set = 1)
CHANGE(mount_clear, plan->mounts.rows.items[0].clear = 1)
CHANGE(mount_atime, plan->mounts.rows.items[0].clear = 0x70)
CHANGE(mount_set_below, plan->mounts.rows.items[0].set_recursive = 1)
CHANGE(mount_clear_below, plan->mounts.rows.items[0].clear_recursive = 1)
CHANGE(mount_propagation, plan->mounts.rows.items[0].propagation = 1 << 18)
CHANGE(mount_flags, plan->mounts.rows.items[0].superblock = plan->process.args)
CHANGE(mount_data, plan->mounts.rows.items[0].data = plan->process.args)
CHANGE(mount_copy_up, plan->mounts.rows.items[0].copy_up = true)
CHANGE(mount_idmap, plan->mounts.rows.items[0].idmap = true)
CHANGE(mount_engine_file, plan->mounts.rows.items[0].is_engine_file = true)
CHANGE(device_path, plan->devices.rows.items[0].path = "/dev/y")
CHANGE(device_type, plan->devices.rows.items[0].type = 'b')
CHANGE(device_major, plan->devices.rows.items[0].major = 1)
CHANGE(device_minor, plan->devices.rows.items[0].minor = 1)
CHANGE(device_mode, plan->devices.rows.items[0].mode = 1)
CHANGE(device_uid, plan->devices.rows.items[0].uid = 1)
CHANGE(device_gid, plan->devices.rows.items[0].gid = 1)
CHANGE(links, plan->devices.links = true)
CHANGE(console, plan->devices.console = true)
CHANGE(sysctl,
       *arena_push(plan->arena, &plan->kernel.sysctls) = ((struct plan_sysctl){ "a", "b", NULL }))
CHANGE(hostname, plan->kernel.hostname = "x")
CHANGE(domainname, plan->kernel.domainname = "x")
CHANGE(memfd_noexec, plan->kernel.memfd_noexec = true)
CHANGE(manager, plan->cgroup.manager = CGROUP_NONE)
CHANGE(cgroup_path, plan->cgroup.path = "/x")
CHANGE(may_be_absent, plan->cgroup.may_be_absent = true)
CHANGE(is_asked, plan->cgroup.is_asked = true)
CHANGE(is_joined, plan->cgroup.is_joined = true)
CHANGE(cgroup_value, plan_cgroup_value(plan, "a", NULL, "max"))
CHANGE(cgroup_or, *arena_push(plan->arena, &plan->cgroup.values) = ((struct plan_cgroup_value){
			  "a", "max", NULL, "b" }))
CHANGE(checks_usage, plan->cgroup.checks_usage = true)
CHANGE(cgroup_owner, plan->cgroup.has_owner = true)
CHANGE(resctrl, plan->resctrl = ((struct plan_resctrl){ .is_active = true, .group = "a" }))
CHANGE(resctrl_line,
       *arena_push(plan->arena, &plan->resctrl.lines) = ((struct plan_resctrl_line){ .text = "x" }))
CHANGE(device_rule, plan->cgroup.devices.items[0].allow = true)
CHANGE(device_rule_access, plan->cgroup.devices.items[0].read = true)
CHANGE(device_filter, plan->cgroup.has_device_filter = true)
CHANGE(memory_max, plan->cgroup.memory_max = 0)
CHANGE(cpu_weight, plan->cgroup.cpu_weight = 0)
CHANGE(cpuset, plan->cgroup.cpuset_cpus = "0")
CHANGE(loopback_up, plan->network.loopback_up = true)
CHANGE(only_loopback, plan->network.only_loopback = true)
CHANGE(hook_path, plan->hooks.of[0].items[0].path = "/x")
CHANGE(hook_args, plan->hooks.of[0].items[0].args = plan->process.args)
CHANGE(hook_env, plan->hooks.of[0].items[0].env = plan->process.args)
CHANGE(hook_timeout, plan->hooks.of[0].items[0].timeout = 1)
CHANGE(profile_of_calls, plan->seccomp.profile = SYSCALLS_STRICT)
CHANGE(call_allowed, *arena_push(plan->arena, &plan->seccomp.allow) = "read")
CHANGE(call_denied, *arena_push(plan->arena, &plan->seccomp.deny) = "read")
CHANGE(injection, plan->seccomp.deny_terminal_injection = true)
CHANGE(base, plan->filesystem.base = ACCESS_BASE_NONE)
CHANGE(access_intent, plan->filesystem.rows.items[0].intent = ACCESS_DENY)
CHANGE(access_optional, plan->filesystem.rows.items[0].is_optional = true)
CHANGE(access_directory, plan->filesystem.rows.items[0].is_directory = true)
CHANGE(access_volume, plan->filesystem.rows.items[0].is_volume = true)
CHANGE(access_execute, plan->filesystem.rows.items[0].allows_execute = true)
CHANGE(exec_base, plan->filesystem.exec_base = true)
CHANGE(exec_writable, plan->filesystem.exec_writable = true)
CHANGE(memfd_exec, plan->filesystem.memfd_exec = true)
CHANGE(exec_path, *arena_push(plan->arena, &plan->filesystem.exec_paths) = ((struct plan_exec_path){
			  .path = "/x" }))
CHANGE(landlock_abi, plan->landlock.abi = 1)
CHANGE(landlock_fs, plan->landlock.handled_fs = 1)
CHANGE(landlock_net, plan->landlock.handled_net = 1)
CHANGE(landlock_scoped, plan->landlock.scoped = 1)
CHANGE(landlock_flags, plan->landlock.restrict_flags = 2)
CHANGE(rule_rights, plan->landlock.rules.items[0].rights = 2)
CHANGE(rule_hole, *arena_push(plan->arena, &plan->landlock.rules.items[0].holes) = "/w/x")
CHANGE(rule_optional, plan->landlock.rules.items[0].is_optional = true)
CHANGE(agent, plan->agent.on_behalf_of = "x")
CHANGE(audit_level, plan->audit.level = AUDIT_DENIALS)
CHANGE(audit_required, plan->audit.is_required = true)
CHANGE(timeout, plan->timeout_ms = 1)
CHANGE(profile, plan->profile = "x")
CHANGE(policy_source, plan->policy_source = "x")
CHANGE(policy_sha256, memcpy(plan->policy_sha256, "ab", 3))
CHANGE(degradation,
       *arena_push(plan->arena, &plan->degradations) = ((struct plan_degradation){ "x", NULL }))

static const struct {
	const char *name;
	void (*change)(struct plan *plan);
} changes[] = {
#define ROW(name)           \
	{                   \
#name, name \
	}
	ROW(id),
	ROW(bundle),
	ROW(version),
	ROW(is_exec),
	ROW(namespace_mode),
	ROW(clock),
	ROW(uid),
	ROW(gid),
	ROW(group),
	ROW(umask_zero),
	ROW(uid_map),
	ROW(gid_map),
	ROW(args),
	ROW(env),
	ROW(cwd),
	ROW(config_cwd),
	ROW(terminal),
	ROW(no_new_privileges),
	ROW(oom_score),
	ROW(rlimit),
	ROW(apparmor),
	ROW(selinux),
	ROW(personality),
	ROW(scheduler),
	ROW(io_priority),
	ROW(keyring),
	ROW(preserve_fds),
	ROW(bounding),
	ROW(effective),
	ROW(inheritable),
	ROW(permitted),
	ROW(ambient),
	ROW(caps_unset),
	ROW(root),
	ROW(root_read_only),
	ROW(root_propagation),
	ROW(no_pivot),
	ROW(label),
	ROW(masked),
	ROW(read_only),
	ROW(mount_kind),
	ROW(mount_type),
	ROW(mount_source),
	ROW(mount_target),
	ROW(mount_recursive),
	ROW(mount_set),
	ROW(mount_clear),
	ROW(mount_atime),
	ROW(mount_set_below),
	ROW(mount_clear_below),
	ROW(mount_propagation),
	ROW(mount_flags),
	ROW(mount_data),
	ROW(mount_copy_up),
	ROW(mount_idmap),
	ROW(mount_engine_file),
	ROW(device_path),
	ROW(device_type),
	ROW(device_major),
	ROW(device_minor),
	ROW(device_mode),
	ROW(device_uid),
	ROW(device_gid),
	ROW(links),
	ROW(console),
	ROW(sysctl),
	ROW(hostname),
	ROW(domainname),
	ROW(memfd_noexec),
	ROW(manager),
	ROW(cgroup_path),
	ROW(may_be_absent),
	ROW(is_asked),
	ROW(is_joined),
	ROW(cgroup_value),
	ROW(cgroup_or),
	ROW(checks_usage),
	ROW(cgroup_owner),
	ROW(resctrl),
	ROW(resctrl_line),
	ROW(device_rule),
	ROW(device_rule_access),
	ROW(device_filter),
	ROW(memory_max),
	ROW(cpu_weight),
	ROW(cpuset),
	ROW(loopback_up),
	ROW(only_loopback),
	ROW(hook_path),
	ROW(hook_args),
	ROW(hook_env),
	ROW(hook_timeout),
	ROW(profile_of_calls),
	ROW(call_allowed),
	ROW(call_denied),
	ROW(injection),
	ROW(base),
	ROW(access_intent),
	ROW(access_optional),
	ROW(access_directory),
	ROW(access_volume),
	ROW(access_execute),
	ROW(exec_base),
	ROW(exec_writable),
	ROW(memfd_exec),
	ROW(exec_path),
	ROW(landlock_abi),
	ROW(landlock_fs),
	ROW(landlock_net),
	ROW(landlock_scoped),
	ROW(landlock_flags),
	ROW(rule_rights),
	ROW(rule_hole),
	ROW(rule_optional),
	ROW(agent),
	ROW(audit_level),
	ROW(audit_required),
	ROW(timeout),
	ROW(profile),
	ROW(policy_source),
	ROW(policy_sha256),
	ROW(degradation),
#undef ROW
};

TEST(every_field_changes_the_digest)
{
	autoarena arena = {};
	char before[65], after[65];

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		/* The lists of strings are the plan's own, so that a change ends with it. */
		struct plan *plan = plan_make(&arena);
		const char *args[] = { "sh", NULL }, *env[] = { "A=1", NULL };
		plan->process.args = args;
		plan->process.env = env;
		plan_digest(plan, before);
		changes[i].change(plan);
		plan_digest(plan, after);
		expect_text(str_equal(before, after) ? changes[i].name : "", "");
	}
}

TEST(equal_plans_have_equal_digests)
{
	autoarena arena = {};
	char one[65], two[65];

	plan_digest(plan_make(&arena), one);
	plan_digest(plan_make(&arena), two);
	expect_text(one, two);
	expect_int(strlen(one), 64);
}

TEST(a_word_cannot_break_its_line)
{
	autoarena arena = {};
	struct plan *plan = plan_make(&arena);
	struct text out = { .arena = &arena };

	plan->mounts.rows.items[0].target = "/x\nmount /etc";
	plan->mounts.rows.items[0].origin = "a\nb";
	plan_print(plan, &out);
	expect_contains(out.data, "mount filesystem tmpfs -> \"/x\\u000amount /etc\" (a\\x0ab)\n");
}

TEST(an_empty_word_is_seen)
{
	autoarena arena = {};
	struct plan *plan = plan_make(&arena);
	struct text out = { .arena = &arena };
	const char *args[] = { "", "a b", NULL };

	plan->process.args = args;
	plan_print(plan, &out);
	expect_contains(out.data, "process args \"\" \"a b\"\n");
}
