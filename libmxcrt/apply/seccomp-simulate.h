/* SPDX-License-Identifier: Apache-2.0 */
/* What a filter would say to a system call, asked before it is loaded. Shared by the seccomp files
 * of this room only. */
#pragma once

#include <stdbool.h>

struct seccomp_data;
struct seccomp_program;

/* Whether PROGRAM lets CALL pass unseen. An instruction that is unknown here counts as no. */
bool seccomp_allows(const struct seccomp_program *program, const struct seccomp_data *call);
