/* SPDX-License-Identifier: Apache-2.0 */
/* mxc-runtime restore. */
#include "bundle-options.h"
#include "image-options.h"
#include "verb.h"

struct values {
	struct mxcrt_create_options create;
	struct mxcrt_image_options images;
	struct option_list empty;
	bool detach;
};
/* clang-format off */
static const struct option_row options[] = {
	BUNDLE_OPTIONS(struct values),
	IMAGE_OPTIONS(struct values, images),
	{ "tcp-close", 0, OPTION_FLAG, offsetof(struct values, images.tcp_close), NULL,
	  "restore open TCP connections as closed" },
	{ "detach", 'd', OPTION_FLAG, offsetof(struct values, detach), NULL,
	  "do not wait for the container to end" },
	{ "no-subreaper", 0, OPTION_IGNORED, 0, NULL,
	  "accepted: the runtime is never a subreaper" },
	{},
};
/* clang-format on */

static int run(struct mxcrt *rt, int n, char **words, const void *given)
{
	const struct values *values = given;
	struct mxcrt_restore_options restore = { .create = values->create,
						 .images = values->images,
						 .detach = values->detach };

	(void)n;
	restore.images.empty_ns = values->empty.n ? values->empty.items : NULL;
	return mxcrt_restore(rt, words[0], &restore);
}

/* clang-format off */
const struct verb verb_restore = {
	.name = "restore", .usage = "ID",
	.summary = "make a container from images and a bundle; it runs",
	.options = options, .values_size = sizeof(struct values), .least = 1, .most = 1, .run = run,
};
/* clang-format on */
