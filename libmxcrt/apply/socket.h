/* SPDX-License-Identifier: Apache-2.0 */
/* Unix sockets of the engine, over which descriptors are handed to it. */
#pragma once

struct error;

/* A stream connected to the socket at PATH, which may be longer than an address; WHAT for messages:
 * "console socket". */
int socket_connect(const char *path, const char *what, struct error *err);
/* FD with TEXT beside it; WHAT for messages: "terminal". */
int socket_send_descriptor(int socket, const char *text, int fd, const char *what,
			   struct error *err);
