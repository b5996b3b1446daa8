/* SPDX-License-Identifier: Apache-2.0 */
/* One packet per word on a SOCK_SEQPACKET unix socket. */
#include "stages/link.h"

#include "apply/namespaces-lend.h"
#include "base/fd.h"
#include "base/io.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct message {
	int word;
	int pid;
	struct error error; /* sent only with WORD_ERROR */
};
enum { MESSAGE_SHORT = offsetof(struct message, error) };

static const char *const word_names[] = {
	[WORD_NONE] = "none",       [WORD_MAPPED] = "mapped", [WORD_JOINED] = "joined",
	[WORD_GO] = "go",           [WORD_READY] = "ready",   [WORD_HOOKED] = "hooked",
	[WORD_CREATED] = "created", [WORD_START] = "start",   [WORD_ERROR] = "error",
};

const char *word_name(enum word word)
{
	if ((unsigned)word < sizeof(word_names) / sizeof(word_names[0]))
		return word_names[word];
	return "unknown";
}

int link_pair(int ret_ends[2], struct error *err)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret_ends) < 0)
		return fail_sys(err, "create the link between runtime and container");
	return 0;
}

int link_tell(int fd, enum word word, int pid, struct error *err)
{
	struct message message = { .word = (int)word, .pid = pid };

	/* The other side may have failed and gone: what it had to say is still in the socket. */
	if (send(fd, &message, MESSAGE_SHORT, MSG_NOSIGNAL) == MESSAGE_SHORT)
		return 0;
	int saved = errno;
	struct message last;
	if (recv(fd, &last, sizeof(last), MSG_DONTWAIT) == sizeof(last) &&
	    last.word == WORD_ERROR) {
		*err = last.error;
		return -1;
	}
	errno = saved;
	return fail_sys(err, "tell '%s' to the other side", word_name(word));
}

void link_tell_error(int fd, const struct error *failure)
{
	struct message message = { .word = WORD_ERROR, .error = *failure };
	/* Nobody is left to hear about a failure to report a failure; the closed link says that
	 * something went wrong. */
	(void)!write(fd, &message, sizeof(message));
}

/* 1 with a message, 0 when the link is closed. */
static int link_receive(int fd, struct message *ret_message, struct error *err)
{
	struct message message = {};
	bool is_reset = false;
	ssize_t n;

	/* A reset says that the other side ended without reading all we said; its own last word may
	 * still be queued behind. */
	do {
		n = recv(fd, &message, sizeof(message), 0);
		is_reset = is_reset || (n < 0 && errno == ECONNRESET);
	} while (n < 0 && (errno == EINTR || errno == ECONNRESET));

	if (n == 0 && is_reset)
		return fail(err, ERROR_HOST, "the other side ended without listening");
	if (n == 0)
		return 0;
	if (n < 0)
		return fail_sys(err, "read from the link");
	if (n != MESSAGE_SHORT && n != (ssize_t)sizeof(message))
		return fail(err, ERROR_BUG, "a message of %zd bytes on the link", n);
	if (message.word == WORD_ERROR && n == (ssize_t)sizeof(message)) {
		struct error *error = &message.error;
		/* The sender may already share a namespace with the agent: make every text end
		 * before it is used. */
		error->code[sizeof(error->code) - 1] = error->step[sizeof(error->step) - 1] = '\0';
		error->field[sizeof(error->field) - 1] = error->remedy[sizeof(error->remedy) - 1] =
			'\0';
		error->text[sizeof(error->text) - 1] = '\0';
		*err = *error;
		return -1;
	}
	*ret_message = message;
	return 1;
}

int link_await(int fd, enum word word, int *ret_pid, struct error *err)
{
	struct message message;
	int got = TRY(link_receive(fd, &message, err));

	if (got == 0)
		return fail(err, ERROR_HOST, "the other side ended before it said '%s'",
			    word_name(word));
	if (message.word != (int)word)
		return fail(err, ERROR_BUG, "expected '%s' on the link, got '%s'", word_name(word),
			    word_name((enum word)message.word));
	if (ret_pid)
		*ret_pid = message.pid;
	return 0;
}

int link_await_close(int fd, struct error *err)
{
	struct message message;
	int got = TRY(link_receive(fd, &message, err));

	if (got != 0)
		return fail(err, ERROR_BUG, "unexpected '%s' on the link",
			    word_name((enum word)message.word));
	return 0;
}

/* A path through /proc keeps within sun_path whatever the length of the state root. */
static struct sockaddr_un start_address(int state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/" START_SOCKET,
		       fd_path(state).text);
	return address;
}

int link_listen(int state, struct error *err)
{
	struct sockaddr_un address = start_address(state);
	autofd fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return fail_sys(err, "create the start socket");
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return fail_sys(err, "bind the start socket in the state directory");
	if (listen(fd, 1) < 0)
		return fail_sys(err, "listen on the start socket");
	return fd_take(&fd);
}

int link_connect(int state, struct error *err)
{
	struct sockaddr_un address = start_address(state);
	autofd fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return fail_sys(err, "create a socket");
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return fail_sys(err, "connect to the container's start socket");
	return fd_take(&fd);
}

int link_accept(struct handles *handles, struct error *err)
{
	for (;;) {
		struct sockaddr_un address;
		socklen_t size = sizeof(address);
		autofd fd = accept4(handles->start, (struct sockaddr *)&address, &size,
				    SOCK_CLOEXEC);
		if (fd < 0 && errno == EINTR)
			continue;
		if (fd < 0)
			return fail_sys(err, "accept the starter");

		struct ucred creator, peer;
		socklen_t n = sizeof(peer);
		if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) < 0 ||
		    getsockopt(handles->link, SOL_SOCKET, SO_PEERCRED, &creator, &n) < 0)
			return fail_sys(err, "ask who starts the container");
		/* The directory is the runtime's own, 0700; this is the second lock on the same
		 * door. The creator is seen through our user namespace, as the starter is. */
		if (peer.uid != 0 && peer.uid != creator.uid)
			continue;
		if (namespaces_is_borrower(size)) {
			struct error ignored = {}; /* the borrower sees that nothing came */
			(void)namespaces_lend(handles->proc, fd, &ignored);
			continue;
		}
		fd_close(&handles->start);
		fd_close(&handles->link);
		handles->link = fd_take(&fd);
		return 0;
	}
}
