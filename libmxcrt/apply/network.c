/* SPDX-License-Identifier: Apache-2.0 */
/* The container's network: loopback up, and the promise that there is nothing else. */
#include "apply/network.h"

#include "apply/netlink.h"
#include "apply/step.h"
#include "base/fd.h"
#include "base/str.h"
#include "plan/plan.h"

#include <linux/if.h>
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

struct checking {
	const struct plan *plan;
	struct error *err;
};

static int interface_check(const struct nlmsghdr *message, void *context)
{
	const struct checking *checking = context;
	struct ifinfomsg info;

	if (message->nlmsg_type != RTM_NEWLINK)
		return 0;
	if (message->nlmsg_len < NLMSG_LENGTH(sizeof(info)))
		return fail(checking->err, ERROR_HOST, "the kernel lists half an interface");
	memcpy(&info, netlink_body(message), sizeof(info));
	/* The kernel ends the name with NUL. */
	const struct rtattr *attribute = netlink_find(message, sizeof(info), IFLA_IFNAME);
	const char *name = attribute ? netlink_value(attribute) : "?";
	if (info.ifi_flags & IFF_LOOPBACK || is_idle_tunnel(name, info.ifi_flags))
		return 0;
	return fail_policy(
		checking->err, checking->plan->network.origin,
		"give the container no network (--network=none)",
		"the container has the network interface '%s', and this policy grants no network",
		name);
}

int network_check(const struct plan *plan, struct handles *handles, struct error *err)
{
	const struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct checking checking = { plan, err };
	struct netlink_request request;

	(void)handles;
	if (!plan->network.only_loopback)
		return 0;

	autofd fd = netlink_open(err);
	if (fd < 0)
		return -1;
	netlink_begin(&request, RTM_GETLINK, NLM_F_DUMP, &info, sizeof(info));
	if (netlink_ask(fd, &request, interface_check, &checking) == 0)
		return 0;
	return err->text[0] ? -1 : fail_sys(err, "list the container's network interfaces");
}
