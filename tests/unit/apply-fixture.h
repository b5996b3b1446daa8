/* SPDX-License-Identifier: Apache-2.0 */
/* The least plan and handles that a step can be called with, in a child of the test. */
#pragma once

#include "apply-child.h"

#include "apply/proc.h"
#include "apply/step.h"
#include "base/arena.h"
#include "plan/plan.h"

struct fixture {
	struct arena arena;
	struct plan plan;
	struct handles handles;
	struct error err;
};

static inline void prepare(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	f->plan.arena = &f->arena;
	f->plan.id = "test";
	f->plan.bundle = "/bundle";
	handles_init(&f->handles, &f->arena);
	need_ok(f->handles.proc = proc_open(&f->err), &f->err);
}

static inline void need_root(void)
{
	if (geteuid() != 0)
		test_skip("root");
}
