/* SPDX-License-Identifier: Apache-2.0 */
/* The foreground terminal: a pty whose master we hold ourselves. */
#include "lifecycle/wait.h"

#include "base/error.h"
#include "base/fd.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int relay_open(struct relay *relay, struct error *err)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return fail_sys(err, "create a console socket");
	*relay = (struct relay){ .engine = ends[0], .runtime = ends[1], .master = -1 };
	return 0;
}

int relay_receive(struct relay *relay, struct error *err)
{
	char byte[64];
	struct iovec iov = { .iov_base = byte, .iov_len = sizeof(byte) };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {};
	struct msghdr message = { .msg_iov = &iov,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };

	if (recvmsg(relay->engine, &message, MSG_CMSG_CLOEXEC) < 0)
		return fail_sys(err, "receive the terminal");
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS)
		return fail(err, ERROR_HOST, "the container sent no terminal");
	memcpy(&relay->master, CMSG_DATA(header), sizeof(relay->master));
	fd_close(&relay->engine);
	return 0;
}

void relay_close(struct relay *relay)
{
	fd_close(&relay->engine);
	fd_close(&relay->runtime);
	fd_close(&relay->master);
}
