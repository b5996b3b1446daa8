/* SPDX-License-Identifier: Apache-2.0 */
/* mxc-runtime run. */
#include "bundle-options.h"
#include "verb.h"

struct values {
	struct mxcrt_create_options create;
	bool detach, keep;
};
/* clang-format off */
static const struct option_row options[] = {
	BUNDLE_OPTIONS(struct values),
	{ "detach", 'd', OPTION_FLAG, offsetof(struct values, detach), NULL,
	  "do not wait for the container to end" },
	{ "keep", 0, OPTION_FLAG, offsetof(struct values, keep), NULL,
	  "do not delete the container when it has ended" },
	{},
};
/* clang-format on */

static int run(struct mxcrt *rt, int n, char **words, const void *given)
{
	const struct values *values = given;

	(void)n;
	return mxcrt_run(rt, words[0], &values->create, values->detach, values->keep);
}

/* clang-format off */
const struct verb verb_run = {
	.name = "run", .usage = "ID",
	.summary = "create and start a container, wait for it, delete it",
	.options = options, .values_size = sizeof(struct values), .least = 1, .most = 1, .run = run,
};
/* clang-format on */
