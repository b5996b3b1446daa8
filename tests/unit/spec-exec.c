/* SPDX-License-Identifier: Apache-2.0 */
/* A further process, as the command line or a document asks for it. */
#include "test.h"

#include "base/str.h"
#include "plan/plan.h"
#include "spec/spec.h"

#include <linux/capability.h>
#include <string.h>

static const char config[] =
	"{\"ociVersion\":\"1.2.0\",\"root\":{\"path\":\"rootfs\"},"
	"\"process\":{\"terminal\":true,\"user\":{\"uid\":10,\"gid\":20,\"additionalGids\":[30]},"
	"\"args\":[\"sh\"],\"env\":[\"PATH=/bin\",\"HOME=/root\"],\"cwd\":\"/srv\","
	"\"noNewPrivileges\":true,\"oomScoreAdj\":7,\"apparmorProfile\":\"box\","
	"\"capabilities\":{\"bounding\":[\"CAP_KILL\"]},"
	"\"rlimits\":[{\"type\":\"RLIMIT_CORE\",\"soft\":0,\"hard\":0}]},"
	"\"mounts\":[{\"destination\":\"/data\",\"source\":\"/d\",\"options\":[\"rbind\"]}],"
	"\"hooks\":{\"prestart\":[{\"path\":\"/hook\"}]},\"hostname\":\"x\","
	"\"linux\":{\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"uts\"},"
	"{\"type\":\"network\",\"path\":\"/n\"}],"
	"\"resources\":{\"pids\":{\"limit\":5}},"
	"\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\"}}}";

static int lower(struct arena *arena, const struct spec_exec *exec, struct plan **ret_plan,
		 struct error *err)
{
	const struct spec_request request = { .id = "box", .bundle = "/b" };
	struct plan *plan = arena_alloc(arena, sizeof(*plan));
	const struct spec *spec;

	plan->arena = arena;
	TRY(spec_read(arena, "config.json", config, strlen(config), &spec, err));
	TRY(spec_lower_exec(spec, &request, exec, plan, err));
	*ret_plan = plan;
	return 0;
}

static const char *const id_args[] = { "id", "-u", NULL };

TEST(what_the_command_line_leaves_out_is_as_in_the_config)
{
	autoarena arena = {};
	const struct spec_exec exec = { .args = id_args, .init_pid = 9 };
	struct error err = {};
	struct plan *plan;

	expect_ok(lower(&arena, &exec, &plan, &err), &err);
	expect_text(plan->process.args[1], "-u");
	expect_text(plan->process.cwd, "/srv");
	expect_text(plan->process.env[1], "HOME=/root");
	expect_int(plan->ids.uid, 10);
	expect_int(plan->ids.gid, 20);
	expect_int(plan->ids.groups.n, 1);
	expect_int(plan->process.oom_score, 7);
	expect_text(plan->process.apparmor, "box");
	expect(plan->process.no_new_privileges && !plan->process.terminal);
	expect_int(plan->process.rlimits.n, 1);
	expect(plan->seccomp.config != NULL);
}

TEST(every_namespace_of_the_container_is_joined)
{
	autoarena arena = {};
	const struct spec_exec exec = { .args = id_args, .init_pid = 9 };
	struct error err = {};
	struct plan *plan;

	expect_ok(lower(&arena, &exec, &plan, &err), &err);
	expect_int(plan->namespaces.join_pid, 9);
	expect_int(plan->namespaces.of[NAMESPACE_MOUNT].mode, NAMESPACE_JOIN);
	expect(plan->namespaces.of[NAMESPACE_MOUNT].is_own);
	expect_int(plan->namespaces.of[NAMESPACE_NETWORK].mode, NAMESPACE_JOIN);
	expect_text(plan->namespaces.of[NAMESPACE_NETWORK].path, NULL);
	expect(!plan->namespaces.of[NAMESPACE_NETWORK].is_own);
	expect_int(plan->namespaces.of[NAMESPACE_PID].mode, NAMESPACE_INHERIT);
}

TEST(what_belongs_to_the_container_is_not_done_again)
{
	autoarena arena = {};
	const struct spec_exec exec = { .args = id_args, .init_pid = 9 };
	struct error err = {};
	struct plan *plan;

	expect_ok(lower(&arena, &exec, &plan, &err), &err);
	expect(plan->is_exec && plan->cgroup.is_joined);
	expect_int(plan->hooks.of[HOOK_PRESTART].n, 0);
	expect_int(plan->cgroup.values.n, 0);
	expect(!plan->cgroup.has_device_filter && !plan->devices.console);
	expect_text(plan->kernel.hostname, NULL);
	/* The policy decides by them. */
	expect_int(plan->mounts.rows.n, 1);
}

TEST(the_command_line_changes_the_process)
{
	autoarena arena = {};
	const char *const env[] = { "HOME=/tmp", "A=1", NULL }, *const gids[] = { "5", NULL };
	const char *const caps[] = { "CAP_CHOWN", NULL };
	const struct spec_exec exec = {
		.args = id_args,
		.env = env,
		.cwd = "/tmp",
		.user = "1:2",
		.additional_gids = gids,
		.caps = caps,
		.terminal = true,
		.has_terminal = true,
		.process_label = "l",
		.apparmor = "p",
		.preserve_fds = 2,
		.has_no_new_privileges = true,
		.init_pid = 9,
	};
	struct error err = {};
	struct plan *plan;

	expect_ok(lower(&arena, &exec, &plan, &err), &err);
	expect_text(plan->process.env[0], "PATH=/bin");
	expect_text(plan->process.env[1], "HOME=/tmp");
	expect_text(plan->process.env[2], "A=1");
	expect_text(plan->process.env[3], NULL);
	expect_text(plan->process.cwd, "/tmp");
	expect_text(plan->process.config_cwd, "/srv");
	expect_int(plan->ids.uid, 1);
	expect_int(plan->ids.gid, 2);
	expect_int(plan->ids.groups.n, 2);
	expect_int(plan->ids.groups.items[1], 5);
	expect(plan->process.terminal);
	expect_text(plan->process.selinux, "l");
	expect_text(plan->process.apparmor, "p");
	expect_int(plan->process.preserve_fds, 2);
}

TEST(added_capabilities_are_never_inheritable_or_ambient)
{
	autoarena arena = {};
	const char *const caps[] = { "CAP_CHOWN", NULL };
	const struct spec_exec exec = { .args = id_args, .caps = caps, .init_pid = 9 };
	struct error err = {};
	struct plan *plan;

	expect_ok(lower(&arena, &exec, &plan, &err), &err);
	expect_int(plan->caps.permitted, 1 << CAP_CHOWN);
	expect_int(plan->caps.effective, 1 << CAP_CHOWN);
	expect_int(plan->caps.bounding, 1 << CAP_CHOWN | 1 << CAP_KILL);
	expect_int(plan->caps.inheritable, 0);
	expect_int(plan->caps.ambient, 0);
}

TEST(no_new_privileges_cannot_be_taken_back)
{
	autoarena arena = {};
	static const char document[] =
		"{\"args\":[\"id\"],\"cwd\":\"/\",\"noNewPrivileges\":false}";
	const struct spec_exec line = { .args = id_args,
					.has_no_new_privileges = true,
					.init_pid = 9 };
	const struct spec_exec file = {
		.process_json = document,
		.process_json_n = sizeof(document) - 1,
		.init_pid = 9,
	};
	struct error err = {};
	struct plan *plan;

	expect_ok(lower(&arena, &line, &plan, &err), &err);
	expect(plan->process.no_new_privileges);
	expect_ok(lower(&arena, &file, &plan, &err), &err);
	expect(plan->process.no_new_privileges);
}

TEST(a_document_replaces_user_and_environment_but_not_limits)
{
	autoarena arena = {};
	static const char document[] =
		"{\"args\":[\"id\"],\"cwd\":\"/\",\"user\":{\"uid\":1,\"gid\":1}}";
	const struct spec_exec exec = {
		.process_json = document,
		.process_json_n = sizeof(document) - 1,
		.init_pid = 9,
	};
	struct error err = {};
	struct plan *plan;

	expect_ok(lower(&arena, &exec, &plan, &err), &err);
	expect_int(plan->ids.uid, 1);
	expect_int(plan->ids.groups.n, 0);
	expect_text(plan->process.env[0], NULL);
	expect_int(plan->process.rlimits.n, 1);
	expect_int(plan->process.oom_score, 7);
	expect_int(plan->caps.bounding, 1 << CAP_KILL);
}

TEST(a_user_is_written_in_numbers_only)
{
	static const char *const wrong[] = { "root",
					     "",
					     "1:",
					     ":1",
					     "1:2:3",
					     "-1",
					     "+1",
					     " 1",
					     "1 ",
					     "0x1",
					     "4294967295",
					     "4294967296",
					     "18446744073709551616" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		autoarena arena = {};
		const struct spec_exec exec = { .args = id_args, .user = wrong[i], .init_pid = 9 };
		struct error err = {};
		struct plan *plan;

		expect_fail(lower(&arena, &exec, &plan, &err), &err,
			    "is not the number of a user or group");
	}
}

TEST(a_broken_document_is_named)
{
	autoarena arena = {};
	const struct spec_exec exec = { .process_json = "{\"args\":[1]}",
					.process_json_n = 12,
					.init_pid = 9 };
	struct error err = {};
	struct plan *plan;

	expect_fail(lower(&arena, &exec, &plan, &err), &err, "process file args[0]");
}
