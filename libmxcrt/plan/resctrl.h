/* SPDX-License-Identifier: Apache-2.0 */
/* Which class of service of the processor's cache and memory bandwidth the container is in. */
#pragma once

#include "base/arena.h"

#include <stdbool.h>

struct plan_resctrl_line {
	const char *text; /* "L3:0=7f0;1=1f" */
	/* A group that is there already must have it; otherwise it is written there too. */
	bool is_compared;
	const char *origin;
};
struct plan_resctrl {
	bool is_active;
	/* A directory below the root of resctrl, "/" = the root itself. */
	const char *group;
	bool is_own;       /* made for this container, and removed with it */
	bool is_monitored; /* a monitoring group named after the container */
	ARRAY(struct plan_resctrl_line) lines;
	const char *origin;
};
