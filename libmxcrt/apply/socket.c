/* SPDX-License-Identifier: Apache-2.0 */
/* Unix sockets of the engine, over which descriptors are handed to it. */
#include "apply/socket.h"

#include "base/error.h"
#include "base/fd.h"
#include "base/io.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
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

int socket_send(int socket, const struct iovec *bytes, const int *fds, size_t n)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(SOCKET_FDS_MAX * sizeof(int))];
	} control = {};
	struct iovec vector = *bytes;
	struct msghdr message = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(n * sizeof(int)),
	};

	assert(n > 0 && n <= SOCKET_FDS_MAX);
	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(CMSG_DATA(&control.header), fds, n * sizeof(int));
	ssize_t sent = sendmsg(socket, &message, MSG_NOSIGNAL);
	if (sent >= 0 && (size_t)sent != bytes->iov_len)
		errno = EMSGSIZE;
	return sent == (ssize_t)bytes->iov_len ? 0 : -1;
}

int socket_send_descriptor(int socket, const char *text, int fd, const char *what,
			   struct error *err)
{
	/* sendmsg reads only, but its type does not say so. */
	struct iovec bytes = { .iov_base = (void *)(uintptr_t)text, .iov_len = strlen(text) };

	if (socket_send(socket, &bytes, &fd, 1) < 0)
		return fail_sys(err, "send the %s over its socket", what);
	return 0;
}
