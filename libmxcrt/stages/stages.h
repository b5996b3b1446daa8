/* SPDX-License-Identifier: Apache-2.0 */
/* The stages of a start, each a constant table of steps, and the one loop that runs them. */
#pragma once

#include "apply/step.h"

extern const struct stage stage_host_prepare; /* before init exists */
extern const struct stage stage_host_attend;  /* beside init, until it is created */
/* The same of a restore, where CRIU stands for init: before it exists, and beside it. */
extern const struct stage stage_restore_prepare, stage_restore_attend;
extern const struct stage
	stage_bridge; /* the process that joins namespaces for init, where one is needed */
extern const struct stage stage_enter; /* init: into its namespaces */
extern const struct stage stage_before_pivot;
extern const struct stage stage_after_pivot;
extern const struct stage stage_before_exec;

/* Run the steps in order. On failure undo what this stage did, backwards, fill err->step, return
 * -1. */
int stage_run(const struct stage *stage, const struct plan *plan, struct handles *handles,
	      struct error *err);
/* Undo a stage that had succeeded. */
void stage_undo(const struct stage *stage, const struct plan *plan, struct handles *handles);

/*
 * Make init (through the bridge where the plan needs one): on return it runs its stages until it
 * waits for WORD_GO, handles->init and ->init_pidfd name it, handles->link reaches it. The caller
 * records it and then runs stage_host_attend.
 */
int spawn(const struct plan *plan, struct handles *handles, struct error *err);
/* Kill and reap what spawn made, and undo both host stages: nothing is left. */
void spawn_abort(const struct plan *plan, struct handles *handles);
