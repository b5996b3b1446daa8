/* SPDX-License-Identifier: Apache-2.0 */
/* Wait for a process in the foreground: signals go on to it, its terminal to ours. */
#pragma once

#include <sys/types.h>

struct error;

/* A console socket pair inside this process: the runtime's own terminal relay instead of an
 * engine's. */
struct relay {
	int engine;  /* end that receives the master */
	int runtime; /* end that goes into handles->console */
	int master;  /* received; -1 before */
};
int relay_open(struct relay *relay, struct error *err);
/* Take the master that init sent. The caller has closed its copy of the sending end: a container
 * that sends nothing is then an end of file. */
int relay_receive(struct relay *relay, struct error *err);
void relay_close(struct relay *relay);
#define autorelay __attribute__((cleanup(relay_close))) struct relay

/* From before the process is made until the end of wait_foreground: signals are kept for
 * forwarding, and not lost in between. */
int wait_signals(struct error *err);
/*
 * Wait for our child PID (PIDFD), forwarding signals and, with RELAY (may be NULL), the terminal.
 * *ret_status is 0…255, 128 + the signal. SIGNALS from wait_signals.
 */
int wait_foreground(pid_t pid, int pidfd, int signals, const struct relay *relay, int *ret_status,
		    struct error *err);
