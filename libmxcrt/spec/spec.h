/* SPDX-License-Identifier: Apache-2.0 */
/* config.json: read into a struct spec by field tables, lowered into the plan. */
#pragma once

#include "base/fields.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct error;
struct plan;

struct spec; /* private to spec/ */

/* Read and check config.json (NAME for messages). Unknown keys are ignored, wrong types and values
 * are ERROR_CONFIG with the JSON path. */
int spec_read(struct arena *arena, const char *name, const char *bytes, size_t n,
	      const struct spec **ret_spec, struct error *err);
const struct string_map *spec_annotations(const struct spec *spec);

/* Who calls: what config.json alone does not say. */
struct spec_request {
	const char *id, *bundle; /* bundle absolute */
	bool is_rootless;        /* the runtime is not host root, or is in a user namespace */
	bool use_systemd_cgroup; /* --systemd-cgroup or --cgroup-manager=systemd */
	bool use_no_cgroup;      /* --cgroup-manager=disabled */
	bool joins_cgroup;       /* update: the cgroup is there already */
	bool no_pivot;
	bool no_new_keyring; /* keep the caller's session keyring */
	unsigned preserve_fds;
	bool has_console_socket;
};
/* The upper bound of everything: struct spec -> plan (zeroed, arena set). */
int spec_lower(const struct spec *spec, const struct spec_request *request, struct plan *plan,
	       struct error *err);

/* A further process (exec): a process document (OCI `process` object), or what the command line
 * says on top of config.json's process. */
struct spec_exec {
	const char *process_json; /* bytes of the process file, NULL = from the fields below */
	size_t process_json_n;
	const char *const *args; /* NULL-terminated */
	const char *const *env;  /* added to config.json's, later wins; may be NULL */
	const char *cwd;         /* NULL = config.json's */
	const char *user;        /* "UID[:GID]" numbers only, NULL = config.json's */
	const char *const *additional_gids, *const *caps; /* NULL-terminated or NULL */
	bool terminal, has_terminal;
	bool no_new_privileges, has_no_new_privileges;
	const char *process_label, *apparmor;
	unsigned preserve_fds;
	int init_pid; /* whose namespaces are joined */
};
/*
 * The plan of an exec: namespaces all joined to init_pid where config.json names them; no masks of
 * its own, sysctls, hooks and limits; seccomp, capabilities, rlimits and ids as config.json and the
 * process say. Mounts and devices are there, because the policy is applied on top exactly as for
 * create and decides by them; the stages of exec attach none.
 */
int spec_lower_exec(const struct spec *spec, const struct spec_request *request,
		    const struct spec_exec *exec, struct plan *plan, struct error *err);
/*
 * `update`. NAME's bytes are an object like linux.resources: checked, the types of all its members.
 * RET_ASKED is the tree as written.
 */
struct json;
int spec_update_read(struct arena *arena, const char *name, const char *bytes, size_t n,
		     const struct json **ret_asked, struct error *err);
/* ASKED with the members of OVER in their place. */
const struct json *spec_update_refine(struct arena *arena, const struct json *asked,
				      const struct json *over);
/* config.json (CONFIG, N bytes) with linux.resources as they are when ASKED is granted; its member
 * `intelRdt`, which is none of resources, goes to linux.intelRdt. */
struct text;
int spec_update_merge(struct arena *arena, const char *config, size_t n, const struct json *asked,
		      struct text *ret_config, struct error *err);
/* Whether ASKED is about the section that this cgroup file belongs to. */
bool spec_update_touches(const struct json *asked, const char *file);
bool spec_update_has_devices(const struct json *asked);
/* The default config.json that `spec` prints; ROOTLESS: user namespace with the caller's ids, no
 * cgroup resources. */
struct text;
void spec_print_default(bool rootless, uint32_t uid, uint32_t gid, struct text *out);

/* The words that config.json may use, for `features`: the i-th, NULL behind the last. */
const char *spec_mount_option(size_t i);
const char *spec_seccomp_action(size_t i);
const char *spec_seccomp_operator(size_t i);
const char *spec_seccomp_architecture(size_t i);
const char *spec_seccomp_flag(size_t i);
const char *spec_memory_mode(size_t i);
const char *spec_memory_flag(size_t i);
