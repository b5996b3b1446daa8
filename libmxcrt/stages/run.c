/* SPDX-License-Identifier: Apache-2.0 */
/* The only loop over steps. */
#include "stages/stages.h"

#include "base/log.h"
#include "stages/link.h"

#include <stdio.h>

static int step_run(const struct step *step, const struct plan *plan, struct handles *handles,
		    struct error *err)
{
	if (step->run)
		return step->run(plan, handles, err);
	if (step->tell != WORD_NONE)
		return link_tell(handles->link, step->tell, 0, err);
	/* Whoever starts a created container calls later, from another process. */
	if (step->await == WORD_START && handles->start >= 0)
		TRY(link_accept(handles, err));
	return link_await(handles->link, step->await, NULL, err);
}

static bool step_applies(const struct step *step, const struct plan *plan)
{
	return !step->when || step->when(plan);
}

static void steps_undo(const struct step *first, const struct step *last, const struct plan *plan,
		       struct handles *handles)
{
	handles_spare(handles);
	for (const struct step *step = last; step >= first; step--)
		if (step->undo && step_applies(step, plan))
			step->undo(plan, handles);
}

int stage_run(const struct stage *stage, const struct plan *plan, struct handles *handles,
	      struct error *err)
{
	for (const struct step *step = stage->steps; step->name; step++) {
		if (!step_applies(step, plan))
			continue;
		log_debug("%s/%s", stage->name, step->name);
		if (step_run(step, plan, handles, err) < 0) {
			/* An error that came over the link already names the step that failed
			 * there. */
			if (!err->step[0])
				(void)snprintf(err->step, sizeof(err->step), "%s/%s", stage->name,
					       step->name);
			steps_undo(stage->steps, step, plan, handles);
			return -1;
		}
	}
	return 0;
}

void stage_undo(const struct stage *stage, const struct plan *plan, struct handles *handles)
{
	const struct step *last = stage->steps;

	while (last->name)
		last++;
	steps_undo(stage->steps, last, plan, handles);
}
