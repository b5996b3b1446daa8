/* SPDX-License-Identifier: Apache-2.0 */
/* What is on disk about a container: one directory below the state root, made before anything else
 * and removed after everything else. */
#pragma once

#include "base/fields.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct arena;
struct error;

/* Everything that later verbs need, and what delete needs to undo a create that was killed at any
 * point. */
struct record {
	const char *id, *bundle; /* bundle: absolute path */
	const char *created;     /* RFC 3339, UTC */
	int64_t pid;             /* init as the runtime saw it, 0 = not made yet */
	uint64_t pid_start; /* its start time in clock ticks since boot: a number may be used again,
			       both together are not */
	bool is_created;    /* create has ended well */
	const char *cgroup; /* below the cgroup2 mount, "" = none; written before it is made */
	const char *scope;  /* systemd unit, "" = none */
	const char *resctrl_group, *resctrl_monitor; /* what delete removes below resctrl's root */
	const char *console_socket;
	bool is_rootless, uses_systemd;
	bool no_pivot;
	const char *profile;       /* name of the policy profile; its text is in profile.json */
	const char *policy_sha256; /* "" = no policy */
	const char *agent_id, *agent_source, *agent_name, *agent_version, *agent_model,
		*agent_session, *agent_instance;
	const char *agent_on_behalf_of, *agent_correlation_id;
	const char *engine;     /* who called, by the annotations: "podman", … or NULL */
	const char *rootfs;     /* absolute, for list */
	uint64_t cgroup_id;     /* the kernel's number of the cgroup, 0 = unknown */
	const char *audit_file; /* of the file sink, as create found it: later callers pass less
				   environment */
	bool is_audited;        /* events are written for this container */
	bool is_checkpointed;    /* its processes went into images: restore may take its name */
	bool has_poststart, has_poststop; /* hooks that later verbs must run */
	uint64_t timeout_ms;
};

/* A state directory opened and locked (flock) for one verb. */
struct state {
	int root;      /* descriptor of the state root */
	int directory; /* of the container */
	int lock; /* holds the flock; -1 when only looked at. A child that lives on must close its
		     copy */
	const char *id;
};
#define autostate __attribute__((cleanup(state_close))) struct state
enum { STATE_ID_MAX = 1024 };
#define RECORD_FILE "record.json" /* in the directory; removed after everything else */

/* 1 to 1024 bytes of [A-Za-z0-9_.+-], not "." or "..": else ERROR_CONFIG, code malformed_id. */
int state_id_check(const char *id, struct error *err);
/* The directory of all containers, made when missing, 0700. PATH NULL: the default place of this
 * user. */
int state_root_open(struct arena *arena, const char *path, bool is_root, int *ret_root,
		    struct error *err);
/* Reserve an id: make its directory; ERROR_CONFIG when it is taken. */
int state_reserve(int root, const char *id, struct state *ret_state, struct error *err);
/* Open what is there; ERROR_CONFIG, code stale_id, when it is not. */
int state_open(int root, const char *id, struct state *ret_state, struct error *err);
/* The same without the lock, for verbs that only read. */
int state_peek(int root, const char *id, struct state *ret_state, struct error *err);
/* Lock one that is open without; code stale_id when it was removed meanwhile. */
int state_lock(struct state *state, struct error *err);
void state_close(struct state *state);
/* Remove the directory and all files in it. */
int state_remove(struct state *state, struct error *err);

int record_write(const struct state *state, const struct record *record, struct error *err);
/* A directory without a whole record is that of a create that was killed before it made anything:
 * *ret has the id and pid 0. */
int record_read(struct arena *arena, const struct state *state, struct record *ret_record,
		struct error *err);

/* The ids below the root, sorted. */
int state_ids(struct arena *arena, int root, struct strings *ret_ids, struct error *err);

enum status { STATUS_CREATING, STATUS_CREATED, STATUS_RUNNING, STATUS_PAUSED, STATUS_STOPPED };
extern const char *const status_names[]; /* OCI's words, by enum status */
