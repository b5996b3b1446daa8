/* SPDX-License-Identifier: Apache-2.0 */
/* Documents and host to plan: the library's table of contents. */
#pragma once

#include "policy/policy.h"
#include "spec/spec.h"

struct host;
struct plan;

struct compile_request {
	const struct spec *spec; /* read before, because the profile's name is in its annotations */
	struct spec_request spec_request;
	const struct spec_exec *exec; /* NULL for create */
	struct policy_sources policy;
	const struct host *host;
};
/* Lower, narrow, settle, verify. The plan lives in ARENA. */
int compile(struct arena *arena, const struct compile_request *request,
	    const struct plan **ret_plan, struct error *err);
