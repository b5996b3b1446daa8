/* SPDX-License-Identifier: Apache-2.0 */
/* `process.capabilities`: names become bit masks that the kernel will accept together. */
#include "base/str.h"
#include "plan/plan.h"
#include "spec/lower.h"

/* OCI asks for a warning, not an error, about capabilities that cannot be given. */
static void degrade(const struct lowering *lowering, const char *origin, const char *what)
{
	*arena_push(lowering->arena,
		    &lowering->plan->degradations) = (struct plan_degradation){ what, origin,
										true };
}

static uint64_t read_set(const struct lowering *lowering, const struct strings *names,
			 const char *origin)
{
	uint64_t set = 0;

	for (size_t i = 0; i < names->n; i++) {
		const char *here = arena_printf(lowering->arena, "%s[%zu]", origin, i);
		int number = capability_number(names->items[i]);
		if (number >= 0)
			set |= UINT64_C(1) << number;
		else
			degrade(lowering, here,
				arena_printf(lowering->arena, "capability '%s' is unknown, dropped",
					     names->items[i]));
	}
	return set;
}

/* The kernel refuses a set that goes beyond another; LIMIT is what *set may contain. */
static void trim(const struct lowering *lowering, uint64_t *set, uint64_t limit, const char *origin,
		 const char *why)
{
	for (int number = 0; number < 64; number++)
		if (*set & ~limit & UINT64_C(1) << number)
			degrade(lowering, origin,
				arena_printf(lowering->arena, "%s is %s, dropped",
					     capability_name(number), why));
	*set &= limit;
}

void spec_lower_capabilities(const struct lowering *lowering,
			     const struct spec_capabilities *capabilities, const char *origin)
{
	static const struct spec_capabilities none;
	const struct spec_capabilities *from = capabilities ? capabilities : &none;
	struct plan_caps *caps = &lowering->plan->caps;
	const struct {
		const char *name;
		const struct strings *names;
		uint64_t *set;
	} sets[] = {
		{ "bounding", &from->bounding, &caps->bounding },
		{ "effective", &from->effective, &caps->effective },
		{ "inheritable", &from->inheritable, &caps->inheritable },
		{ "permitted", &from->permitted, &caps->permitted },
		{ "ambient", &from->ambient, &caps->ambient },
	};

	/* Without the section a process holds none at all: that is how engines ask for it. */
	*caps = (struct plan_caps){ .is_set = true };
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		const char *here = arena_printf(lowering->arena, "%scapabilities.%s", origin,
						sets[i].name);
		*sets[i].set = read_set(lowering, sets[i].names, here);
	}

	const char *section = arena_printf(lowering->arena, "%scapabilities", origin);
	trim(lowering, &caps->effective, caps->permitted, section,
	     "effective without being permitted");
	trim(lowering, &caps->inheritable, caps->bounding | caps->permitted, section,
	     "inheritable beyond the bounding set");
	trim(lowering, &caps->ambient, caps->permitted & caps->inheritable, section,
	     "ambient without being permitted and inheritable");
}
