/* SPDX-License-Identifier: Apache-2.0 */
/* mxc-runtime checkpoint. */
#include "image-options.h"
#include "verb.h"

struct values {
	struct mxcrt_checkpoint_options checkpoint;
	struct option_list empty;
};
#define AT(member) offsetof(struct values, checkpoint.member)
/* clang-format off */
static const struct option_row options[] = {
	IMAGE_OPTIONS(struct values, checkpoint.images),
	{ "parent-path", 0, OPTION_STRING, AT(images.parent_path), "DIR",
	  "images of an earlier --pre-dump, as seen from --image-path" },
	{ "leave-running", 'R', OPTION_FLAG, AT(leave_running), NULL,
	  "let the container go on afterwards" },
	{ "pre-dump", 'P', OPTION_FLAG, AT(pre_dump), NULL,
	  "save the memory only; the container goes on" },
	{ "tcp-skip-in-flight", 0, OPTION_FLAG, AT(images.tcp_skip_in_flight), NULL,
	  "leave out TCP connections that are being made" },
	{ "status-fd", 0, OPTION_NUMBER, AT(status_fd), "N",
	  "descriptor that gets a zero byte when CRIU is ready", AT(has_status_fd) },
	{ "page-server", 0, OPTION_STRING, AT(images.page_server), "ADDRESS:PORT",
	  "not supported: refused" },
	{},
};
/* clang-format on */

static int run(struct mxcrt *rt, int n, char **words, const void *given)
{
	const struct values *values = given;
	struct mxcrt_checkpoint_options checkpoint = values->checkpoint;

	(void)n;
	checkpoint.images.empty_ns = values->empty.n ? values->empty.items : NULL;
	return mxcrt_checkpoint(rt, words[0], &checkpoint);
}

/* clang-format off */
const struct verb verb_checkpoint = {
	.name = "checkpoint", .usage = "ID",
	.summary = "write a running container to images, with CRIU",
	.options = options, .values_size = sizeof(struct values), .least = 1, .most = 1, .run = run,
};
/* clang-format on */
