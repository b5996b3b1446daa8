/* SPDX-License-Identifier: Apache-2.0 */
/* `linux.resources` in the words of cgroup v2: files and values. */
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "plan/plan.h"
#include "spec/lower.h"

#include <inttypes.h>
#include <string.h>

/*
 * Zero is how engines that know no "absent" write it; a real limit of no memory would only kill the
 * container.
 */
static void lower_memory_file(struct plan *plan, const char *file, const char *origin,
			      int64_t bytes, uint64_t *ret_property)
{
	if (bytes == 0)
		return;
	if (bytes < 0) {
		plan_cgroup_value(plan, file, origin, "max");
		return;
	}
	*ret_property = (uint64_t)bytes;
	plan_cgroup_value(plan, file, origin, "%" PRId64, bytes);
}

/* OCI counts memory and swap together, v2 counts swap alone. */
static int lower_swap(const struct lowering *lowering, const struct spec_memory *memory,
		      struct error *err)
{
	const char *origin = spec_origin(lowering, "linux.resources.memory.swap");
	struct plan *plan = lowering->plan;

	if (memory->swap < 0 || (memory->swap == 0 && memory->limit < 0)) {
		plan_cgroup_value(plan, "memory.swap.max", origin, "max");
		/* A kernel without accounting of swap sets no limit either. */
		plan_cgroup_value_or(plan, "memory.max");
		return 0;
	}
	if (memory->swap == 0)
		return 0;
	if (memory->limit <= 0) {
		(void)spec_fail(err, origin, "a limit on memory and swap without one on memory");
		return fail_remedy(err, "set linux.resources.memory.limit too");
	}
	if (memory->swap < memory->limit)
		return spec_fail(err, origin,
				 "the limit on memory and swap is below that on memory");
	plan->cgroup.memory_swap_max = (uint64_t)(memory->swap - memory->limit);
	plan_cgroup_value(plan, "memory.swap.max", origin, "%" PRId64,
			  memory->swap - memory->limit);
	return 0;
}

/* NOT RECOMMENDED by OCI, gone from the kernel, and no promise to the user: told, and left out. */
static void ignore(const struct lowering *lowering, const char *field, const char *what)
{
	*arena_push(lowering->arena, &lowering->plan->degradations) = (struct plan_degradation){
		.what = what,
		.origin = spec_origin(lowering, "linux.resources.memory.%s", field),
		.is_warning = true,
	};
}

static void ignore_kernel(const struct lowering *lowering, int64_t bytes, const char *field)
{
	if (bytes > 0)
		ignore(lowering, field,
		       "the kernel's memory has no limit of its own, it counts in "
		       "linux.resources.memory.limit");
}

static int memory_check(const struct lowering *lowering, const struct spec_memory *memory,
			struct error *err)
{
	if (memory->has_swappiness) {
		(void)spec_fail(err, spec_origin(lowering, "linux.resources.memory.swappiness"),
				"cgroup v2 has no swappiness of a group");
		return fail_remedy(err, "remove it; limit swap with linux.resources.memory.swap");
	}
	/* The specification's own example says false: a warning, and the stricter accounting. */
	if (memory->has_hierarchy && !memory->uses_hierarchy)
		ignore(lowering, "useHierarchy",
		       "in cgroup v2 children always share their parent's limits");
	ignore_kernel(lowering, memory->kernel, "kernel");
	ignore_kernel(lowering, memory->kernel_tcp, "kernelTCP");
	return 0;
}

static int lower_memory(const struct lowering *lowering, const struct spec_memory *memory,
			struct error *err)
{
	struct plan *plan = lowering->plan;

	TRY(memory_check(lowering, memory, err));
	plan->cgroup.checks_usage = memory->checks_before_update;
	if (memory->disables_oom_killer) {
		(void)spec_fail(err,
				spec_origin(lowering, "linux.resources.memory.disableOOMKiller"),
				"cgroup v2 cannot do without the OOM killer");
		return fail_remedy(err, "remove it, or set process.oomScoreAdj to -1000");
	}
	lower_memory_file(plan, "memory.max", spec_origin(lowering, "linux.resources.memory.limit"),
			  memory->limit, &plan->cgroup.memory_max);
	lower_memory_file(plan, "memory.low",
			  spec_origin(lowering, "linux.resources.memory.reservation"),
			  memory->reservation, &plan->cgroup.memory_low);
	return lower_swap(lowering, memory, err);
}

static int lower_quota(const struct lowering *lowering, const struct spec_cpu *cpu,
		       struct error *err)
{
	enum { PERIOD_DEFAULT = 100000 };
	const char *origin = spec_origin(lowering, "linux.resources.cpu.%s",
					 cpu->quota ? "quota" : "period");
	const char *burst = spec_origin(lowering, "linux.resources.cpu.burst");
	uint64_t period = cpu->period ? cpu->period : PERIOD_DEFAULT;
	struct plan *plan = lowering->plan;

	if (cpu->quota > 0) {
		plan->cgroup.cpu_quota_us = (uint64_t)cpu->quota;
		plan->cgroup.cpu_period_us = period;
		plan_cgroup_value(plan, "cpu.max", origin, "%" PRId64 " %" PRIu64, cpu->quota,
				  period);
	} else if (cpu->quota < 0 || cpu->period) {
		plan_cgroup_value(plan, "cpu.max", origin, "max %" PRIu64, period);
	}
	if (!cpu->has_burst)
		return 0;
	if (cpu->quota > 0 && cpu->burst > (uint64_t)cpu->quota)
		return spec_fail(err, burst, "the burst is larger than the quota");
	plan_cgroup_value(plan, "cpu.max.burst", burst, "%" PRIu64, cpu->burst);
	return 0;
}

static int lower_set(const struct lowering *lowering, const char *list, const char *file,
		     const char *field, const char **ret_property, struct error *err)
{
	const char *origin = spec_origin(lowering, "linux.resources.cpu.%s", field);

	if (!list || !list[0])
		return 0;
	if (list[strspn(list, "0123456789-,")])
		return spec_fail(err, origin, "'%s' is not a list such as '0-3,7'", list);
	*ret_property = list;
	plan_cgroup_value(lowering->plan, file, origin, "%s", list);
	return 0;
}

static int lower_cpu(const struct lowering *lowering, const struct spec_cpu *cpu, struct error *err)
{
	struct plan *plan = lowering->plan;

	if (cpu->realtime_runtime != 0 || cpu->realtime_period != 0) {
		(void)spec_fail(err,
				spec_origin(lowering, "linux.resources.cpu.realtime%s",
					    cpu->realtime_runtime ? "Runtime" : "Period"),
				"cgroup v2 has no limits of realtime scheduling");
		return fail_remedy(err, "remove it");
	}
	if (cpu->has_idle)
		plan_cgroup_value(plan, "cpu.idle",
				  spec_origin(lowering, "linux.resources.cpu.idle"), "%" PRId64,
				  cpu->idle);
	/* A group that is idle has no weight: the kernel refuses the write, also before idle is
	 * taken back. */
	if (cpu->shares != 0 && cpu->idle == 0) {
		plan->cgroup.cpu_weight = cgroup_weight_of_shares(cpu->shares);
		plan_cgroup_value(plan, "cpu.weight",
				  spec_origin(lowering, "linux.resources.cpu.shares"), "%" PRIu64,
				  plan->cgroup.cpu_weight);
	}
	TRY(lower_quota(lowering, cpu, err));
	TRY(lower_set(lowering, cpu->cpus, "cpuset.cpus", "cpus", &plan->cgroup.cpuset_cpus, err));
	return lower_set(lowering, cpu->mems, "cpuset.mems", "mems", &plan->cgroup.cpuset_mems,
			 err);
}

/* WHERE: "blockIO" or "blockIO.weightDevice[0]". */
static int weight_check(const struct lowering *lowering, const char *where, uint32_t weight,
			uint32_t leaf_weight, struct error *err)
{
	const char *origin = spec_origin(lowering, "linux.resources.%s.weight", where);

	if (leaf_weight != 0) {
		(void)spec_fail(err, spec_origin(lowering, "linux.resources.%s.leafWeight", where),
				"cgroup v2 has no weights of a group's own processes");
		return fail_remedy(err, "remove it");
	}
	if (weight != 0 && (weight < 10 || weight > 1000))
		return spec_fail(err, origin, "weight %" PRIu32 " is not within 10 and 1000",
				 weight);
	return 0;
}

/* Two schedulers have weights, each its own file and range; a kernel may have built in either. */
static void weight_lower(struct plan *plan, const char *origin, const char *whose, uint32_t weight)
{
	plan_cgroup_value(plan, "io.weight", origin, "%s%" PRIu64, whose,
			  cgroup_io_weight_of_blkio(weight));
	plan_cgroup_value_or(plan, "io.bfq.weight");
	plan_cgroup_value(plan, "io.bfq.weight", origin, "%s%" PRIu32, whose, weight);
	plan_cgroup_value_or(plan, "io.weight");
}

static int lower_weights(const struct lowering *lowering, const struct spec_block_io *io,
			 struct error *err)
{
	const char *origin = spec_origin(lowering, "linux.resources.blockIO.weight");
	const struct spec_weight *items = io->weights.items;
	struct plan *plan = lowering->plan;

	TRY(weight_check(lowering, "blockIO", io->weight, io->leaf_weight, err));
	if (io->weight != 0) {
		plan->cgroup.io_weight = cgroup_io_weight_of_blkio(io->weight);
		weight_lower(plan, origin, "default ", io->weight);
	}
	for (size_t i = 0; i < io->weights.n; i++) {
		const char *where = arena_printf(lowering->arena, "blockIO.weightDevice[%zu]", i);
		const char *here = spec_origin(lowering, "linux.resources.%s", where);
		TRY(weight_check(lowering, where, items[i].weight, items[i].leaf_weight, err));
		if (items[i].weight == 0)
			return spec_fail(err, here, "the weight is missing");
		weight_lower(plan, here,
			     arena_printf(lowering->arena, "%" PRIu32 ":%" PRIu32 " ",
					  items[i].major, items[i].minor),
			     items[i].weight);
	}
	return 0;
}

static void lower_throttles(const struct lowering *lowering, const struct spec_block_io *io)
{
	const struct {
		const struct objects *from;
		const char *field, *key;
	} lists[] = {
		{ &io->read_bytes, "throttleReadBpsDevice", "rbps" },
		{ &io->write_bytes, "throttleWriteBpsDevice", "wbps" },
		{ &io->read_ios, "throttleReadIOPSDevice", "riops" },
		{ &io->write_ios, "throttleWriteIOPSDevice", "wiops" },
	};

	for (size_t list = 0; list < sizeof(lists) / sizeof(lists[0]); list++) {
		const struct spec_throttle *items = lists[list].from->items;
		for (size_t i = 0; i < lists[list].from->n; i++) {
			const char *origin = spec_origin(
				lowering, "linux.resources.blockIO.%s[%zu]", lists[list].field, i);
			/* Zero meant "no limit" in v1. */
			const char *rate = items[i].rate == 0
						   ? "max"
						   : arena_printf(lowering->arena, "%" PRIu64,
								  items[i].rate);
			plan_cgroup_value(lowering->plan, "io.max", origin,
					  "%" PRIu32 ":%" PRIu32 " %s=%s", items[i].major,
					  items[i].minor, lists[list].key, rate);
		}
	}
}

/* "2MB": as in the names of the kernel's files. */
static bool page_size_is_valid(const char *size)
{
	size_t n = strspn(size, "0123456789");
	return n > 0 && size[0] != '0' && size[n] && strchr("KMG", size[n]) &&
	       str_equal(size + n + 1, "B");
}

static int lower_huge_pages(const struct lowering *lowering, const struct objects *from,
			    struct error *err)
{
	const struct spec_huge_page *items = from->items;

	for (size_t i = 0; i < from->n; i++) {
		const char *origin = spec_origin(lowering, "linux.resources.hugepageLimits[%zu]",
						 i);
		if (!page_size_is_valid(items[i].size))
			return spec_fail(err, origin, "'%s' is not a page size such as '2MB'",
					 items[i].size);
		const char *used = arena_printf(lowering->arena, "hugetlb.%s.max", items[i].size);
		plan_cgroup_value(lowering->plan, used, origin, "%" PRIu64, items[i].limit);
		plan_cgroup_value(lowering->plan,
				  arena_printf(lowering->arena, "hugetlb.%s.rsvd.max",
					       items[i].size),
				  origin, "%" PRIu64, items[i].limit);
		plan_cgroup_value_or(lowering->plan, used); /* older kernels reserve nothing */
	}
	return 0;
}

struct rdma {
	uint32_t handles, objects;
	bool has_handles, has_objects;
};
#define AT(member) offsetof(struct rdma, member)
static const struct field rdma_rows[] = {
	{ "hcaHandles", FIELD_U32, AT(handles), AT(has_handles) },
	{ "hcaObjects", FIELD_U32, AT(objects), AT(has_objects) },
	{},
};
#undef AT
static const struct fields rdma_fields = { "rdma", sizeof(struct rdma), rdma_rows };

static int lower_rdma_device(const struct lowering *lowering, const char *device,
			     const struct json *value, struct error *err)
{
	const struct field_context context = { lowering->arena, lowering->spec->document,
					       .null_is_absent = true };
	const char *path = arena_printf(lowering->arena, "linux.resources.rdma.%s", device);
	const char *origin = spec_origin(lowering, "linux.resources.rdma.%s", device);
	struct rdma limits = {};

	if (!device[0] || strpbrk(device, " \t\n/"))
		return spec_fail(err, origin, "'%s' is not the name of a device", device);
	TRY(fields_read(&context, &rdma_fields, value, path, &limits, err));
	if (!limits.has_handles && !limits.has_objects)
		return spec_fail(err, origin, "neither hcaHandles nor hcaObjects is given");

	struct text line = { .arena = lowering->arena };
	text_add(&line, device);
	if (limits.has_handles)
		text_printf(&line, " hca_handle=%" PRIu32, limits.handles);
	if (limits.has_objects)
		text_printf(&line, " hca_object=%" PRIu32, limits.objects);
	plan_cgroup_value(lowering->plan, "rdma.max", origin, "%s", line.data);
	return 0;
}

static int lower_rdma(const struct lowering *lowering, const struct json *rdma, struct error *err)
{
	if (!rdma)
		return 0;
	if (rdma->type != JSON_OBJECT)
		return spec_fail(err, spec_origin(lowering, "linux.resources.rdma"),
				 "expected object, found %s", json_type_name(rdma->type));
	for (size_t i = 0; i < rdma->n; i++)
		TRY(lower_rdma_device(lowering, rdma->keys[i], &rdma->items[i], err));
	return 0;
}

static int lower_network(const struct lowering *lowering, const struct spec_network_class *network,
			 struct error *err)
{
	bool has_priorities = network->priorities && (network->priorities->type != JSON_ARRAY ||
						      network->priorities->n > 0);

	if (network->class_id == 0 && !has_priorities)
		return 0;
	(void)spec_fail(err,
			spec_origin(lowering, "linux.resources.network.%s",
				    has_priorities ? "priorities" : "classID"),
			"cgroup v2 has no network classes and priorities");
	return fail_remedy(err, "remove it");
}

/* No limits but acts: on processes that may not be the container's, or on its start. */
static bool is_reserved(const char *file)
{
	static const char *const files[] = { "cgroup.procs", "cgroup.threads", "cgroup.kill",
					     "cgroup.freeze" };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (str_equal(file, files[i]))
			return true;
	return false;
}

static int unified_check(const char *file, const char *origin, struct error *err)
{
	if (!file[0] || strchr(file, '/') || str_equal(file, ".") || str_equal(file, ".."))
		return spec_fail(err, origin, "'%s' is not the name of a cgroup file", file);
	if (is_reserved(file)) {
		(void)spec_fail(err, origin, "'%s' is no limit: it belongs to the runtime", file);
		return fail_remedy(err, "remove it; use the verbs kill and pause");
	}
	return 0;
}

static int lower_unified(const struct lowering *lowering, const struct string_map *unified,
			 struct error *err)
{
	for (size_t i = 0; i < unified->n; i++) {
		const char *file = unified->keys[i];
		const char *origin = spec_origin(lowering, "linux.resources.unified[\"%s\"]", file);
		TRY(unified_check(file, origin, err));
		char **lines = str_split(lowering->arena, unified->values[i], '\n');
		/* The kernel takes one device at a time. */
		for (char **line = lines; *line; line++)
			if ((*line)[0] || !lines[1])
				plan_cgroup_value(lowering->plan, file, origin, "%s", *line);
		if (!lines[0])
			plan_cgroup_value(lowering->plan, file, origin, "%s", "");
	}
	return 0;
}

int spec_lower_resources(const struct lowering *lowering, struct error *err)
{
	const struct spec_resources *from = &lowering->spec->platform.resources;

	TRY(lower_memory(lowering, &from->memory, err));
	TRY(lower_cpu(lowering, &from->cpu, err));
	if (from->pids.has_limit && from->pids.limit >= 0)
		lowering->plan->cgroup.pids_max = (uint64_t)from->pids.limit;
	if (from->pids.has_limit)
		plan_cgroup_value(lowering->plan, "pids.max",
				  spec_origin(lowering, "linux.resources.pids.limit"), "%s",
				  from->pids.limit < 0 ? "max"
						       : arena_printf(lowering->arena, "%" PRId64,
								      from->pids.limit));
	TRY(lower_weights(lowering, &from->block_io, err));
	lower_throttles(lowering, &from->block_io);
	TRY(lower_huge_pages(lowering, &from->huge_pages, err));
	TRY(lower_rdma(lowering, from->rdma, err));
	TRY(lower_network(lowering, &from->network, err));
	return lower_unified(lowering, &from->unified, err);
}
