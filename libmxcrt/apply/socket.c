/* SPDX-License-Identifier: Apache-2.0 */
/* Unix sockets of the engine, over which descriptors are handed to it. */
#include "apply/socket.h"

#include "base/error.h"
#include "base/fd.h"
#include "base/io.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int socket_connect(const char *path, const char *what, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	autofd fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail_sys(err, "create a socket");
	/* Through /proc, because the path may be longer than an address can be. */
	autofd file = open(path, O_PATH | O_CLOEXEC);
	if (file < 0)
		return fail_sys(err, "open the %s '%s'", what, path);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", fd_path(file).text);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return fail_sys(err, "connect to the %s '%s'", what, path);
	return fd_take(&fd);
}

int socket_send_descriptor(int socket, const char *text, int fd, const char *what,
			   struct error *err)
{
	char control[CMSG_SPACE(sizeof(int))] = {};
	char copy[64];
	int n = snprintf(copy, sizeof(copy), "%s", text);
	struct iovec vector = { .iov_base = copy, .iov_len = (size_t)n };
	struct msghdr message = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};

	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(int));
	if (sendmsg(socket, &message, MSG_NOSIGNAL) < 0)
		return fail_sys(err, "send the %s over its socket", what);
	return 0;
}
