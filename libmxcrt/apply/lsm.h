/* SPDX-License-Identifier: Apache-2.0 */
/* The label that AppArmor or SELinux gives the payload. */
#pragma once

struct error;
struct handles;
struct plan;

/* Init: takes effect at the next exec; after the startContainer hooks, through handles->proc. */
int lsm_label_exec(const struct plan *plan, struct handles *handles, struct error *err);
