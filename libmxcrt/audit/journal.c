/* SPDX-License-Identifier: Apache-2.0 */
/* The journal sink: systemd's native protocol, one datagram an event, no library to load. */
#include "audit/audit.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/str.h"

#include <errno.h>
#include <endian.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

/* Fixed numbers, listed in the catalog (contrib/systemd/mxc.catalog). */
static const struct { const char *event, *id; } message_ids[] = {
	{ "policy.refused",    "8c2e52ec1f0b4e54a0a7d1f43b1a7c01" },
	{ "container.create",  "0f6d2c9b7a874f5fb1de66e64aa21f02" },
	{ "container.start",   "5d1b7d4ac2a94d0c9cf3a8d1a1f2bb03" },
	{ "container.exec",    "b7a0a1a4f43c4dc8a9f0f3ac94e25d04" },
	{ "container.kill",    "e34de2f6f9f24f3ea0e7a1e9d12c6305" },
	{ "container.pause",   "2b9dc3fe0c6b4d8c8f27b0f8f7a1ce06" },
	{ "container.resume",  "c9a5b0e2d7e84d1d9a6a0be4ad5f4b07" },
	{ "container.timeout", "4f3a1de0a5cc4b9c8d5ebc1cfa0d9e08" },
	{ "container.exit",    "91c7e6a3b02f4a6db0a8ff3a27c65109" },
	{ "container.delete",  "7e0d94b8c6f34f1f9b4f0d5a3e8c2d0a" },
	{},
};

static const char *message_id(const char *event)
{
	for (size_t i = 0; message_ids[i].event; i++)
		if (str_equal(message_ids[i].event, event))
			return message_ids[i].id;
	return NULL;
}

/* A value with a newline goes in the form that carries its length, so that it cannot begin a field of its own. */
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

/* What people read: no control character of an untrusted string reaches their terminal. */
static const char *message(struct arena *arena, const struct audit_event *event)
{
	char *text = arena_printf(arena, "%s %s: container %s%s%s", event->event, event->failure ? "failed" : "succeeded",
				  event->container.id ? event->container.id : "?", event->agent.id ? ", agent " : "",
				  event->agent.id ? event->agent.id : "");
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	return text;
}

static void add_fields(struct arena *arena, const struct audit_event *event, struct text *out)
{
	char line[1400];

	add(out, "MESSAGE", message(arena, event));
	add(out, "MESSAGE_ID", message_id(event->event));
	add(out, "PRIORITY", event->failure ? "4" : "6");
	add(out, "SYSLOG_IDENTIFIER", "mxc-runtime");
	add(out, "MXC_EVENT", event->event);
	add(out, "MXC_OUTCOME", event->failure ? "failure" : "success");
	add(out, "MXC_CONTAINER_ID", event->container.id);
	add(out, "MXC_CONTAINER_BUNDLE", event->container.bundle);
	add(out, "MXC_CONTAINER_CGROUP", event->container.cgroup);
	add(out, "MXC_CONTAINER_ENGINE", event->container.engine);
	if (event->container.pid > 0)
		text_printf(out, "MXC_CONTAINER_PID=%d\n", event->container.pid);
	if (event->container.cgroup_id)
		text_printf(out, "MXC_CONTAINER_CGROUP_ID=%llu\n", (unsigned long long)event->container.cgroup_id);
	add(out, "MXC_AGENT_ID", event->agent.id);
	add(out, "MXC_AGENT_SOURCE", event->agent.source);
	add(out, "MXC_AGENT_NAME", event->agent.name);
	add(out, "MXC_AGENT_SESSION", event->agent.session);
	add(out, "MXC_AGENT_ON_BEHALF_OF", event->agent.on_behalf_of);
	add(out, "MXC_AGENT_CORRELATION_ID", event->agent.correlation_id);
	add(out, "MXC_POLICY_SHA256", event->policy_sha256);
	add(out, "MXC_POLICY_PROFILE", event->profile);
	if (event->failure)
		add(out, "MXC_ERROR", error_format(event->failure, line, sizeof(line)));
}

/* A datagram that is too large goes as a sealed memory file, as the protocol has it. */
static int send_memory(int fd, const struct text *fields)
{
	autofd memory = memfd_create("mxc-audit", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	union { struct cmsghdr header; char space[CMSG_SPACE(sizeof(int))]; } control = {};
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = JOURNAL_SOCKET };
	struct msghdr packet = { .msg_name = &address, .msg_namelen = sizeof(address), .msg_control = &control,
				 .msg_controllen = sizeof(control) };

	if (memory < 0 || write(memory, fields->data, fields->n) != (ssize_t)fields->n)
		return -1;
	if (fcntl(memory, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		return -1;
	control.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(&control.header), &(int){ memory }, sizeof(int));
	return sendmsg(fd, &packet, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

int audit_journal_send(struct arena *arena, const struct audit_event *event, const char *event_json, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = JOURNAL_SOCKET };
	struct text fields = { .arena = arena };
	autofd fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return fail_sys(err, "create a socket for the journal");
	add_fields(arena, event, &fields);
	add(&fields, "MXC_JSON", event_json);
	if (sendto(fd, fields.data, fields.n, MSG_NOSIGNAL, (struct sockaddr *)&address, sizeof(address)) >= 0)
		return 0;
	if ((errno == EMSGSIZE || errno == ENOBUFS) && send_memory(fd, &fields) == 0)
		return 0;
	return fail_sys(err, "send to the journal");
}
