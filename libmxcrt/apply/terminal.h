/* SPDX-License-Identifier: Apache-2.0 */
/* The pseudo terminal: made in the container's own devpts, its master handed to the engine. */
#pragma once

struct error;
struct handles;
struct plan;

/* Host: handles->console, connected to handles->console_path; nothing when there is no path or it
 * is connected already. */
int terminal_connect(const struct plan *plan, struct handles *handles, struct error *err);
/* Init, after pivot: pair opened, sized, master sent over handles->console, slave in
 * handles->terminal and on /dev/console. */
int terminal_open(const struct plan *plan, struct handles *handles, struct error *err);
/* Init: new session with the terminal as its own and as descriptors 0 to 2 (without one they stay);
 * signals as at boot. */
int session_begin(const struct plan *plan, struct handles *handles, struct error *err);
/* MASTER over CONSOLE, a connected console socket. */
int terminal_send(int console, int master, struct error *err);
