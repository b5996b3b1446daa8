/* SPDX-License-Identifier: Apache-2.0 */
/* Which controllers a container's limits need, and handing them down the cgroup tree. Shared by the
 * cgroup files of this room only. */
#pragma once

#include <stdbool.h>

struct error;
struct plan_cgroup;

/* Bit sets of controllers. */
unsigned controllers_needed(const struct plan_cgroup *cgroup);
/* Needed, and those that make the container measurable. */
unsigned controllers_wanted(const struct plan_cgroup *cgroup);
/* Whether children of CGROUP have all of CONTROLLERS. */
bool controllers_are_enabled(int cgroup, unsigned controllers);
/* Whether CGROUP itself has them. */
bool controllers_are_available(int cgroup, unsigned controllers);
/*
 * Make every ancestor of the cgroup at PATH and enable on the way what is wanted; only what
 * LIMITS need can fail, and the error names the limit. The directory above the last component.
 */
int controllers_hand_down(int mount, const char *path, const struct plan_cgroup *limits,
			  unsigned wanted, struct error *err);
/* What LIMITS need, for the cgroup at PATH that is there already: systemd hands down those it
 * knows, for the others a limit may need, we do. */
int controllers_complete(const struct plan_cgroup *limits, int cgroup, const char *path,
			 struct error *err);
