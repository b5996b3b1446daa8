/* SPDX-License-Identifier: Apache-2.0 */
/* The mounts of the plan, in their order, on targets that lie beneath the root. */
#pragma once

struct error;
struct handles;
struct plan;

/*
 * Init, before pivot. Afterwards handles->sources[i] is the root of the i-th mount, also where it
 * is no bind (-1 for a remount).
 */
int mounts_attach(const struct plan *plan, struct handles *handles, struct error *err);
/* Init, after pivot and all that is made in the file tree: a tmpfs that is to be read-only becomes
 * so. */
int mounts_seal(const struct plan *plan, const struct handles *handles, struct error *err);
