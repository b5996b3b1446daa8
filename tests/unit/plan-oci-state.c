/* SPDX-License-Identifier: Apache-2.0 */
/* The OCI state object. */
#include "test.h"

#include "base/str.h"
#include "plan/oci-state.h"
#include "plan/plan.h"

TEST(the_state_of_a_running_container_has_a_pid)
{
	autoarena arena = {};
	const char *annotations[] = { "a", "1", "b\"", "2\n", NULL };
	const struct plan plan = { .id = "box", .bundle = "/b", .annotations = annotations };
	struct text out = { .arena = &arena };

	plan_state_json(&plan, "running", 42, &out);
	expect_text(out.data,
		    "{\"ociVersion\":\"1.3.0\",\"id\":\"box\",\"status\":\"running\",\"pid\":42,"
		    "\"bundle\":\"/b\",\"annotations\":{\"a\":\"1\",\"b\\\"\":\"2\\u000a\"}}");
}

TEST(the_state_of_a_stopped_container_has_none)
{
	autoarena arena = {};
	const struct plan plan = { .id = "box", .bundle = "/b" };
	struct text out = { .arena = &arena };

	plan_state_json(&plan, "stopped", 0, &out);
	expect_text(out.data, "{\"ociVersion\":\"1.3.0\",\"id\":\"box\",\"status\":\"stopped\","
			      "\"bundle\":\"/b\",\"annotations\":{}}");
}
