/* SPDX-License-Identifier: Apache-2.0 */
/* Unix sockets over which descriptors are handed on: to the engine, or from init. */
#pragma once

#include <stddef.h>
#include <sys/uio.h>

struct error;

/* A stream connected to the socket at PATH, which may be longer than an address; WHAT for messages:
 * "console socket". */
int socket_connect(const char *path, const char *what, struct error *err);
/* At least one byte, and N descriptors beside it (1 … SOCKET_FDS_MAX). -1 with errno, EMSGSIZE when
 * only a part went. */
enum { SOCKET_FDS_MAX = 8 };
int socket_send(int socket, const struct iovec *bytes, const int *fds, size_t n);
/* FD with TEXT beside it; WHAT for messages: "terminal". */
int socket_send_descriptor(int socket, const char *text, int fd, const char *what,
			   struct error *err);
