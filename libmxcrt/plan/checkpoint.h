/* SPDX-License-Identifier: Apache-2.0 */
/* Which containers may be written to images and made again from them. */
#pragma once

struct error;
struct plan;

/*
 * CRIU saves no Landlock domain, and nobody but a process itself can put one on: what came back
 * would be held by fewer layers than what went. Images also decide memory, credentials and filters
 * of what they make. Hence no container under a policy goes either way; nor does what CRIU cannot
 * make again. VERB: "checkpoint".
 */
int plan_checkpoint_check(const struct plan *plan, const char *verb, struct error *err);
/* The value of annotation KEY, or NULL. */
const char *plan_annotation(const struct plan *plan, const char *key);
