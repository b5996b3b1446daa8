/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage 2, the bridge into the namespaces.
 * Process     the bridge, where a user or pid namespace is joined; then init, cloned by it or by
 * the host Sees        the host's files Holds       the caller's rights, then all capabilities of
 * the user namespace Hands over  init inside every namespace of the plan, recorded, in its cgroup
 */
#include "stages/stages.h"
#include "stages/when.h"

#include "apply/ids.h"
#include "apply/keyring.h"
#include "apply/namespaces.h"
#include "apply/network.h"
#include "apply/rlimits.h"

/* clang-format off */
static const struct step bridge[] = {
	/* init inherits it; inside, the bridge may no longer */
	{ "oom-score",        oom_score_set },
	{ "join",             namespaces_join_for_bridge },
	{},
};

static const struct step enter[] = {
	{ "mapped",           .await = WORD_MAPPED,     .when = when_user_namespace_new },
	{ "root",             ids_become_root,          .when = when_user_namespace },
	{ "namespaces",       namespaces_enter },        /* beside the host's limits and scope */
	/* only now systemd has put us into the scope */
	{ "go",               .await = WORD_GO,         .when = when_waits_first },
	/* its root is the cgroup that we are in */
	{ "cgroup-namespace", namespaces_enter_cgroup },
	/* before anything of the container's can run */
	{ "keyring",          keyring_join },
	{ "network",          network_prepare,          .when = when_create },
	/* what the engine gave is refused by create already; what hooks add, before exec */
	{ "interfaces",       network_check,            .when = when_network_given },
	{},
};
/* clang-format on */

const struct stage stage_bridge = { "bridge", bridge };
const struct stage stage_enter = { "bridge", enter };
