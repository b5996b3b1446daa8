/* SPDX-License-Identifier: Apache-2.0 */
/* mxc-runtime start, pause and resume: an id and nothing else. */
#include "verb.h"

static const struct option_row options[] = { {} };

static int start(struct mxcrt *rt, int n, char **words, const void *values)
{
	(void)n;
	(void)values;
	return mxcrt_start(rt, words[0]);
}

static int pause_container(struct mxcrt *rt, int n, char **words, const void *values)
{
	(void)n;
	(void)values;
	return mxcrt_pause(rt, words[0]);
}

static int resume(struct mxcrt *rt, int n, char **words, const void *values)
{
	(void)n;
	(void)values;
	return mxcrt_resume(rt, words[0]);
}

/* clang-format off */
const struct verb verb_start = {
	.name = "start", .usage = "ID", .summary = "run the user's program in a created container",
	.options = options, .least = 1, .most = 1, .run = start,
};
const struct verb verb_pause = {
	.name = "pause", .usage = "ID", .summary = "suspend all processes of a container",
	.options = options, .least = 1, .most = 1, .run = pause_container,
};
const struct verb verb_resume = {
	.name = "resume", .usage = "ID", .summary = "let the processes of a paused container go on",
	.options = options, .least = 1, .most = 1, .run = resume,
};
/* clang-format on */
