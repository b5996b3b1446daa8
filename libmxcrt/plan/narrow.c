/* SPDX-License-Identifier: Apache-2.0 */
/* Narrowing a plan. */
#include "plan/narrow.h"

#include "base/error.h"
#include "base/path.h"
#include "base/str.h"
#include "plan/plan.h"

#include <string.h>

enum {
	CPU_PERIOD_US = 100000,
	MICRO = 1000000,
	CPU_QUOTA_LEAST_US = 1000 /* the kernel takes no less */
};

void plan_narrow_caps(struct plan *plan, uint64_t keep)
{
	struct plan_caps *caps = &plan->caps;
	caps->is_set = true;
	caps->bounding &= keep;
	caps->effective &= keep;
	caps->inheritable &= keep;
	caps->permitted &= keep;
	caps->ambient &= keep;
	plan->process.no_new_privileges = true;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void rlimit_narrow(struct plan *plan, const struct plan_rlimit *most)
{
	for (size_t i = 0; i < plan->process.rlimits.n; i++) {
		struct plan_rlimit *own = &plan->process.rlimits.items[i];
		if (own->resource != most->resource)
			continue;
		own->soft = smaller(own->soft, most->hard);
		own->hard = smaller(own->hard, most->hard);
		return;
	}
	*arena_push(plan->arena, &plan->process.rlimits) = *most;
}

static int label_check(const char *own, const char *most, const char *what, struct error *err)
{
	if (!most || str_equal(own, most))
		return 0;
	return fail_policy(err, what, "leave the label out, or give the container's own",
			   "under a policy a further process keeps the label '%s'", most);
}

int plan_narrow_exec(struct plan *plan, const struct plan *first, struct error *err)
{
	const struct plan_process *most = &first->process;

	plan_narrow_caps(plan, first->caps.is_set ? first->caps.bounding : 0);
	for (size_t i = 0; i < most->rlimits.n; i++)
		rlimit_narrow(plan, &most->rlimits.items[i]);
	TRY(label_check(plan->process.apparmor, most->apparmor, "process.apparmorProfile", err));
	return label_check(plan->process.selinux, most->selinux, "process.selinuxLabel", err);
}

void plan_narrow_access(struct plan *plan, const struct plan_access *row)
{
	*arena_push(plan->arena, &plan->filesystem.rows) = *row;
}

/* /var/run is a link to /run in all images that matter: both spellings name the token. */
static const char *without_var(const char *path)
{
	return path_is_beneath(path, "/var/run") ? path + strlen("/var") : path;
}

static bool is_service_account_token(const char *path)
{
	return path_is_beneath(without_var(path), "/run/secrets/kubernetes.io/serviceaccount");
}

/* Whether one of the policy's own rows decides about PATH. */
static bool is_decided(const struct plan_filesystem *filesystem, const char *path)
{
	if (!is_service_account_token(path))
		return plan_access_of(filesystem, path) != NULL;
	for (size_t i = 0; i < filesystem->rows.n; i++)
		if (str_equal(without_var(filesystem->rows.items[i].path), without_var(path)))
			return true;
	return false;
}

static void volume_deny(struct plan *plan, const char *path, const char *origin)
{
	plan_narrow_access(plan, &(struct plan_access){ .path = path,
							.intent = ACCESS_DENY,
							.is_optional = true,
							.is_volume = true,
							.origin = origin });
}

void plan_narrow_volumes(struct plan *plan)
{
	/* The policy's rows, without those added here: a denied volume decides nothing about a
	 * volume mounted in it. */
	const struct plan_filesystem policy = plan->filesystem;

	for (size_t i = 0; i < plan->mounts.rows.n; i++) {
		const struct plan_mount *mount = &plan->mounts.rows.items[i];
		if (plan_mount_is_volume(mount) && !is_decided(&policy, mount->target))
			volume_deny(plan, mount->target, mount->origin);
	}
	for (size_t i = 0; i < plan->devices.rows.n; i++) {
		const struct plan_device *device = &plan->devices.rows.items[i];
		if (!plan_device_is_standard(device->path) && !is_decided(&policy, device->path))
			volume_deny(plan, device->path, device->origin);
	}
}

static uint64_t limit_read(const char *value)
{
	uint64_t number;
	return str_to_u64(value, UINT64_MAX, &number) == 0 ? number : UINT64_MAX; /* "max" */
}

/* Every row of FILE is brought down: the last one written would otherwise win. False when there is
 * none. */
static bool rows_limit(struct plan *plan, const char *file, uint64_t limit, const char *origin)
{
	bool found = false;
	for (size_t i = 0; i < plan->cgroup.values.n; i++) {
		struct plan_cgroup_value *row = &plan->cgroup.values.items[i];
		if (!str_equal(row->file, file))
			continue;
		found = true;
		if (limit_read(row->value) > limit) {
			row->value = arena_printf(plan->arena, "%llu", (unsigned long long)limit);
			row->origin = origin;
			row->or_file = NULL; /* no way around it */
		}
	}
	return found;
}

static void value_add(struct plan *plan, const char *file, const char *value, const char *origin)
{
	*arena_push(plan->arena, &plan->cgroup.values) = (struct plan_cgroup_value){ file, value,
										     origin };
}

void plan_narrow_limit(struct plan *plan, const char *file, uint64_t limit, const char *origin)
{
	struct plan_cgroup *cgroup = &plan->cgroup;
	const struct {
		const char *file;
		uint64_t *property;
	} properties[] = {
		{ "memory.max",      &cgroup->memory_max },
		{ "memory.swap.max", &cgroup->memory_swap_max },
		{ "pids.max",        &cgroup->pids_max },
	};

	cgroup->is_asked = true;
	if (!rows_limit(plan, file, limit, origin))
		value_add(plan, file, arena_printf(plan->arena, "%llu", (unsigned long long)limit),
			  origin);
	for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++)
		if (str_equal(properties[i].file, file))
			*properties[i].property = smaller(*properties[i].property, limit);
}

/* The quota that MICRO_CPUS allow in PERIOD. */
static uint64_t quota_for(uint64_t micro_cpus, uint64_t period)
{
	uint64_t quota = micro_cpus * period / MICRO;
	return quota > CPU_QUOTA_LEAST_US ? quota : CPU_QUOTA_LEAST_US;
}

/* "max 100000", "50000", "50000 100000" */
static void cpu_max_limit(struct plan *plan, struct plan_cgroup_value *row, uint64_t micro_cpus,
			  const char *origin)
{
	char **words = str_split(plan->arena, row->value, ' ');
	uint64_t period = CPU_PERIOD_US;
	uint64_t quota = words[0] ? limit_read(words[0]) : UINT64_MAX;
	if (words[0] && words[1] && str_to_u64(words[1], MICRO, &period) < 0)
		period = CPU_PERIOD_US;

	uint64_t most = quota_for(micro_cpus, period);
	if (quota <= most)
		return;
	row->value = arena_printf(plan->arena, "%llu %llu", (unsigned long long)most,
				  (unsigned long long)period);
	row->origin = origin;
}

void plan_narrow_cpus(struct plan *plan, uint64_t micro_cpus, const char *origin)
{
	struct plan_cgroup *cgroup = &plan->cgroup;
	bool found = false;

	cgroup->is_asked = true;
	for (size_t i = 0; i < cgroup->values.n; i++) {
		if (!str_equal(cgroup->values.items[i].file, "cpu.max"))
			continue;
		found = true;
		cpu_max_limit(plan, &cgroup->values.items[i], micro_cpus, origin);
	}
	if (cgroup->cpu_period_us == UINT64_MAX || cgroup->cpu_period_us == 0)
		cgroup->cpu_period_us = CPU_PERIOD_US;
	cgroup->cpu_quota_us = smaller(cgroup->cpu_quota_us,
				       quota_for(micro_cpus, cgroup->cpu_period_us));
	if (!found)
		value_add(plan, "cpu.max",
			  arena_printf(plan->arena, "%llu %llu",
				       (unsigned long long)cgroup->cpu_quota_us,
				       (unsigned long long)cgroup->cpu_period_us),
			  origin);
}

/* The least that config.json gives DEVICE for KEY: "8:0 rbps=1048576 wiops=max". */
static uint64_t io_limit_of(struct plan *plan, const char *device, const char *key)
{
	uint64_t least = UINT64_MAX;
	for (size_t i = 0; i < plan->cgroup.values.n; i++) {
		const struct plan_cgroup_value *row = &plan->cgroup.values.items[i];
		char **words = str_split(plan->arena, row->value, ' ');
		if (!str_equal(row->file, "io.max") || !str_equal(words[0], device))
			continue;
		for (char **word = words + 1; *word; word++)
			if (str_starts(*word, key) && (*word)[strlen(key)] == '=')
				least = smaller(least, limit_read(*word + strlen(key) + 1));
	}
	return least;
}

void plan_narrow_io(struct plan *plan, const struct plan_io_limit *limit)
{
	plan->cgroup.is_asked = true;
	uint64_t least = smaller(limit->limit, io_limit_of(plan, limit->device, limit->key));
	value_add(plan, "io.max",
		  arena_printf(plan->arena, "%s %s=%llu", limit->device, limit->key,
			       (unsigned long long)least),
		  limit->origin);
}

int plan_require_only_loopback(struct plan *plan, const char *origin, struct error *err)
{
	const struct plan_namespace *network = &plan->namespaces.of[NAMESPACE_NETWORK];
	if (network->mode == NAMESPACE_INHERIT)
		return fail_policy(
			err, origin,
			"give the container a network namespace without interfaces: --network=none",
			"the container would use the network of the host");
	if (plan->network.devices.n > 0)
		return fail_policy(err, origin, "remove linux.netDevices from config.json",
				   "the container would get the network device '%s' (%s), and this "
				   "policy grants no network",
				   plan->network.devices.items[0].name,
				   plan->network.devices.items[0].origin);
	plan->network.only_loopback = true;
	plan->network.origin = origin;
	return 0;
}
