/* SPDX-License-Identifier: Apache-2.0 */
/* The container's group of resctrl: cache and memory bandwidth, and their accounts. */
#pragma once

struct error;
struct handles;
struct plan;

/* What resctrl_create will make, for the record before anything is made: paths below resctrl's
 * root, NULL = nothing. */
int resctrl_intend(const struct plan *plan, struct handles *handles, const char **ret_group,
		   const char **ret_monitor, struct error *err);
/* Host, before clone: the group and its schemata, the monitoring group. Refused where resctrl is
 * not mounted. */
int resctrl_create(const struct plan *plan, struct handles *handles, struct error *err);
void resctrl_undo(const struct plan *plan, struct handles *handles);
/* Host, after clone: handles->init into the group. */
int resctrl_join(const struct plan *plan, struct handles *handles, struct error *err);
/* The lines of the plan into the group of a running container (update). */
int resctrl_update(const struct plan *plan, struct handles *handles, struct error *err);
/* What was made (each may be NULL or ""); gone is success. */
int resctrl_remove(int proc, const char *group, const char *monitor, struct error *err);
