/* SPDX-License-Identifier: Apache-2.0 */
/* mxc-runtime create. */
#include "bundle-options.h"
#include "verb.h"

struct values {
	struct mxcrt_create_options create;
};
static const struct option_row options[] = { BUNDLE_OPTIONS(struct values), {} };

static int run(struct mxcrt *rt, int n, char **words, const void *given)
{
	const struct values *values = given;

	(void)n;
	return mxcrt_create(rt, words[0], &values->create);
}

/* clang-format off */
const struct verb verb_create = {
	.name = "create", .usage = "ID",
	.summary = "create a container from a bundle; it waits for start",
	.options = options, .values_size = sizeof(struct values), .least = 1, .most = 1, .run = run,
};
/* clang-format on */
