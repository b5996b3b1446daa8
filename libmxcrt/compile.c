/* SPDX-License-Identifier: Apache-2.0 */
/* Documents and host to plan, in four steps that are each a room's main function. */
#include "compile.h"

#include "base/arena.h"
#include "base/error.h"
#include "plan/host.h"
#include "plan/plan.h"

static int lower(const struct compile_request *request, struct plan *plan, struct error *err)
{
	if (request->exec)
		return spec_lower_exec(request->spec, &request->spec_request, request->exec, plan,
				       err);
	return spec_lower(request->spec, &request->spec_request, plan, err);
}

int compile(struct arena *arena, const struct compile_request *request,
	    const struct plan **ret_plan, struct error *err)
{
	struct plan *plan = arena_alloc(arena, sizeof(*plan));
	plan->arena = arena;

	TRY(lower(request, plan, err));
	if (policy_is_asked(&request->policy))
		TRY(policy_apply(&request->policy, plan, err));
	TRY(plan_settle(plan, request->host, err));
	TRY(plan_verify(plan, err));

	*ret_plan = plan;
	return 0;
}
