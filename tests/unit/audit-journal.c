/* SPDX-License-Identifier: Apache-2.0 */
/* What the journal is sent, heard at a socket that stands in its place. */
#include "apply-child.h"

#include "audit/audit.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/str.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

enum { PACKET = 1 << 16 };

/* The journal's socket, in a mount namespace of our own. */
static int journal_open(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX,
				       .sun_path = "/run/systemd/journal/socket" };
	need(unshare(CLONE_NEWNS) == 0);
	need(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	need(mount("mxc-test", "/run", "tmpfs", 0, "size=1m") == 0);
	need(mkdir("/run/systemd", 0755) == 0 && mkdir("/run/systemd/journal", 0755) == 0);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	need(fd >= 0);
	need(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	return fd;
}

/* A datagram as text, or the memory file that stands for one. */
static const char *hear(struct arena *arena, int journal)
{
	char *bytes = arena_alloc(arena, PACKET);
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {};
	struct iovec part = { bytes, PACKET - 1 };
	struct msghdr packet = { .msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(journal, &packet, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	need(n >= 0);
	if (n > 0)
		return bytes;
	struct cmsghdr *header = CMSG_FIRSTHDR(&packet);
	need(header && header->cmsg_type == SCM_RIGHTS);
	int number;
	memcpy(&number, CMSG_DATA(header), sizeof(number));
	autofd memory = number;
	struct stat st;
	need(fstat(memory, &st) == 0);
	char *whole = arena_alloc(arena, (size_t)st.st_size + 1);
	need(pread(memory, whole, (size_t)st.st_size, 0) == st.st_size);
	return whole;
}

static const char *sent(struct arena *arena, const struct audit_event *event)
{
	const struct audit_config config = { .to_journal = true };
	struct error err;
	autofd journal = journal_open();
	need_ok(audit_emit(arena, &config, event, &err), &err);
	return hear(arena, journal);
}

static void fields(void)
{
	autoarena arena = {};
	struct error failure = {};
	(void)fail(&failure, ERROR_HOST, "no room"); /* -1 */
	struct audit_event event = {
		.event = "container.start",
		.failure = &failure,
		.container = { .id = "c1", .bundle = "/b", .pid = 42, .cgroup_id = 7 },
		.agent = { .id = "local:x", .source = "local", .model = "m", .instance = "i" },
		.policy_sha256 = "ab",
		.profile = "coding",
	};
	const char *text = sent(&arena, &event);
	static const char *const lines[] = {
		"MESSAGE=container.start failed: container c1, agent local:x\n",
		"\nPRIORITY=4\n",
		"\nSYSLOG_IDENTIFIER=mxc-runtime\n",
		"\nMXC_EVENT=container.start\nMXC_OUTCOME=failure\n",
		"\nMXC_CONTAINER_ID=c1\nMXC_CONTAINER_BUNDLE=/b\n",
		"\nMXC_CONTAINER_PID=42\nMXC_CONTAINER_CGROUP_ID=7\n",
		"\nMXC_AGENT_ID=local:x\nMXC_AGENT_SOURCE=local\n",
		"\nMXC_AGENT_MODEL=m\nMXC_AGENT_INSTANCE=i\n",
		"\nMXC_POLICY_SHA256=ab\nMXC_POLICY_PROFILE=coding\n",
		"\nMXC_ERROR_CODE=backend_error\nMXC_ERROR=no room\n",
		"\nMXC_JSON={\"v\":1,\"time\":\"",
	};
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		need(strstr(text, lines[i]));
	need(str_starts(text, lines[0]));
	const char *id = strstr(text, "\nMESSAGE_ID=");
	need(id && strspn(id + 12, "0123456789abcdef") == 32 && id[44] == '\n');
}

TEST(an_event_has_fields_of_its_own_and_is_whole_in_one)
{
	if (geteuid() != 0)
		test_skip("root, to stand in the journal's place");
	expect_int(in_child(fields), 0);
}

static void hostile_strings(void)
{
	static const char hostile[] = "x\nMESSAGE=forged\n\x1b[31m\x7f\xc2\x9b\xe2\x80\xae"
				      "\xe2\x80\xa8\xff";
	autoarena arena = {};
	struct audit_event event = {
		.event = "container.start",
		.container = { hostile, hostile, hostile, hostile, 1, 1 },
		.agent = { hostile, hostile, hostile, hostile, hostile, hostile, hostile, hostile,
			   hostile },
		.policy_sha256 = hostile,
		.profile = hostile,
	};
	const char *text = sent(&arena, &event);
	need(!strstr(text, "\nMESSAGE=forged"));
	need(strstr(text, "MXC_AGENT_ID=x\\u000aMESSAGE=forged\\u000a\\u001b[31m\\u007f\\u009b"
			  "\\u202e\\u2028\\ufffd\n"));
	for (const char *at = text; *at; at++)
		need((*at >= 0x20 && *at < 0x7f) || *at == '\n');
}

TEST(no_string_forges_a_field_or_a_terminal_sequence)
{
	if (geteuid() != 0)
		test_skip("root, to stand in the journal's place");
	expect_int(in_child(hostile_strings), 0);
}

static void large_event(void)
{
	autoarena arena = {};
	char *id = arena_alloc(&arena, 400001);
	memset(id, 'x', 400000);
	struct audit_event event = { .event = "container.start", .container = { .id = id } };
	const char *text = sent(&arena, &event);
	need(strlen(text) > 1200000);
	need(strstr(text, "\nMXC_JSON={\"v\":1,"));
}

TEST(an_event_too_large_for_a_datagram_goes_as_a_memory_file)
{
	if (geteuid() != 0)
		test_skip("root, to stand in the journal's place");
	expect_int(in_child(large_event), 0);
}

static void one_of_two(void)
{
	autoarena arena = {};
	const struct audit_config config = { .to_journal = true,
					     .to_file = true,
					     .file = "/run/systemd" };
	struct audit_event event = { .event = "container.start" };
	struct error err;
	autofd journal = journal_open();
	/* Heard nowhere but in the log, which would spoil the test's output. */
	autofd null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	need(dup2(null, STDERR_FILENO) >= 0);
	need_ok(audit_emit(&arena, &config, &event, &err), &err);
	need(str_starts(hear(&arena, journal), "MESSAGE="));
	fd_close(&journal);
	need(unlink("/run/systemd/journal/socket") == 0);
	need_fail(audit_emit(&arena, &config, &event, &err), &err, "/run/systemd': Is a directory");
}

TEST(one_sink_that_takes_the_event_is_enough)
{
	if (geteuid() != 0)
		test_skip("root, to stand in the journal's place");
	expect_int(in_child(one_of_two), 0);
}

TEST(no_sink_at_all_is_an_error)
{
	autoarena arena = {};
	const struct audit_config config = {};
	struct audit_event event = { .event = "container.start" };
	struct error err;
	expect_fail(audit_emit(&arena, &config, &event, &err), &err, "no audit sink is configured");
}
