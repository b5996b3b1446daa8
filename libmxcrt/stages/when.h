/* SPDX-License-Identifier: Apache-2.0 */
/* Which rows of a stage apply: decided by the plan alone, so that both ends of the link agree. */
#pragma once

#include <stdbool.h>

struct plan;

bool when_create(const struct plan *plan); /* a container, not one more process in it */
bool when_exec(const struct plan *plan);
bool when_not_bridged(const struct plan *plan);    /* init is the host process's own child */
bool when_policy_creates(const struct plan *plan); /* a container under a policy */
bool when_landlock(const struct plan *plan);
bool when_only_loopback(const struct plan *plan);
bool when_network_given(const struct plan *plan); /* only loopback, in a joined namespace */
bool when_terminal(const struct plan *plan);
bool when_user_namespace(const struct plan *plan); /* new or joined */
bool when_user_namespace_new(const struct plan *plan);
/* Init hears GO before it enters its cgroup namespace (systemd moves it, or exec), or only before
 * the first thing of the container's, so that its mounts are made beside the host's limits. */
bool when_waits_first(const struct plan *plan);
bool when_waits_last(const struct plan *plan);
bool when_resctrl(const struct plan *plan);     /* the container is in a group of resctrl */
bool when_resctrl_new(const struct plan *plan); /* and enters it now */
bool when_cgroup_given(const struct plan *plan); /* the container manages cgroups of its own */
bool when_scope(const struct plan *plan);      /* systemd makes the cgroup */
bool when_affinity(const struct plan *plan);
bool when_net_devices(const struct plan *plan);
bool when_host_enters(const struct plan *plan); /* its hooks, or devices that it moves */
bool when_host_hooks(const struct plan *plan); /* prestart or createRuntime */
