/* SPDX-License-Identifier: Apache-2.0 */
/* CRIU's protocol as bytes, the reason in its log, and which containers may go its way. */
#include "test.h"

#include "apply/criu.h"
#include "base/error.h"
#include "base/str.h"
#include "plan/checkpoint.h"
#include "plan/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void expect_bytes(const struct text *out, const char *bytes, size_t n)
{
	expect(out->n == n);
	expect(memcmp(out->data, bytes, n) == 0);
}

TEST(a_question_keeps_the_connection_open)
{
	autoarena arena = {};
	struct text version = { .arena = &arena }, features = { .arena = &arena };

	criu_encode(&version, CRIU_VERSION, NULL, true);
	expect_bytes(&version, "\x08\x0a\x20\x01", 4);
	criu_encode(&features, CRIU_FEATURES, NULL, true);
	expect_bytes(&features, "\x08\x09\x20\x01\x2a\x02\x08\x01", 8);
}

TEST(only_options_that_are_set_are_sent)
{
	autoarena arena = {};
	struct text out = { .arena = &arena };
	struct criu_options options = { .images = 5, .pid = 300, .tcp_established = true };

	options.has_cgroups_mode = true;
	options.cgroups_mode = CRIU_CGROUPS_IGNORE;
	criu_encode(&out, CRIU_DUMP, &options, false);
	/* images_dir_fd 5, pid 300, tcp_established, manage_cgroups_mode 0 */
	expect_bytes(&out, "\x08\x01\x12\x0a\x08\x05\x10\xac\x02\x28\x01\x90\x02\x00", 14);
}

TEST(lists_are_messages_of_their_own)
{
	autoarena arena = {};
	struct text out = { .arena = &arena };
	struct criu_options options = { .images = 5, .cgroup_root = "/c" };

	*arena_push(&arena, &options.mounts) = (struct criu_mount){ "/a", "/b" };
	*arena_push(&arena, &options.inherited) = (struct criu_inherit){ "k", 4 };
	criu_encode(&out, CRIU_RESTORE, &options, false);
	expect_bytes(&out,
		     "\x08\x02\x12\x1e\x08\x05"
		     "\xba\x01\x08\x0a\x02/a\x12\x02/b"
		     "\xda\x01\x05\x0a\x01k\x10\x04"
		     "\xca\x01\x06\x0a\x00\x12\x02/c",
		     34);
}

TEST(a_notification_tells_its_script_and_pid)
{
	autoarena arena = {};
	struct criu_reply reply;
	struct error err = {};

	expect(criu_decode(&arena, "\x08\x06\x10\x01\x2a\x0a\x0a\x05hello\x10\xac\x02", 16, &reply,
			   &err) == 0);
	expect(reply.call == CRIU_NOTIFY);
	expect(reply.is_success);
	expect_text(reply.script, "hello");
	expect(reply.pid == 300);
}

TEST(a_version_is_one_number)
{
	autoarena arena = {};
	struct criu_reply reply;
	struct error err = {};

	expect(criu_decode(&arena, "\x08\x0a\x10\x01\x52\x06\x08\x03\x10\x11\x20\x01", 12, &reply,
			   &err) == 0);
	expect(reply.version == 31701);
}

TEST(a_message_that_is_cut_is_refused_at_every_byte)
{
	static const char whole[] = "\x08\x06\x10\x01\x2a\x07\x0a\x05hello\x4a\x01x";
	autoarena arena = {};
	size_t accepted = 0;

	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		struct criu_reply reply;
		struct error err = {};
		accepted += criu_decode(&arena, whole, n, &reply, &err) == 0;
	}
	/* Behind the type, the success and the notification a message may end. */
	expect(accepted == 3);
}

TEST(the_reason_is_the_first_of_the_last_errors)
{
	static const char log[] = "(00.01) Error (criu/tun.c:85): tun: no tun\n"
				  "1\n2\n3\n4\n5\n6\n7\n8\n9\n(00.02) going on\n"
				  "(00.03) Error (criu/a.c:1): the cause: not permitted\n"
				  "(00.04) Error (criu/b.c:2): the consequence\n"
				  "(00.05) Unlock network\n"
				  "(00.06) Error (criu/c.c:3): Dumping FAILED.\n";
	char path[] = "/tmp/mxc-criu-log.XXXXXX";
	autoarena arena = {};
	int fd = mkstemp(path);

	expect(fd >= 0);
	expect(write(fd, log, sizeof(log) - 1) == (ssize_t)sizeof(log) - 1);
	expect_text(criu_log_reason(&arena, path), "the cause: not permitted");
	(void)unlink(path);
	(void)close(fd);
	expect(!criu_log_reason(&arena, path));
}

TEST(no_container_under_a_policy_goes_to_images)
{
	struct error err = {};
	struct plan plan = { .policy_source = "profile" };
	const struct plan plain = {};

	expect(plan_checkpoint_check(&plain, "checkpoint", &err) == 0);
	expect(plan_checkpoint_check(&plan, "checkpoint", &err) < 0);
	expect(err.kind == ERROR_POLICY);
	expect(err.remedy[0] && err.field[0]);
	plan = (struct plan){ .landlock.is_active = true };
	expect(plan_checkpoint_check(&plan, "restore", &err) < 0);
}

TEST(an_annotation_is_found_by_its_key)
{
	const char *annotations[] = { "a", "1", "org.criu.config", "", NULL };
	const struct plan plan = { .annotations = annotations };

	expect_text(plan_annotation(&plan, "org.criu.config"), "");
	expect(!plan_annotation(&plan, "1"));
	expect(!plan_annotation(&(struct plan){}, "a"));
}

TEST(what_criu_cannot_make_again_is_refused_by_its_field)
{
	struct plan plan = {};
	struct error err = {};
	struct plan_seccomp_config filter = { .listener_path = "/run/listener" };

	plan.namespaces.of[NAMESPACE_NETWORK] = (struct plan_namespace){ .mode = NAMESPACE_JOIN,
									 .path = "/n" };
	expect(plan_checkpoint_check(&plan, "restore", &err) == 0);
	plan.seccomp.config = &filter;
	expect(plan_checkpoint_check(&plan, "restore", &err) < 0);
	expect_text(err.field, "config.json linux.seccomp.listenerPath");
	err = (struct error){};
	plan.namespaces.of[NAMESPACE_MOUNT] = (struct plan_namespace){
		.mode = NAMESPACE_JOIN, .path = "/m", .origin = "config.json linux.namespaces[4]"
	};
	expect(plan_checkpoint_check(&plan, "restore", &err) < 0);
	expect_text(err.field, "config.json linux.namespaces[4]");
}
