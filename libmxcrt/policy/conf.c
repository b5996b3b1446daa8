/* SPDX-License-Identifier: Apache-2.0 */
/* Read mxc.conf by its rows. */
#include "policy/conf.h"

#include "base/error.h"
#include "base/json.h"
#include "base/str.h"

#include <stdint.h>

static const char *const sink_names[] = { "file", "journal" };

#define REFUSED(key_)                                                          \
	{                                                                      \
		key_, FIELD_REFUSED, .reason = "is not built in this version", \
				     .remedy = "remove it"                     \
	}
#define AT(member) offsetof(struct conf_audit, member)
static const struct field audit_rows[] = {
	{ "sinks", FIELD_STRINGS, AT(sinks), .present = AT(has_sinks) },
	{ "file", FIELD_STRING, AT(file), .present = AT(has_file) },
	{ "sync", FIELD_BOOL, AT(sync), .present = AT(has_sync) },
	{},
};
#undef AT
static const struct fields audit_fields = { "audit", sizeof(struct conf_audit), audit_rows };

#define AT(member) offsetof(struct conf, member)
static const struct field rows[] = {
	{ "_comment", FIELD_IGNORED },
	{ "defaultProfile", FIELD_STRING, AT(default_profile) },
	{ "audit", FIELD_OBJECT, AT(audit), .object = &audit_fields },
	REFUSED("ceiling"),
	REFUSED("ceilingMode"),
	REFUSED("require"),
	REFUSED("trust"),
	REFUSED("revoked"),
	{},
};
static const struct fields conf_fields = { "mxc.conf", sizeof(struct conf), rows };

static int audit_check(const char *name, const struct conf_audit *audit, struct error *err)
{
	for (size_t i = 0; i < audit->sinks.n; i++) {
		if (str_equal(audit->sinks.items[i], sink_names[0]) ||
		    str_equal(audit->sinks.items[i], sink_names[1]))
			continue;
		(void)fail(err, ERROR_CONFIG, "unknown audit sink '%s'", audit->sinks.items[i]);
		(void)fail_remedy(err, "this version has \"file\" and \"journal\"");
		return fail_field(err, "%s audit.sinks[%zu]", name, i);
	}
	if (audit->has_sinks && audit->sinks.n == 0) {
		(void)fail(err, ERROR_CONFIG,
			   "no audit sink is named: every governed container would be refused");
		return fail_field(err, "%s audit.sinks", name);
	}
	if (audit->has_file && str_ends(audit->file, "/")) {
		(void)fail(err, ERROR_CONFIG, "the audit file '%s' ends in a slash", audit->file);
		return fail_field(err, "%s audit.file", name);
	}
	if (audit->has_file && audit->file[0] != '/') {
		(void)fail(err, ERROR_CONFIG, "the audit file '%s' is not an absolute path",
			   audit->file);
		return fail_field(err, "%s audit.file", name);
	}
	return 0;
}

int conf_read(struct arena *arena, const char *name, const char *bytes, size_t n,
	      struct conf *inout, struct error *err)
{
	struct field_context context = { .arena = arena, .document = name, .is_strict = true };
	struct json *root;

	TRY(json_read(arena, name, bytes, n, NULL, &root, err));
	if (fields_read(&context, &conf_fields, root, "", inout, err) < 0) {
		/* Strict as a policy, but the administrator's to mend. */
		err->kind = ERROR_CONFIG;
		return -1;
	}
	return audit_check(name, &inout->audit, err);
}
