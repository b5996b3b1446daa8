/* SPDX-License-Identifier: Apache-2.0 */
/* rtnetlink: requests are built in place, answers are cut into messages. */
#include "apply/netlink.h"

#include "base/fd.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int netlink_open(struct error *err)
{
	autofd fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0)
		return fail_sys(err, "open a netlink socket");
	return fd_take(&fd);
}

void netlink_begin(struct netlink_request *request, int type, int flags, const void *body, size_t n)
{
	memset(request, 0, sizeof(*request));
	request->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(n);
	request->header.nlmsg_type = (uint16_t)type;
	request->header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	/* A dump ends by itself; anything else with an acknowledgement. */
	if ((flags & NLM_F_DUMP) != NLM_F_DUMP)
		request->header.nlmsg_flags |= NLM_F_ACK;
	memcpy(request->body, body, n);
}

void netlink_add(struct netlink_request *request, int type, const void *value, size_t n)
{
	struct rtattr attribute = { .rta_len = (unsigned short)RTA_LENGTH(n),
				    .rta_type = (unsigned short)type };
	size_t at = NLMSG_ALIGN(request->header.nlmsg_len) - sizeof(request->header);

	assert(at + RTA_SPACE(n) <= sizeof(request->body));
	memcpy(request->body + at, &attribute, sizeof(attribute));
	memcpy(request->body + at + RTA_LENGTH(0), value, n);
	request->header.nlmsg_len = (uint32_t)(sizeof(request->header) + at + RTA_LENGTH(n));
}

const struct rtattr *netlink_find(const struct nlmsghdr *message, size_t body, int type)
{
	const char *bytes = (const char *)message;

	for (size_t at = NLMSG_SPACE(body);
	     at + sizeof(struct rtattr) <= (size_t)message->nlmsg_len;) {
		const struct rtattr *attribute = (const void *)(bytes + at);
		if (attribute->rta_len < sizeof(*attribute) ||
		    attribute->rta_len > message->nlmsg_len - at)
			return NULL;
		if (attribute->rta_type == type)
			return attribute;
		at += RTA_ALIGN(attribute->rta_len);
	}
	return NULL;
}

static int answer_errno(const struct nlmsghdr *message)
{
	struct nlmsgerr answer;

	if (message->nlmsg_len < NLMSG_LENGTH(sizeof(answer.error)))
		return EBADMSG;
	memcpy(&answer.error, netlink_body(message), sizeof(answer.error));
	return -answer.error;
}

/* 1: more to come. */
static int batch_hear(const char *batch, size_t n, netlink_fn hear, void *context)
{
	for (size_t at = 0; at + sizeof(struct nlmsghdr) <= n;) {
		const struct nlmsghdr *message = (const void *)(batch + at);
		if (message->nlmsg_len < sizeof(*message) || message->nlmsg_len > n - at) {
			errno = EBADMSG;
			return -1;
		}
		if (message->nlmsg_type == NLMSG_DONE)
			return 0;
		if (message->nlmsg_type == NLMSG_ERROR) {
			errno = answer_errno(message);
			return errno == 0 ? 0 : -1;
		}
		int result = hear ? hear(message, context) : 0;
		if (result < 0)
			return result;
		at += NLMSG_ALIGN(message->nlmsg_len);
	}
	return 1;
}

int netlink_ask(int fd, struct netlink_request *request, netlink_fn hear, void *context)
{
	char batch[32768] __attribute__((aligned(NLMSG_ALIGNTO)));

	if (send(fd, request, request->header.nlmsg_len, 0) < 0)
		return -1;
	for (;;) {
		ssize_t n = recv(fd, batch, sizeof(batch), MSG_TRUNC);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if ((size_t)n > sizeof(batch)) {
			errno = EMSGSIZE;
			return -1;
		}
		int more = batch_hear(batch, (size_t)n, hear, context);
		if (more <= 0)
			return more;
	}
}
