/* SPDX-License-Identifier: Apache-2.0 */
/* Audit events: made from what lifecycle knows, written to every sink the configuration names. See
 * audit.md. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct arena;
struct error;
struct plan;
struct text;

struct audit_config {
	bool to_file, to_journal;
	const char *file; /* path of the JSON lines */
	bool sync;        /* fdatasync after each event */
};
/* The defaults of audit.md section 3: the journal where there is one, else the file; FILE by user.
 */
void audit_config_default(struct arena *arena, bool is_root, struct audit_config *ret_config);

/* What an event says beside its name; NULL, 0 and -1 members are left out. */
struct audit_container {
	const char *id, *bundle, *cgroup, *engine;
	pid_t pid;
	uint64_t cgroup_id;
};
struct audit_agent {
	const char *id, *source, *name, *version, *model, *session, *instance, *on_behalf_of,
		*correlation_id;
};
struct audit_event {
	const char *event;           /* "container.create" */
	const struct error *failure; /* NULL = outcome success */
	struct audit_container container;
	struct audit_agent agent;
	const struct plan *plan; /* for the policy object (sha256, profile, source, layers,
				    degraded); NULL = not compiled */
	const char *policy_sha256, *profile; /* where there is no plan: from the record */
	const char *extra;                   /* further JSON members without braces, or NULL */
};

/*
 * Write the event to the sinks. 0 when at least one took it; -1 when none did: the caller decides
 * by plan->audit.is_required whether that refuses. Untrusted strings are escaped so that they
 * cannot forge a field, a line or a terminal sequence.
 */
int audit_emit(struct arena *arena, const struct audit_config *config,
	       const struct audit_event *event, struct error *err);
/* The event as one JSON object in one line without the chain's members seq and prev (they are the
 * file sink's), no newline. */
void audit_event_json(const struct audit_event *event, const char *time, struct text *out);

/* The file: a line of the chain under a lock, with seq and prev (SHA-256 of the previous line
 * without its newline); continues after a torn last line and after rotation. */
int audit_file_append(struct arena *arena, const struct audit_config *config,
		      const char *event_json, struct error *err);
/* The journal's native protocol: MESSAGE, MESSAGE_ID by event, PRIORITY, SYSLOG_IDENTIFIER, and as
 * MXC_… what mxc-audit(5) lists; MXC_JSON is the event whole. */
int audit_journal_send(struct arena *arena, const struct audit_event *event, const char *event_json,
		       struct error *err);

/* Walk the chain: 0 intact, 1 broken. *out gets one line for people: how many records, or the first
 * bad line and what was done to it (changed, removed, inserted, reordered, torn). */
int audit_verify(struct arena *arena, const char *file, struct text *out, struct error *err);
