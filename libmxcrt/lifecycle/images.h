/* SPDX-License-Identifier: Apache-2.0 */
/* What checkpoint and restore share: the directories of the images, and the options that are CRIU's
 * own. */
#pragma once

#include "apply/criu-rpc.h"

struct error;
struct mxcrt;
struct mxcrt_image_options;
struct plan;

struct images {
	int directory, work; /* work: -1 = the images' */
	const char *log;     /* path of CRIU's log */
};
#define autoimages __attribute__((cleanup(images_close))) struct images

/* What is asked and cannot be kept is refused; so is whoever is not the host's root. VERB for the
 * message. */
int images_check(const struct mxcrt *rt, const char *verb, const struct mxcrt_image_options *asked,
		 struct error *err);
/* Open the directories (CREATE: made when missing) and fill in *options what both verbs say alike;
 * LOG is the name of the log. */
struct images_open {
	const struct mxcrt_image_options *asked;
	const struct plan *plan;
	const char *log;
	bool create;
};
int images_open(struct mxcrt *rt, const struct images_open *how, struct images *images,
		struct criu_options *options, struct error *err);
void images_close(struct images *images);
