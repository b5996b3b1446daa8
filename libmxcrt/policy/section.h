/* SPDX-License-Identifier: Apache-2.0 */
/* What a section of the policy is, and the values that its fields are read into. */
#pragma once

#include "base/arena.h"
#include "base/fields.h"

#include <stdbool.h>
#include <stdint.h>

struct error;
struct json;
struct plan;

/* A value and where it stands: "policy filesystem.readonlyPaths[2]". No origin: no source spoke of
 * it. */
struct policy_item {
	const char *text, *origin;
};
struct policy_list {
	ARRAY(struct policy_item) rows;
	bool is_given;
};
struct policy_choice {
	int value;
	const char *origin;
};

/* Readers for rows of type FIELD_CUSTOM. A later source's list takes the place of an earlier one's,
 * or is added to it. */
int policy_read_list(const struct field_context *context, const struct json *value,
		     const char *path, void *target, struct error *err);
int policy_read_list_added(const struct field_context *context, const struct json *value,
			   const char *path, void *target, struct error *err);
/* struct policy_item of a string that is not empty; policy_read_scalar also takes a number, as it
 * is written. */
int policy_read_text(const struct field_context *context, const struct json *value,
		     const char *path, void *target, struct error *err);
int policy_read_scalar(const struct field_context *context, const struct json *value,
		       const char *path, void *target, struct error *err);
/* Into *choice, one of the NULL-terminated NAMES: for a field's own three-line reader. */
int policy_read_choice(const struct field_context *context, const struct json *value,
		       const char *path, const char *const *names, struct policy_choice *choice,
		       struct error *err);
/* Fails with the nearest of NAMES as the remedy. */
int policy_fail_unknown(const struct policy_item *item, const char *what, const char *const *names,
			size_t n, struct error *err);

/* What lowering writes to, and what it may ask. */
struct policy_target {
	struct plan *plan;
	const char *workspace;        /* what "@workspace" stands for; NULL: there is none */
	const char *workspace_origin; /* where that is said */
};
/* A path as written: "-" in front, "@workspace" at its start, a slash at its end. */
struct policy_path {
	const char *path;
	bool is_optional, is_directory;
};
int policy_path_read(const struct policy_target *target, const struct policy_item *item,
		     struct policy_path *ret, struct error *err);

struct policy_section {
	const char *key;
	const struct fields *fields; /* the struct of a section is its own .c file's; all sources
					are read into the same one */
	/* What one document must hold by itself, before it is merged; may be NULL. VERSION is minor
	 * + 100 * major, 0 = not said. */
	int (*check)(const struct field_context *context, const struct json *value,
		     unsigned version, struct error *err);
	/* SECTION is zeroed where no source speaks of it: the defaults are its own business. */
	int (*lower)(const void *section, const struct policy_target *target, struct error *err);
};
extern const struct policy_section policy_filesystem, policy_exec, policy_process, policy_network,
	policy_ui, policy_resources, policy_capabilities, policy_syscalls, policy_agent,
	policy_audit;
/* In the order of lowering, NULL behind the last. */
extern const struct policy_section *const policy_sections[];
enum { POLICY_SECTIONS = 10 };
