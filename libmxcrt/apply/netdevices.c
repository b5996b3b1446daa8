/* SPDX-License-Identifier: Apache-2.0 */
/* Network devices by rtnetlink: moved with their lasting addresses, renamed, brought up; and back
 * again when the container comes to nothing. */
#include "apply/netdevices.h"

#include "apply/netlink.h"
#include "base/arena.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "plan/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct address {
	struct netlink_request request; /* that makes it anew, but for the interface's index */
};

struct moved_device {
	const struct plan_net_device *plan;
	int index, index_inside;
	unsigned flags; /* as on the host */
	ARRAY(struct address) addresses;
};

struct moved_devices {
	ARRAY(struct moved_device) rows;
};

/* What one look at an interface tells. */
struct link {
	int index;
	unsigned flags;
	char name[IFNAMSIZ];
};

static int link_hear(const struct nlmsghdr *message, void *context)
{
	struct link *link = context;
	struct ifinfomsg info;

	if (message->nlmsg_type != RTM_NEWLINK || message->nlmsg_len < NLMSG_LENGTH(sizeof(info)))
		return 0;
	memcpy(&info, netlink_body(message), sizeof(info));
	const struct rtattr *name = netlink_find(message, sizeof(info), IFLA_IFNAME);
	link->index = info.ifi_index;
	link->flags = info.ifi_flags;
	if (name)
		(void)snprintf(link->name, sizeof(link->name), "%.*s", (int)RTA_PAYLOAD(name),
			       (const char *)netlink_value(name));
	return 0;
}

/* By NAME, or by INDEX when there is none; ENODEV. */
static int link_get(int netlink, const char *name, int index, struct link *ret_link)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC, .ifi_index = index };
	struct netlink_request request;

	netlink_begin(&request, RTM_GETLINK, 0, &info, sizeof(info));
	if (name)
		netlink_add(&request, IFLA_IFNAME, name, strlen(name) + 1);
	*ret_link = (struct link){};
	return netlink_ask(netlink, &request, link_hear, ret_link);
}

/* Into NAMESPACE, where it has the number INDEX_THERE and NAME, and is down. */
static int link_move(int netlink, int index, int namespace, const char *name, int index_there)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC, .ifi_index = index };
	struct netlink_request request;

	netlink_begin(&request, RTM_NEWLINK, 0, &info, sizeof(info));
	netlink_add(&request, IFLA_NET_NS_FD, &namespace, sizeof(namespace));
	netlink_add(&request, IFLA_NEW_IFINDEX, &index_there, sizeof(index_there));
	netlink_add(&request, IFLA_IFNAME, name, strlen(name) + 1);
	return netlink_ask(netlink, &request, NULL, NULL);
}

static int link_up(int netlink, int index)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC,
				  .ifi_index = index,
				  .ifi_flags = IFF_UP,
				  .ifi_change = IFF_UP };
	struct netlink_request request;

	netlink_begin(&request, RTM_NEWLINK, 0, &info, sizeof(info));
	return netlink_ask(netlink, &request, NULL, NULL);
}

/* --- addresses --- */

struct hearing {
	struct arena *arena;
	struct moved_device *device;
};

static uint32_t address_flags(const struct nlmsghdr *message, const struct ifaddrmsg *info)
{
	const struct rtattr *attribute = netlink_find(message, sizeof(*info), IFA_FLAGS);
	uint32_t flags = info->ifa_flags;

	if (attribute && RTA_PAYLOAD(attribute) >= sizeof(flags))
		memcpy(&flags, netlink_value(attribute), sizeof(flags));
	return flags;
}

/* What can be asked for of an address; the other flags are the kernel's to say. */
static void address_keep(struct netlink_request *request, const struct nlmsghdr *message,
			 uint32_t flags)
{
	static const int kept[] = { IFA_LOCAL, IFA_ADDRESS, IFA_BROADCAST, IFA_RT_PRIORITY };
	enum { FIXED = IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR };
	enum { SETTABLE = FIXED | IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN };

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		const struct rtattr *attribute = netlink_find(message, sizeof(struct ifaddrmsg),
							      kept[i]);
		if (attribute && RTA_PAYLOAD(attribute) <= sizeof(struct in6_addr))
			netlink_add(request, kept[i], netlink_value(attribute),
				    RTA_PAYLOAD(attribute));
	}
	flags &= SETTABLE;
	netlink_add(request, IFA_FLAGS, &flags, sizeof(flags));
}

static int address_hear(const struct nlmsghdr *message, void *context)
{
	struct hearing *hearing = context;
	struct ifaddrmsg info;

	if (message->nlmsg_type != RTM_NEWADDR || message->nlmsg_len < NLMSG_LENGTH(sizeof(info)))
		return 0;
	memcpy(&info, netlink_body(message), sizeof(info));
	uint32_t flags = address_flags(message, &info);
	if ((int)info.ifa_index != hearing->device->index || !(flags & IFA_F_PERMANENT) ||
	    info.ifa_scope != RT_SCOPE_UNIVERSE)
		return 0;

	struct address *address = arena_push(hearing->arena, &hearing->device->addresses);
	info.ifa_flags = 0;
	netlink_begin(&address->request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, &info,
		      sizeof(info));
	address_keep(&address->request, message, flags);
	return 0;
}

static int addresses_get(int netlink, struct arena *arena, struct moved_device *device)
{
	struct ifaddrmsg info = { .ifa_family = AF_UNSPEC };
	struct hearing hearing = { arena, device };
	struct netlink_request request;

	netlink_begin(&request, RTM_GETADDR, NLM_F_DUMP, &info, sizeof(info));
	return netlink_ask(netlink, &request, address_hear, &hearing);
}

static int addresses_put(int netlink, struct moved_device *device, int index)
{
	for (size_t i = 0; i < device->addresses.n; i++) {
		struct netlink_request *request = &device->addresses.items[i].request;
		struct ifaddrmsg info;
		memcpy(&info, request->body, sizeof(info));
		info.ifa_index = (unsigned)index;
		memcpy(request->body, &info, sizeof(info));
		if (netlink_ask(netlink, request, NULL, NULL) < 0)
			return -1;
	}
	return 0;
}

/* --- there --- */

/* The two ends of a move. */
struct ends {
	int host, inside;                /* rtnetlink sockets */
	int host_network, inner_network; /* namespace files */
};

static void ends_close(struct ends *ends)
{
	/* That inside is kept by the handles. */
	fd_close(&ends->host);
	fd_close(&ends->host_network);
	fd_close(&ends->inner_network);
}

/* A magic link: openat2 without magic links, as elsewhere below /proc, would refuse it. */
static int network_open(int proc, const char *process)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "%s/ns/net", process);
	return openat(proc, path, O_RDONLY | O_CLOEXEC);
}

/* A socket belongs to the network that it was opened in. */
static int inside_open(const struct ends *ends, struct error *err)
{
	if (setns(ends->inner_network, CLONE_NEWNET) < 0)
		return fail_sys(err, "enter the container's network");
	autofd fd = netlink_open(err);
	if (setns(ends->host_network, CLONE_NEWNET) < 0)
		return fail_sys(err, "return from the container's network");
	return fd < 0 ? -1 : fd_take(&fd);
}

static bool is_same(int a, int b)
{
	struct stat one, two;

	return fstat(a, &one) == 0 && fstat(b, &two) == 0 && one.st_ino == two.st_ino &&
	       one.st_dev == two.st_dev;
}

static int ends_open(struct handles *handles, struct ends *ends, struct error *err)
{
	char init[16];

	(void)snprintf(init, sizeof(init), "%d", handles->init);
	ends->host_network = network_open(handles->proc, "self");
	ends->inner_network = network_open(handles->proc, init);
	if (ends->host_network < 0 || ends->inner_network < 0)
		return fail_sys(err, "open the container's network namespace");
	if (is_same(ends->host_network, ends->inner_network))
		return fail(err, ERROR_CONFIG,
			    "the container's network is the runtime's own: nothing can be moved");
	handles->container_network = TRY(inside_open(ends, err));
	ends->inside = handles->container_network;
	ends->host = TRY(netlink_open(err));
	return 0;
}

static bool is_template(const char *name)
{
	return str_ends(name, "%d");
}

static int device_check(const struct ends *ends, const struct plan_net_device *plan,
			struct link *ret_link, struct error *err)
{
	struct link there;

	if (link_get(ends->host, plan->name, 0, ret_link) < 0) {
		if (errno != ENODEV)
			return fail_sys(err, "look for the network device '%s'", plan->name);
		(void)fail(err, ERROR_HOST, "there is no network device '%s'", plan->name);
		return fail_remedy(err, "make it before the container, or name another");
	}
	if (ret_link->flags & IFF_LOOPBACK)
		return fail(err, ERROR_CONFIG, "'%s' is a loopback device, which cannot be moved",
			    plan->name);
	if (is_template(plan->inside))
		return 0;
	if (link_get(ends->inside, plan->inside, 0, &there) == 0) {
		(void)fail(err, ERROR_CONFIG, "the container's network has a device '%s' already",
			   plan->inside);
		return fail_remedy(err, "give it another name, or one that ends in %%d");
	}
	if (errno != ENODEV)
		return fail_sys(err, "look for '%s' in the container's network", plan->inside);
	return 0;
}

/* Its own number where that is free inside, so that we know it there under any name. */
static int index_find(int netlink, int index)
{
	struct link link;

	while (link_get(netlink, NULL, index, &link) == 0)
		index++;
	return errno == ENODEV ? index : -1;
}

static int move_failed(const struct plan_net_device *plan, struct error *err)
{
	(void)fail_sys(err, "move the network device '%s' into the container", plan->name);
	if (err->sys_errno == EINVAL)
		return fail_remedy(err, "it may belong to its network for good, as bridges of "
					"other devices, tunnels or wireless devices do");
	if (err->sys_errno == EPERM)
		return fail_remedy(err, "the runtime needs CAP_NET_ADMIN in both networks");
	return -1;
}

static int device_move(const struct ends *ends, const struct plan_net_device *plan,
		       struct handles *handles, struct error *err)
{
	struct link link;

	TRY(device_check(ends, plan, &link, err));
	int index = index_find(ends->inside, link.index);
	if (index < 0)
		return fail_sys(err, "look at the container's network");

	/* Noted before it is moved: what is half done is undone too. */
	struct moved_device *device = arena_push(handles->arena, &handles->moved->rows);
	*device = (struct moved_device){ plan, link.index, index, link.flags, {} };
	if (addresses_get(ends->host, handles->arena, device) < 0)
		return fail_sys(err, "read the addresses of '%s'", plan->name);
	if (link_move(ends->host, link.index, ends->inner_network, plan->inside, index) < 0)
		return move_failed(plan, err);
	if (addresses_put(ends->inside, device, index) < 0)
		return fail_sys(err, "give '%s' its addresses in the container", plan->name);
	if (link_up(ends->inside, index) < 0)
		return fail_sys(err, "bring '%s' up in the container", plan->name);
	return 0;
}

int netdevices_move(const struct plan *plan, struct handles *handles, struct error *err)
{
	struct ends ends = { -1, -1, -1, -1 };
	int result = 0;

	handles->moved = arena_alloc(handles->arena, sizeof(*handles->moved));
	if (ends_open(handles, &ends, err) < 0)
		result = fail_field(err, "config.json linux.netDevices");
	for (size_t i = 0; i < plan->network.devices.n && result == 0; i++) {
		const struct plan_net_device *device = &plan->network.devices.items[i];
		if (device_move(&ends, device, handles, err) < 0)
			result = fail_field(err, "%s", device->origin);
	}
	ends_close(&ends);
	return result;
}

/* --- and back --- */

static int device_return(const struct ends *ends, struct moved_device *device)
{
	struct link link;

	/* Not moved: only taken down. */
	if (link_get(ends->inside, NULL, device->index_inside, &link) == 0 &&
	    link_move(ends->inside, device->index_inside, ends->host_network, device->plan->name,
		      device->index) < 0)
		return -1;
	if (addresses_put(ends->host, device, device->index) < 0)
		return -1;
	return device->flags & IFF_UP ? link_up(ends->host, device->index) : 0;
}

void netdevices_return(const struct plan *plan, struct handles *handles)
{
	struct ends ends = { -1, handles->container_network, -1, -1 };
	struct error err = {};

	(void)plan;
	if (!handles->moved || handles->container_network < 0)
		return;
	ends.host_network = network_open(handles->proc, "self");
	ends.host = netlink_open(&err);
	for (size_t i = handles->moved->rows.n; i-- > 0;) {
		struct moved_device *device = &handles->moved->rows.items[i];
		if (ends.host_network < 0 || ends.host < 0 || device_return(&ends, device) < 0)
			log_warning("network device '%s' did not come back: %s, going on",
				    device->plan->name, strerror(errno));
	}
	handles->moved = NULL;
	fd_close(&handles->container_network);
	ends_close(&ends);
}
