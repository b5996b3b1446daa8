/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes config.json: no bytes break reading and lowering; what is lowered has every item's origin.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "plan/plan.h"
#include "spec/spec.h"

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

static void error_check(const struct error *err)
{
	char line[4096];

	require(err->kind == ERROR_CONFIG, "the document is to blame");
	require(err->text[0], "an error says something");
	error_format(err, line, sizeof(line));
	for (const char *at = line; *at; at++)
		require((unsigned char)*at >= 0x20 && *at != 0x7f,
			"an error shows no control character");
}

static void plan_check(const struct plan *plan)
{
	for (size_t i = 0; i < plan->mounts.rows.n; i++)
		require(plan->mounts.rows.items[i].origin &&
				plan->mounts.rows.items[i].target[0] == '/',
			"a mount has an origin and an absolute target");
	for (size_t i = 0; i < plan->cgroup.values.n; i++)
		require(!strchr(plan->cgroup.values.items[i].file, '/'),
			"a limit is a file of the container's own cgroup");
	for (int kind = 0; kind < NAMESPACE_KINDS; kind++)
		require(plan->namespaces.of[kind].mode == NAMESPACE_INHERIT ||
				plan->namespaces.of[kind].origin,
			"a namespace has an origin");
}

/* Every line of a printed plan is one item: nothing in the document can forge another. */
static void print_check(const struct plan *plan, struct arena *arena)
{
	struct text text = { .arena = arena };

	plan_print(plan, &text);
	for (size_t i = 0; i < text.n; i++)
		require(text.data[i] == '\n' ||
				((unsigned char)text.data[i] >= 0x20 && text.data[i] != 0x7f),
			"a printed plan has no control character");
}

static void lower(struct arena *arena, const struct spec *spec, bool systemd, bool rootless)
{
	const struct spec_request request = {
		.id = "fuzz",
		.bundle = "/bundle",
		.use_systemd_cgroup = systemd,
		.is_rootless = rootless,
	};
	static const char *const args[] = { "id", NULL };
	const struct spec_exec exec = { .args = args, .init_pid = 42 };
	struct plan *create = arena_alloc(arena, sizeof(*create));
	struct plan *further = arena_alloc(arena, sizeof(*further));
	struct error err = {};

	create->arena = further->arena = arena;
	if (spec_lower(spec, &request, create, &err) < 0) {
		error_check(&err);
	} else {
		plan_check(create);
		print_check(create, arena);
	}
	err = (struct error){};
	if (spec_lower_exec(spec, &request, &exec, further, &err) < 0)
		error_check(&err);
	else
		require(further->hooks.of[HOOK_PRESTART].n == 0, "a further process runs no hooks");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	autoarena arena = {};
	const struct spec *spec = NULL;
	struct error err = {};

	/* Lists are compared pair by pair; a long one would only be slow. */
	if (n > 1 << 16)
		return 0;
	if (spec_read(&arena, "config.json", (const char *)bytes, n, &spec, &err) < 0) {
		require(spec == NULL, "a failure leaves the result alone");
		error_check(&err);
		return 0;
	}
	lower(&arena, spec, false, false);
	lower(&arena, spec, true, true);
	return 0;
}
