/* SPDX-License-Identifier: Apache-2.0 */
/* Which events the verbs write, and what they know about a container. */
#pragma once

struct error;
struct loaded;
struct mxcrt;
struct plan;
struct record;

/* The identity of the record: what the policy asserts, else a local id made from this machine, the
 * user and the container. */
void event_identify(struct mxcrt *rt, const struct loaded *loaded, struct record *record);
/* One event about one container. */
struct event {
	const char *name; /* "container.start" */
	const struct record *record;
	const struct plan *plan;     /* for the layers of the policy, or NULL */
	const struct error *failure; /* NULL = success */
	const char *extra;           /* further JSON members, or NULL */
};
/* Write it, when its container is audited. -1 when no sink took it; 0 also when nothing was to be
 * written. */
int event_emit(struct mxcrt *rt, const struct event *event, struct error *err);
/* The same where nothing can be done about a sink that fails but to say so in the log. */
void event_note(struct mxcrt *rt, const struct event *event);
/* A container that was refused before it had a record. */
void event_refused(struct mxcrt *rt, const struct loaded *loaded, const struct error *failure);
