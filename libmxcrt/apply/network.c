/* SPDX-License-Identifier: Apache-2.0 */
/* The container's network: loopback up, and the promise that there is nothing else. */
#include "apply/network.h"

#include "apply/step.h"
#include "base/fd.h"
#include "base/str.h"
#include "plan/plan.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int network_prepare(const struct plan *plan, struct handles *handles, struct error *err)
{
	struct ifreq request = { .ifr_name = "lo" };

	(void)handles;
	if (!plan->network.loopback_up)
		return 0;

	autofd fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail_sys(err, "open a socket in the container's network");
	/* A new namespace has lo with no flag that one could lose by setting these. */
	request.ifr_flags = IFF_UP | IFF_RUNNING;
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return fail_sys(err, "bring the loopback interface up");
	return 0;
}

/*
 * Tunnel modules put one idle device of their own into every new namespace. While it is down it
 * carries nothing, and what it would carry would have to leave by another interface.
 */
static bool is_idle_tunnel(const char *name, unsigned flags)
{
	static const char *const names[] = { "tunl0",    "gre0", "gretap0", "erspan0", "ip_vti0",
					     "ip6_vti0", "sit0", "ip6tnl0", "ip6gre0" };

	if (flags & IFF_UP)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_equal(name, names[i]))
			return true;
	return false;
}

/* ATTRIBUTES is what follows the message's two headers. */
static const char *interface_name(const char *attributes, size_t n)
{
	for (size_t at = 0; n - at >= sizeof(struct rtattr);) {
		struct rtattr attribute;
		memcpy(&attribute, attributes + at, sizeof(attribute));
		if (attribute.rta_len < sizeof(attribute) || attribute.rta_len > n - at)
			break;
		/* The kernel ends the name with NUL. */
		if (attribute.rta_type == IFLA_IFNAME)
			return attributes + at + sizeof(attribute);
		at += RTA_ALIGN(attribute.rta_len);
		if (at > n)
			break;
	}
	return "?";
}

static int interface_check(const struct plan *plan, const char *body, size_t n, struct error *err)
{
	struct ifinfomsg info;

	if (n < sizeof(info))
		return fail(err, ERROR_HOST, "the kernel lists an interface of %zu bytes", n);
	memcpy(&info, body, sizeof(info));
	const char *name = interface_name(body + sizeof(info), n - sizeof(info));
	if (info.ifi_flags & IFF_LOOPBACK || is_idle_tunnel(name, info.ifi_flags))
		return 0;
	return fail_policy(
		err, plan->network.origin, "give the container no network (--network=none)",
		"the container has the network interface '%s', and this policy grants no network",
		name);
}

/* 1: more to come. */
static int batch_check(const struct plan *plan, const char *batch, size_t n, struct error *err)
{
	struct nlmsghdr header;

	for (size_t at = 0; at + sizeof(header) <= n; at += NLMSG_ALIGN(header.nlmsg_len)) {
		memcpy(&header, batch + at, sizeof(header));
		if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > n - at)
			break;
		if (header.nlmsg_type == NLMSG_DONE)
			return 0;
		if (header.nlmsg_type == NLMSG_ERROR)
			return fail(err, ERROR_HOST,
				    "the kernel does not list the container's interfaces");
		if (header.nlmsg_type == RTM_NEWLINK)
			TRY(interface_check(plan, batch + at + sizeof(header),
					    header.nlmsg_len - sizeof(header), err));
	}
	return 1;
}

int network_check(const struct plan *plan, struct handles *handles, struct error *err)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
	} request = {
		.header = { .nlmsg_len = sizeof(request),
			    .nlmsg_type = RTM_GETLINK,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.info = { .ifi_family = AF_UNSPEC },
	};
	char batch[32768] __attribute__((aligned(NLMSG_ALIGNTO)));

	(void)handles;
	if (!plan->network.only_loopback)
		return 0;

	autofd fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return fail_sys(err, "open a netlink socket");
	if (send(fd, &request, sizeof(request), 0) < 0)
		return fail_sys(err, "ask for the container's network interfaces");

	for (;;) {
		ssize_t n = recv(fd, batch, sizeof(batch), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_sys(err, "read the container's network interfaces");
		int more = TRY(batch_check(plan, batch, (size_t)n, err));
		if (more == 0)
			return 0;
	}
}
