/* SPDX-License-Identifier: Apache-2.0 */
/* On which CPUs a process runs, and from which memory nodes it gets its memory. */
#pragma once

#include "apply/step.h"

/* Host, exec: the runtime's own affinity, which the process inherits on its way to the cgroup. */
int affinity_begin(const struct plan *plan, struct handles *handles, struct error *err);
/* In the container's cgroup. */
int affinity_set(const struct plan *plan, struct handles *handles, struct error *err);
int memory_policy_set(const struct plan *plan, struct handles *handles, struct error *err);
