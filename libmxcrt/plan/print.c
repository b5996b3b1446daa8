/* SPDX-License-Identifier: Apache-2.0 */
/* The plan as text: stable, complete, one line per item with its origin. */
#include "plan/print.h"

#include "base/json.h"
#include "base/str.h"
#include "plan/plan.h"

#include <inttypes.h>
#include <string.h>

void print_word(struct text *out, const char *text)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+=,-";

	text_add(out, " ");
	if (text[0] && text[strspn(text, plain)] == '\0')
		text_add(out, text);
	else
		json_write_string(out, text);
}

void print_pair(struct text *out, const char *key, const char *text)
{
	if (!text)
		return;
	text_printf(out, " %s", key);
	print_word(out, text);
}

void print_list(struct text *out, const char *key, const char *const *list)
{
	if (!list)
		return;
	text_printf(out, " %s", key);
	for (; *list; list++)
		print_word(out, *list);
}

void print_end(struct text *out, const char *origin)
{
	if (origin) {
		text_add(out, " (");
		for (; *origin; origin++)
			if ((unsigned char)*origin < 0x20 || *origin == 0x7f)
				text_printf(out, "\\x%02x", (unsigned char)*origin);
			else
				text_add_n(out, origin, 1);
		text_add(out, ")");
	}
	text_add(out, "\n");
}

void print_bits(struct text *out, const char *const *names, unsigned n, uint64_t flags)
{
	const char *separator = " ";

	if (flags == 0)
		text_add(out, " none");
	for (unsigned i = 0; i < 64; i++) {
		if (!(flags >> i & 1))
			continue;
		if (i < n && names[i])
			text_printf(out, "%s%s", separator, names[i]);
		else
			text_printf(out, "%sbit%u", separator, i);
		separator = ",";
	}
}

static void print_line(struct text *out, const char *key, const char *value)
{
	if (!value)
		return;
	text_add(out, key);
	print_word(out, value);
	text_add(out, "\n");
}

static void print_identity(const struct plan *plan, struct text *out)
{
	print_line(out, "container", plan->id);
	print_line(out, "bundle", plan->bundle);
	print_line(out, "oci-version", plan->oci_version);
	if (plan->is_exec)
		text_add(out, "exec\n");
	for (const char *const *pair = plan->annotations; pair && pair[0]; pair += 2) {
		text_add(out, "annotation");
		print_word(out, pair[0]);
		print_word(out, pair[1]);
		text_add(out, "\n");
	}
}

static void print_offset(const char *clock, const struct plan_time_offset *offset, struct text *out)
{
	if (offset->is_set)
		text_printf(out, "clock %s %" PRId64 " s %" PRIu32 " ns\n", clock, offset->seconds,
			    offset->nanoseconds);
}

static void print_namespaces(const struct plan *plan, struct text *out)
{
	const struct plan_namespaces *namespaces = &plan->namespaces;

	for (int kind = 0; kind < NAMESPACE_KINDS; kind++) {
		const struct plan_namespace *namespace = &namespaces->of[kind];
		switch (namespace->mode) {
		case NAMESPACE_INHERIT: continue;
		case NAMESPACE_NEW:
			text_printf(out, "namespace %s new", namespace_infos[kind].name);
			break;
		case NAMESPACE_JOIN:
			text_printf(out, "namespace %s join", namespace_infos[kind].name);
			if (namespace->path)
				print_word(out, namespace->path);
			else
				text_printf(out, " of pid %d", namespaces->join_pid);
			break;
		}
		if (namespace->is_own)
			text_add(out, " own");
		print_end(out, namespace->origin);
	}
	print_offset("monotonic", &namespaces->monotonic, out);
	print_offset("boottime", &namespaces->boottime, out);
}

void print_id_maps(struct text *out, const char *key, const struct plan_id_maps *maps)
{
	for (size_t i = 0; i < maps->rows.n; i++)
		text_printf(out, "%s %" PRIu32 " %" PRIu32 " %" PRIu32, i == 0 ? key : ",",
			    maps->rows.items[i].container, maps->rows.items[i].host,
			    maps->rows.items[i].size);
}

static void print_ids(const struct plan *plan, struct text *out)
{
	const struct plan_ids *ids = &plan->ids;

	if (ids->uid_maps.rows.n + ids->gid_maps.rows.n > 0) {
		text_add(out, "id-maps");
		print_id_maps(out, " uid", &ids->uid_maps);
		print_id_maps(out, " gid", &ids->gid_maps);
		text_add(out, "\n");
	}
	text_printf(out, "user %" PRIu32 ":%" PRIu32, ids->uid, ids->gid);
	for (size_t i = 0; i < ids->groups.n; i++)
		text_printf(out, "%s%" PRIu32, i == 0 ? " groups " : ",", ids->groups.items[i]);
	if (ids->has_umask)
		text_printf(out, " umask %04" PRIo32, ids->umask);
	text_add(out, "\n");
}

static void print_scheduling(const struct plan_process *process, struct text *out)
{
	const struct plan_scheduler *scheduler = &process->scheduler;

	if (scheduler->is_set) {
		text_printf(out,
			    "scheduler policy %" PRIu32 " priority %" PRIu32 " nice %" PRId32
			    " flags 0x%" PRIx64 " runtime %" PRIu64 " deadline %" PRIu64
			    " period %" PRIu64,
			    scheduler->policy, scheduler->priority, scheduler->nice,
			    scheduler->flags, scheduler->runtime, scheduler->deadline,
			    scheduler->period);
		print_end(out, scheduler->origin);
	}
	if (process->io_priority.is_set) {
		text_printf(out, "io-priority class %u level %u", process->io_priority.class,
			    process->io_priority.level);
		print_end(out, process->io_priority.origin);
	}
}

static void print_numbers(const char *key, const struct plan_numbers *numbers, struct text *out)
{
	if (numbers->n == 0)
		return;
	text_add(out, key);
	print_word(out, numbers->text);
}

static void print_placement(const struct plan_process *process, struct text *out)
{
	const struct plan_affinity *affinity = &process->affinity;
	const struct plan_memory_policy *policy = &process->memory_policy;

	if (affinity->initial.n > 0 || affinity->final.n > 0 || affinity->is_cgroup) {
		text_add(out, "affinity");
		print_numbers(" initial", &affinity->initial, out);
		print_numbers(" final", &affinity->final, out);
		text_add(out, affinity->is_cgroup ? " of the cgroup" : "");
		print_end(out, affinity->origin);
	}
	if (policy->is_set) {
		text_printf(out, "memory-policy 0x%x", policy->mode);
		print_numbers(" nodes", &policy->nodes, out);
		print_end(out, policy->origin);
	}
}

static void print_process(const struct plan *plan, struct text *out)
{
	const struct plan_process *process = &plan->process;

	if (process->args) {
		text_add(out, "process");
		print_list(out, "args", process->args);
		text_add(out, "\n");
	}
	for (const char *const *env = process->env; env && *env; env++)
		print_line(out, "env", *env);
	print_line(out, "cwd", process->cwd);
	if (!str_equal(process->config_cwd, process->cwd))
		print_line(out, "config-cwd", process->config_cwd);
	if (process->terminal)
		text_printf(out, "terminal %u rows %u columns\n", process->rows, process->columns);
	if (process->no_new_privileges)
		text_add(out, "no-new-privileges\n");
	if (process->has_oom_score)
		text_printf(out, "oom-score %d\n", process->oom_score);
	for (size_t i = 0; i < process->rlimits.n; i++) {
		const struct plan_rlimit *limit = &process->rlimits.items[i];
		text_printf(out, "rlimit %s %d soft %" PRIu64 " hard %" PRIu64, limit->name,
			    limit->resource, limit->soft, limit->hard);
		print_end(out, limit->origin);
	}
	print_line(out, "apparmor", process->apparmor);
	print_line(out, "selinux", process->selinux);
	if (process->has_personality)
		text_printf(out, "personality 0x%" PRIx64 "\n", process->personality);
	print_scheduling(process, out);
	print_placement(process, out);
	if (process->keeps_keyring)
		text_add(out, "keeps-keyring\n");
	if (process->preserve_fds)
		text_printf(out, "preserve-fds %u\n", process->preserve_fds);
}

static void print_capabilities(const struct plan *plan, struct text *out)
{
	const struct {
		const char *name;
		uint64_t set;
	} sets[] = {
		{ "bounding", plan->caps.bounding },       { "effective", plan->caps.effective },
		{ "inheritable", plan->caps.inheritable }, { "permitted", plan->caps.permitted },
		{ "ambient", plan->caps.ambient },
	};
	const char *names[64];

	if (!plan->caps.is_set)
		return;
	for (int i = 0; i < 64; i++)
		names[i] = capability_name(i);
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		text_printf(out, "capabilities %s", sets[i].name);
		print_bits(out, names, 64, sets[i].set);
		text_add(out, "\n");
	}
}

static void print_kernel(const struct plan *plan, struct text *out)
{
	const struct plan_kernel *kernel = &plan->kernel;

	for (size_t i = 0; i < kernel->sysctls.n; i++) {
		text_printf(out, "sysctl");
		print_word(out, kernel->sysctls.items[i].key);
		print_word(out, kernel->sysctls.items[i].value);
		print_end(out, kernel->sysctls.items[i].origin);
	}
	print_line(out, "hostname", kernel->hostname);
	print_line(out, "domainname", kernel->domainname);
	if (kernel->memfd_noexec)
		text_add(out, "memfd-noexec\n");
}

static void print_network(const struct plan *plan, struct text *out)
{
	if (plan->network.loopback_up)
		text_add(out, "network loopback up\n");
	for (size_t i = 0; i < plan->network.devices.n; i++) {
		const struct plan_net_device *device = &plan->network.devices.items[i];
		text_add(out, "network device");
		print_word(out, device->name);
		print_word(out, device->inside);
		print_end(out, device->origin);
	}
	if (plan->network.only_loopback) {
		text_add(out, "network only loopback");
		print_end(out, plan->network.origin);
	}
}

static void print_hooks(const struct plan *plan, struct text *out)
{
	for (int kind = 0; kind < HOOK_KINDS; kind++)
		for (size_t i = 0; i < plan->hooks.of[kind].n; i++) {
			const struct plan_hook *hook = &plan->hooks.of[kind].items[i];
			text_printf(out, "hook %s", hook_kind_names[kind]);
			print_word(out, hook->path);
			print_list(out, "args", hook->args);
			print_list(out, "env", hook->env);
			if (hook->timeout)
				text_printf(out, " timeout %u s", hook->timeout);
			print_end(out, hook->origin);
		}
}

static void print_degradations(const struct plan *plan, struct text *out)
{
	for (size_t i = 0; i < plan->degradations.n; i++) {
		text_add(out, "weaker");
		print_word(out, plan->degradations.items[i].what);
		print_end(out, plan->degradations.items[i].origin);
	}
}

void plan_print(const struct plan *plan, struct text *out)
{
	static void (*const sections[])(const struct plan *, struct text *) = {
		print_identity,     print_namespaces,  print_ids,          print_process,
		print_capabilities, plan_print_mounts, print_kernel,       plan_print_cgroup,
		print_network,      print_hooks,       plan_print_seccomp, plan_print_policy,
		print_degradations,
	};

	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		sections[i](plan, out);
}
