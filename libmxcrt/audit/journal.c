/* SPDX-License-Identifier: Apache-2.0 */
/* The journal sink: systemd's native protocol, one datagram an event, no library to load. */
#include "audit/audit.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/str.h"
#include "base/utf8.h"

#include <errno.h>
#include <endian.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

enum { SEND_WAIT_S = 5 };

/* Fixed numbers, listed in the catalog (contrib/systemd/mxc.catalog). */
static const struct {
	const char *event, *id;
} message_ids[] = {
	{ "policy.refused", "6350f0170a99e059973e8ba558d2d68b" },
	{ "container.create", "222602ab3313602835e0fc4a5f86bc8b" },
	{ "container.start", "1c8c45139784dca283589abc752a884d" },
	{ "container.exec", "8e32a35c0c87999a5d748679f31b5639" },
	{ "container.kill", "5bee07b009cb94e0a5a5c23883cec559" },
	{ "container.pause", "2237b2367aee0b27118600fee3a94185" },
	{ "container.resume", "07cd8df1e927d8ddba3ed83fe14148e7" },
	{ "container.update", "b205f1b3eb194c1bb57d9c60999eee66" },
	{ "container.checkpoint", "9102ff8fd119fe421171df137d15fcff" },
	{ "container.restore", "a1e1171f0fc440bd04c49b07aca61c6f" },
	{ "container.timeout", "77aa79602c989d44762839ffb845258d" },
	{ "container.exit", "41e62efd16d7404d71dce11444ba810f" },
	{ "container.delete", "ca7974d52205a65f2f4bff729c81be9a" },
	{},
};

static const char *message_id(const char *event)
{
	for (size_t i = 0; message_ids[i].event; i++)
		if (str_equal(message_ids[i].event, event))
			return message_ids[i].id;
	return NULL;
}

/* A value with a newline goes in the form that carries its length, so that it cannot begin a field
 * of its own. */
static void add(struct text *out, const char *field, const char *value)
{
	if (!value || !value[0])
		return;
	size_t n = strlen(value);
	if (!memchr(value, '\n', n)) {
		text_printf(out, "%s=%s\n", field, value);
		return;
	}
	uint64_t length = htole64(n);
	text_printf(out, "%s\n", field);
	text_add_n(out, (const char *)&length, sizeof(length));
	text_add_n(out, value, n);
	text_add(out, "\n");
}

/*
 * What people read: nothing in an untrusted string may act on their terminal, or look like
 * something else. Escaped as in MXC_JSON, whose form for the invisible this is.
 */
static const char *visible(struct arena *arena, const char *text)
{
	struct text out = { .arena = arena };

	if (!text)
		return NULL;
	for (const unsigned char *at = (const unsigned char *)text, *end = at + strlen(text);
	     at < end;) {
		uint32_t character;
		size_t n = utf8_decode(at, (size_t)(end - at), &character);
		if (n == 0 || !utf8_is_visible(character))
			text_printf(&out, "\\u%04x", n ? character : 0xfffd);
		else
			text_add_n(&out, (const char *)at, n);
		at += n ? n : 1;
	}
	return out.data;
}

static const char *message(struct arena *arena, const struct audit_event *event)
{
	const char *container = event->container.id ? event->container.id : "?";
	const char *agent = event->agent.id;

	return arena_printf(arena, "%s %s: container %s%s%s", event->event,
			    event->failure ? "failed" : "succeeded", container,
			    agent ? ", agent " : "", agent ? agent : "");
}

static void add_identity(struct arena *arena, const struct audit_event *event, struct text *out)
{
	const struct audit_container *container = &event->container;
	const struct audit_agent *agent = &event->agent;
	/* clang-format off */
	const struct { const char *field, *value; } rows[] = {
		{ "MXC_CONTAINER_ID",         container->id },
		{ "MXC_CONTAINER_BUNDLE",     container->bundle },
		{ "MXC_CONTAINER_CGROUP",     container->cgroup },
		{ "MXC_CONTAINER_ENGINE",     container->engine },
		{ "MXC_AGENT_ID",             agent->id },
		{ "MXC_AGENT_SOURCE",         agent->source },
		{ "MXC_AGENT_NAME",           agent->name },
		{ "MXC_AGENT_VERSION",        agent->version },
		{ "MXC_AGENT_MODEL",          agent->model },
		{ "MXC_AGENT_SESSION",        agent->session },
		{ "MXC_AGENT_INSTANCE",       agent->instance },
		{ "MXC_AGENT_ON_BEHALF_OF",   agent->on_behalf_of },
		{ "MXC_AGENT_CORRELATION_ID", agent->correlation_id },
		{ "MXC_POLICY_SHA256",        event->policy_sha256 },
		{ "MXC_POLICY_PROFILE",       event->profile },
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		add(out, rows[i].field, visible(arena, rows[i].value));
	if (container->pid > 0)
		text_printf(out, "MXC_CONTAINER_PID=%d\n", container->pid);
	if (container->cgroup_id)
		text_printf(out, "MXC_CONTAINER_CGROUP_ID=%" PRIu64 "\n", container->cgroup_id);
}

static void add_fields(struct arena *arena, const struct audit_event *event, struct text *out)
{
	char line[1400];

	add(out, "MESSAGE", visible(arena, message(arena, event)));
	add(out, "MESSAGE_ID", message_id(event->event));
	add(out, "PRIORITY", event->failure ? "4" : "6");
	add(out, "SYSLOG_IDENTIFIER", "mxc-runtime");
	add(out, "MXC_EVENT", event->event);
	add(out, "MXC_OUTCOME", event->failure ? "failure" : "success");
	add_identity(arena, event, out);
	if (!event->failure)
		return;
	add(out, "MXC_ERROR_CODE", error_code(event->failure));
	add(out, "MXC_ERROR", visible(arena, error_format(event->failure, line, sizeof(line))));
}

/* A datagram that is too large goes as a sealed memory file, as the protocol has it. */
static int send_memory(int fd, const struct text *fields)
{
	autofd memory = memfd_create("mxc-audit", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {};
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = JOURNAL_SOCKET };
	struct msghdr packet = { .msg_name = &address,
				 .msg_namelen = sizeof(address),
				 .msg_control = &control,
				 .msg_controllen = sizeof(control) };

	if (memory < 0 || write(memory, fields->data, fields->n) != (ssize_t)fields->n)
		return -1;
	if (fcntl(memory, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) <
	    0)
		return -1;
	control.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)),
					   .cmsg_level = SOL_SOCKET,
					   .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(&control.header), &(int){ memory }, sizeof(int));
	return sendmsg(fd, &packet, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

int audit_journal_send(struct arena *arena, const struct audit_event *event, const char *event_json,
		       struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = JOURNAL_SOCKET };
	struct text fields = { .arena = arena };
	/* A journal that hangs must not hang every container. */
	const struct timeval patience = { .tv_sec = SEND_WAIT_S };
	autofd fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0)
		return fail_sys(err, "create a socket for the journal");
	add_fields(arena, event, &fields);
	add(&fields, "MXC_JSON", event_json);
	if (sendto(fd, fields.data, fields.n, MSG_NOSIGNAL, (struct sockaddr *)&address,
		   sizeof(address)) >= 0)
		return 0;
	if ((errno == EMSGSIZE || errno == ENOBUFS) && send_memory(fd, &fields) == 0)
		return 0;
	return fail_sys(err, "send to the journal");
}
