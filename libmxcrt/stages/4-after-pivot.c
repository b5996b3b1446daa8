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
#include "apply/rootfs.h"
#include "apply/terminal.h"

/* clang-format off */
static const struct step after_pivot[] = {
	{ "kernel",   kernel_set },                             /* before the read-only paths cover /proc/sys */
	{ "terminal", terminal_open,    .when = when_terminal }, /* before /dev may become read-only with the root */
	{ "masks",    masks_apply },
	{ "root",     rootfs_finish },
	{ "landlock", landlock_prepare, .when = when_landlock }, /* on the paths as the agent will see them */
	{},
};
/* clang-format on */

const struct stage stage_after_pivot = { "after-pivot", after_pivot };
