/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities of the payload, and the promise that exec gives no more. */
#pragma once

struct error;
struct handles;
struct plan;

/* Needs CAP_SETPCAP: before the uid changes. */
int caps_drop_bounding(const struct plan *plan, struct handles *handles, struct error *err);
/* Inheritable, permitted, effective, ambient; after ids_assume. */
int caps_assume(const struct plan *plan, struct handles *handles, struct error *err);
/* no_new_privs, when the plan has it. */
int privileges_freeze(const struct plan *plan, struct handles *handles, struct error *err);
