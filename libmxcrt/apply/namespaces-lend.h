/* SPDX-License-Identifier: Apache-2.0 */
/* The namespaces of an init that hides itself, lent to a later process of the same container. */
#pragma once

#include "plan/namespaces.h"

#include <stdbool.h>
#include <sys/socket.h>

struct error;

/* The name of the socket in a container's state directory on which init waits to be started. */
#define START_SOCKET "start"

/* Init: whether the caller of ADDRESS_SIZE bytes of address, accepted on that socket, wants to
 * borrow (it has given itself a name) and not to start. */
bool namespaces_is_borrower(socklen_t address_size);
/* Init: pass descriptors of its namespaces over SOCKET. PROC is handles->proc. */
int namespaces_lend(int proc, int socket, struct error *err);
/* Ask the init that waits behind the state directory STATE; -1 in RET_FDS where it has none.
 * sys_errno is ENOENT or ECONNREFUSED when it waits no longer. */
int namespaces_borrow(int state, int ret_fds[NAMESPACE_KINDS], struct error *err);
