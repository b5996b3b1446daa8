/* SPDX-License-Identifier: Apache-2.0 */
/* Which events the verbs write, and what they know about a container. */
#pragma once

struct error;
struct loaded;
struct mxcrt;
struct plan;
struct record;

/* The identity of the record: what the policy asserts, else a local id made from this machine, the user and the container. */
void event_identify(struct mxcrt *rt, const struct loaded *loaded, struct record *record);
/* Write EVENT ("container.start") about RECORD, when its container is audited. FAILURE NULL = success; EXTRA: JSON members or NULL; PLAN may be NULL.
 * 0 also when nothing is to be written; -1 when no sink took it. */
int event_emit(struct mxcrt *rt, const char *event, const struct record *record, const struct plan *plan,
	       const struct error *failure, const char *extra, struct error *err);
/* The same where nothing can be done about a sink that fails but to say so in the log. */
void event_note(struct mxcrt *rt, const char *event, const struct record *record, const struct error *failure, const char *extra);
/* A container that was refused before it had a record. */
void event_refused(struct mxcrt *rt, const struct loaded *loaded, const struct error *failure);
