/* SPDX-License-Identifier: Apache-2.0 */
/* What the specification allows is read and lowered; what it or its schema forbids is refused. */
#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "plan/plan.h"
#include "spec/spec.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * good/NAME.json is accepted, bad/NAME.json refused with the message in bad/NAME.txt. Then each
 * line of schema-fields.txt: good/everything.json with a value at that path that the schema forbids
 * is refused, and the message names the place. lenient.tsv lists what is accepted nevertheless,
 * with the reason; a line of it that no longer holds is a failure, too.
 */

static const struct spec_request request = { .id = "box", .bundle = "/bundle" };

struct run {
	struct arena *arena;
	const char *directory; /* tests/oci of the source tree */
	size_t n, failures;
};

static void tell(struct run *run, bool holds, const char *what, const char *name)
{
	run->failures += !holds;
	printf("%s %zu - %s %s\n", holds ? "ok" : "not ok", ++run->n, what, name);
}

static char *slurp(struct arena *arena, const char *path)
{
	FILE *file = fopen(path, "re");
	struct text text = { .arena = arena };
	char block[4096];
	size_t n;

	text_add(&text, "");
	while (file && (n = fread(block, 1, sizeof(block), file)) > 0)
		text_add_n(&text, block, n);
	if (file)
		fclose(file);
	return text.data;
}

static int lower(const char *config, struct error *err)
{
	autoarena arena = {};
	struct plan plan = { .arena = &arena };
	const struct spec *spec;

	TRY(spec_read(&arena, "config.json", config, strlen(config), &spec, err));
	return spec_lower(spec, &request, &plan, err);
}

static bool is_read(const char *config)
{
	autoarena arena = {};
	const struct spec *spec;
	struct error err = {};

	return spec_read(&arena, "config.json", config, strlen(config), &spec, &err) == 0;
}

static void good_check(struct run *run, const char *name, const char *config)
{
	struct error err = {};
	char line[2048];
	int result = lower(config, &err);

	if (result < 0)
		printf("# %s\n", error_format(&err, line, sizeof(line)));
	tell(run, result == 0, "accepts", name);
}

static void refusal_check(struct run *run, const char *name, const char *config, const char *wanted)
{
	struct error err = {};
	char line[2048] = "accepted";
	int result = lower(config, &err);

	if (result < 0)
		error_format(&err, line, sizeof(line));
	const char *said = arena_printf(run->arena, "%s\n", line);
	bool holds = result < 0 && err.kind == ERROR_CONFIG && str_equal(said, wanted);
	if (!holds)
		printf("# said: %s# want: %s\n", said, wanted);
	tell(run, holds, "refuses", name);
}

static void document_check(struct run *run, const char *path, const char *kind)
{
	const char *name = strrchr(path, '/') + 1;
	const char *config = slurp(run->arena, path);
	const char *wanted = slurp(run->arena, arena_printf(run->arena, "%.*s.txt",
							    (int)strlen(path) - 5, path));

	if (str_equal(kind, "good"))
		good_check(run, name, config);
	else
		refusal_check(run, name, config, wanted);
	if (str_equal(kind, "unsupported"))
		tell(run, is_read(config), "reads", name);
}

static void documents_check(struct run *run, const char *kind)
{
	glob_t found = {};

	(void)glob(arena_printf(run->arena, "%s/%s/*.json", run->directory, kind), 0, NULL,
		   &found); /* none found: none is counted, and main fails */
	for (size_t i = 0; i < found.gl_pathc; i++)
		document_check(run, found.gl_pathv[i], kind);
	globfree(&found);
}

/* One line of schema-fields.txt. */
struct rule {
	const char *path; /* without "config:" */
	const char *type;
	char **limits; /* "max=511" … */
};

/* A value as text: numbers may be larger than any type. */
static struct json json_of(struct arena *arena, const char *text)
{
	struct json *value;
	struct error err = {};

	if (json_read(arena, "variant", text, strlen(text), NULL, &value, &err) < 0) {
		fprintf(stderr, "%s: %s\n", text, err.text);
		abort();
	}
	return *value;
}

static struct json *member(struct arena *arena, struct json *object, const char *key)
{
	for (size_t i = 0; i < object->n; i++)
		if (str_equal(object->keys[i], key))
			return &object->items[i];

	struct json *items = arena_alloc(arena, (object->n + 1) * sizeof(*items));
	const char **keys = arena_alloc(arena, (object->n + 1) * sizeof(*keys));
	for (size_t i = 0; i < object->n; i++) {
		items[i] = object->items[i];
		keys[i] = object->keys[i];
	}
	keys[object->n] = key;
	items[object->n] = (struct json){ .type = JSON_NULL };
	object->items = items;
	object->keys = keys;
	return &items[object->n++];
}

static void become(struct json *value, enum json_type type)
{
	if (value->type != type)
		*value = (struct json){ .type = type };
}

/* The value at PATH of the document, made on the way where it is missing. */
static struct json *place_find(struct arena *arena, struct json *root, const char *path)
{
	struct json *at = root;

	if (str_equal(path, "(document)"))
		return at;
	while (*path) {
		if (str_starts(path, "[]")) {
			become(at, JSON_ARRAY);
			if (at->n == 0)
				*at = json_of(arena, "[null]");
			at = &at->items[0];
			path += 2;
		} else if (str_starts(path, "{}")) {
			become(at, JSON_OBJECT);
			at = at->n > 0 ? &at->items[0] : member(arena, at, "key");
			path += 2;
		} else {
			path += *path == '.';
			size_t n = strcspn(path, ".[{");
			become(at, JSON_OBJECT);
			at = member(arena, at, arena_strndup(arena, path, n));
			path += n;
		}
	}
	return at;
}

/* Does TEXT name PATH ("mounts[].type": "mounts[0].type"), or what holds it? */
static bool names_place(const char *text, const char *path)
{
	char place[256];
	size_t n = 0;

	if (str_equal(path, "(document)"))
		return true;
	for (; *path && n < sizeof(place) - 2; path++) {
		if (str_starts(path, "{}"))
			break;
		if (*path == ']')
			place[n++] = '0';
		place[n++] = *path;
	}
	place[n] = '\0';
	/* Not much wider: a whole section is no place. */
	for (int cuts = 0; cuts < 3; cuts++) {
		if (strstr(text, place))
			return true;
		char *cut = strrchr(place, '.');
		char *index = strrchr(place, '[');
		if (!cut || (index && index > cut))
			cut = index;
		if (!cut)
			return false;
		*cut = '\0';
	}
	return false;
}

/* A decimal number and one more, away from zero. */
static const char *beyond(struct arena *arena, const char *number)
{
	char *digits = arena_printf(arena, "0%s", number + (*number == '-'));
	size_t i = strlen(digits);

	while (digits[--i] == '9')
		digits[i] = '0';
	digits[i]++;
	return arena_printf(arena, "%s%s", *number == '-' ? "-" : "", digits + strspn(digits, "0"));
}

struct variants {
	struct run *run;
	const struct rule *rule;
	const char *base, *lenient;
	bool holds;
};

/* The document DOCUMENT, in which WHAT of the rule is broken, must be refused for that. */
static void variant_check(struct variants *variants, const struct json *document, const char *what)
{
	struct arena *arena = variants->run->arena;
	struct text text = { .arena = arena };
	struct error err = {};
	char line[2048] = "accepted";

	json_write(&text, document);
	bool refused = lower(text.data, &err) < 0;
	if (refused)
		error_format(&err, line, sizeof(line));
	const char *key = arena_printf(arena, "\nconfig:%s\t%s\t", variants->rule->path, what);
	bool is_lenient = strstr(variants->lenient, key);
	bool is_right = is_lenient ? !refused
				   : refused && (names_place(err.field, variants->rule->path) ||
						 names_place(err.text, variants->rule->path));
	if (!is_right)
		printf("# config:%s %s%s: %s\n", variants->rule->path, what,
		       is_lenient ? ", listed as lenient" : "", line);
	variants->holds &= is_right;
}

static void value_check(struct variants *variants, const char *value, const char *what)
{
	struct arena *arena = variants->run->arena;
	struct json document = json_of(arena, variants->base);

	*place_find(arena, &document, variants->rule->path) = json_of(arena, value);
	variant_check(variants, &document, what);
}

static void type_check(struct variants *variants)
{
	static const struct {
		const char *type, *value;
	} values[] = {
		{ "string", "\"text\"" }, { "integer", "1" }, { "number", "1.5" },
		{ "boolean", "true" },    { "array", "[]" },  { "object", "{}" },
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (!str_equal(values[i].type, variants->rule->type))
			value_check(variants, values[i].value,
				    arena_printf(variants->run->arena, "type=%s", values[i].type));
}

static void required_check(struct variants *variants, const char *names)
{
	struct arena *arena = variants->run->arena;

	for (char **name = str_split(arena, names, ','); *name; name++) {
		struct json document = json_of(arena, variants->base);
		struct json *object = place_find(arena, &document, variants->rule->path);
		become(object, JSON_OBJECT);
		*member(arena, object, *name) = (struct json){ .type = JSON_NULL };
		variant_check(variants, &document, arena_printf(arena, "required=%s", *name));
	}
}

static void limit_check(struct variants *variants, const char *limit)
{
	struct arena *arena = variants->run->arena;

	if (str_starts(limit, "min="))
		value_check(variants,
			    str_equal(limit, "min=0")   ? "-1"
			    : str_equal(limit, "min=1") ? "0"
							: beyond(arena, limit + 4),
			    "min");
	else if (str_starts(limit, "max="))
		value_check(variants, beyond(arena, limit + 4), "max");
	else if (str_starts(limit, "minItems="))
		value_check(variants, "[]", "minItems");
	else if (str_starts(limit, "enum="))
		value_check(variants, "\"NONESUCH\"", "enum");
	else if (str_starts(limit, "pattern="))
		value_check(variants, "\"x y\"", "pattern");
	else if (str_starts(limit, "required="))
		required_check(variants, limit + 9);
	else
		variants->holds = false;
}

static void rule_check(struct run *run, const char *line, const char *base, const char *lenient)
{
	char **words = str_split(run->arena, line + strlen("config:"), '\t');
	const struct rule rule = { words[0], words[1], words + 2 };
	struct variants variants = { run, &rule, base, lenient, true };

	if (!str_equal(rule.type, "other-platform")) {
		if (!str_equal(rule.path, "(document)"))
			type_check(&variants);
		for (char **limit = rule.limits; *limit; limit++)
			limit_check(&variants, *limit);
	}
	tell(run, variants.holds, "keeps what the schema says of", rule.path);
}

static void rules_check(struct run *run)
{
	struct arena *arena = run->arena;
	const char *rules = slurp(arena,
				  arena_printf(arena, "%s/schema-fields.txt", run->directory));
	const char *base = slurp(arena,
				 arena_printf(arena, "%s/good/everything.json", run->directory));
	const char *lenient = slurp(arena, arena_printf(arena, "%s/lenient.tsv", run->directory));

	for (char **line = str_split(arena, rules, '\n'); *line; line++)
		if (str_starts(*line, "config:"))
			rule_check(run, *line, base, lenient);
}

int main(void)
{
	autoarena arena = {};
	const char *source = getenv("MXC_SRCDIR") ? getenv("MXC_SRCDIR") : ".";
	struct run run = { &arena, arena_printf(&arena, "%s/tests/oci", source) };

	documents_check(&run, "good");
	documents_check(&run, "bad");
	documents_check(&run, "unsupported");
	size_t documents = run.n;
	rules_check(&run);
	printf("1..%zu\n", run.n);
	return run.failures > 0 || documents == 0 || run.n == documents;
}
