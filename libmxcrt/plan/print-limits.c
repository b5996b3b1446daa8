/* SPDX-License-Identifier: Apache-2.0 */
/* The cgroup and the system call filters as text. */
#include "plan/print.h"

#include "base/sha256.h"
#include "base/str.h"
#include "plan/plan.h"

#include <inttypes.h>

static void print_manager(const struct plan_cgroup *cgroup, struct text *out)
{
	switch (cgroup->manager) {
	case CGROUP_FILESYSTEM:
		text_add(out, "cgroup filesystem");
		if (cgroup->path)
			print_word(out, cgroup->path);
		break;
	case CGROUP_SYSTEMD:
		text_add(out, "cgroup systemd");
		print_pair(out, "slice", cgroup->slice);
		print_pair(out, "prefix", cgroup->prefix);
		print_pair(out, "name", cgroup->name);
		break;
	case CGROUP_NONE: text_add(out, "cgroup none"); break;
	}
	text_add(out, cgroup->may_be_absent ? " may-be-absent" : "");
	text_add(out, cgroup->is_asked ? " asked" : "");
	text_add(out, cgroup->is_joined ? " joined" : "");
	text_add(out, "\n");
}

static void print_device_number(struct text *out, int64_t number)
{
	if (number < 0)
		text_add(out, "*");
	else
		text_printf(out, "%" PRId64, number);
}

static void print_rules(const struct plan_cgroup *cgroup, struct text *out)
{
	for (size_t i = 0; i < cgroup->devices.n; i++) {
		const struct plan_device_rule *rule = &cgroup->devices.items[i];
		text_printf(out, "device-rule %s %c ", rule->allow ? "allow" : "deny", rule->type);
		print_device_number(out, rule->major);
		text_add(out, ":");
		print_device_number(out, rule->minor);
		text_printf(out, " %s%s%s\n", rule->read ? "r" : "", rule->write ? "w" : "",
			    rule->mknod ? "m" : "");
	}
	if (cgroup->has_device_filter)
		text_add(out, "device-filter\n");
}

static void print_properties(const struct plan_cgroup *cgroup, struct text *out)
{
	const struct {
		const char *name;
		uint64_t value;
	} numbers[] = {
		{ "memory-max", cgroup->memory_max },
		{ "memory-low", cgroup->memory_low },
		{ "memory-swap-max", cgroup->memory_swap_max },
		{ "cpu-weight", cgroup->cpu_weight },
		{ "cpu-quota-us", cgroup->cpu_quota_us },
		{ "cpu-period-us", cgroup->cpu_period_us },
		{ "pids-max", cgroup->pids_max },
		{ "io-weight", cgroup->io_weight },
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i].value != UINT64_MAX)
			text_printf(out, "cgroup-property %s %" PRIu64 "\n", numbers[i].name,
				    numbers[i].value);
	if (cgroup->cpuset_cpus)
		text_printf(out, "cgroup-property cpuset-cpus %s\n", cgroup->cpuset_cpus);
	if (cgroup->cpuset_mems)
		text_printf(out, "cgroup-property cpuset-mems %s\n", cgroup->cpuset_mems);
}

static void print_resctrl(const struct plan_resctrl *resctrl, struct text *out)
{
	if (resctrl->is_active) {
		text_add(out, "resctrl");
		print_word(out, resctrl->group);
		text_add(out, resctrl->is_own ? " own" : "");
		text_add(out, resctrl->is_monitored ? " monitored" : "");
		print_end(out, resctrl->origin);
	}
	for (size_t i = 0; i < resctrl->lines.n; i++) {
		text_add(out,
			 resctrl->lines.items[i].is_compared ? "resctrl-same" : "resctrl-line");
		print_word(out, resctrl->lines.items[i].text);
		print_end(out, resctrl->lines.items[i].origin);
	}
}

void plan_print_cgroup(const struct plan *plan, struct text *out)
{
	const struct plan_cgroup *cgroup = &plan->cgroup;

	print_manager(cgroup, out);
	for (size_t i = 0; i < cgroup->values.n; i++) {
		text_add(out, "cgroup-value");
		print_word(out, cgroup->values.items[i].file);
		print_word(out, cgroup->values.items[i].value);
		if (cgroup->values.items[i].or_file)
			print_pair(out, "or", cgroup->values.items[i].or_file);
		print_end(out, cgroup->values.items[i].origin);
	}
	if (cgroup->checks_usage)
		text_add(out, "cgroup-checks-usage\n");
	if (cgroup->has_owner)
		text_printf(out, "cgroup-owner %" PRIu32 "\n", cgroup->owner);
	print_properties(cgroup, out);
	print_rules(cgroup, out);
	print_resctrl(&plan->resctrl, out);
}

static void print_action(struct text *out, uint32_t action)
{
	static const struct {
		uint32_t action;
		const char *name;
	} names[] = {
		{ 0x00000000, "kill-thread" }, { 0x80000000, "kill-process" },
		{ 0x00030000, "trap" },        { 0x00050000, "errno" },
		{ 0x7ff00000, "trace" },       { 0x7fc00000, "notify" },
		{ 0x7ffc0000, "log" },         { 0x7fff0000, "allow" },
	};
	uint32_t kind = action & 0xffff0000;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].action == kind)
			text_printf(out, " %s", names[i].name);
	if (kind == 0x00050000 || kind == 0x7ff00000)
		text_printf(out, " %" PRIu32, action & 0xffff);
}

static void print_config(const struct plan_seccomp_config *config, struct text *out)
{
	static const char *const operators[] = {
		"?", "!=", "<", "<=", "==", ">=", ">", "&=="
	}; /* enum scmp_compare */

	text_add(out, "seccomp default");
	print_action(out, config->default_action);
	for (size_t i = 0; i < config->architectures.n; i++)
		text_printf(out, "%s0x%08" PRIx32, i == 0 ? " architectures " : ",",
			    config->architectures.items[i]);
	if (config->flags)
		text_printf(out, " flags 0x%" PRIx32, config->flags);
	print_pair(out, "listener", config->listener_path);
	print_pair(out, "metadata", config->listener_metadata);
	print_end(out, config->origin);
	for (size_t i = 0; i < config->rules.n; i++) {
		const struct plan_seccomp_rule *rule = &config->rules.items[i];
		text_add(out, "seccomp-rule");
		print_action(out, rule->action);
		print_list(out, "of", rule->names);
		for (size_t arg = 0; arg < rule->args.n; arg++)
			text_printf(out, "%sarg%u %s %" PRIu64 " %" PRIu64,
				    arg == 0 ? " where " : " and ", rule->args.items[arg].index,
				    operators[rule->args.items[arg].op & 7],
				    rule->args.items[arg].value, rule->args.items[arg].value_two);
		text_add(out, "\n");
	}
}

static void print_program(const struct plan_seccomp *seccomp, struct text *out)
{
	struct sha256 hash;
	unsigned char digest[32];
	char hex[SHA256_HEX];

	if (!seccomp->program)
		return;
	sha256_begin(&hash);
	sha256_add(&hash, seccomp->program, seccomp->program_length * sizeof(*seccomp->program));
	sha256_end(&hash, digest);
	sha256_hex(digest, sizeof(digest), hex);
	text_printf(out, "syscalls-program %zu instructions %s\n", seccomp->program_length, hex);
}

void plan_print_seccomp(const struct plan *plan, struct text *out)
{
	static const char *const profiles[] = {
		[SYSCALLS_NONE] = "none",
		[SYSCALLS_AGENT] = "agent",
		[SYSCALLS_STRICT] = "strict",
		[SYSCALLS_DEVELOPER] = "developer",
	};
	const struct plan_seccomp *seccomp = &plan->seccomp;

	if (seccomp->config)
		print_config(seccomp->config, out);
	if (!plan->filesystem.is_active && seccomp->profile == SYSCALLS_NONE &&
	    !seccomp->deny_terminal_injection)
		return;
	text_printf(out, "syscalls %s", profiles[seccomp->profile]);
	for (size_t i = 0; i < seccomp->allow.n; i++)
		text_printf(out, "%s%s", i == 0 ? " allow " : ",", seccomp->allow.items[i]);
	for (size_t i = 0; i < seccomp->deny.n; i++)
		text_printf(out, "%s%s", i == 0 ? " deny " : ",", seccomp->deny.items[i]);
	if (seccomp->deny_terminal_injection)
		text_add(out, " deny-terminal-injection");
	print_end(out, seccomp->origin);
	print_program(seccomp, out);
}
