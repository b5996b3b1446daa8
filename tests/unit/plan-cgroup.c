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
