/* SPDX-License-Identifier: Apache-2.0 */
/* What a verb is: one row of the table that dispatch, help and completion come from. */
#pragma once

#include "mxcrt.h"
#include "option.h"

struct verb {
	const char *name;
	const char *usage; /* words after the options: "ID SIGNAL" */
	const char *summary;
	const struct option_row *options;
	size_t values_size; /* of the struct that the options fill, which main zeroes */
	int least, most;    /* words; most -1 = any */
	int failure;        /* exit status when the runtime fails; 0 = 1 */
	bool in_order;      /* words after the first belong to somebody else */
	/* words[0 … n-1], NULL behind. The exit status of the program; -1: the runtime failed and
	 * mxcrt_message says why. */
	int (*run)(struct mxcrt *rt, int n, char **words, const void *values);
};

extern const struct verb verb_create;
extern const struct verb verb_start;
extern const struct verb verb_run;
extern const struct verb verb_state;
extern const struct verb verb_kill;
extern const struct verb verb_delete;
extern const struct verb verb_exec;
extern const struct verb verb_events;
extern const struct verb verb_list;
extern const struct verb verb_ps;
extern const struct verb verb_update;
extern const struct verb verb_pause;
extern const struct verb verb_resume;
extern const struct verb verb_spec;
extern const struct verb verb_checkpoint;
extern const struct verb verb_restore;
extern const struct verb verb_features;
extern const struct verb verb_audit;

/* Print TEXT to standard output; -1 with a message when that fails. */
int print(const char *text);
