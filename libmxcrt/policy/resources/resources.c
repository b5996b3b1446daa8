/* SPDX-License-Identifier: Apache-2.0 */
/* resources: ceilings of the container's cgroup; the smaller of each and config.json's governs. */
#include "policy/section.h"

#include "base/error.h"
#include "base/str.h"
#include "plan/narrow.h"
#include "plan/plan.h"

#include <string.h>

struct resources {
	struct policy_item memory, swap, cpus, pids;
	struct policy_list io;
};

#define SCALAR(member) \
	FIELD_CUSTOM, offsetof(struct resources, member), .custom = policy_read_scalar
static const struct field rows[] = {
	{ "memory", SCALAR(memory) },
	{ "swap", SCALAR(swap) },
	{ "cpus", SCALAR(cpus) },
	{ "pids", SCALAR(pids) },
	{ "io", FIELD_CUSTOM, offsetof(struct resources, io), .custom = policy_read_list },
	{},
};
static const struct fields fields = { "resources", sizeof(struct resources), rows };

enum { MICRO_DIGITS = 6, CPUS_MAX = 8192, CPUS_LEAST_MICRO = 10000, PIDS_MAX = 4194304 };

static int size_lower(const struct policy_item *item, const char *file, uint64_t least,
		      struct plan *plan, struct error *err)
{
	uint64_t size;
	if (!item->origin)
		return 0;
	if (str_to_size(item->text, &size) < 0 || size < least)
		return fail_policy(err, item->origin, "write bytes, or a size like '512M' or '2G'",
				   "'%s' is no size that can be kept", item->text);
	plan_narrow_limit(plan, file, size, item->origin);
	return 0;
}

/* "1.5" -> 1500000 */
static int cpus_read(const char *text, uint64_t *ret)
{
	char whole[16];
	size_t n = strcspn(text, ".");
	uint64_t cpus, fraction = 0;
	if (n >= sizeof(whole))
		return -1;
	memcpy(whole, text, n);
	whole[n] = '\0';
	if (str_to_u64(whole, CPUS_MAX, &cpus) < 0)
		return -1;

	if (text[n] == '.') {
		const char *digits = text + n + 1;
		size_t length = strlen(digits);
		if (length > MICRO_DIGITS || str_to_u64(digits, UINT32_MAX, &fraction) < 0)
			return -1;
		for (; length < MICRO_DIGITS; length++)
			fraction *= 10;
	}
	*ret = cpus * 1000000 + fraction;
	return *ret >= CPUS_LEAST_MICRO ? 0 : -1;
}

static int cpus_lower(const struct policy_item *item, struct plan *plan, struct error *err)
{
	uint64_t micro;
	if (!item->origin)
		return 0;
	if (cpus_read(item->text, &micro) < 0)
		return fail_policy(err, item->origin,
				   "write a number of CPUs from 0.01 to 8192, like '1.5'",
				   "'%s' is no number of CPUs that can be kept", item->text);
	plan_narrow_cpus(plan, micro, item->origin);
	return 0;
}

static int pids_lower(const struct policy_item *item, struct plan *plan, struct error *err)
{
	uint64_t pids;
	if (!item->origin)
		return 0;
	if (str_to_u64(item->text, PIDS_MAX, &pids) < 0 || pids == 0)
		return fail_policy(err, item->origin, "write a number from 1 to 4194304",
				   "'%s' is no number of processes", item->text);
	plan_narrow_limit(plan, "pids.max", pids, item->origin);
	return 0;
}

static bool is_device_number(const char *text)
{
	size_t major = strspn(text, "0123456789");
	if (major == 0 || major > 8 || text[major] != ':')
		return false;
	size_t minor = strspn(text + major + 1, "0123456789");
	return minor > 0 && minor <= 8 && text[major + 1 + minor] == '\0';
}

/* "rbps=10M" of DEVICE */
static int io_word_lower(const struct policy_item *item, const char *device, const char *word,
			 struct plan *plan)
{
	static const char *const keys[] = { "rbps", "wbps", "riops", "wiops" };
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t n = strlen(keys[i]);
		uint64_t limit;
		if (!str_starts(word, keys[i]) || word[n] != '=')
			continue;
		if (str_to_size(word + n + 1, &limit) < 0 || limit == 0)
			return -1;
		plan_narrow_io(plan,
			       &(struct plan_io_limit){ device, keys[i], limit, item->origin });
		return 0;
	}
	return -1;
}

static int io_lower(const struct policy_item *item, struct plan *plan, struct error *err)
{
	char **words = str_split(plan->arena, item->text, ' ');
	bool is_right = words[0] && words[1] && is_device_number(words[0]);
	for (size_t i = 1; is_right && words[i]; i++)
		is_right = io_word_lower(item, words[0], words[i], plan) == 0;
	if (!is_right)
		return fail_policy(err, item->origin,
				   "write 'MAJOR:MINOR rbps=10M wbps=10M riops=1000 wiops=1000'",
				   "'%s' is no limit of a block device", item->text);
	return 0;
}

static int lower(const void *section, const struct policy_target *target, struct error *err)
{
	const struct resources *resources = section;
	struct plan *plan = target->plan;
	/* A further process joins a cgroup that has its limits. */
	if (plan->is_exec)
		return 0;
	TRY(size_lower(&resources->memory, "memory.max", 1, plan, err));
	TRY(size_lower(&resources->swap, "memory.swap.max", 0, plan, err));
	TRY(cpus_lower(&resources->cpus, plan, err));
	TRY(pids_lower(&resources->pids, plan, err));
	for (size_t i = 0; i < resources->io.rows.n; i++)
		TRY(io_lower(&resources->io.rows.items[i], plan, err));
	return 0;
}

const struct policy_section policy_resources = { "resources", &fields, .lower = lower };
