/* SPDX-License-Identifier: Apache-2.0 */
/* The names of capabilities, namespaces and hooks, and the flags they stand for. */
#include "test.h"

#include "plan/caps.h"
#include "plan/hooks.h"
#include "plan/namespaces.h"

#include <linux/capability.h>
#include <sched.h>

TEST(a_capability_is_found_by_its_name_in_any_case_and_without_prefix)
{
	expect_int(capability_number("CAP_SYS_ADMIN"), CAP_SYS_ADMIN);
	expect_int(capability_number("cap_sys_admin"), CAP_SYS_ADMIN);
	expect_int(capability_number("SYS_ADMIN"), CAP_SYS_ADMIN);
	expect_int(capability_number("CAP_CHOWN"), 0);
	expect_int(capability_number("CAP_CHECKPOINT_RESTORE"), CAP_CHECKPOINT_RESTORE);
}

TEST(what_is_no_capability_has_no_number)
{
	expect_int(capability_number(""), -1);
	expect_int(capability_number("CAP_"), -1);
	expect_int(capability_number("CAP_SYS_ADMIN "), -1);
	expect_int(capability_number("ALL"), -1);
	expect_int(capability_number("CAP_CAP_CHOWN"), -1);
}

TEST(every_number_has_its_name_and_no_other)
{
	for (int number = 0; capability_name(number); number++)
		expect_int(capability_number(capability_name(number)), number);
	expect_text(capability_name(41), NULL);
	expect_text(capability_name(-1), NULL);
}

TEST(new_and_joined_namespaces_have_their_flags_apart)
{
	struct plan_namespaces namespaces = {};
	int new_flags, join_flags;

	namespaces.of[NAMESPACE_PID].mode = NAMESPACE_NEW;
	namespaces.of[NAMESPACE_TIME].mode = NAMESPACE_NEW;
	namespaces.of[NAMESPACE_NETWORK].mode = NAMESPACE_JOIN;
	plan_namespaces_flags(&namespaces, &new_flags, &join_flags);
	expect_int(new_flags, CLONE_NEWPID | CLONE_NEWTIME);
	expect_int(join_flags, CLONE_NEWNET);
}

TEST(a_joined_user_namespace_needs_a_bridge)
{
	struct plan_namespaces namespaces = {};

	expect(!plan_namespaces_need_bridge(&namespaces));
	namespaces.of[NAMESPACE_USER].mode = NAMESPACE_JOIN;
	expect(plan_namespaces_need_bridge(&namespaces));
}

TEST(a_new_user_namespace_needs_a_bridge_only_beside_joins)
{
	struct plan_namespaces namespaces = {};

	namespaces.of[NAMESPACE_USER].mode = NAMESPACE_NEW;
	namespaces.of[NAMESPACE_NETWORK].mode = NAMESPACE_NEW;
	expect(!plan_namespaces_need_bridge(&namespaces));
	namespaces.of[NAMESPACE_NETWORK].mode = NAMESPACE_JOIN;
	expect(plan_namespaces_need_bridge(&namespaces));
}

TEST(hooks_are_named_in_the_order_of_the_life_cycle)
{
	expect_text(hook_kind_names[HOOK_PRESTART], "prestart");
	expect_text(hook_kind_names[HOOK_CREATE_RUNTIME], "createRuntime");
	expect_text(hook_kind_names[HOOK_POSTSTOP], "poststop");
	for (int kind = 0; kind < HOOK_KINDS; kind++)
		expect(hook_kind_names[kind] != NULL);
}
