/* SPDX-License-Identifier: Apache-2.0 */
/* ui: not built in this version, so whatever is written is refused; terminals are protected by the
 * system call filter. */
#include "policy/section.h"

#include "plan/plan.h"

struct ui {
	bool none;
};

#define REASON "ui is not built in this version"
#define REMEDY "take it out: mount no display, audio or agent socket into the container"

static const struct field rows[] = {
	{ "disable", FIELD_REFUSED, .reason = REASON, .remedy = REMEDY },
	{ "clipboard", FIELD_REFUSED, .reason = REASON, .remedy = REMEDY },
	{ "injection", FIELD_REFUSED, .reason = REASON, .remedy = REMEDY },
	{},
};
static const struct fields fields = { "ui", sizeof(struct ui), rows };

static int lower(const void *section, const struct policy_target *target, struct error *err)
{
	(void)section;
	(void)err;
	target->plan->seccomp.deny_terminal_injection = true;
	return 0;
}

const struct policy_section policy_ui = { "ui", &fields, .lower = lower };
