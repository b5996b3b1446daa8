/* SPDX-License-Identifier: Apache-2.0 */
/* mxc-runtime kill. */
#include "verb.h"

#include <signal.h>
#include <stdio.h>

struct values {
	bool all;
};
/* clang-format off */
static const struct option_row options[] = {
	{ "all", 'a', OPTION_FLAG, offsetof(struct values, all), NULL,
	  "signal every process of the container" },
	{},
};
/* clang-format on */

static int run(struct mxcrt *rt, int n, char **words, const void *given)
{
	const struct values *values = given;
	int signal = n > 1 ? mxcrt_signal_number(words[1]) : SIGTERM;

	if (signal < 0) {
		char message[OPTION_MESSAGE];
		(void)snprintf(message, sizeof(message), "kill: unknown signal '%s'", words[1]);
		return mxcrt_fail(rt, message);
	}
	return mxcrt_kill(rt, words[0], signal, values->all);
}

/* clang-format off */
const struct verb verb_kill = {
	.name = "kill", .usage = "ID [SIGNAL]",
	.summary = "send a signal to a container (default TERM)",
	.options = options, .values_size = sizeof(struct values), .least = 1, .most = 2, .run = run,
};
/* clang-format on */
