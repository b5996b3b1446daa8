/* SPDX-License-Identifier: Apache-2.0 */
/* The agent that answers a filter's notifications, and how it gets the descriptor. Shared by the
 * seccomp files of this room only. */
#pragma once

#include "base/error.h"
#include "base/str.h"

#include <stdatomic.h>
#include <stdbool.h>

struct plan;

/* Sends from a thread that was made before the filter, and which the filter does not reach. */
struct seccomp_sender {
	int socket;
	struct text state;
	atomic_int listener; /* the new descriptor, or what stands for it */
	atomic_bool is_done;
	int result;
	struct error err;
};

/* The container process state of the OCI specification; PID as the runtime sees it. */
void seccomp_listener_state(const struct plan *plan, int pid, struct text *out);
int seccomp_listener_send(int socket, int listener, const struct text *state, struct error *err);

/* Before the filter is loaded; SENDER lives until seccomp_sender_finish. */
int seccomp_sender_begin(struct seccomp_sender *sender, struct error *err);
/* After: LISTENER is what loading it returned, < 0 when it failed. MAY_YIELD: the filter lets us
 * call sched_yield; no other system call is made. */
int seccomp_sender_finish(struct seccomp_sender *sender, int listener, bool may_yield,
			  struct error *err);
