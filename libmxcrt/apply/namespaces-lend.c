/* SPDX-License-Identifier: Apache-2.0 */
/* The namespaces of an init that hides itself, lent to a later process of the same container. */
#include "apply/namespaces-lend.h"

#include "apply/socket.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/un.h>

/*
 * Between create and start init holds descriptors of the host, so it is not dumpable, and the
 * kernel lets only those open its namespaces who rule the user namespace that the runtime was
 * executed in: not a user without rights there, whose container it is all the same. Init itself may
 * open them, and knows by the socket's credentials whom it gives them to.
 */
enum { ANSWER_S = 10, KIND_BITS = 8 };

_Static_assert((int)NAMESPACE_KINDS <= (int)KIND_BITS, "the kinds lent fit into one byte");
_Static_assert((int)NAMESPACE_KINDS <= (int)SOCKET_FDS_MAX, "and into one packet");

bool namespaces_is_borrower(socklen_t address_size)
{
	return address_size > sizeof(sa_family_t);
}

int namespaces_lend(int proc, int socket, struct error *err)
{
	int fds[NAMESPACE_KINDS];
	unsigned char kinds = 0;
	size_t n = 0;

	for (int kind = 0; kind < NAMESPACE_KINDS; kind++) {
		char path[32];
		(void)snprintf(path, sizeof(path), "self/ns/%s", namespace_infos[kind].file);
		/* A magic link: openat2 without magic links, as elsewhere below /proc, would refuse
		 * it. A kernel may lack a kind. */
		fds[n] = openat(proc, path, O_RDONLY | O_CLOEXEC);
		if (fds[n] < 0)
			continue;
		kinds |= (unsigned char)(1U << kind);
		n++;
	}
	const struct iovec bytes = { .iov_base = &kinds, .iov_len = 1 };
	/* A new connection has room for one packet: init does not wait. */
	int sent = n > 0 ? socket_send(socket, &bytes, fds, n) : 0;
	for (size_t i = 0; i < n; i++)
		fd_close(&fds[i]);
	return sent < 0 ? fail_sys(err, "lend the container's namespaces") : 0;
}

static int init_call(int state, struct error *err)
{
	/* Only the family: the kernel chooses a name, by which init knows what is wanted. */
	const struct sockaddr_un none = { .sun_family = AF_UNIX };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct timeval patience = { .tv_sec = ANSWER_S };

	autofd fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail_sys(err, "create a socket");
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/" START_SOCKET,
		       fd_path(state).text);
	if (bind(fd, (const struct sockaddr *)&none, sizeof(sa_family_t)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
	    connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return fail_sys(err, "ask the container's first process for its namespaces");
	return fd_take(&fd);
}

int namespaces_borrow(int state, int ret_fds[NAMESPACE_KINDS], struct error *err)
{
	char control[CMSG_SPACE(KIND_BITS * sizeof(int))] = {};
	unsigned char kinds = 0;
	struct iovec vector = { .iov_base = &kinds, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	autofd fd = TRY(init_call(state, err));

	ssize_t received = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	if (received < 0)
		return fail_sys(err, "borrow the container's namespaces");
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (received == 0 || !header || header->cmsg_type != SCM_RIGHTS)
		return fail(err, ERROR_HOST,
			    "the container's first process lends no namespaces: it is just ending "
			    "or being started");
	const unsigned char *next = CMSG_DATA(header),
			    *end = (unsigned char *)header + header->cmsg_len;
	for (int kind = 0; kind < NAMESPACE_KINDS; kind++) {
		ret_fds[kind] = -1;
		if (!(kinds & 1U << kind) || next + sizeof(int) > end)
			continue;
		memcpy(&ret_fds[kind], next, sizeof(int));
		next += sizeof(int);
	}
	return 0;
}
