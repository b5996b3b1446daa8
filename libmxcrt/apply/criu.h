/* SPDX-License-Identifier: Apache-2.0 */
/* CRIU (Checkpoint/Restore In Userspace): the program, started for one request and talked to over a
 * socket; what it must be told about a container; what it made of one. */
#pragma once

#include "apply/criu-rpc.h"
#include "base/fields.h"
#include "plan/namespaces.h"

#include <sys/types.h>

struct error;
struct handles;
struct plan;

/* The program, serving us until it is closed. */
struct criu {
	pid_t pid; /* ours to wait for; 0 = none */
	int socket;
	bool is_idle; /* it waits for a request, and would complain that none comes */
};
#define autocriu __attribute__((cleanup(criu_close))) struct criu

/* How the images name a joined namespace. */
#define CRIU_NETWORK_KEY "extRootNetNS"
#define CRIU_PID_KEY     "extRootPidNS"

enum { CRIU_FIRST_DESCRIPTOR = 4 };
struct criu_start {
	int cgroup;             /* to be born in, -1 = ours */
	const int *descriptors; /* become CRIU_FIRST_DESCRIPTOR and following in it */
	size_t n;               /* at most NAMESPACE_KINDS */
};
/* Start `criu swrk`; a refusal that names the package where it is not installed, or too old. */
int criu_start(struct criu *criu, const struct criu_start *how, struct error *err);
/* Let it end, and wait for it. */
void criu_close(struct criu *criu);

struct criu_notice {
	const char *script; /* "post-restore" … (criu(8), --action-script) */
	pid_t pid;          /* of the restored root, where CRIU tells it, else 0 */
	int descriptor;     /* "orphan-pts-master": the terminal; else -1 */
};
/* What is to be done now; -1: CRIU undoes what it did, and the request fails with this error. */
typedef int (*criu_notice_fn)(void *context, const struct criu_notice *notice, struct error *err);
struct criu_request {
	enum criu_call call;
	const struct criu_options *options;
	const char *log; /* path of the log, for the message of a failure; NULL = none is written */
	criu_notice_fn notice; /* NULL = nothing is to be done */
	void *context;
};
/* Ask, serve the notifications, hear the answer. */
int criu_call(struct criu *criu, struct arena *arena, const struct criu_request *request,
	      struct criu_reply *ret_reply, struct error *err);
/* Why it failed, in CRIU's words, by its log; NULL = the log does not say. */
const char *criu_log_reason(struct arena *arena, const char *path);
/* The kernel can tell which pages were written since a pre-dump, or a refusal. */
int criu_need_memory_tracking(struct criu *criu, struct arena *arena, struct error *err);

/*
 * Dump: whatever of the container (handles->init, ->proc, ->arena) is the host's and must not be
 * saved: bind mounts, shared devices, joined namespaces, files on descriptors 0 to 2.
 * RET_DESCRIPTORS: what those three are, in the words that restore needs.
 */
int criu_tell_externals(const struct plan *plan, const struct handles *handles,
			struct criu_options *options, struct strings *ret_descriptors,
			struct error *err);

/*
 * Restore: a mount namespace of our own, in which everything the container is made of is mounted
 * where nobody else sees it: the root at OPTIONS->root, sources with ids of their own beside it. It
 * goes with its last process. Leaving it returns to the host's.
 */
struct criu_place {
	int host, directory; /* the mount namespace and working directory to return to */
};
int criu_place_enter(const struct plan *plan, struct handles *handles, struct criu_place *place,
		     struct criu_options *options, struct error *err);
void criu_place_leave(struct criu_place *place);
#define autoplace __attribute__((cleanup(criu_place_leave))) struct criu_place

/* The joined namespaces of the plan, opened: to be passed in this order to criu_start. */
struct criu_joins {
	int fds[NAMESPACE_KINDS];
	size_t n;
};
int criu_tell_namespaces(const struct plan *plan, struct arena *arena, struct criu_joins *joins,
			 struct criu_options *options, struct error *err);
void criu_joins_close(struct criu_joins *joins);
#define autojoins __attribute__((cleanup(criu_joins_close))) struct criu_joins

/*
 * Before the restored processes run (notice "pre-resume"): they are in the namespaces that the plan
 * asks for, and have no more capabilities, no fewer filters and no other no_new_privs than it says,
 * whatever the images say.
 */
int criu_verify(const struct plan *plan, const struct handles *handles, struct error *err);
