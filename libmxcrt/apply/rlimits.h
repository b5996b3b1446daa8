/* SPDX-License-Identifier: Apache-2.0 */
/* Per-process settings that are numbers: resource limits, out-of-memory score, personality,
 * priorities. */
#pragma once

struct error;
struct handles;
struct plan;

/* Host, after clone into a user namespace: raise the hard limits of handles->init that it may not
 * raise itself. */
int rlimits_raise(const struct plan *plan, struct handles *handles, struct error *err);
/* Init, before exec. */
int rlimits_set(const struct plan *plan, struct handles *handles, struct error *err);
/* Host, right after clone (before WORD_MAPPED): of handles->init; where that is 0, of the calling
 * process (bridge: first thing). */
int oom_score_set(const struct plan *plan, struct handles *handles, struct error *err);
/* Init, before exec. */
int personality_set(const struct plan *plan, struct handles *handles, struct error *err);
/* Init, before exec: CPU scheduling policy and I/O priority. */
int scheduler_set(const struct plan *plan, struct handles *handles, struct error *err);
