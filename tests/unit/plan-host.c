/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about a host, read from text. */
#include "test.h"

#include "plan/host.h"

TEST(facts_are_read_by_name)
{
	struct host host = {};
	struct error err = {};

	expect_ok(host_read("# a comment\nlandlock_abi 7\n\nkernel_major 6\nkernel_minor 18\n"
			    "is_root 1\n"
			    "uid 1000\nhas_cgroup2 0\nmay_filter_devices 1",
			    &host, &err),
		  &err);
	expect_int(host.landlock_abi, 7);
	expect_int(host.kernel_major, 6);
	expect_int(host.kernel_minor, 18);
	expect_int(host.uid, 1000);
	expect(host.is_root && !host.has_cgroup2 && host.may_filter_devices && !host.has_systemd);
}

TEST(no_facts_are_a_host_without_anything)
{
	struct host host = { .is_root = true };
	struct error err = {};

	expect_ok(host_read("", &host, &err), &err);
	expect(!host.is_root && host.landlock_abi == 0);
}

TEST(unknown_facts_and_broken_values_fail)
{
	struct host host = { .landlock_abi = 3 };
	struct error err = {};

	expect_fail(host_read("is_rot 1\n", &host, &err), &err, "'is_rot' is unknown");
	expect_fail(host_read("is_root\n", &host, &err), &err, "not a fact and its value");
	expect_fail(host_read("is_root 2\n", &host, &err), &err, "no value of 'is_root'");
	expect_fail(host_read("uid -1\n", &host, &err), &err, "no value of 'uid'");
	expect_fail(host_read("uid 4294967296\n", &host, &err), &err, "no value of 'uid'");
	expect_int(host.landlock_abi, 3);
}
