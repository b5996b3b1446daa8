/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage 1, the host.
 * Process     the runtime, as its caller started it
 * Sees        the host: its files, its /proc, its cgroup tree, the caller's descriptors
 * Holds       the caller's rights, all of them
 * Hands over  by fork: open sources, filters, console; by the link: the words of stages/link.h
 */
#include "stages/stages.h"
#include "stages/when.h"

#include "apply/access.h"
#include "apply/cgroup.h"
#include "apply/fds.h"
#include "apply/hooks.h"
#include "apply/ids.h"
#include "apply/netdevices.h"
#include "apply/pidfd.h"
#include "apply/placement.h"
#include "apply/resctrl.h"
#include "apply/rlimits.h"
#include "apply/seccomp.h"
#include "apply/sources.h"
#include "apply/terminal.h"

/* clang-format off */
static const struct step prepare[] = {
	/* before our own descriptors take the numbers */
	{ "descriptors",  fds_check_promised },
	/* nothing is made for an engine that does not listen */
	{ "pidfd-socket", pidfd_connect },
	/* first: init is cloned into it */
	{ "cgroup",       cgroup_create,    .undo = cgroup_undo, .when = when_create },
	/* the container's: never undone from here */
	{ "cgroup-open",  cgroup_create,    .when = when_exec },
	{ "resctrl",      resctrl_create,   .undo = resctrl_undo, .when = when_resctrl_new },
	{ "denied",       access_prepare,   .when = when_policy_creates },
	/* with the caller's rights, which init may not have */
	{ "sources",      sources_open,     .when = when_create },
	/* may load libseccomp: never from the container's files */
	{ "seccomp",      seccomp_assemble },
	{ "console",      terminal_connect, .when = when_terminal },
	/* last: ours from here on, and inherited */
	{ "affinity",     affinity_begin,   .when = when_affinity },
	{},
};

static const struct step attend[] = {
	/* while the process still waits for us: it cannot end before the engine knows it */
	{ "pidfd",        pidfd_send },
	/* with the host's rights, and before init counts as somebody else */
	{ "oom-score",    oom_score_set,         .when = when_not_bridged },
	{ "rlimits",      rlimits_raise,         .when = when_user_namespace },
	{ "id-maps",      ids_write_maps,        .when = when_user_namespace_new },
	{ "mapped",       .tell = WORD_MAPPED,   .when = when_user_namespace_new },
	/* systemd wants a process to put in its unit */
	{ "scope",        cgroup_scope,          .when = when_scope },
	/* what exec adds is not born in it */
	{ "resctrl-join", resctrl_join,          .when = when_resctrl },
	{ "limits",       cgroup_limits,         .when = when_create },
	/* an agent under a policy gets no cgroup of its own to manage */
	{ "cgroup-owner", cgroup_give,           .when = when_cgroup_given },
	{ "devices",      cgroup_filter_devices, .when = when_create },
	{ "go",           .tell = WORD_GO },
	{ "ready",        .await = WORD_READY,   .when = when_host_enters },
	/* what hooks do to the network they do to all of it */
	{ "net-devices",  netdevices_move,       netdevices_return, .when = when_net_devices },
	{ "hooks",        hooks_create_runtime,  .when = when_host_hooks },
	{ "hooked",       .tell = WORD_HOOKED,   .when = when_host_enters },
	{ "created",      .await = WORD_CREATED, .when = when_create },
	{},
};
/* clang-format on */

const struct stage stage_host_prepare = { "host", prepare };
const struct stage stage_host_attend = { "host", attend };
