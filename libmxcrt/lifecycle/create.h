/* SPDX-License-Identifier: Apache-2.0 */
/* Creation, shared by the verbs create and run. */
#pragma once

#include "apply/step.h"
#include "base/arena.h"
#include "lifecycle/load.h"
#include "state/record.h"

struct ending;
struct mxcrt;
struct mxcrt_create_options;
struct relay;

struct creation {
	struct loaded loaded;
	struct state state;
	struct record record;
	struct handles handles;
	bool is_waited;      /* by run: no start socket, the link speaks */
	struct relay *relay; /* run in the foreground: opened when the plan has a terminal and no
				engine takes it; else NULL */
};

/* All of Create. On failure nothing is left behind and the audit knows why. */
int create_container(struct mxcrt *rt, const char *id, const struct mxcrt_create_options *options,
		     struct creation *creation, struct error *err);
/* Undo a creation that had succeeded. */
void create_undo(struct mxcrt *rt, struct creation *creation);
/* Delete what was created and has ended; 0 also when somebody else has done so. */
int creation_end(struct mxcrt *rt, struct creation *creation, const struct ending *ending,
		 struct error *err);
void creation_close(struct creation *creation);
#define autocreation __attribute__((cleanup(creation_close))) struct creation

/* Its parts, for restore, in this order: what was there before (handles, record on disk), the first
 * process in handles.init, all that is known when it is made. */
int creation_open(struct mxcrt *rt, struct creation *creation,
		  const struct mxcrt_create_options *options, struct error *err);
int creation_record(struct mxcrt *rt, struct creation *creation,
		    const struct mxcrt_create_options *options, struct error *err);
int creation_record_process(struct creation *creation, struct error *err);
int creation_record_finish(struct creation *creation, struct error *err);

/* PID as text into PATH, replaced by rename; NULL = nothing. */
int pid_file_write(const char *path, pid_t pid, struct error *err);
