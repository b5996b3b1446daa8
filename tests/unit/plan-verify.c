/* SPDX-License-Identifier: Apache-2.0 */
/* Every invariant of a plan, broken on purpose: a sound plan is changed at one place, and found
 * out. */
#include "test.h"

#include "../lib/modern-host.h"

#include "base/str.h"
#include "plan/landlock.h"
#include "plan/plan.h"
#include "policy/policy.h"
#include "spec/spec.h"

#include <sys/mount.h>

/* The default container under a policy, settled. */
static struct plan *plan_make(struct arena *arena)
{
	const char *key = "io.mxc.policy";
	const char *value = "{\"filesystem\":{\"readwritePaths\":[\"/work\"],"
			    "\"deniedPaths\":[\"/work/.env\"]}}";
	const struct string_map annotations = { &key, &value, 1 };
	const struct policy_sources sources = { .annotations = &annotations };
	const struct spec_request request = { .id = "box", .bundle = "/bundle" };
	struct plan *plan = arena_alloc(arena, sizeof(*plan));
	struct text config = { .arena = arena };
	const struct spec *spec;
	struct error err = {};

	plan->arena = arena;
	spec_print_default(false, 0, 0, &config);
	expect_ok(spec_read(arena, "config.json", config.data, config.n, &spec, &err), &err);
	expect_ok(spec_lower(spec, &request, plan, &err), &err);
	expect_ok(policy_apply(&sources, plan, &err), &err);
	expect_ok(plan_settle(plan, &modern_host, &err), &err);
	return plan;
}

static void id_with_slash(struct plan *plan)
{
	plan->id = "../box";
}

static void bundle_relative(struct plan *plan)
{
	plan->bundle = "box";
}

static void namespace_path_without_join(struct plan *plan)
{
	plan->namespaces.of[NAMESPACE_PID].path = "/x";
}

static void namespace_of_nobody(struct plan *plan)
{
	plan->namespaces.of[NAMESPACE_PID].mode = NAMESPACE_JOIN;
}

static void mount_namespace_of_host(struct plan *plan)
{
	plan->namespaces.of[NAMESPACE_MOUNT].mode = NAMESPACE_INHERIT;
}

static void exec_with_new_namespace(struct plan *plan)
{
	plan->is_exec = true;
	plan->namespaces.join_pid = 5;
}

static void user_namespace_without_maps(struct plan *plan)
{
	plan->namespaces.of[NAMESPACE_USER].mode = NAMESPACE_NEW;
}

static void clock_of_host(struct plan *plan)
{
	plan->namespaces.boottime.is_set = true;
}

static void cwd_relative(struct plan *plan)
{
	plan->process.cwd = "x";
}

static void user_of_nobody(struct plan *plan)
{
	plan->ids.uid = UINT32_MAX;
}

static void effective_beyond_permitted(struct plan *plan)
{
	plan->caps.effective |= UINT64_C(1) << 21;
}

static void ambient_beyond_inheritable(struct plan *plan)
{
	plan->caps.ambient |= UINT64_C(1) << 21;
}

static void target_outside(struct plan *plan)
{
	plan->mounts.rows.items[0].target = "/proc/../../etc";
}

static void target_relative(struct plan *plan)
{
	plan->mounts.rows.items[0].target = "proc";
}

static void bind_of_relative_source(struct plan *plan)
{
	plan->mounts.rows.items[0].kind = PLAN_MOUNT_BIND;
	plan->mounts.rows.items[0].source = "x";
}

static void mount_without_type(struct plan *plan)
{
	plan->mounts.rows.items[0].type = NULL;
}

static void access_times_not_cleared(struct plan *plan)
{
	plan->mounts.rows.items[0].set = MOUNT_ATTR_NOATIME;
	plan->mounts.rows.items[0].clear = 0;
}

static void mask_outside(struct plan *plan)
{
	plan->mounts.masked.items[0] = "/proc/./kcore";
}

static void device_outside(struct plan *plan)
{
	plan->devices.rows.items[0].path = "/dev/../etc/passwd";
}

static void sysctl_outside(struct plan *plan)
{
	*arena_push(plan->arena, &plan->kernel.sysctls) = (struct plan_sysctl){ "net..x", "1",
										"test" };
}

static void hostname_of_host(struct plan *plan)
{
	plan->namespaces.of[NAMESPACE_UTS].mode = NAMESPACE_INHERIT;
}

static void memfd_of_host(struct plan *plan)
{
	plan->namespaces.of[NAMESPACE_PID].mode = NAMESPACE_INHERIT;
}

static void cgroup_of_host(struct plan *plan)
{
	plan->cgroup.path = "/";
}

static void cgroup_file_outside(struct plan *plan)
{
	plan_cgroup_value(plan, "../memory.max", "test", "1");
}

static void limits_without_cgroup(struct plan *plan)
{
	plan->cgroup.manager = CGROUP_NONE;
}

static void hook_relative(struct plan *plan)
{
	*arena_push(plan->arena,
		    &plan->hooks.of[HOOK_POSTSTOP]) = (struct plan_hook){ .path = "x" };
}

static void profile_without_program(struct plan *plan)
{
	plan->seccomp.program = NULL;
}

static void program_empty(struct plan *plan)
{
	plan->seccomp.program_length = 0;
}

static void loopback_of_host(struct plan *plan)
{
	plan->network.loopback_up = true;
	plan->namespaces.of[NAMESPACE_NETWORK].mode = NAMESPACE_INHERIT;
}

static void policy_without_landlock(struct plan *plan)
{
	plan->landlock.is_active = false;
}

static void landlock_without_policy(struct plan *plan)
{
	plan->filesystem.is_active = false;
}

static void policy_with_new_privileges(struct plan *plan)
{
	plan->process.no_new_privileges = false;
}

static void access_out_of_order(struct plan *plan)
{
	struct plan_access first = plan->filesystem.rows.items[0];
	plan->filesystem.rows.items[0] = plan->filesystem.rows.items[1];
	plan->filesystem.rows.items[1] = first;
}

static void whole_tree_writable(struct plan *plan)
{
	plan->filesystem.rows.n = 1;
	plan->filesystem.rows.items[0] = (struct plan_access){ .path = "/",
							       .intent = ACCESS_READ_WRITE };
}

static void denied_but_executable(struct plan *plan)
{
	for (size_t i = 0; i < plan->filesystem.rows.n; i++)
		plan->filesystem.rows.items[i].allows_execute = true;
}

/* The default container's policy grants no network. */
static void device_against_policy(struct plan *plan)
{
	*arena_push(plan->arena, &plan->network.devices) = (struct plan_net_device){ "eth0", "eth0",
										     "test" };
}

static struct plan_landlock_rule *rule_push(struct plan *plan, const char *path, uint64_t rights)
{
	struct plan_landlock_rule *rule = arena_push(plan->arena, &plan->landlock.rules);
	*rule = (struct plan_landlock_rule){ .path = path, .rights = rights, .origin = "test" };
	return rule;
}

static void rule_lets_write_proc(struct plan *plan)
{
	rule_push(plan, "/proc/sys", LANDLOCK_READ_FILE | LANDLOCK_WRITE_FILE);
}

static void rule_grants_denied(struct plan *plan)
{
	rule_push(plan, "/work/.env", LANDLOCK_READ_FILE);
}

static void rule_grants_unhandled(struct plan *plan)
{
	rule_push(plan, "/etc", UINT64_C(1) << 40);
}

static void hole_elsewhere(struct plan *plan)
{
	struct plan_landlock_rule *rule = rule_push(plan, "/etc", LANDLOCK_READ_FILE);
	*arena_push(plan->arena, &rule->holes) = "/usr";
}

static const struct {
	void (*change)(struct plan *plan);
	const char *found;
} breaks[] = {
	{ id_with_slash, "is no id of a container" },
	{ bundle_relative, "bundle has no absolute path" },
	{ namespace_path_without_join, "is not joined by it" },
	{ namespace_of_nobody, "nobody says whose" },
	{ mount_namespace_of_host, "no mount namespace" },
	{ exec_with_new_namespace, "makes a new" },
	{ user_namespace_without_maps, "id maps go with a new user namespace" },
	{ clock_of_host, "offsets of clocks" },
	{ cwd_relative, "no absolute working directory" },
	{ user_of_nobody, "nobody's id" },
	{ effective_beyond_permitted, "effective capabilities" },
	{ ambient_beyond_inheritable, "ambient capabilities" },
	{ target_outside, "is not beneath the root" },
	{ target_relative, "is not beneath the root" },
	{ bind_of_relative_source, "source of a bind mount is not absolute" },
	{ mount_without_type, "without type" },
	{ access_times_not_cleared, "access times" },
	{ mask_outside, "masked path" },
	{ device_outside, "device '/dev/../etc/passwd'" },
	{ sysctl_outside, "is not the name of a sysctl" },
	{ hostname_of_host, "host would be renamed" },
	{ memfd_of_host, "vm.memfd_noexec" },
	{ cgroup_of_host, "cgroup path '/'" },
	{ cgroup_file_outside, "is not the name of a cgroup file" },
	{ limits_without_cgroup, "limits without a cgroup" },
	{ hook_relative, "poststop hook has no absolute path" },
	{ profile_without_program, "goes with its program" },
	{ program_empty, "of 0 instructions" },
	{ loopback_of_host, "in the network of the host" },
	{ device_against_policy, "network devices would be moved" },
	{ policy_without_landlock, "a policy without Landlock" },
	{ landlock_without_policy, "Landlock without a policy" },
	{ policy_with_new_privileges, "new privileges could be gained" },
	{ access_out_of_order, "is out of order" },
	{ whole_tree_writable, "'/proc' is writable because '/' is" },
	{ denied_but_executable, "is denied, but it may be executed" },
	{ rule_lets_write_proc, "lets write what no policy lets write" },
	{ rule_grants_denied, "which is denied" },
	{ rule_grants_unhandled, "grants what is not handled" },
	{ hole_elsewhere, "is not beneath '/etc'" },
};

TEST(a_sound_plan_verifies)
{
	autoarena arena = {};
	struct error err = {};

	expect_ok(plan_verify(plan_make(&arena), &err), &err);
}

TEST(every_broken_invariant_is_found_and_is_a_bug)
{
	for (size_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++) {
		autoarena arena = {};
		struct plan *plan = plan_make(&arena);
		struct error err = {};

		breaks[i].change(plan);
		expect_fail(plan_verify(plan, &err), &err, breaks[i].found);
		expect_int(err.kind, ERROR_BUG);
	}
}
