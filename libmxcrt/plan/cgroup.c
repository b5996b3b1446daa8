/* SPDX-License-Identifier: Apache-2.0 */
/* Limits in the units of cgroup v2, where OCI speaks those of v1. */
#include "plan/cgroup.h"

#include "base/str.h"
#include "plan/plan.h"

#include <stdarg.h>
#include <string.h>

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

void plan_cgroup_value_or(struct plan *plan, const char *or_file)
{
	plan->cgroup.values.items[plan->cgroup.values.n - 1].or_file = or_file;
}

/* "8:0 rbps=" of "8:0 rbps=1048576": a file of many limits has one row for each. */
static size_t key_length(const char *value)
{
	const char *equals = strchr(value, '=');
	return equals ? (size_t)(equals - value) + 1 : 0;
}

static bool same_limit(const struct plan_cgroup_value *one, const struct plan_cgroup_value *two)
{
	size_t n = key_length(one->value);
	return str_equal(one->file, two->file) && key_length(two->value) == n &&
	       strncmp(one->value, two->value, n) == 0;
}

static bool has_value(const struct plan_cgroup *cgroup, const struct plan_cgroup_value *row)
{
	for (size_t i = 0; i < cgroup->values.n; i++)
		if (str_equal(cgroup->values.items[i].file, row->file) &&
		    str_equal(cgroup->values.items[i].value, row->value))
			return true;
	return false;
}

const struct plan_cgroup_value *plan_cgroup_excess(const struct plan_cgroup *was,
						   const struct plan_cgroup *asked,
						   const struct plan_cgroup *granted)
{
	for (size_t i = 0; i < asked->values.n; i++) {
		const struct plan_cgroup_value *row = &asked->values.items[i];
		if (has_value(was, row) || has_value(granted, row))
			continue;
		for (size_t j = granted->values.n; j-- > 0;)
			if (same_limit(&granted->values.items[j], row))
				return &granted->values.items[j];
	}
	return NULL;
}

bool plan_cgroup_devices_equal(const struct plan_cgroup *one, const struct plan_cgroup *two)
{
	if (one->devices.n != two->devices.n)
		return false;
	for (size_t i = 0; i < one->devices.n; i++) {
		const struct plan_device_rule *a = &one->devices.items[i],
					      *b = &two->devices.items[i];
		if (a->allow != b->allow || a->type != b->type || a->major != b->major ||
		    a->minor != b->minor || a->read != b->read || a->write != b->write ||
		    a->mknod != b->mknod)
			return false;
	}
	return true;
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
