/* SPDX-License-Identifier: Apache-2.0 */
/* `process.execCPUAffinity` and `linux.memoryPolicy`: on which CPUs and memory nodes. */
#include "base/error.h"
#include "base/str.h"
#include "plan/plan.h"
#include "spec/lower.h"

#include <string.h>

/* The most that Linux can be built for. */
enum { CPUS = 8192, MEMORY_NODES = 1024, WORD_BITS = 64 };

static const struct field affinity_rows[] = {
	{ "initial", FIELD_STRING, offsetof(struct spec_affinity, initial) },
	{ "final", FIELD_STRING, offsetof(struct spec_affinity, final) },
	{},
};
const struct fields spec_affinity_fields = { "execCPUAffinity", sizeof(struct spec_affinity),
					     affinity_rows };

static const struct {
	const char *name;
	unsigned mode;
	bool needs_nodes, takes_nodes;
} modes[] = {
	/* set_mempolicy(2); the order is that of the names below */
	{ "MPOL_DEFAULT", 0, false, false },  { "MPOL_BIND", 2, true, true },
	{ "MPOL_INTERLEAVE", 3, true, true }, { "MPOL_WEIGHTED_INTERLEAVE", 6, true, true },
	{ "MPOL_PREFERRED", 1, false, true }, { "MPOL_PREFERRED_MANY", 5, true, true },
	{ "MPOL_LOCAL", 4, false, false },
};
static const char *const mode_names[] = {
	"MPOL_DEFAULT",   "MPOL_BIND",           "MPOL_INTERLEAVE", "MPOL_WEIGHTED_INTERLEAVE",
	"MPOL_PREFERRED", "MPOL_PREFERRED_MANY", "MPOL_LOCAL",      NULL,
};
enum { BIND = 2, PREFERRED_MANY = 5, STATIC_NODES = 1 << 15, RELATIVE_NODES = 1 << 14 };
enum { NUMA_BALANCING = 1 << 13 };
static const struct {
	const char *name;
	unsigned flag;
} mode_flags[] = {
	{ "MPOL_F_NUMA_BALANCING", NUMA_BALANCING },
	{ "MPOL_F_RELATIVE_NODES", RELATIVE_NODES },
	{ "MPOL_F_STATIC_NODES", STATIC_NODES },
	{},
};

const char *spec_memory_mode(size_t i)
{
	return i < sizeof(mode_names) / sizeof(mode_names[0]) ? mode_names[i] : NULL;
}

const char *spec_memory_flag(size_t i)
{
	return i < sizeof(mode_flags) / sizeof(mode_flags[0]) ? mode_flags[i].name : NULL;
}

#define AT(member) offsetof(struct spec_memory_policy, member)
static const struct field memory_policy_rows[] = {
	{ "mode", FIELD_ENUM, AT(mode), .required = true, .names = mode_names },
	{ "nodes", FIELD_STRING, AT(nodes) },
	{ "flags", FIELD_STRINGS, AT(flags) },
	{},
};
#undef AT
const struct fields spec_memory_policy_fields = {
	"memoryPolicy",
	sizeof(struct spec_memory_policy),
	memory_policy_rows,
};

/* TEXT is one number, or two with a dash between them. */
static int range_read(struct arena *arena, const char *text, uint64_t most, uint64_t *ret_first,
		      uint64_t *ret_last)
{
	const char *dash = strchr(text, '-');

	if (!dash) {
		if (str_to_u64(text, most, ret_first) < 0)
			return -1;
		*ret_last = *ret_first;
		return 0;
	}
	if (str_to_u64(arena_strndup(arena, text, (size_t)(dash - text)), most, ret_first) < 0 ||
	    str_to_u64(dash + 1, most, ret_last) < 0)
		return -1;
	return *ret_first <= *ret_last ? 0 : -1;
}

static const char *trimmed(struct arena *arena, const char *text)
{
	text += strspn(text, " ");
	size_t n = strlen(text);
	while (n > 0 && text[n - 1] == ' ')
		n--;
	return arena_strndup(arena, text, n);
}

/* "0-3,7"; blanks around a number and commas too many mean nothing, as elsewhere. */
static int numbers_read(const struct lowering *lowering, const char *text, uint64_t limit,
			struct plan_numbers *ret_numbers, const char *origin, struct error *err)
{
	uint64_t *words = arena_alloc(lowering->arena, limit / WORD_BITS * sizeof(*words));
	uint64_t first, last, highest = 0;
	bool has_any = false;

	if (!text)
		return 0;
	for (char **part = str_split(lowering->arena, text, ','); *part; part++) {
		const char *word = trimmed(lowering->arena, *part);
		if (!word[0])
			continue;
		if (range_read(lowering->arena, word, limit - 1, &first, &last) < 0) {
			(void)spec_fail(err, origin, "'%s' is no number or range below %llu", word,
					(unsigned long long)limit);
			return fail_remedy(err, "write a list such as '0-3,7'");
		}
		for (uint64_t number = first; number <= last; number++)
			words[number / WORD_BITS] |= UINT64_C(1) << number % WORD_BITS;
		highest = last > highest ? last : highest;
		has_any = true;
	}
	*ret_numbers = (struct plan_numbers){ text, words,
					      has_any ? (size_t)highest / WORD_BITS + 1 : 0 };
	return 0;
}

static int lower_affinity(const struct lowering *lowering, const struct spec_affinity *from,
			  const char *origin, struct error *err)
{
	struct plan_affinity affinity = { .origin = origin };
	const char *cpus = lowering->spec->platform.resources.cpu.cpus;

	TRY(numbers_read(lowering, from->initial, CPUS, &affinity.initial,
			 arena_printf(lowering->arena, "%s.initial", origin), err));
	TRY(numbers_read(lowering, from->final, CPUS, &affinity.final,
			 arena_printf(lowering->arena, "%s.final", origin), err));
	/* It is not for the container's first process, which has what its cgroup gives. */
	if (!lowering->plan->is_exec)
		affinity = (struct plan_affinity){ .origin = origin };
	/* The caller's own affinity is no wish for the container: the kernel would keep to it. */
	affinity.is_cgroup = cpus && cpus[0] && affinity.initial.n == 0 && affinity.final.n == 0;
	lowering->plan->process.affinity = affinity;
	return 0;
}

static int read_mode_flags(const struct strings *names, const char *origin, unsigned *ret_flags,
			   struct error *err)
{
	unsigned flags = 0;

	for (size_t i = 0; i < names->n; i++) {
		size_t row = 0;
		while (mode_flags[row].name && !str_equal(mode_flags[row].name, names->items[i]))
			row++;
		if (!mode_flags[row].name)
			return spec_fail(err, origin, "flag '%s' is unknown", names->items[i]);
		flags |= mode_flags[row].flag;
	}
	*ret_flags = flags;
	return 0;
}

/* The kernel's own conditions; its answer would not say which of them failed. */
static int check_memory_policy(const struct plan_memory_policy *policy, int mode, unsigned flags,
			       struct error *err)
{
	unsigned number = modes[mode].mode;

	if (policy->nodes.n > 0 && !modes[mode].takes_nodes)
		return spec_fail(err, policy->origin, "%s takes no nodes", mode_names[mode]);
	if (policy->nodes.n == 0 && modes[mode].needs_nodes)
		return spec_fail(err, policy->origin, "%s needs at least one node",
				 mode_names[mode]);
	if ((flags & STATIC_NODES) && (flags & RELATIVE_NODES))
		return spec_fail(err, policy->origin,
				 "nodes are either static or relative, not both");
	if ((flags & (STATIC_NODES | RELATIVE_NODES)) && policy->nodes.n == 0)
		return spec_fail(err, policy->origin, "there are no nodes to be %s",
				 flags & STATIC_NODES ? "static" : "relative");
	if ((flags & NUMA_BALANCING) && number != BIND && number != PREFERRED_MANY)
		return spec_fail(err, policy->origin,
				 "MPOL_F_NUMA_BALANCING is for MPOL_BIND and MPOL_PREFERRED_MANY");
	return 0;
}

static int lower_memory_policy(const struct lowering *lowering, struct error *err)
{
	const struct spec_memory_policy *from = lowering->spec->platform.memory_policy;
	struct plan_memory_policy policy = {
		.is_set = true,
		.origin = spec_origin(lowering, "linux.memoryPolicy"),
	};
	unsigned flags = 0;

	if (!from)
		return 0;
	TRY(numbers_read(lowering, from->nodes, MEMORY_NODES, &policy.nodes,
			 spec_origin(lowering, "linux.memoryPolicy.nodes"), err));
	TRY(read_mode_flags(&from->flags, spec_origin(lowering, "linux.memoryPolicy.flags"), &flags,
			    err));
	TRY(check_memory_policy(&policy, from->mode, flags, err));
	policy.mode = modes[from->mode].mode | flags;
	lowering->plan->process.memory_policy = policy;
	return 0;
}

int spec_lower_placement(const struct lowering *lowering, const struct spec_process *process,
			 const char *origin, struct error *err)
{
	TRY(lower_affinity(lowering, &process->affinity,
			   arena_printf(lowering->arena, "%sexecCPUAffinity", origin), err));
	return lower_memory_policy(lowering, err);
}
