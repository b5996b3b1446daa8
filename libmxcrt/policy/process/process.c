/* SPDX-License-Identifier: Apache-2.0 */
/* process: how long the container may run; what it runs is config.json's. */
#include "policy/section.h"

#include "plan/plan.h"

struct process {
	uint32_t timeout;
};

#define IN_CONFIG "in a container config.json's process governs"
#define REMEDY    "take it out of the policy and say it to the engine"

static const struct field rows[] = {
	{ "timeout", FIELD_U32, offsetof(struct process, timeout) },
	{ "commandLine", FIELD_REFUSED, .reason = IN_CONFIG, .remedy = REMEDY },
	{ "cwd", FIELD_REFUSED, .reason = IN_CONFIG, .remedy = REMEDY },
	{ "env", FIELD_REFUSED, .reason = IN_CONFIG, .remedy = REMEDY },
	{ "inheritDefaultEnv", FIELD_REFUSED, .reason = IN_CONFIG, .remedy = REMEDY },
	{},
};
static const struct fields fields = { "process", sizeof(struct process), rows };

static int lower(const void *section, const struct policy_target *target, struct error *err)
{
	const struct process *process = section;
	(void)err;
	/* The clock is the container's: a further process starts none of its own. */
	if (!target->plan->is_exec)
		target->plan->timeout_ms = process->timeout;
	return 0;
}

const struct policy_section policy_process = { "process", &fields, .lower = lower };
