/* SPDX-License-Identifier: Apache-2.0 */
/* Narrowing only takes away: capabilities, limits of the cgroup, volumes, the network. */
#include "plan/narrow.h"

#include "base/arena.h"
#include "base/str.h"
#include "plan/plan.h"
#include "test.h"

static struct arena arena;
static struct error err;

static struct plan new_plan(void)
{
	struct plan plan = { .arena = &arena };
	plan.cgroup.memory_max = plan.cgroup.memory_swap_max = plan.cgroup.pids_max = UINT64_MAX;
	plan.cgroup.cpu_quota_us = plan.cgroup.cpu_period_us = UINT64_MAX;
	return plan;
}

static void value(struct plan *plan, const char *file, const char *text)
{
	*arena_push(&arena, &plan->cgroup.values) = (struct plan_cgroup_value){ file, text,
										"config" };
}

static const char *values_text(const struct plan *plan)
{
	struct text text = { .arena = &arena };
	text_add(&text, "");
	for (size_t i = 0; i < plan->cgroup.values.n; i++)
		text_printf(&text, "%s=%s (%s)\n", plan->cgroup.values.items[i].file,
			    plan->cgroup.values.items[i].value,
			    plan->cgroup.values.items[i].origin);
	return text.data;
}

static void bind_mount(struct plan *plan, const char *target, const char *origin)
{
	*arena_push(&arena, &plan->mounts.rows) = (struct plan_mount){
		.kind = PLAN_MOUNT_BIND, .source = "/outside", .target = target, .origin = origin
	};
}

static void row(struct plan *plan, enum access_intent intent, const char *path)
{
	plan_narrow_access(
		plan, &(struct plan_access){ .path = path, .intent = intent, .origin = "policy" });
}

static const char *denied_text(const struct plan *plan)
{
	struct text text = { .arena = &arena };
	text_add(&text, "");
	for (size_t i = 0; i < plan->filesystem.rows.n; i++)
		if (plan->filesystem.rows.items[i].is_volume)
			text_printf(&text, "%s (%s)\n", plan->filesystem.rows.items[i].path,
				    plan->filesystem.rows.items[i].origin);
	return text.data;
}

TEST(capabilities_are_intersected_in_all_five_sets)
{
	struct plan plan = new_plan();
	plan.caps = (struct plan_caps){ true, 0xff, 0xf0, 0x0f, 0x3c, 0x18 };
	plan_narrow_caps(&plan, 0x99);
	expect_int(plan.caps.bounding, 0x99);
	expect_int(plan.caps.effective, 0x90);
	expect_int(plan.caps.inheritable, 0x09);
	expect_int(plan.caps.permitted, 0x18);
	expect_int(plan.caps.ambient, 0x18);
	expect(plan.process.no_new_privileges);
}

TEST(capabilities_that_config_does_not_name_become_none)
{
	struct plan plan = new_plan();
	plan_narrow_caps(&plan, UINT64_MAX);
	expect(plan.caps.is_set && plan.caps.bounding == 0);
}

static struct plan new_process(uint64_t caps, uint64_t soft, uint64_t hard)
{
	struct plan plan = new_plan();
	plan.caps = (struct plan_caps){ true, caps, caps, caps, caps, caps };
	*arena_push(&arena, &plan.process.rlimits) = (struct plan_rlimit){ 7, "NOFILE", soft, hard,
									   "process" };
	return plan;
}

TEST(a_further_process_is_not_wider_than_the_first)
{
	struct plan first = new_process(0x0f, 10, 20), plan = new_process(0xf3, 50, 60);
	*arena_push(&arena, &first.process.rlimits) = (struct plan_rlimit){ 4, "CORE", 0, 0,
									    "config" };
	first.process.apparmor = plan.process.apparmor = "box";

	expect_ok(plan_narrow_exec(&plan, &first, &err), &err);
	expect_int(plan.caps.effective, 0x03);
	expect_int(plan.caps.bounding, 0x03);
	expect_int(plan.caps.ambient, 0x03);
	expect_int(plan.process.rlimits.n, 2);
	expect_int(plan.process.rlimits.items[0].soft, 20);
	expect_int(plan.process.rlimits.items[0].hard, 20);
	expect_int(plan.process.rlimits.items[1].resource, 4);
	expect(plan.process.no_new_privileges);
}

TEST(a_further_process_keeps_the_label_of_the_first)
{
	struct plan first = new_plan(), plan = new_plan();
	first.process.apparmor = "box";
	plan.process.apparmor = "unconfined";
	expect_fail(plan_narrow_exec(&plan, &first, &err), &err, "keeps the label 'box'");

	first.process.apparmor = plan.process.apparmor = NULL;
	first.process.selinux = "a:b:c:s0";
	expect_fail(plan_narrow_exec(&plan, &first, &err), &err, "keeps the label 'a:b:c:s0'");
}

TEST(the_smaller_limit_governs_in_every_row_of_its_file)
{
	struct plan plan = new_plan();
	value(&plan, "memory.max", "1000");
	value(&plan, "pids.max", "50");
	value(&plan, "memory.max", "max"); /* unified comes last, and wins */
	plan.cgroup.memory_max = 1000;
	plan_narrow_limit(&plan, "memory.max", 500, "policy");
	plan_narrow_limit(&plan, "pids.max", 100, "policy");
	expect_text(values_text(&plan),
		    "memory.max=500 (policy)\npids.max=50 (config)\nmemory.max=500 (policy)\n");
	expect_int(plan.cgroup.memory_max, 500);
	expect(plan.cgroup.is_asked);
}

TEST(a_limit_that_config_does_not_set_is_added)
{
	struct plan plan = new_plan();
	plan_narrow_limit(&plan, "memory.swap.max", 0, "policy");
	expect_text(values_text(&plan), "memory.swap.max=0 (policy)\n");
	expect_int(plan.cgroup.memory_swap_max, 0);
}

TEST(cpus_become_a_quota_of_the_period_that_is_there)
{
	struct plan plan = new_plan();
	plan_narrow_cpus(&plan, 1500000, "policy");
	expect_text(values_text(&plan), "cpu.max=150000 100000 (policy)\n");
	expect_int(plan.cgroup.cpu_quota_us, 150000);

	struct plan config = new_plan();
	value(&config, "cpu.max", "400000 200000");
	config.cgroup.cpu_quota_us = 400000;
	config.cgroup.cpu_period_us = 200000;
	plan_narrow_cpus(&config, 1500000, "policy");
	expect_text(values_text(&config), "cpu.max=300000 200000 (policy)\n");
	expect_int(config.cgroup.cpu_quota_us, 300000);

	struct plan less = new_plan();
	value(&less, "cpu.max", "50000");
	plan_narrow_cpus(&less, 1500000, "policy");
	expect_text(values_text(&less), "cpu.max=50000 (config)\n");
}

TEST(io_takes_the_smaller_of_each_device_and_key)
{
	struct plan plan = new_plan();
	value(&plan, "io.max", "8:0 rbps=1000 wiops=7");
	plan_narrow_io(&plan, &(struct plan_io_limit){ "8:0", "rbps", 5000, "policy" });
	plan_narrow_io(&plan, &(struct plan_io_limit){ "8:0", "wbps", 5000, "policy" });
	plan_narrow_io(&plan, &(struct plan_io_limit){ "8:16", "rbps", 5000, "policy" });
	expect_text(values_text(&plan),
		    "io.max=8:0 rbps=1000 wiops=7 (config)\nio.max=8:0 rbps=1000 (policy)\n"
		    "io.max=8:0 wbps=5000 (policy)\nio.max=8:16 rbps=5000 (policy)\n");
}

TEST(a_volume_that_no_row_covers_is_denied)
{
	struct plan plan = new_plan();
	bind_mount(&plan, "/data", "mounts[0]");
	bind_mount(&plan, "/work", "mounts[1]");
	bind_mount(&plan, "/work/cache", "mounts[2]");
	bind_mount(&plan, "/partly", "mounts[3]");
	row(&plan, ACCESS_READ_WRITE, "/work");
	row(&plan, ACCESS_READ_ONLY, "/partly/in");
	plan_narrow_volumes(&plan);
	expect_text(denied_text(&plan), "/data (mounts[0])\n/partly (mounts[3])\n");
}

TEST(a_denied_volume_says_nothing_of_one_within_it)
{
	struct plan plan = new_plan();
	bind_mount(&plan, "/data", "mounts[0]");
	bind_mount(&plan, "/data/in", "mounts[1]");
	plan_narrow_volumes(&plan);
	expect_text(denied_text(&plan), "/data (mounts[0])\n/data/in (mounts[1])\n");
}

TEST(a_service_account_token_is_granted_by_its_own_path_only)
{
	struct plan wide = new_plan(), exact = new_plan();
	bind_mount(&wide, "/var/run/secrets/kubernetes.io/serviceaccount", "mounts[0]");
	row(&wide, ACCESS_READ_ONLY, "/var/run");
	plan_narrow_volumes(&wide);
	expect_text(denied_text(&wide),
		    "/var/run/secrets/kubernetes.io/serviceaccount (mounts[0])\n");

	bind_mount(&exact, "/var/run/secrets/kubernetes.io/serviceaccount", "mounts[0]");
	row(&exact, ACCESS_READ_ONLY, "/run/secrets/kubernetes.io/serviceaccount");
	plan_narrow_volumes(&exact);
	expect_text(denied_text(&exact), "");
}

TEST(a_device_of_the_engine_is_denied_unless_granted)
{
	static const char *const paths[] = { "/dev/null", "/dev/kvm", "/dev/fuse" };
	struct plan plan = new_plan();
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		*arena_push(&arena,
			    &plan.devices.rows) = (struct plan_device){ .path = paths[i],
									.origin = "devices" };
	row(&plan, ACCESS_READ_WRITE, "/dev/fuse");
	plan_narrow_volumes(&plan);
	expect_text(denied_text(&plan), "/dev/kvm (devices)\n");
}

TEST(only_loopback_needs_a_network_namespace)
{
	struct plan host = new_plan(), own = new_plan();
	expect_fail(plan_require_only_loopback(&host, "network.egress.default", &err), &err,
		    "--network=none");
	own.namespaces.of[NAMESPACE_NETWORK].mode = NAMESPACE_NEW;
	expect_ok(plan_require_only_loopback(&own, "network.egress.default", &err), &err);
	expect(own.network.only_loopback);
}
