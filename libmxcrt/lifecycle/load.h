/* SPDX-License-Identifier: Apache-2.0 */
/* From the documents on disk to a plan: the only part of lifecycle that reads configuration. */
#pragma once

#include "compile.h"

#include <stddef.h>

struct json;
struct mxcrt;
struct mxcrt_create_options;
struct record;
struct state;

struct loaded {
	const char *id, *bundle;
	const char *config; /* bytes of config.json */
	size_t config_n;
	const char *profile_name; /* NULL = none */
	const char *profile;      /* its text */
	size_t profile_n;
	const struct spec *spec;
	const struct plan *plan;
	bool is_governed; /* a policy or an identity was asked for */
};

/* The bundle's documents, compiled for create. *ret is filled as far as it went also on failure,
 * for the audit. */
int load_bundle(struct mxcrt *rt, const char *id, const struct mxcrt_create_options *options,
		struct loaded *ret, struct error *err);
/* What create saved, compiled for EXEC, or (exec NULL) as create did, for the hooks of later verbs.
 */
int load_saved(struct mxcrt *rt, const struct state *state, const struct record *record,
	       const struct spec_exec *exec, struct loaded *ret, struct error *err);
/* What create saved with ASKED (spec/update) merged in. */
struct change {
	struct loaded loaded; /* compiled, under the policy; loaded.config are the new bytes */
	const char *config;   /* the bytes before */
	size_t config_n;
	const struct plan *was, *asked; /* as config.json alone says it, before and after */
};
int load_changed(struct mxcrt *rt, const struct state *state, const struct record *record,
		 const struct json *asked, struct change *ret, struct error *err);
/* Replace the saved config.json by these bytes. */
int load_resave(const struct state *state, const char *config, size_t n, struct error *err);
/* Keep the documents in the state directory for load_saved. */
int load_save(const struct state *state, const struct loaded *loaded, struct error *err);
