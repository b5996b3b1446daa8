/* SPDX-License-Identifier: Apache-2.0 */
/* An event's JSON: every member in its place, nothing that its strings could forge. */
#include "test.h"

#include "audit/audit.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"
#include "plan/plan.h"

#include <string.h>

#define TIME "2026-11-21T09:00:00.123456789Z"

static const char *written(struct arena *arena, const struct audit_event *event)
{
	struct text out = { .arena = arena };
	audit_event_json(event, TIME, &out);
	return out.data;
}

TEST(the_members_stand_in_the_documented_order)
{
	autoarena arena = {};
	struct audit_event event = {
		.event = "container.kill",
		.container = { .id = "c1",
			       .bundle = "/b",
			       .cgroup = "/g",
			       .engine = "podman",
			       .pid = 42,
			       .cgroup_id = 18446744073709551615U },
		.agent = { .id = "spiffe://example.org/a",
			   .source = "asserted",
			   .name = "n",
			   .version = "1",
			   .model = "m",
			   .session = "s",
			   .instance = "i",
			   .on_behalf_of = "o",
			   .correlation_id = "c" },
		.policy_sha256 = "00ff",
		.profile = "coding",
		.extra = "\"signal\":9,\"all\":false",
	};
	expect_text(written(&arena, &event),
		    "{\"v\":1,\"time\":\"" TIME "\",\"event\":\"container.kill\","
		    "\"outcome\":\"success\","
		    "\"container\":{\"id\":\"c1\",\"bundle\":\"/b\",\"pid\":42,\"cgroup\":\"/g\","
		    "\"cgroup_id\":18446744073709551615,"
		    "\"runtime\":\"mxc-runtime " PACKAGE_VERSION "\",\"engine\":\"podman\"},"
		    "\"agent\":{\"id\":\"spiffe://example.org/a\",\"source\":\"asserted\","
		    "\"name\":\"n\",\"version\":\"1\",\"model\":\"m\",\"session\":\"s\","
		    "\"instance\":\"i\",\"on_behalf_of\":\"o\",\"correlation_id\":\"c\"},"
		    "\"policy\":{\"sha256\":\"00ff\",\"profile\":\"coding\"},"
		    "\"signal\":9,\"all\":false}");
}

TEST(what_is_not_known_is_left_out)
{
	autoarena arena = {};
	struct audit_event event = { .event = "container.start", .policy_sha256 = "" };
	expect_text(written(&arena, &event),
		    "{\"v\":1,\"time\":\"" TIME "\",\"event\":\"container.start\","
		    "\"outcome\":\"success\","
		    "\"container\":{\"runtime\":\"mxc-runtime " PACKAGE_VERSION "\"}}");
}

TEST(a_failure_has_code_field_reason_and_remedy)
{
	autoarena arena = {};
	struct error failure = {};
	(void)fail_policy(&failure, "policy ui.display", "remove it", "no display"); /* -1 */
	struct audit_event event = { .event = "policy.refused", .failure = &failure };
	expect_contains(written(&arena, &event), "\"outcome\":\"failure\"");
	expect_contains(
		written(&arena, &event),
		",\"error\":{\"code\":\"policy_validation\",\"field\":\"policy ui.display\","
		"\"reason\":\"no display\",\"remedy\":\"remove it\"}}");
}

TEST(the_layers_of_a_plan_and_what_is_weaker_are_said)
{
	autoarena arena = {};
	struct seccomp_instruction program[] = { { .code = 6, .k = 0x7fff0000 } };
	struct plan plan = {
		.arena = &arena,
		.profile = "coding",
		.policy_source = "annotation",
		.policy_sha256 = "ab",
		.landlock = { .is_active = true, .abi = 7, .handled_fs = 0xffff },
		.seccomp = { .profile = SYSCALLS_AGENT, .program = program, .program_length = 1 },
		.network = { .only_loopback = true },
	};
	*arena_push(&arena, &plan.degradations) = (struct plan_degradation){ "no ioctl", "host" };
	struct audit_event event = { .event = "container.create", .plan = &plan };
	const char *text = written(&arena, &event);
	expect_contains(text, "\"policy\":{\"sha256\":\"ab\",\"profile\":\"coding\","
			      "\"source\":\"annotation\",\"layers\":{"
			      "\"landlock\":{\"abi\":7,\"handled_fs\":\"0xffff\"},"
			      "\"seccomp\":{\"profile\":\"agent\",\"sha256\":\"");
	expect_contains(text, "\"},\"network\":{\"by\":\"namespace\"}},"
			      "\"degraded\":[\"no ioctl\"]}}");
}

/* One string that tries everything, in every place that somebody else fills. */
#define HOSTILE                                                   \
	"\",\"outcome\":\"forged\n{}\r\x1b]0;x\x07\\\x7f\xc2\x9b" \
	"31m\xe2\x80\xa8"                                         \
	"\xe2\x80\xa9\xe2\x80\xae\xe2\x81\xa6\xff\xc0\xaf\xed\xa0\x80"

TEST(no_string_forges_a_member_a_line_or_a_terminal_sequence)
{
	autoarena arena = {};
	struct error failure = {}, err;
	(void)fail(&failure, ERROR_HOST, "%s", HOSTILE); /* -1 */
	(void)fail_field(&failure, "%s", HOSTILE);
	(void)fail_remedy(&failure, "%s", HOSTILE);
	struct text extra = { .arena = &arena };
	json_open(&extra, "argv", '[');
	json_add_string(&extra, NULL, HOSTILE);
	json_close(&extra, ']');
	struct audit_event event = {
		.event = "container.exec",
		.failure = &failure,
		.container = { HOSTILE, HOSTILE, HOSTILE, HOSTILE, 1, 1 },
		.agent = { HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE,
			   HOSTILE },
		.policy_sha256 = HOSTILE,
		.profile = HOSTILE,
		.extra = extra.data,
	};
	const char *text = written(&arena, &event);
	/* Every byte is printable ASCII: nothing of HOSTILE survives as it was. */
	for (const char *at = text; *at; at++)
		expect(*at >= 0x20 && *at < 0x7f);

	struct json *root;
	expect_ok(json_read(&arena, "event", text, strlen(text), NULL, &root, &err), &err);
	expect_int(root->n, 9);
	expect_text(json_get(root, "outcome")->text, "failure");
	expect_int(json_get(root, "container")->n, 7);
	expect_int(json_get(root, "agent")->n, 9);
	expect_contains(json_get(json_get(root, "agent"), "id")->text, "\",\"outcome\":\"forged\n");
}
