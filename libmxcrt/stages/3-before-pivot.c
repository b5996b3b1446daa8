/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage 3, before pivot.
 * Process     container init, pid 1 of its namespace
 * Sees        the host's files, its own mounts; no host processes
 * Holds       all capabilities of its user namespace
 * Hands over  handles->root, attached and complete
 */
#include "stages/stages.h"
#include "stages/when.h"

#include "apply/access.h"
#include "apply/devices.h"
#include "apply/hooks.h"
#include "apply/mounts.h"
#include "apply/rootfs.h"

/* clang-format off */
static const struct step before_pivot[] = {
	{ "root",    rootfs_attach },
	{ "mounts",  mounts_attach },
	{ "devices", devices_create },
	/* after every mount: it hides what they brought */
	{ "access",  access_apply,         .when = when_policy_creates },
	/* all until here is ours; nothing of the container before it is recorded and limited */
	{ "go",      .await = WORD_GO,     .when = when_waits_last },
	{ "ready",   .tell = WORD_READY,   .when = when_host_enters },
	{ "hooked",  .await = WORD_HOOKED, .when = when_host_enters },
	{ "hooks",   hooks_create_container },
	{ "pivot",   rootfs_pivot },
	{},
};
/* clang-format on */

const struct stage stage_before_pivot = { "before-pivot", before_pivot };
