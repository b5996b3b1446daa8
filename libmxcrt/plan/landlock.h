/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock's rights and flags by number: distribution headers know only the first of them. */
#pragma once

#include <stdint.h>

enum landlock_right {
	LANDLOCK_EXECUTE = 1 << 0,
	LANDLOCK_WRITE_FILE = 1 << 1,
	LANDLOCK_READ_FILE = 1 << 2,
	LANDLOCK_READ_DIR = 1 << 3,
	LANDLOCK_REMOVE_DIR = 1 << 4,
	LANDLOCK_REMOVE_FILE = 1 << 5,
	LANDLOCK_MAKE_CHAR = 1 << 6,
	LANDLOCK_MAKE_DIR = 1 << 7,
	LANDLOCK_MAKE_REG = 1 << 8,
	LANDLOCK_MAKE_SOCK = 1 << 9,
	LANDLOCK_MAKE_FIFO = 1 << 10,
	LANDLOCK_MAKE_BLOCK = 1 << 11,
	LANDLOCK_MAKE_SYM = 1 << 12,
	LANDLOCK_REFER = 1 << 13,        /* ABI 2 */
	LANDLOCK_TRUNCATE = 1 << 14,     /* ABI 3 */
	LANDLOCK_IOCTL_DEV = 1 << 15,    /* ABI 5 */
	LANDLOCK_RESOLVE_UNIX = 1 << 16, /* ABI 9 */
};
/* What a rule on anything but a directory may carry; the kernel refuses the rest. */
enum {
	LANDLOCK_FILE_RIGHTS = LANDLOCK_EXECUTE | LANDLOCK_WRITE_FILE | LANDLOCK_READ_FILE |
			       LANDLOCK_TRUNCATE | LANDLOCK_IOCTL_DEV | LANDLOCK_RESOLVE_UNIX,
};
enum landlock_scope { LANDLOCK_ABSTRACT_SOCKETS = 1 << 0, LANDLOCK_SIGNALS = 1 << 1 }; /* ABI 6 */
enum landlock_restrict { LANDLOCK_LOG_NEW_EXEC = 1 << 1 };                             /* ABI 7 */

struct plan;
struct error;
/* All file rights that ABI knows. */
uint64_t landlock_rights_of(int abi);
/*
 * plan->landlock from the settled plan->filesystem: plan_settle calls it when a policy governs. The
 * applier masks a rule on what is no directory with LANDLOCK_FILE_RIGHTS.
 */
void plan_landlock_derive(struct plan *plan, int abi);
