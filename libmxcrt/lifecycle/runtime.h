/* SPDX-License-Identifier: Apache-2.0 */
/* What is behind the opaque handle, and the two lines every public function is made of. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "mxcrt.h"
#include "policy/conf.h"

#include <stdbool.h>

struct audit_config;

struct mxcrt {
	struct arena arena;
	struct mxcrt_options options; /* strings copied */
	struct error error;
	char message[2048];
	bool is_protected; /* our executable is out of the reach of what we start */
	bool is_root;      /* of the host: effective uid 0 in the initial user namespace */
	bool is_rootless;  /* go on without a cgroup that may not be made; !is_root unless told */
	bool has_conf;
	struct conf conf; /* mxc.conf, read when first needed */
	int root;         /* state root, -1 until opened */
	int log;
};

/* Keep the outcome of a verb for mxcrt_message(); returns result. */
int runtime_result(struct mxcrt *rt, int result, const struct error *err);
/* Open the state root, once. */
int runtime_root(struct mxcrt *rt, struct error *err);
/* Read mxc.conf and its drop-ins, once; a missing file is an empty one, unless the caller named it.
 */
int runtime_conf(struct mxcrt *rt, struct error *err);
/* Where events go: mxc.conf's audit section over the defaults. */
int runtime_audit_config(struct mxcrt *rt, struct audit_config *ret_config, struct error *err);
