/* SPDX-License-Identifier: Apache-2.0 */
/* One row per act that the probe can try; the acts are grouped by what they touch. */
#pragma once

/* args are the words after the act's name, ended by NULL. Returns 0, or the errno of the failure.
 */
typedef int act_fn(char *const *args);

struct act {
	const char *name;
	act_fn *run;
	int least; /* words it needs */
	int most;  /* words it may have, -1: any number */
	const char *summary;
};

/* The tables end with a row without a name. */
extern const struct act file_acts[];
extern const struct act mount_acts[];
extern const struct act process_acts[];
extern const struct act kernel_acts[];
extern const struct act self_acts[];

/* The outcome of a raw system call: 0 or the errno. */
int outcome(long result);

/* Closes fd and returns what came before. */
int outcome_closing(int fd, int result);

/* A number from text in any base; the program ends with a message when it is none. */
long number(const char *text);
