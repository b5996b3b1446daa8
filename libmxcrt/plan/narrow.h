/* SPDX-License-Identifier: Apache-2.0 */
/* All that a policy may do to a plan: take away from it, or require something of it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct error;
struct plan;
struct plan_access;

/* At most KEEP of each capability set, and no_new_privileges. */
void plan_narrow_caps(struct plan *plan, uint64_t keep);

/*
 * A further process is never wider than FIRST, the container's first process as config.json has it:
 * its capabilities, limits and labels are the most. Refused where a label differs.
 */
int plan_narrow_exec(struct plan *plan, const struct plan *first, struct error *err);

/* One more row of what may be reached, and how. */
void plan_narrow_access(struct plan *plan, const struct plan_access *row);
/*
 * Deny the engine's volumes and devices that no row grants; called when all rows are there. A
 * service account token is granted by its own path only.
 */
void plan_narrow_volumes(struct plan *plan);

/* Ceilings of the cgroup: the smaller of LIMIT and what config.json says in FILE ("memory.max"). */
void plan_narrow_limit(struct plan *plan, const char *file, uint64_t limit, const char *origin);
/* Millionths of a CPU. */
void plan_narrow_cpus(struct plan *plan, uint64_t micro_cpus, const char *origin);
/* io.max of DEVICE ("8:0"), KEY one of rbps, wbps, riops, wiops. */
struct plan_io_limit {
	const char *device, *key;
	uint64_t limit;
	const char *origin;
};
void plan_narrow_io(struct plan *plan, const struct plan_io_limit *limit);

/* Nothing but loopback; refused when the container has no network namespace of its own. */
int plan_require_only_loopback(struct plan *plan, const char *origin, struct error *err);
