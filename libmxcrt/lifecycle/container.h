/* SPDX-License-Identifier: Apache-2.0 */
/* A container as later verbs find it: its record, its process, its status. */
#pragma once

#include "base/fd.h"
#include "state/record.h"

struct mxcrt;
struct handles;

struct container {
	struct state state;
	struct record record;
	int proc;  /* the runtime's own /proc */
	int pidfd; /* of init, or -1 when it has ended */
	enum status status;
};
#define autocontainer __attribute__((cleanup(container_close))) struct container

/* Open by id and look; LOCKED: no other verb changes it meanwhile. `paused` is found out only where
 * IS_PAUSED_ASKED, it costs a read. */
int container_open(struct mxcrt *rt, const char *id, bool locked, struct container *ret,
		   struct error *err);
/* One of many, with the state root open and PROC the caller's own: ret->proc stays -1. */
int container_peek(struct mxcrt *rt, const char *id, int proc, struct container *ret,
		   struct error *err);
/* For delete --force, locked: also one whose record is lost or damaged, as far as the documents
 * beside it tell where its cgroup is. */
int container_open_to_remove(struct mxcrt *rt, const char *id, struct container *ret,
			     struct error *err);
void container_close(struct container *container);
/* created, running, paused … of what was opened; reads the cgroup for `paused`. */
enum status container_status(const struct container *container);
/* The start time of PID in clock ticks since boot, and whether it is a zombie; -1 when there is
 * none. */
int process_start_time(int proc, int64_t pid, uint64_t *ret_ticks, bool *ret_is_zombie);
