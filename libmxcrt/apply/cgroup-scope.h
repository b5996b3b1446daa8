/* SPDX-License-Identifier: Apache-2.0 */
/* Ending the systemd scope of a container. Shared by the cgroup files of this room only. */
#pragma once

struct arena;
struct error;
struct plan;

/* Stop the unit and wait until it is gone; a unit that is gone is success. */
int scope_stop(const char *scope, struct error *err);
/* "PREFIX-NAME.scope" as the plan has it. */
const char *scope_name(const struct plan *plan, struct arena *arena);
