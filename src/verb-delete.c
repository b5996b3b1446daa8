/* SPDX-License-Identifier: Apache-2.0 */
/* mxc-runtime delete. */
#include "verb.h"

struct values {
	bool force;
};
/* clang-format off */
static const struct option_row options[] = {
	{ "force", 'f', OPTION_FLAG, offsetof(struct values, force), NULL,
	  "kill it first; not there is no error" },
	{},
};
/* clang-format on */

static int run(struct mxcrt *rt, int n, char **words, const void *given)
{
	const struct values *values = given;

	(void)n;
	return mxcrt_delete(rt, words[0], values->force);
}

/* clang-format off */
const struct verb verb_delete = {
	.name = "delete", .usage = "ID", .summary = "remove a stopped container",
	.options = options, .values_size = sizeof(struct values), .least = 1, .most = 1, .run = run,
};
/* clang-format on */
