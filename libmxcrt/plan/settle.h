/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of plan_settle. */
#pragma once

struct error;
struct host;
struct plan;

/* What a policy asked for, against the host: rows in order, Landlock rules, the system call
 * program; refused or degraded. */
int plan_settle_policy(struct plan *plan, const struct host *host, struct error *err);
