/* SPDX-License-Identifier: Apache-2.0 */
/* A pidfd of the process that is made, for an engine that asked for one. */
#pragma once

struct error;
struct handles;
struct plan;

/* Host, before anything is made: handles->pidfd_path, where there is one. */
int pidfd_connect(const struct plan *plan, struct handles *handles, struct error *err);
/* Host, before the process may go on: handles->init_pidfd, over that socket. */
int pidfd_send(const struct plan *plan, struct handles *handles, struct error *err);
