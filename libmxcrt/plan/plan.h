/* SPDX-License-Identifier: Apache-2.0 */
/* The waist: everything that will be done for one container, plain data, const once settled. */
#pragma once

#include "base/arena.h"
#include "plan/caps.h"
#include "plan/cgroup.h"
#include "plan/filesystem.h"
#include "plan/hooks.h"
#include "plan/identity.h"
#include "plan/ids.h"
#include "plan/mounts.h"
#include "plan/namespaces.h"
#include "plan/network.h"
#include "plan/process.h"
#include "plan/resctrl.h"
#include "plan/seccomp.h"

#include <stdbool.h>
#include <stdint.h>

struct error;
struct host;
struct text;

/* Something weaker than on the newest kernel, said in the audit. */
struct plan_degradation {
	const char *what, *origin;
	bool is_warning; /* OCI wants the caller told, policy or not */
};

struct plan {
	struct arena *arena;
	const char *id, *bundle; /* bundle: absolute path */
	const char *oci_version;
	bool is_exec; /* a further process of a running container */
	/* NULL-terminated key, value, key, value …, sorted by key. */
	const char **annotations;
	struct plan_namespaces namespaces;
	struct plan_ids ids;
	struct plan_process process;
	struct plan_caps caps;
	struct plan_mounts mounts;
	struct plan_devices devices;
	struct plan_kernel kernel;
	struct plan_cgroup cgroup;
	struct plan_resctrl resctrl;
	struct plan_network network;
	struct plan_hooks hooks;
	struct plan_seccomp seccomp;
	struct plan_filesystem filesystem;
	struct plan_landlock landlock;
	struct plan_agent agent;
	struct plan_audit audit;
	uint64_t timeout_ms; /* 0 = none */
	const char *profile; /* name of the policy profile, NULL */
	/* "profile", "annotation", … for the audit; NULL without policy. */
	const char *policy_source;
	char policy_sha256[65]; /* of the effective request, "" without policy */
	ARRAY(struct plan_degradation) degradations;
};

/*
 * Make the plan true to HOST or refuse: the only place that decides by kernel, user or
 * configuration. Derives the Landlock rules and the seccomp program.
 */
int plan_settle(struct plan *plan, const struct host *host, struct error *err);
/* Re-check the invariants of any plan, whoever built it; ERROR_BUG when one is broken. */
int plan_verify(const struct plan *plan, struct error *err);
/* One line per item with its origin: what golden tests compare. */
void plan_print(const struct plan *plan, struct text *out);
/* SHA-256 of the printed plan, lower-case hex with NUL. */
void plan_digest(const struct plan *plan, char ret_hex[65]);
