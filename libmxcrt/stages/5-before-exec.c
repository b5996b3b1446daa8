/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage 5, before exec: the last of our code that runs as the container, and what a security reviewer reads first.
 * Process     container init, or one more process of the container (exec)
 * Sees        the container's files only
 * Holds       all capabilities of its user namespace, less and less of them
 * Hands over  the payload
 */
#include "stages/stages.h"
#include "stages/when.h"

#include "apply/caps.h"
#include "apply/fds.h"
#include "apply/hooks.h"
#include "apply/ids.h"
#include "apply/landlock.h"
#include "apply/lsm.h"
#include "apply/network.h"
#include "apply/payload.h"
#include "apply/rlimits.h"
#include "apply/seccomp.h"
#include "apply/terminal.h"

static bool when_exec_terminal(const struct plan *plan)
{
	return plan->is_exec && plan->process.terminal;
}

static bool when_exec_landlock(const struct plan *plan)
{
	return plan->is_exec && plan->landlock.is_active;
}

/* clang-format off */
static const struct step before_exec[] = {
	{ "terminal",          terminal_open,    .when = when_exec_terminal },
	{ "landlock-rules",    landlock_prepare, .when = when_exec_landlock },
	{ "session",           session_begin },
	{ "rlimits",           rlimits_set },
	{ "close-fds",         fds_close_rest },
	{ "find",              payload_find },                          /* create says what cannot be executed, not start */
	{ "created",           .tell = WORD_CREATED,  .when = when_create },
	{ "start",             .await = WORD_START,   .when = when_create }, /* create ends here; start speaks */
	{ "hooks",             hooks_start_container, .when = when_create },
	{ "network",           network_check,         .when = when_only_loopback }, /* after every hook that could add an interface */
	{ "exec-label",        lsm_label_exec },
	{ "bounding-set",      caps_drop_bounding },                    /* needs CAP_SETPCAP: before the uid */
	{ "directory",         payload_enter_directory },               /* it may have to be made: before the uid */
	{ "ids",               ids_assume },
	{ "seccomp-privileged", seccomp_load_privileged },              /* without no_new_privileges loading needs CAP_SYS_ADMIN */
	{ "caps",              caps_assume },
	{ "no-new-privileges", privileges_freeze },                     /* landlock and seccomp ask for it */
	{ "landlock",          landlock_enter,        .when = when_landlock },
	{ "seccomp",           seccomp_load },                          /* last: may forbid all of the above */
	{ "exec",              payload_execute },
	{},
};
/* clang-format on */

const struct stage stage_before_exec = { "before-exec", before_exec };
