/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage 1 of a restore, the host. CRIU stands where init does at create: it makes namespaces,
 * mounts, processes and their credentials as its images say, so that stages 3 to 5 have no work.
 * Process     the runtime, as its caller started it
 * Sees        the host, and what create's stage 1 sees
 * Holds       all capabilities of the host's root
 * Hands over  to CRIU: its cgroup, limited and filtered before the first restored instruction; the
 *             mounts' sources, opened
 */
#include "stages/stages.h"
#include "stages/when.h"

#include "apply/cgroup.h"
#include "apply/pidfd.h"
#include "apply/resctrl.h"
#include "apply/sources.h"
#include "apply/terminal.h"

/* clang-format off */
static const struct step prepare[] = {
	/* nothing is made for an engine that does not listen */
	{ "pidfd-socket", pidfd_connect },
	/* first: CRIU, and all that it makes, is born in it */
	{ "cgroup",       cgroup_create,         .undo = cgroup_undo },
	{ "resctrl",      resctrl_create,        .undo = resctrl_undo, .when = when_resctrl_new },
	{ "sources",      sources_open },
	{ "console",      terminal_connect,      .when = when_terminal },
	{},
};

static const struct step attend[] = {
	/* systemd wants a process to put in its unit: CRIU's */
	{ "scope",        cgroup_scope,          .when = when_scope },
	{ "resctrl-join", resctrl_join,          .when = when_resctrl },
	{ "limits",       cgroup_limits },
	{ "cgroup-owner", cgroup_give,           .when = when_cgroup_given },
	{ "devices",      cgroup_filter_devices },
	{},
};
/* clang-format on */

const struct stage stage_restore_prepare = { "restore", prepare };
const struct stage stage_restore_attend = { "restore", attend };
