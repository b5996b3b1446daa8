/* SPDX-License-Identifier: Apache-2.0 */
/* The agent policy: profile, document and single-field annotations, merged in that order, narrow
 * the plan. */
#pragma once

#include "base/fields.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct error;
struct plan;

struct policy_sources {
	const struct string_map *annotations;    /* config.json's; only io.mxc.* and the engine's
						    container-type keys are looked at */
	const char *profile_name, *profile_text; /* NULL = none; the text of the profile document */
	size_t profile_n;
};
/*
 * Which profile the annotations ask for (NULL: none): io.mxc.profile; "pause" for a pod's pause
 * container that carries any io.mxc.* key (its other keys are then not the pause container's);
 * DEFAULT_PROFILE (mxc.conf) where nothing is asked. The name is checked against [a-z0-9-]+.
 */
int policy_profile_wanted(const struct string_map *annotations, const char *default_profile,
			  const char **ret_name, struct error *err);
/* True when any policy or identity annotation or profile is there: the container is governed. */
bool policy_is_asked(const struct policy_sources *sources);
/*
 * Read, refine and narrow: policy may only take away from the plan. Fills plan->filesystem,
 * seccomp.profile, caps, cgroup limits, network, timeout, agent, audit, kernel.memfd_noexec,
 * profile, policy_source, policy_sha256. Everything that is not kept by this version is refused
 * with field, reason and remedy (ERROR_POLICY).
 */
int policy_apply(const struct policy_sources *sources, struct plan *plan, struct error *err);
