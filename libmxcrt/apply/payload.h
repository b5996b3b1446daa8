/* SPDX-License-Identifier: Apache-2.0 */
/* The payload: its directory, its program, and the exec that ends the runtime. */
#pragma once

struct error;
struct handles;
struct plan;

/* After pivot, before the root becomes read-only: makes cwd where it is missing. */
int payload_prepare_directory(const struct plan *plan, struct handles *handles, struct error *err);
/* Before ids_assume: cwd, checked to lie in the container. Where root may not enter,
 * payload_execute tries again as the payload's user. */
int payload_enter_directory(const struct plan *plan, struct handles *handles, struct error *err);
/* After pivot, before landlock (best before WORD_CREATED, so that create fails):
 * handles->executable by PATH of process.env, and handles->environment: process.env with HOME and
 * LISTEN_FDS as needed. */
int payload_find(const struct plan *plan, struct handles *handles, struct error *err);
/* Does not return on success. */
int payload_execute(const struct plan *plan, struct handles *handles, struct error *err);
