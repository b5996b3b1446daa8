/* SPDX-License-Identifier: Apache-2.0 */
/* One question to rtnetlink at a time, and each part of the answer to a function. */
#pragma once

#include "base/error.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>

enum { NETLINK_BODY = 512 };
struct netlink_request {
	struct nlmsghdr header;
	char body[NETLINK_BODY];
};

int netlink_open(struct error *err);
/* BODY is the header of the message's own family: struct ifinfomsg, struct ifaddrmsg. */
void netlink_begin(struct netlink_request *request, int type, int flags, const void *body,
		   size_t n);
void netlink_add(struct netlink_request *request, int type, const void *value, size_t n);
/* The attribute of TYPE behind a header of BODY bytes, NULL when there is none. */
const struct rtattr *netlink_find(const struct nlmsghdr *message, size_t body, int type);

/* MESSAGE is whole and has at least BODY bytes behind its header; < 0 ends the hearing. */
typedef int (*netlink_fn)(const struct nlmsghdr *message, void *context);
/*
 * Send, and give each message of the answer to HEAR (NULL: only success counts). 0; -1 with errno
 * as the kernel answered; what HEAR returned when that was < 0.
 */
int netlink_ask(int fd, struct netlink_request *request, netlink_fn hear, void *context);

/* What follows the headers; the kernel's macros for this forget const. */
static inline const void *netlink_body(const struct nlmsghdr *message)
{
	return (const char *)message + NLMSG_LENGTH(0);
}
static inline const void *netlink_value(const struct rtattr *attribute)
{
	return (const char *)attribute + RTA_LENGTH(0);
}
