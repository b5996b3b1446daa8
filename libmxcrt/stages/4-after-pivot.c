/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage 4, after pivot.
 * Process     container init
 * Sees        the container's files only; the host's /proc through handles->proc
 * Holds       all capabilities of its user namespace
 * Hands over  a file tree that will not change any more, the terminal, the Landlock ruleset
 */
#include "stages/stages.h"
#include "stages/when.h"

#include "apply/kernel.h"
#include "apply/landlock.h"
#include "apply/masks.h"
#include "apply/payload.h"
#include "apply/rootfs.h"
#include "apply/terminal.h"

/* clang-format off */
static const struct step after_pivot[] = {
	/* before the read-only paths cover /proc/sys */
	{ "kernel",   kernel_set },
	/* before /dev may become read-only with the root */
	{ "terminal", terminal_open,    .when = when_terminal },
	/* made where it is missing, before the root may become read-only */
	{ "directory", payload_prepare_directory },
	{ "masks",    masks_apply },
	{ "root",     rootfs_finish },
	/* on the paths as the agent will see them */
	{ "landlock", landlock_prepare, .when = when_landlock },
	{},
};
/* clang-format on */

const struct stage stage_after_pivot = { "after-pivot", after_pivot };
