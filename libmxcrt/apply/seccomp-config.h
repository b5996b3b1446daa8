/* SPDX-License-Identifier: Apache-2.0 */
/* config.json's filter to instructions, by libseccomp, which is opened only here. Shared by the
 * seccomp files of this room only. */
#pragma once

#include <stddef.h>

struct arena;
struct error;
struct plan_seccomp_config;
struct seccomp_instruction;

struct seccomp_program {
	const struct seccomp_instruction *code;
	size_t n;
	unsigned architecture; /* AUDIT_ARCH_* of this system's own calls */
};

int seccomp_config_assemble(struct arena *arena, const struct plan_seccomp_config *config,
			    struct seccomp_program *ret_program, struct error *err);
