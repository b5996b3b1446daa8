/* SPDX-License-Identifier: Apache-2.0 */
/* The session keyring: the container gets one of its own, or reads what the caller keeps in his. */
#pragma once

struct error;
struct handles;
struct plan;

/* Init: a new session keyring named after the container; an exec'd process joins one of that name.
 * Nothing where the plan keeps the caller's. */
int keyring_join(const struct plan *plan, struct handles *handles, struct error *err);
