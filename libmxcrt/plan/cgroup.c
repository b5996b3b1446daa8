/* SPDX-License-Identifier: Apache-2.0 */
/* Limits in the units of cgroup v2, where OCI speaks those of v1. */
#include "plan/cgroup.h"

#include "base/str.h"
#include "plan/plan.h"

#include <stdarg.h>

void plan_cgroup_init(struct plan_cgroup *cgroup)
{
	cgroup->memory_max = cgroup->memory_low = cgroup->memory_swap_max = UINT64_MAX;
	cgroup->cpu_weight = cgroup->cpu_quota_us = cgroup->cpu_period_us = UINT64_MAX;
	cgroup->pids_max = cgroup->io_weight = UINT64_MAX;
}

void plan_cgroup_value(struct plan *plan, const char *file, const char *origin, const char *format,
		       ...)
{
	va_list ap;
	va_start(ap, format);
	const char *value = arena_vprintf(plan->arena, format, ap);
	va_end(ap);

	/* Asking for no limit is kept without a cgroup, too. */
	if (!str_starts(value, "max"))
		plan->cgroup.is_asked = true;
	*arena_push(plan->arena, &plan->cgroup.values) = (struct plan_cgroup_value){ file, value,
										     origin };
}

uint64_t cgroup_weight_of_shares(uint64_t shares)
{
	enum { SHARES_MIN = 2, SHARES_MAX = 262144, WEIGHT_MAX = 10000 };

	if (shares < SHARES_MIN)
		shares = SHARES_MIN;
	if (shares > SHARES_MAX)
		shares = SHARES_MAX;
	return 1 + (shares - SHARES_MIN) * (WEIGHT_MAX - 1) / (SHARES_MAX - SHARES_MIN);
}

uint64_t cgroup_io_weight_of_blkio(uint64_t weight)
{
	enum { BLKIO_MIN = 10, BLKIO_MAX = 1000, WEIGHT_MAX = 10000 };

	return 1 + (weight - BLKIO_MIN) * (WEIGHT_MAX - 1) / (BLKIO_MAX - BLKIO_MIN);
}
