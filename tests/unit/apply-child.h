/* SPDX-License-Identifier: Apache-2.0 */
/* For tests that change their own process: bodies that run in a child, where a failure ends the
 * child. */
#pragma once

#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* In a body: ends the child with what was expected, or with the error that was filled. */
#define need(condition)                                                                 \
	do {                                                                            \
		if (!(condition)) {                                                     \
			printf("# %s (%s)\n", TEST_PLACE(#condition), strerror(errno)); \
			(void)fflush(stdout);                                           \
			_exit(EXIT_FAILURE);                                            \
		}                                                                       \
	} while (0)
#define need_ok(call, err)                                                       \
	do {                                                                     \
		if ((call) < 0) {                                                \
			char need_text[sizeof(struct error)];                    \
			printf("# %s: %s\n", TEST_PLACE(#call),                  \
			       error_format(err, need_text, sizeof(need_text))); \
			(void)fflush(stdout);                                    \
			_exit(EXIT_FAILURE);                                     \
		}                                                                \
	} while (0)
#define need_fail(call, err, part)                                     \
	do {                                                           \
		char need_text[sizeof(struct error)];                  \
		bool need_failed = (call) < 0;                         \
		(void)error_format(err, need_text, sizeof(need_text)); \
		if (!need_failed || !strstr(need_text, part)) {        \
			printf("# %s: %s\n", TEST_PLACE(#call),        \
			       need_failed ? need_text : "succeeded"); \
			(void)fflush(stdout);                          \
			_exit(EXIT_FAILURE);                           \
		}                                                      \
	} while (0)

/* The wait status of BODY run in a child; 0 when it returned. */
static inline int in_child(void (*body)(void))
{
	int status = -1;

	(void)fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		body();
		(void)fflush(stdout);
		_exit(EXIT_SUCCESS);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return status;
}
