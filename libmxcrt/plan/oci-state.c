/* SPDX-License-Identifier: Apache-2.0 */
/* The OCI state object from a plan (runtime.md, State). */
#include "plan/oci-state.h"

#include "base/json.h"
#include "base/str.h"
#include "plan/plan.h"

void plan_state_json(const struct plan *plan, const char *status, int pid, struct text *out)
{
	json_open(out, NULL, '{');
	json_add_string(out, "ociVersion", OCI_STATE_VERSION);
	json_add_string(out, "id", plan->id);
	json_add_string(out, "status", status);
	if (pid > 0)
		json_add_int(out, "pid", pid);
	json_add_string(out, "bundle", plan->bundle);

	json_open(out, "annotations", '{');
	for (const char **pair = plan->annotations; pair && pair[0]; pair += 2)
		json_add_string(out, pair[0], pair[1]);
	json_close(out, '}');
	json_close(out, '}');
}
