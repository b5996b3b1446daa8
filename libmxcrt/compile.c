/* SPDX-License-Identifier: Apache-2.0 */
/* Documents and host to plan, in four steps that are each a room's main function. */
#include "compile.h"

#include "base/arena.h"
#include "base/error.h"
#include "plan/host.h"
#include "plan/narrow.h"
#include "plan/plan.h"

static int lower(const struct compile_request *request, struct plan *plan, struct error *err)
{
	if (request->exec)
		return spec_lower_exec(request->spec, &request->spec_request, request->exec, plan,
				       err);
	return spec_lower(request->spec, &request->spec_request, plan, err);
}

/* What an engine gives to a further process, a policy takes down to what the first one had. */
static int narrow_exec(const struct compile_request *request, struct plan *plan, struct error *err)
{
	struct plan *first = arena_alloc(plan->arena, sizeof(*first));
	first->arena = plan->arena;

	TRY(spec_lower(request->spec, &request->spec_request, first, err));
	return plan_narrow_exec(plan, first, err);
}

int compile(struct arena *arena, const struct compile_request *request,
	    const struct plan **ret_plan, struct error *err)
{
	struct plan *plan = arena_alloc(arena, sizeof(*plan));
	plan->arena = arena;

	TRY(lower(request, plan, err));
	bool is_governed = policy_is_asked(&request->policy);
	if (is_governed && request->exec)
		TRY(narrow_exec(request, plan, err));
	if (is_governed)
		TRY(policy_apply(&request->policy, plan, err));
	TRY(plan_settle(plan, request->host, err));
	TRY(plan_verify(plan, err));

	*ret_plan = plan;
	return 0;
}
