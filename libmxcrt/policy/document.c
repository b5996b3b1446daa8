/* SPDX-License-Identifier: Apache-2.0 */
/* Policy documents: version, the fields beside the sections, the sections in their order. */
#include "policy/document.h"

#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "plan/plan.h"
#include "policy/section.h"
#include "policy/sources.h"

#include <assert.h>
#include <string.h>

/* What denies comes before what asks whether something is denied. */
const struct policy_section *const policy_sections[] = {
	&policy_filesystem,
	&policy_exec,
	&policy_capabilities,
	&policy_syscalls,
	&policy_process,
	&policy_resources,
	&policy_network,
	&policy_ui,
	&policy_agent,
	&policy_audit,
	NULL,
};

struct lifecycle {
	bool destroy_on_exit, preserve_policy, has_destroy_on_exit;
};
struct telemetry {
	bool enabled;
};
struct document {
	struct policy_item version, container_id, containment;
	struct lifecycle lifecycle;
	struct telemetry telemetry;
};

static const struct field lifecycle_rows[] = {
	{ "preservePolicy", FIELD_BOOL, offsetof(struct lifecycle, preserve_policy) },
	{ "destroyOnExit", FIELD_BOOL, offsetof(struct lifecycle, destroy_on_exit),
	  .present = offsetof(struct lifecycle, has_destroy_on_exit) },
	{},
};
static const struct fields lifecycle_fields = { "lifecycle", sizeof(struct lifecycle),
						lifecycle_rows };
static const struct field telemetry_rows[] = {
	{ "enabled", FIELD_BOOL, offsetof(struct telemetry, enabled) },
	{},
};
static const struct fields telemetry_fields = { "telemetry", sizeof(struct telemetry),
						telemetry_rows };
/* A consent about Windows; nothing here asks for it. */
static const struct field fallback_rows[] = {
	{ "allowDaclMutation", FIELD_IGNORED },
	{},
};
static const struct fields fallback_fields = { "fallback", sizeof(struct telemetry),
					       fallback_rows };
static const struct field runtime_rows[] = {
	{ "networkProxy", FIELD_REFUSED, .reason = "a proxy is not built in this version",
	  .remedy = "leave it out: the container has nothing but loopback" },
	{},
};
static const struct fields runtime_fields = { "runtimeConfig", sizeof(struct telemetry),
					      runtime_rows };

#define OTHER_BACKEND "a section of another backend", .remedy = "take it out"
#define VERBS         "the OCI verbs are the life cycle", .remedy = "take it out"

#define AT(member)    offsetof(struct document, member)
static const struct field rows[] = {
	{ "$schema", FIELD_IGNORED },
	{ "_comment", FIELD_IGNORED },
	{ "version", FIELD_CUSTOM, AT(version), .custom = policy_read_text },
	{ "containerId", FIELD_CUSTOM, AT(container_id), .custom = policy_read_text },
	{ "containment", FIELD_CUSTOM, AT(containment), .custom = policy_read_text },
	{ "lifecycle", FIELD_OBJECT, AT(lifecycle), .object = &lifecycle_fields },
	{ "telemetry", FIELD_OBJECT, AT(telemetry), .object = &telemetry_fields },
	{ "fallback", FIELD_OBJECT, 0, .object = &fallback_fields },
	{ "runtimeConfig", FIELD_OBJECT, 0, .object = &runtime_fields },
	{ "phase", FIELD_REFUSED, .reason = VERBS },
	{ "sandboxId", FIELD_REFUSED, .reason = VERBS },
	{ "processContainer", FIELD_REFUSED, .reason = OTHER_BACKEND },
	{ "seatbelt", FIELD_REFUSED, .reason = OTHER_BACKEND },
	{ "lxc", FIELD_REFUSED, .reason = OTHER_BACKEND },
	{ "wslc", FIELD_REFUSED, .reason = OTHER_BACKEND },
	{ "isolationSession", FIELD_REFUSED, .reason = OTHER_BACKEND },
	{ "experimental", FIELD_REFUSED, .reason = OTHER_BACKEND },
	/* Read after this table, each by its own; here so that a mistyped key finds them. */
	{ "filesystem", FIELD_IGNORED },
	{ "exec", FIELD_IGNORED },
	{ "capabilities", FIELD_IGNORED },
	{ "syscalls", FIELD_IGNORED },
	{ "process", FIELD_IGNORED },
	{ "resources", FIELD_IGNORED },
	{ "network", FIELD_IGNORED },
	{ "ui", FIELD_IGNORED },
	{ "agent", FIELD_IGNORED },
	{ "audit", FIELD_IGNORED },
	{},
};
static const struct fields fields = { "policy", sizeof(struct document), rows };

enum { MAJOR = 100, VERSION_OLDEST = 6, VERSION_NEWEST = 9, VERSION_ONE = MAJOR };

/* The number in front of *text, which then stands behind it; -1 when there is none, or one with too
 * many digits. */
static int number_take(const char **text)
{
	size_t n = strspn(*text, "0123456789");
	int number = 0;
	if (n == 0 || n > 4)
		return -1;
	for (size_t i = 0; i < n; i++)
		number = number * 10 + ((*text)[i] - '0');
	*text += n;
	return number;
}

/* "0.8", "0.8.1", "0.8.0-alpha" -> 8; "1.0.0" -> 100 */
static int version_read(const struct policy_item *item, unsigned *ret, struct error *err)
{
	const char *rest = item->text ? item->text : "";
	*ret = 0;
	if (!item->text)
		return 0;
	int major = number_take(&rest);
	int minor = *rest == '.' ? (rest++, number_take(&rest)) : -1;
	int patch = *rest == '.' ? (rest++, number_take(&rest)) : 0;
	bool has_suffix = *rest == '-' || *rest == '+';
	if (major < 0 || minor < 0 || patch < 0 || (*rest && !has_suffix)) {
		(void)fail_policy(err, item->origin, "write '0.8' or '1.0.0'", "'%s' is no version",
				  item->text);
		return fail_code(err, "malformed_request");
	}
	if (major == 0 && minor < VERSION_OLDEST)
		return fail_policy(err, item->origin, "write '0.6' or later",
				   "version %s is older than supported", item->text);
	bool is_one = str_equal(item->text, "1.0.0");
	if (!is_one && (major > 0 || minor > VERSION_NEWEST))
		return fail_policy(err, item->origin, "write at most '1.0.0'",
				   "version %s is newer than supported", item->text);
	*ret = is_one ? VERSION_ONE : (unsigned)minor;
	return 0;
}

static int containment_check(const struct policy_item *item, struct error *err)
{
	static const char *const satisfied[] = { "process", "bubblewrap", "lxc" };
	if (!item->text)
		return 0;
	for (size_t i = 0; i < sizeof(satisfied) / sizeof(satisfied[0]); i++)
		if (str_equal(satisfied[i], item->text))
			return 0;
	(void)fail_policy(err, item->origin, "leave it out, or write 'process'",
			  "a container is no '%s'", item->text);
	return fail_code(err, "unsupported_containment");
}

static int document_check(const struct document *document, const struct plan *plan,
			  const char *name, struct error *err)
{
	const struct policy_item *id = &document->container_id;
	if (id->text && !str_equal(id->text, plan->id))
		return fail_policy(err, id->origin, "leave it out",
				   "the policy is for '%s', this container is '%s'", id->text,
				   plan->id ? plan->id : "");
	TRY(containment_check(&document->containment, err));
	if (document->lifecycle.has_destroy_on_exit && !document->lifecycle.destroy_on_exit)
		return fail_policy(err,
				   arena_printf(plan->arena, "%s lifecycle.destroyOnExit", name),
				   "leave it out",
				   "in a container the engine decides when it is deleted");
	if (document->lifecycle.preserve_policy)
		return fail_policy(err,
				   arena_printf(plan->arena, "%s lifecycle.preservePolicy", name),
				   "leave it out", "no policy outlives its container");
	if (document->telemetry.enabled)
		return fail_policy(err, arena_printf(plan->arena, "%s telemetry.enabled", name),
				   "set it to false", "nothing here sends telemetry");
	return 0;
}

void policy_values_begin(struct arena *arena, struct policy_values *values)
{
	for (size_t i = 0; policy_sections[i]; i++) {
		assert(i < sizeof(values->sections) / sizeof(values->sections[0]));
		values->sections[i] = arena_alloc(arena, policy_sections[i]->fields->size);
	}
}

int policy_document_read(const struct plan *plan, const struct policy_source *source,
			 struct policy_values *values, struct error *err)
{
	struct field_context context = { .arena = plan->arena,
					 .document = source->name,
					 .is_strict = true,
					 .null_is_absent = true };
	struct document document = {};
	unsigned version = 0;

	if (source->is_document) {
		TRY(fields_read(&context, &fields, source->json, source->path, &document, err));
		TRY(version_read(&document.version, &version, err));
		TRY(document_check(&document, plan, source->name, err));
	}
	for (size_t i = 0; policy_sections[i]; i++) {
		const struct policy_section *section = policy_sections[i];
		const struct json *value = json_get(source->json, section->key);
		if (!value || value->type == JSON_NULL)
			continue;
		const char *path = arena_printf(plan->arena, "%s%s%s", source->path,
						source->path[0] ? "." : "", section->key);
		TRY(fields_read(&context, section->fields, value, path, values->sections[i], err));
		if (section->check)
			TRY(section->check(&context, value, version, err));
	}
	return 0;
}
