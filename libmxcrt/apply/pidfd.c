/* SPDX-License-Identifier: Apache-2.0 */
/* A pidfd of the process that is made, for an engine that asked for one. */
#include "apply/pidfd.h"

#include "apply/socket.h"
#include "apply/step.h"
#include "base/fd.h"

int pidfd_connect(const struct plan *plan, struct handles *handles, struct error *err)
{
	(void)plan;
	if (handles->pidfd_path)
		handles->pidfd_socket = TRY(
			socket_connect(handles->pidfd_path, "pidfd socket", err));
	return 0;
}

int pidfd_send(const struct plan *plan, struct handles *handles, struct error *err)
{
	if (handles->pidfd_socket < 0)
		return 0;
	/* Engines read beside it which of the two it is. */
	TRY(socket_send_descriptor(handles->pidfd_socket, plan->is_exec ? "setns" : "standard",
				   handles->init_pidfd, "pidfd", err));
	fd_close(&handles->pidfd_socket);
	return 0;
}
