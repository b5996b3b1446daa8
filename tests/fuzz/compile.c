/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes the compiler: a config.json and a policy, divided by a NUL; what compiles also verifies.
 */
#include "compile.h"

#include "../lib/modern-host.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
#include "base/str.h"
#include "plan/plan.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "property violated: %s\n", what);
	abort();
}

/* No document may make the compiler break its own rules. */
static int compile_one(struct arena *arena, struct compile_request *request,
		       const struct plan **ret_plan)
{
	struct error err = {};
	char line[4096];

	if (compile(arena, request, ret_plan, &err) == 0)
		return 0;
	error_format(&err, line, sizeof(line));
	if (err.kind == ERROR_BUG)
		fprintf(stderr, "%s\n", line);
	require(err.kind != ERROR_BUG, "what compiles also verifies");
	require(err.kind != ERROR_NONE && err.text[0], "an error says whose it is");
	return -1;
}

/* A policy takes away: what it leaves is no more than what there was. */
static void narrowed_check(const struct plan *with, const struct plan *without)
{
	require(!(with->caps.bounding & ~without->caps.bounding), "a policy adds no capability");
	require(!(with->caps.permitted & ~without->caps.permitted),
		"a policy permits no capability");
	require(!(with->caps.ambient & ~without->caps.ambient),
		"a policy makes no capability ambient");
	require(with->process.no_new_privileges, "no new privileges under a policy");
	require(with->mounts.rows.n == without->mounts.rows.n, "a policy adds no mount");
	require(with->devices.rows.n <= without->devices.rows.n, "a policy adds no device");
	require(with->seccomp.config == NULL || without->seccomp.config != NULL,
		"config.json's own filter stays its own");
	require(with->landlock.is_active && with->landlock.rules.n > 0, "Landlock holds");
}

static void compile_both(struct arena *arena, const struct spec *spec, const struct spec_exec *exec,
			 const char *policy)
{
	const char *key = "io.mxc.policy";
	const struct string_map one = { &key, &policy, 1 }, none = {};
	struct compile_request request = {
		.spec = spec,
		.spec_request = { .id = "fuzz", .bundle = "/bundle" },
		.exec = exec,
		.host = &modern_host,
	};
	const struct plan *with, *without;

	request.policy.annotations = &none;
	if (compile_one(arena, &request, &without) < 0)
		return;
	request.policy.annotations = &one;
	if (policy && compile_one(arena, &request, &with) == 0)
		narrowed_check(with, without);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const char *const args[] = { "id", NULL };
	const struct spec_exec exec = { .args = args, .init_pid = 42 };
	autoarena arena = {};
	const struct spec *spec = NULL;
	struct error err = {};
	struct text standard = { .arena = &arena };

	if (n > 1 << 16)
		return 0;
	/* "" before the NUL stands for the default config.json: most inputs then reach the policy.
	 */
	const uint8_t *nul = memchr(bytes, '\0', n);
	const char *config = (const char *)bytes;
	size_t config_n = nul ? (size_t)(nul - bytes) : n;
	const char *policy = nul ? arena_strndup(&arena, (const char *)nul + 1, n - config_n - 1)
				 : NULL;
	if (config_n == 0) {
		spec_print_default(false, 0, 0, &standard);
		config = standard.data;
		config_n = standard.n;
	}
	if (spec_read(&arena, "config.json", config, config_n, &spec, &err) < 0)
		return 0;
	compile_both(&arena, spec, NULL, policy);
	compile_both(&arena, spec, &exec, policy);
	return 0;
}
