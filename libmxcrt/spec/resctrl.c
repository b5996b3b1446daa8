/* SPDX-License-Identifier: Apache-2.0 */
/* `linux.intelRdt`: the group of resctrl, and the lines of its schemata. */
#include "base/error.h"
#include "base/str.h"
#include "plan/plan.h"
#include "spec/lower.h"

#include <string.h>

#define AT(member) offsetof(struct spec_resctrl, member)
static const struct field rows[] = {
	{ "closID", FIELD_STRING, AT(group) },
	{ "l3CacheSchema", FIELD_STRING, AT(cache) },
	{ "memBwSchema", FIELD_STRING, AT(bandwidth) },
	{ "schemata", FIELD_STRINGS, AT(schemata) },
	{ "enableMonitoring", FIELD_BOOL, AT(is_monitored) },
	{},
};
#undef AT
const struct fields spec_resctrl_fields = { "intelRdt", sizeof(struct spec_resctrl), rows };

static bool is_given(const char *text)
{
	return text && text[0];
}

/* Directories of resctrl itself. */
static bool is_reserved(const char *name)
{
	static const char *const names[] = { ".", "..", "info", "mon_data", "mon_groups" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_equal(name, names[i]))
			return true;
	return false;
}

static int name_check(const char *name, const char *origin, struct error *err)
{
	if (strpbrk(name, "/\n") || is_reserved(name))
		return spec_fail(err, origin, "'%s' is not the name of a group of resctrl", name);
	return 0;
}

static int line_add(const struct lowering *lowering, const char *text, bool is_compared,
		    const char *origin, struct error *err)
{
	if (strchr(text, '\n'))
		return spec_fail(err, origin, "the schema has more than one line");
	*arena_push(lowering->arena,
		    &lowering->plan->resctrl.lines) = (struct plan_resctrl_line){ text, is_compared,
										  origin };
	return 0;
}

static int lower_schemas(const struct lowering *lowering, const struct spec_resctrl *from,
			 struct error *err)
{
	const char *bandwidth = spec_origin(lowering, "linux.intelRdt.memBwSchema");

	if (is_given(from->cache))
		TRY(line_add(lowering, from->cache, true,
			     spec_origin(lowering, "linux.intelRdt.l3CacheSchema"), err));
	if (is_given(from->bandwidth) && !str_starts(from->bandwidth, "MB:"))
		return spec_fail(err, bandwidth, "the schema '%s' does not begin with 'MB:'",
				 from->bandwidth);
	if (is_given(from->bandwidth))
		TRY(line_add(lowering, from->bandwidth, true, bandwidth, err));
	for (size_t i = 0; i < from->schemata.n; i++)
		TRY(line_add(lowering, from->schemata.items[i], false,
			     spec_origin(lowering, "linux.intelRdt.schemata[%zu]", i), err));
	return 0;
}

int spec_lower_resctrl(const struct lowering *lowering, struct error *err)
{
	const struct spec_resctrl *from = lowering->spec->platform.resctrl;
	struct plan_resctrl *to = &lowering->plan->resctrl;

	if (!from)
		return 0;
	to->is_active = true;
	to->is_own = !is_given(from->group);
	to->is_monitored = from->is_monitored;
	to->group = to->is_own ? lowering->plan->id : from->group;
	to->origin = spec_origin(lowering, to->is_own ? "linux.intelRdt" : "linux.intelRdt.closID");
	if (!str_equal(to->group, "/"))
		TRY(name_check(to->group, to->origin, err));
	return lower_schemas(lowering, from, err);
}
