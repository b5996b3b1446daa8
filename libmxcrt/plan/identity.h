/* SPDX-License-Identifier: Apache-2.0 */
/* Whose act it is, and how it is written down. */
#pragma once

#include "base/arena.h"

#include <stdbool.h>

enum audit_level { AUDIT_LIFECYCLE, AUDIT_DENIALS, AUDIT_ACTIVITY };

struct plan_agent {
	const char *id;     /* NULL until the runtime makes a local one */
	const char *source; /* "asserted", "local" */
	const char *name, *version, *model, *session, *instance, *on_behalf_of, *correlation_id;
};
struct plan_audit {
	bool is_active; /* any policy or identity governs this container */
	enum audit_level level;
	bool is_required;
};
