/* SPDX-License-Identifier: Apache-2.0 */
/* Limits in the units of cgroup v2. */
#include "test.h"

#include "plan/plan.h"

TEST(shares_become_weights_from_end_to_end_of_the_range)
{
	expect_int(cgroup_weight_of_shares(2), 1);
	expect_int(cgroup_weight_of_shares(1024), 39);
	expect_int(cgroup_weight_of_shares(262144), 10000);
}

TEST(shares_out_of_range_become_the_nearest_weight)
{
	expect_int(cgroup_weight_of_shares(0), 1);
	expect_int(cgroup_weight_of_shares(1), 1);
	expect_int(cgroup_weight_of_shares(UINT64_MAX), 10000);
}

TEST(block_weights_become_weights_from_end_to_end_of_the_range)
{
	expect_int(cgroup_io_weight_of_blkio(10), 1);
	expect_int(cgroup_io_weight_of_blkio(1000), 10000);
}

TEST(a_limit_is_asked_for_unless_it_is_none)
{
	autoarena arena = {};
	struct plan plan = { .arena = &arena };

	plan_cgroup_value(&plan, "pids.max", "here", "max");
	expect(!plan.cgroup.is_asked);
	plan_cgroup_value(&plan, "pids.max", "here", "%d", 5);
	expect(plan.cgroup.is_asked);
	expect_int(plan.cgroup.values.n, 2);
	expect_text(plan.cgroup.values.items[1].value, "5");
}

TEST(no_property_is_asked_for_at_first)
{
	struct plan_cgroup cgroup = {};

	plan_cgroup_init(&cgroup);
	expect(cgroup.memory_max == UINT64_MAX && cgroup.memory_low == UINT64_MAX);
	expect(cgroup.memory_swap_max == UINT64_MAX && cgroup.cpu_weight == UINT64_MAX);
	expect(cgroup.cpu_quota_us == UINT64_MAX && cgroup.cpu_period_us == UINT64_MAX);
	expect(cgroup.pids_max == UINT64_MAX && cgroup.io_weight == UINT64_MAX);
}

static struct plan_cgroup limits(struct arena *arena, const char *file, const char *value,
				 const char *origin)
{
	struct plan_cgroup cgroup = {};

	*arena_push(arena, &cgroup.values) = (struct plan_cgroup_value){ file, value, origin };
	return cgroup;
}

TEST(a_change_that_the_policy_does_not_grant_is_an_excess)
{
	autoarena arena = {};
	const struct plan_cgroup was = limits(&arena, "memory.max", "400", "config"),
				 same = limits(&arena, "memory.max", "400", "config"),
				 less = limits(&arena, "memory.max", "50", "config"),
				 more = limits(&arena, "memory.max", "800", "config"),
				 policy = limits(&arena, "memory.max", "100", "policy");

	/* What was too much at create, and cut there, is no news. */
	expect(plan_cgroup_excess(&was, &same, &policy) == NULL);
	expect(plan_cgroup_excess(&was, &less, &less) == NULL);
	expect_text(plan_cgroup_excess(&was, &more, &policy)->origin, "policy");
}

TEST(limits_of_other_devices_are_other_limits)
{
	autoarena arena = {};
	const struct plan_cgroup was = {},
				 asked = limits(&arena, "io.max", "8:0 wbps=900", "config"),
				 more = limits(&arena, "io.max", "8:0 rbps=900", "config");
	struct plan_cgroup granted = limits(&arena, "io.max", "8:0 rbps=100", "policy");

	expect(plan_cgroup_excess(&was, &asked, &granted) == NULL);
	expect_text(plan_cgroup_excess(&was, &more, &granted)->value, "8:0 rbps=100");
}

TEST(device_rules_are_equal_when_all_of_them_are)
{
	autoarena arena = {};
	struct plan_cgroup one = {}, two = {};

	*arena_push(&arena, &one.devices) = (struct plan_device_rule){ true, 'c', 1, 3,
								       .read = true };
	expect(!plan_cgroup_devices_equal(&one, &two));
	*arena_push(&arena, &two.devices) = (struct plan_device_rule){ true, 'c', 1, 3,
								       .read = true };
	expect(plan_cgroup_devices_equal(&one, &two));
	two.devices.items[0].write = true;
	expect(!plan_cgroup_devices_equal(&one, &two));
}
