/* SPDX-License-Identifier: Apache-2.0 */
/* What the policy made of the plan as text: access, Landlock, identity, audit. */
#include "plan/print.h"

#include "base/str.h"
#include "plan/plan.h"

#include <inttypes.h>

static const char *const intents[] = {
	[ACCESS_READ_ONLY] = "ro",
	[ACCESS_READ_WRITE] = "rw",
	[ACCESS_DENY] = "deny",
};
static const char *const bases[] = {
	[ACCESS_BASE_IMAGE] = "image",
	[ACCESS_BASE_SYSTEM] = "system",
	[ACCESS_BASE_NONE] = "none",
};

/* By bit, as the kernel numbers them. */
static const char *const fs_rights[] = {
	"execute",   "write-file", "read-file", "read-dir",  "remove-dir",   "remove-file",
	"make-char", "make-dir",   "make-reg",  "make-sock", "make-fifo",    "make-block",
	"make-sym",  "refer",      "truncate",  "ioctl-dev", "resolve-unix",
};
static const char *const net_rights[] = { "bind-tcp", "connect-tcp", "bind-udp",
					  "connect-send-udp" };
static const char *const scopes[] = { "abstract-unix-socket", "signal" };
static const char *const restrict_flags[] = { "log-same-exec-off", "log-new-exec-on",
					      "log-subdomains-off", "tsync" };

enum { FS_RIGHTS = sizeof(fs_rights) / sizeof(fs_rights[0]) };

static void print_access(const struct plan_access *row, struct text *out)
{
	text_printf(out, "access %s", intents[row->intent]);
	print_word(out, row->path);
	text_add(out, row->is_optional ? " optional" : "");
	text_add(out, row->is_directory ? " directory" : "");
	text_add(out, row->is_volume ? " volume" : "");
	text_add(out, row->allows_execute ? " execute" : "");
	print_end(out, row->origin);
}

static void print_filesystem(const struct plan_filesystem *filesystem, struct text *out)
{
	if (!filesystem->is_active)
		return;
	text_printf(out, "filesystem base %s\n", bases[filesystem->base]);
	for (size_t i = 0; i < filesystem->rows.n; i++)
		print_access(&filesystem->rows.items[i], out);
	text_printf(out, "exec%s%s%s\n", filesystem->exec_base ? " @base" : "",
		    filesystem->exec_writable ? " @rw" : "",
		    filesystem->memfd_exec ? " memfd" : "");
	for (size_t i = 0; i < filesystem->exec_paths.n; i++) {
		text_add(out, "exec");
		print_word(out, filesystem->exec_paths.items[i].path);
		text_add(out, filesystem->exec_paths.items[i].is_optional ? " optional" : "");
		print_end(out, filesystem->exec_paths.items[i].origin);
	}
}

static void print_landlock(const struct plan_landlock *landlock, struct text *out)
{
	if (!landlock->is_active)
		return;
	text_printf(out, "landlock abi %d fs", landlock->abi);
	print_bits(out, fs_rights, FS_RIGHTS, landlock->handled_fs);
	text_add(out, " net");
	print_bits(out, net_rights, sizeof(net_rights) / sizeof(net_rights[0]),
		   landlock->handled_net);
	text_add(out, " scoped");
	print_bits(out, scopes, sizeof(scopes) / sizeof(scopes[0]), landlock->scoped);
	text_add(out, " flags");
	print_bits(out, restrict_flags, sizeof(restrict_flags) / sizeof(restrict_flags[0]),
		   landlock->restrict_flags);
	text_add(out, "\n");

	for (size_t i = 0; i < landlock->rules.n; i++) {
		const struct plan_landlock_rule *rule = &landlock->rules.items[i];
		text_add(out, "landlock-rule");
		print_word(out, rule->path);
		print_bits(out, fs_rights, FS_RIGHTS, rule->rights);
		for (size_t hole = 0; hole < rule->holes.n; hole++)
			print_pair(out, "but", rule->holes.items[hole]);
		text_add(out, rule->is_optional ? " optional" : "");
		print_end(out, rule->origin);
	}
}

static void print_agent(const struct plan_agent *agent, struct text *out)
{
	const struct {
		const char *key, *value;
	} fields[] = {
		{ "id", agent->id },
		{ "source", agent->source },
		{ "name", agent->name },
		{ "version", agent->version },
		{ "model", agent->model },
		{ "session", agent->session },
		{ "instance", agent->instance },
		{ "on-behalf-of", agent->on_behalf_of },
		{ "correlation-id", agent->correlation_id },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (fields[i].value) {
			text_printf(out, "agent %s", fields[i].key);
			print_word(out, fields[i].value);
			text_add(out, "\n");
		}
}

void plan_print_policy(const struct plan *plan, struct text *out)
{
	static const char *const levels[] = {
		[AUDIT_LIFECYCLE] = "lifecycle",
		[AUDIT_DENIALS] = "denials",
		[AUDIT_ACTIVITY] = "activity",
	};

	print_filesystem(&plan->filesystem, out);
	print_landlock(&plan->landlock, out);
	print_agent(&plan->agent, out);
	if (plan->audit.is_active)
		text_printf(out, "audit %s%s\n", levels[plan->audit.level],
			    plan->audit.is_required ? " required" : "");
	if (plan->timeout_ms)
		text_printf(out, "timeout %" PRIu64 " ms\n", plan->timeout_ms);
	if (plan->profile || plan->policy_source || plan->policy_sha256[0]) {
		text_add(out, "policy");
		print_pair(out, "profile", plan->profile);
		print_pair(out, "source", plan->policy_source);
		print_pair(out, "sha256", plan->policy_sha256[0] ? plan->policy_sha256 : NULL);
		text_add(out, "\n");
	}
}
