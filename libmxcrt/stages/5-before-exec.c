/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage 5, before exec: the last of our code that runs as the container, and what a security
 * reviewer reads first. Process     container init, or one more process of the container (exec)
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
#include "apply/placement.h"
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
	{ "personality",       personality_set },
	{ "scheduler",         scheduler_set },
	/* in the container's cgroup, which has the last word on both */
	{ "affinity",          affinity_set,     .when = when_affinity },
	{ "memory-policy",     memory_policy_set },
	{ "close-fds",         fds_close_rest },
	/* create says what cannot be executed, not start */
	{ "find",              payload_find },
	{ "created",           .tell = WORD_CREATED,  .when = when_create },
	/* create ends here; start speaks */
	{ "start",             .await = WORD_START,   .when = when_create },
	{ "hooks",             hooks_start_container, .when = when_create },
	/* after every hook that could add an interface */
	{ "network",           network_check,         .when = when_only_loopback },
	{ "exec-label",        lsm_label_exec },
	/* needs CAP_SETPCAP: before the uid */
	{ "bounding-set",      caps_drop_bounding },
	/* root may enter what the user may not, as engines expect: before the uid */
	{ "directory",         payload_enter_directory },
	{ "ids",               ids_assume },
	/* the last descriptor by which a path could lead out; nothing below needs it */
	{ "close-proc",        fds_close_trusted },
	/* without no_new_privileges loading needs CAP_SYS_ADMIN */
	{ "seccomp-privileged", seccomp_load_privileged },
	{ "caps",              caps_assume },
	/* landlock and seccomp ask for it */
	{ "no-new-privileges", privileges_freeze },
	{ "landlock",          landlock_enter,        .when = when_landlock },
	/* last: may forbid all of the above */
	{ "seccomp",           seccomp_load },
	{ "exec",              payload_execute },
	{},
};
/* clang-format on */

const struct stage stage_before_exec = { "before-exec", before_exec };
