/* SPDX-License-Identifier: Apache-2.0 */
/* process.timeout: the wall-clock limit of a whole container. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

struct error;
struct mxcrt;
struct record;

enum { TIMEOUT_GRACE_MS = 5000 }; /* between TERM and the kill that no descendant escapes */

/*
 * Leave a small process behind that ends the container of RECORD when its time is up, and ends with
 * it. PIDFD is of init. Nothing when the record has no limit.
 */
int timeout_watch(struct mxcrt *rt, const struct record *record, int pidfd, struct error *err);
