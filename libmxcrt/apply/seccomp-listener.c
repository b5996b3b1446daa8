/* SPDX-License-Identifier: Apache-2.0 */
/* A notifying filter's listener: reached before init loses sight of its path, told after the filter
 * is loaded, whatever the filter says about telling. */
#include "apply/seccomp-listener.h"

#include "apply/socket.h"
#include "base/json.h"
#include "plan/oci-state.h"
#include "plan/plan.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <time.h>

enum { NOT_YET = -1, NEVER = -2 };

void seccomp_listener_state(const struct plan *plan, int pid, struct text *out)
{
	const struct plan_seccomp_config *config = plan->seccomp.config;
	/* A further process belongs to a container that runs, and whose process is another. */
	const char *status = plan->is_exec ? "running" : "created";
	int init = plan->is_exec ? plan->namespaces.join_pid : pid;

	json_open(out, NULL, '{');
	json_add_string(out, "ociVersion", OCI_STATE_VERSION);
	json_open(out, "fds", '[');
	json_add_string(out, NULL, "seccompFd");
	json_close(out, ']');
	json_add_int(out, "pid", pid);
	json_add_string(out, "metadata", config->listener_metadata);
	json_key(out, "state");
	plan_state_json(plan, status, init, out);
	json_close(out, '}');
}

int seccomp_listener_send(int socket, int listener, const struct text *state, struct error *err)
{
	const struct iovec bytes = { .iov_base = state->data, .iov_len = state->n };

	if (socket_send(socket, &bytes, &listener, 1) < 0)
		return fail_sys(err, "send the seccomp listener's descriptor");
	return 0;
}

static void *sender_main(void *context)
{
	static const struct timespec pause = { .tv_nsec = 100000 };
	struct seccomp_sender *sender = context;
	int listener;

	while ((listener = atomic_load(&sender->listener)) == NOT_YET)
		(void)nanosleep(&pause, NULL);
	if (listener >= 0)
		sender->result = seccomp_listener_send(sender->socket, listener, &sender->state,
						       &sender->err);
	atomic_store(&sender->is_done, true);
	return NULL;
}

int seccomp_sender_begin(struct seccomp_sender *sender, struct error *err)
{
	pthread_t thread;

	atomic_init(&sender->listener, NOT_YET);
	atomic_init(&sender->is_done, false);
	int failure = pthread_create(&thread, NULL, sender_main, sender);
	if (failure != 0) {
		errno = failure;
		return fail_sys(err, "create a thread that the seccomp filter does not reach");
	}
	return 0;
}

int seccomp_sender_finish(struct seccomp_sender *sender, int listener, bool may_yield,
			  struct error *err)
{
	atomic_store(&sender->listener, listener >= 0 ? listener : NEVER);
	/* Executing the payload ends the thread: not before it has done its work. */
	while (!atomic_load(&sender->is_done))
		if (may_yield)
			(void)sched_yield();
	if (sender->result < 0)
		*err = sender->err;
	return sender->result;
}
