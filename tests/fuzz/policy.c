/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes the policy: profile, document and annotations of any bytes; what is taken only narrows. */
#include "../lib/modern-host.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
#include "plan/plan.h"
#include "plan/settle.h"
#include "policy/policy.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

enum { ANNOTATIONS_MAX = 16, CAPABILITIES = 0x3fff, INPUT_MAX = 1 << 16 };

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "property violated: %s\n", what);
	abort();
}

static void mount_add(struct plan *plan, const char *target)
{
	*arena_push(plan->arena, &plan->mounts.rows) = (struct plan_mount){
		.kind = PLAN_MOUNT_BIND, .source = "/outside", .target = target, .origin = "mount"
	};
}

static void plan_fill(struct plan *plan, struct arena *arena)
{
	*plan = (struct plan){ .arena = arena, .id = "box" };
	plan->process.cwd = plan->process.config_cwd = "/work";
	plan->caps = (struct plan_caps){ true, CAPABILITIES, CAPABILITIES, 0, CAPABILITIES, 0 };
	plan->namespaces.of[NAMESPACE_PID].mode = NAMESPACE_NEW;
	plan->namespaces.of[NAMESPACE_NETWORK].mode = NAMESPACE_NEW;
	plan->cgroup.memory_max = plan->cgroup.pids_max = 1000;
	plan->cgroup.memory_swap_max = UINT64_MAX;
	plan->cgroup.cpu_quota_us = plan->cgroup.cpu_period_us = UINT64_MAX;
	*arena_push(arena, &plan->cgroup.values) = (struct plan_cgroup_value){ "memory.max", "1000",
									       "config" };
	mount_add(plan, "/work");
	mount_add(plan, "/data");
	mount_add(plan, "/var/run/secrets/kubernetes.io/serviceaccount");
}

/* The fields of the input: profile, document, then keys and values; each ends with a NUL. */
static struct policy_sources sources_read(struct arena *arena, char *text, const char *end,
					  struct string_map *annotations)
{
	struct policy_sources sources = { .annotations = annotations };
	annotations->keys = arena_alloc(arena, ANNOTATIONS_MAX * sizeof(char *));
	annotations->values = arena_alloc(arena, ANNOTATIONS_MAX * sizeof(char *));
	const char *fields[2 * ANNOTATIONS_MAX];
	size_t n = 0;

	for (; text < end && n < 2 * ANNOTATIONS_MAX; text += strlen(text) + 1)
		fields[n++] = text;
	if (n > 0 && fields[0][0]) {
		sources.profile_name = "fuzz";
		sources.profile_text = fields[0];
		sources.profile_n = strlen(fields[0]);
	}
	if (n > 1 && fields[1][0]) {
		annotations->keys[annotations->n] = "io.mxc.policy";
		annotations->values[annotations->n++] = fields[1];
	}
	for (size_t i = 2; i + 1 < n; i += 2) {
		annotations->keys[annotations->n] = fields[i];
		annotations->values[annotations->n++] = fields[i + 1];
	}
	return sources;
}

static void rows_check(const struct plan *plan)
{
	const struct plan_filesystem *filesystem = &plan->filesystem;
	for (size_t i = 0; i < filesystem->rows.n; i++) {
		const struct plan_access *row = &filesystem->rows.items[i];
		require(row->path[0] == '/' && row->origin, "a row has a path and an origin");
		require(i == 0 || path_compare(row[-1].path, row->path) < 0,
			"rows are sorted, one for each path");
	}
	for (size_t i = 0; i < plan->mounts.rows.n; i++)
		require(plan_access_of(filesystem, plan->mounts.rows.items[i].target),
			"every volume is decided about");
}

static void rules_check(const struct plan *plan)
{
	for (size_t i = 0; i < plan->landlock.rules.n; i++) {
		const struct plan_landlock_rule *rule = &plan->landlock.rules.items[i];
		require(rule->rights && !(rule->rights & ~plan->landlock.handled_fs),
			"a rule grants something that is handled");
		for (size_t hole = 0; hole < rule->holes.n; hole++)
			require(path_is_beneath(rule->holes.items[hole], rule->path) &&
					strcmp(rule->holes.items[hole], rule->path) != 0,
				"holes lie beneath their rule");
	}
}

static void narrowed_check(const struct plan *plan)
{
	require(!(plan->caps.bounding & ~(uint64_t)CAPABILITIES), "no capability is added");
	require(plan->process.no_new_privileges, "no new privileges");
	require(plan->cgroup.memory_max <= 1000 && plan->cgroup.pids_max <= 1000,
		"no limit is raised");
	require(plan->network.only_loopback, "nothing but loopback");
	require(plan->audit.is_active, "the audit is on");
	require(strlen(plan->policy_sha256) == 64, "the request has a digest");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	autoarena arena = {};
	struct string_map annotations = {};
	struct error err = {};
	struct plan plan;

	if (n > INPUT_MAX)
		return 0;
	char *text = arena_alloc(&arena, n + 1);
	if (n > 0)
		memcpy(text, bytes, n);
	plan_fill(&plan, &arena);
	struct policy_sources sources = sources_read(&arena, text, text + n, &annotations);
	if (!policy_is_asked(&sources))
		return 0;

	if (policy_apply(&sources, &plan, &err) < 0 ||
	    plan_settle_policy(&plan, &modern_host, &err) < 0) {
		require(err.kind != ERROR_NONE && err.text[0], "an error says what is wrong");
		require(err.field[0] || err.kind == ERROR_BUG, "an error says where");
		return 0;
	}
	narrowed_check(&plan);
	rows_check(&plan);
	rules_check(&plan);
	require(plan.seccomp.profile == SYSCALLS_NONE || plan.seccomp.program_length > 0,
		"a profile has a program");
	return 0;
}
