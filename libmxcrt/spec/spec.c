/* SPDX-License-Identifier: Apache-2.0 */
/* The document as a whole: config.json is read, checked, and lowered section by section. */
#include "spec/spec.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "base/path.h"
#include "base/str.h"
#include "plan/plan.h"
#include "spec/document.h"
#include "spec/lower.h"

#include <stdlib.h>
#include <string.h>

static const struct field root_rows[] = {
	{ "path", FIELD_STRING, offsetof(struct spec_root, path), .required = true },
	{ "readonly", FIELD_BOOL, offsetof(struct spec_root, readonly) },
	{},
};
static const struct fields root_fields = { "root", sizeof(struct spec_root), root_rows };

#define AT(member) offsetof(struct spec, member)
static const struct field spec_rows[] = {
	{ "ociVersion", FIELD_STRING, AT(oci_version), .required = true },
	{ "root", FIELD_OBJECT, AT(root), .required = true, .object = &root_fields },
	{ "process", FIELD_OBJECT_PTR, AT(process), .object = &spec_process_fields },
	{ "mounts", FIELD_OBJECTS, AT(mounts), .object = &spec_mount_fields },
	{ "hostname", FIELD_STRING, AT(hostname) },
	{ "domainname", FIELD_STRING, AT(domainname) },
	{ "hooks", FIELD_OBJECT, AT(hooks), .object = &spec_hooks_fields },
	{ "annotations", FIELD_STRING_MAP, AT(annotations) },
	{ "linux", FIELD_OBJECT, AT(platform), .object = &spec_platform_fields },
	{},
};
#undef AT
static const struct fields spec_fields = { "config", sizeof(struct spec), spec_rows };

int spec_fail(struct error *err, const char *origin, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	(void)fail_va(err, ERROR_CONFIG, format, ap);
	va_end(ap);
	return fail_field(err, "%s", origin);
}

const char *spec_origin(const struct lowering *lowering, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	const char *path = arena_vprintf(lowering->arena, format, ap);
	va_end(ap);
	return arena_printf(lowering->arena, "%s %s", lowering->spec->document, path);
}

static const char digits[] = "0123456789";
static const char words[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-";

/* A number of SemVer: without zeros before it. The length, or 0 when there is none. */
static size_t number_length(const char *text)
{
	size_t n = strspn(text, digits);
	return n > 1 && text[0] == '0' ? 0 : n;
}

/* "rc.1" of SemVer, to the end or a '+': no part empty, and where numbers are COUNTED none with
 * zeros before it. Its end, or NULL. */
static const char *identifiers_end(const char *text, bool counted)
{
	for (;;) {
		size_t n = strspn(text, words);
		bool is_number = n > 0 && strspn(text, digits) == n;
		if (n == 0 || (counted && is_number && number_length(text) == 0))
			return NULL;
		text += n;
		if (*text != '.')
			return text;
		text++;
	}
}

/* SemVer 2.0.0, of major version 1; or 0, which the specification's own example still carries: what
 * changed before 1.0 is of another type now and refused where it stands. */
static bool version_is_ours(const char *version)
{
	if (!str_starts(version, "0.") && !str_starts(version, "1."))
		return false;
	const char *at = version + 2;
	size_t n = number_length(at);
	if (n == 0 || at[n] != '.')
		return false;
	at += n + 1;
	n = number_length(at);
	at += n;
	if (n > 0 && *at == '-')
		at = identifiers_end(at + 1, true);
	if (n > 0 && at && *at == '+')
		at = identifiers_end(at + 1, false);
	return n > 0 && at && *at == '\0';
}

static int check_document(const struct spec *spec, struct error *err)
{
	if (!version_is_ours(spec->oci_version)) {
		(void)fail(err, ERROR_CONFIG,
			   "version '%s' of the OCI runtime specification is not supported",
			   spec->oci_version);
		(void)fail_field(err, "%s ociVersion", spec->document);
		return fail_remedy(err, "write a version 1.x.y, for example '1.2.0'");
	}
	if (!spec->root.path[0]) {
		(void)fail(err, ERROR_CONFIG, "the path is empty");
		return fail_field(err, "%s root.path", spec->document);
	}
	for (size_t i = 0; i < spec->annotations.n; i++)
		if (!spec->annotations.keys[i][0]) {
			(void)fail(err, ERROR_CONFIG, "an annotation has an empty key");
			return fail_field(err, "%s annotations", spec->document);
		}
	return 0;
}

int spec_check_object(const struct json *root, const char *name, struct error *err)
{
	if (root->type == JSON_OBJECT)
		return 0;
	(void)fail(err, ERROR_CONFIG, "the document is %s, not an object",
		   json_type_name(root->type));
	return fail_field(err, "%s", name);
}

int spec_read(struct arena *arena, const char *name, const char *bytes, size_t n,
	      const struct spec **ret_spec, struct error *err)
{
	struct json *root;
	TRY(json_read(arena, name, bytes, n, NULL, &root, err));
	TRY(spec_check_object(root, name, err));

	const struct field_context context = { .arena = arena,
					       .document = name,
					       .null_is_absent = true };
	struct spec *spec = arena_alloc(arena, sizeof(*spec));
	spec->document = arena_strdup(arena, name);
	TRY(fields_read(&context, &spec_fields, root, "", spec, err));
	TRY(check_document(spec, err));

	*ret_spec = spec;
	return 0;
}

const struct string_map *spec_annotations(const struct spec *spec)
{
	return &spec->annotations;
}

struct annotation {
	const char *key, *value;
};

static int annotation_compare(const void *a, const void *b)
{
	const struct annotation *one = a, *two = b;
	return strcmp(one->key, two->key);
}

static void lower_annotations(const struct lowering *lowering)
{
	const struct string_map *map = &lowering->spec->annotations;
	struct annotation *sorted = arena_alloc(lowering->arena, (map->n + 1) * sizeof(*sorted));

	for (size_t i = 0; i < map->n; i++)
		sorted[i] = (struct annotation){ map->keys[i], map->values[i] };
	qsort(sorted, map->n, sizeof(*sorted), annotation_compare);

	const char **pairs = arena_alloc(lowering->arena, (2 * map->n + 1) * sizeof(*pairs));
	for (size_t i = 0; i < map->n; i++) {
		pairs[2 * i] = sorted[i].key;
		pairs[2 * i + 1] = sorted[i].value;
	}
	lowering->plan->annotations = pairs;
}

static void lower_identity(const struct lowering *lowering)
{
	lowering->plan->id = arena_strdup(lowering->arena, lowering->request->id);
	lowering->plan->bundle = arena_strdup(lowering->arena, lowering->request->bundle);
	lowering->plan->oci_version = lowering->spec->oci_version;
	lower_annotations(lowering);
}

int spec_lower_common(const struct lowering *lowering, struct error *err)
{
	lower_identity(lowering);
	TRY(spec_lower_namespaces(lowering, err));
	TRY(spec_lower_root(lowering, err));
	TRY(spec_lower_mounts(lowering, err));
	TRY(spec_lower_devices(lowering, err));
	TRY(spec_lower_cgroup(lowering, err));
	TRY(spec_lower_resctrl(lowering, err));
	TRY(spec_lower_seccomp(lowering, err));
	if (!lowering->spec->process)
		return 0;
	lowering->plan->process.config_cwd = lowering->spec->process->cwd;
	return spec_lower_process(lowering, lowering->spec->process,
				  spec_origin(lowering, "process."), err);
}

int spec_lower(const struct spec *spec, const struct spec_request *request, struct plan *plan,
	       struct error *err)
{
	const struct lowering lowering = { spec, request, plan, plan->arena };

	TRY(spec_lower_common(&lowering, err));
	TRY(spec_lower_kernel(&lowering, err));
	TRY(spec_lower_network(&lowering, err));
	spec_lower_cgroup_owner(&lowering);
	TRY(spec_lower_resources(&lowering, err));
	TRY(spec_lower_device_rules(&lowering, err));
	TRY(spec_lower_hooks(&lowering, err));

	plan->cgroup.is_joined = request->joins_cgroup;
	plan->process.preserve_fds = request->preserve_fds;
	plan->process.keeps_keyring = request->no_new_keyring;
	plan->mounts.no_pivot = request->no_pivot;
	return 0;
}
