/* SPDX-License-Identifier: Apache-2.0 */
/* Golden tests: cases are compiled, and their plan or error compared with the text beside. */
#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "compile.h"
#include "plan/host.h"
#include "plan/plan.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * A case is a folder with plan.txt or error.txt, and any of
 *   config.json       else the one that `spec` prints, and plan.txt says how the plan differs from
 * the one without policy: a line "- …" is no longer there, a line "+ …" is new policy.json the
 * annotation io.mxc.policy annotations.json  further annotations host.txt          facts
 * (plan/host.h), else a host that has everything but AppArmor and SELinux request.txt       words
 * for struct spec_request process.json      a further process: exec instead of create The profile
 * that the annotations ask for is taken from contrib/profiles.
 */
static const char *const places[] = { "tests/golden/spec/*", "libmxcrt/policy/*/cases/*" };

static const char default_host[] =
	"landlock_abi 7\nkernel_major 6\nkernel_minor 18\nis_root 1\nhas_cgroup2 1\n"
	"has_cgroup_delegation 1\nhas_systemd 1\nhas_memfd_noexec 1\nhas_seccomp 1\n"
	"may_filter_devices 1\n";

struct bytes {
	char *data;
	size_t n;
};

struct golden {
	struct arena *arena;
	const char *source; /* the top of the source tree */
	const char *folder;
	struct bytes config, policy, annotations, host, request, process;
};

/* The whole file, or nothing when there is none. */
static struct bytes slurp(struct arena *arena, const char *folder, const char *name)
{
	FILE *file = fopen(arena_printf(arena, "%s/%s", folder, name), "re");
	struct text text = { .arena = arena };
	char block[4096];
	size_t n;

	if (!file)
		return (struct bytes){};
	while ((n = fread(block, 1, sizeof(block), file)) > 0)
		text_add_n(&text, block, n);
	fclose(file);
	text_add(&text, "");
	return (struct bytes){ text.data, text.n };
}

static bool has_word(const struct bytes *words, const char *word)
{
	return words->data && strstr(words->data, word);
}

static void request_fill(const struct golden *golden, struct spec_request *request)
{
	*request = (struct spec_request){
		.id = "golden",
		.bundle = "/bundle",
		.is_rootless = has_word(&golden->request, "rootless"),
		.use_systemd_cgroup = has_word(&golden->request, "systemd-cgroup"),
		.use_no_cgroup = has_word(&golden->request, "no-cgroup"),
		.no_pivot = has_word(&golden->request, "no-pivot"),
		.preserve_fds = has_word(&golden->request, "preserve-fds") ? 2 : 0,
	};
}

/* The annotations of config.json and those of the case. */
static int annotations_merge(const struct golden *golden, const struct string_map *own,
			     struct string_map *ret_map, struct error *err)
{
	struct json empty = { .type = JSON_OBJECT }, *more = &empty;

	if (golden->annotations.data)
		TRY(json_read(golden->arena, "annotations.json", golden->annotations.data,
			      golden->annotations.n, NULL, &more, err));
	size_t room = own->n + more->n + 1;
	struct string_map map = { arena_alloc(golden->arena, room * sizeof(char *)),
				  arena_alloc(golden->arena, room * sizeof(char *)), 0 };

	for (size_t i = 0; i < own->n; i++, map.n++) {
		map.keys[map.n] = own->keys[i];
		map.values[map.n] = own->values[i];
	}
	for (size_t i = 0; i < more->n; i++, map.n++) {
		map.keys[map.n] = more->keys[i];
		map.values[map.n] = more->items[i].text;
	}
	if (golden->policy.data) {
		map.keys[map.n] = "io.mxc.policy";
		map.values[map.n++] = golden->policy.data;
	}
	*ret_map = map;
	return 0;
}

static int profile_find(const struct golden *golden, struct policy_sources *sources,
			struct error *err)
{
	TRY(policy_profile_wanted(sources->annotations, NULL, &sources->profile_name, err));
	if (!sources->profile_name)
		return 0;
	const char *name = arena_printf(golden->arena, "%s.json", sources->profile_name);
	struct bytes text = slurp(
		golden->arena, arena_printf(golden->arena, "%s/contrib/profiles", golden->source),
		name);
	if (!text.data)
		return fail(err, ERROR_CONFIG, "profile '%s' does not exist",
			    sources->profile_name);
	sources->profile_text = text.data;
	sources->profile_n = text.n;
	return 0;
}

/* Compile the case, with its policy or as if it had none. */
static int golden_compile(const struct golden *golden, bool with_policy,
			  const struct plan **ret_plan, struct error *err)
{
	struct text config = { .arena = golden->arena };
	struct compile_request request = {};
	struct string_map annotations = {};
	struct host host;

	if (!golden->config.data)
		spec_print_default(false, 0, 0, &config);
	TRY(host_read(golden->host.data ? golden->host.data : default_host, &host, err));
	TRY(spec_read(golden->arena, "config.json",
		      golden->config.data ? golden->config.data : config.data,
		      golden->config.data ? golden->config.n : config.n, &request.spec, err));
	request_fill(golden, &request.spec_request);
	request.host = &host;
	request.policy.annotations = &annotations;
	if (with_policy) {
		TRY(annotations_merge(golden, spec_annotations(request.spec), &annotations, err));
		TRY(profile_find(golden, &request.policy, err));
	}

	const struct spec_exec exec = {
		.process_json = golden->process.data,
		.process_json_n = golden->process.n,
		.init_pid = 42,
	};
	if (golden->process.data)
		request.exec = &exec;
	return compile(golden->arena, &request, ret_plan, err);
}

/*
 * The program depends on the architecture and on every change of the profiles: not what these cases
 * are about.
 */
static bool is_compared(const char *line)
{
	return !str_starts(line, "syscalls-program ");
}

static bool lists(char **lines, const char *line)
{
	for (; *lines; lines++)
		if (str_equal(*lines, line))
			return true;
	return false;
}

static void add_lines(struct text *out, char **lines, char **others, const char *prefix)
{
	for (; *lines; lines++)
		if (**lines && is_compared(*lines) && !(others && lists(others, *lines)))
			text_printf(out, "%s%s\n", prefix, *lines);
}

static char **plan_lines(const struct golden *golden, const struct plan *plan)
{
	struct text text = { .arena = golden->arena };
	plan_print(plan, &text);
	return str_split(golden->arena, text.data, '\n');
}

/* What the case comes to: the text and the name of the file it stands in. */
static const char *golden_result(const struct golden *golden, struct text *out)
{
	const struct plan *plan, *plain;
	struct error err = {};
	char line[4096];

	text_add(out, "");
	if (golden_compile(golden, true, &plan, &err) < 0) {
		text_printf(out, "%s\n", error_format(&err, line, sizeof(line)));
		return "error.txt";
	}
	if (golden->config.data) {
		add_lines(out, plan_lines(golden, plan), NULL, "");
		return "plan.txt";
	}
	if (golden_compile(golden, false, &plain, &err) < 0) {
		text_printf(out, "without the policy: %s\n",
			    error_format(&err, line, sizeof(line)));
		return "error.txt";
	}
	char **new = plan_lines(golden, plan), **old = plan_lines(golden, plain);
	add_lines(out, old, new, "- ");
	add_lines(out, new, old, "+ ");
	return "plan.txt";
}

static int golden_update(const struct golden *golden, const char *name, const char *text)
{
	FILE *file = fopen(arena_printf(golden->arena, "%s/%s", golden->folder, name), "we");
	const char *other = str_equal(name, "plan.txt") ? "error.txt" : "plan.txt";

	if (!file || fputs(text, file) < 0 || fclose(file) != 0) {
		perror(golden->folder);
		return -1;
	}
	(void)remove(arena_printf(golden->arena, "%s/%s", golden->folder,
				  other)); /* is not there as a rule */
	return 0;
}

/* The first line that differs, as a TAP diagnostic. */
static void explain(const struct golden *golden, const char *name, const char *expected,
		    const char *actual)
{
	char **want = str_split(golden->arena, expected ? expected : "", '\n');
	char **have = str_split(golden->arena, actual, '\n');
	size_t i = 0;

	while (want[i] && have[i] && str_equal(want[i], have[i]))
		i++;
	printf("# %s/%s:%zu\n# expected: %s\n# found:    %s\n", golden->folder, name, i + 1,
	       want[i] ? want[i] : "(nothing)", have[i] ? have[i] : "(nothing)");
}

static bool golden_run(const char *source, const char *folder, bool updates)
{
	autoarena arena = {};
	struct golden golden = { .arena = &arena, .source = source, .folder = folder };
	struct text out = { .arena = &arena };

	golden.config = slurp(&arena, folder, "config.json");
	golden.policy = slurp(&arena, folder, "policy.json");
	golden.annotations = slurp(&arena, folder, "annotations.json");
	golden.host = slurp(&arena, folder, "host.txt");
	golden.request = slurp(&arena, folder, "request.txt");
	golden.process = slurp(&arena, folder, "process.json");

	const char *name = golden_result(&golden, &out);
	if (updates)
		return golden_update(&golden, name, out.data) == 0;
	struct bytes expected = slurp(&arena, folder, name);
	if (expected.data && str_equal(expected.data, out.data))
		return true;
	explain(&golden, name, expected.data, out.data);
	return false;
}

static bool is_wanted(const char *folder, char **words)
{
	if (!*words)
		return true;
	for (; *words; words++)
		if (strstr(folder, *words))
			return true;
	return false;
}

/* golden [--update] [PART-OF-A-FOLDER'S-NAME…] */
int main(int argc, char **argv)
{
	const char *source = getenv("MXC_SRCDIR") ? getenv("MXC_SRCDIR") : ".";
	bool updates = argc > 1 && strcmp(argv[1], "--update") == 0;
	char **words = argv + (argc > 0) + updates;
	size_t n = 0, failures = 0;
	autoarena arena = {};
	glob_t found = {};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		(void)glob(arena_printf(&arena, "%s/%s", source, places[i]), i ? GLOB_APPEND : 0,
			   NULL, &found); /* n == 0 */
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *folder = found.gl_pathv[i];
		if (!is_wanted(folder, words))
			continue;
		bool is_ok = golden_run(source, folder, updates);
		failures += !is_ok;
		printf("%s %zu - %s\n", is_ok ? "ok" : "not ok", ++n, folder + strlen(source) + 1);
	}
	globfree(&found);
	printf("1..%zu\n", n);
	return failures > 0 || n == 0;
}
