/* SPDX-License-Identifier: Apache-2.0 */
/* System call filters: config.json's own, declarative; the policy's profile, as instructions. */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

struct plan_seccomp_arg {
	unsigned index;
	uint64_t value, value_two;
	int op; /* enum scmp_compare */
};
struct plan_seccomp_rule {
	const char **names; /* NULL-terminated */
	uint32_t action;    /* SCMP_ACT_*, errno included */
	ARRAY(struct plan_seccomp_arg) args;
};
/* config.json linux.seccomp; handed to libseccomp by apply/. */
struct plan_seccomp_config {
	uint32_t default_action;
	ARRAY(uint32_t) architectures; /* SCMP_ARCH_* */
	uint32_t flags;                /* SECCOMP_FILTER_FLAG_* */
	ARRAY(struct plan_seccomp_rule) rules;
	const char *listener_path, *listener_metadata;
	const char *origin;
};

enum syscall_profile { SYSCALLS_NONE, SYSCALLS_AGENT, SYSCALLS_STRICT, SYSCALLS_DEVELOPER };

/* struct sock_filter */
struct seccomp_instruction {
	uint16_t code;
	uint8_t jt, jf;
	uint32_t k;
};
struct plan_seccomp {
	const struct plan_seccomp_config *config; /* NULL = none */
	enum syscall_profile profile;
	ARRAY(const char *) allow, deny;           /* refine the profile */
	bool deny_terminal_injection;              /* TIOCSTI, TIOCLINUX */
	const struct seccomp_instruction *program; /* made by plan_settle; NULL = none */
	size_t program_length;
	const char *origin;
};

/* What stands against executing anonymous memory, and so what the filter itself must refuse. */
enum seccomp_memfd {
	SECCOMP_MEMFD_EXECUTABLE, /* the policy allows it: nothing */
	SECCOMP_MEMFD_SYSCTL,     /* vm.memfd_noexec: asking for an executable one */
	SECCOMP_MEMFD_SEALED,     /* nothing: every memfd that is not sealed against execution */
};
struct error;
/* Fills program and program_length from profile, allow and deny; NULL for SYSCALLS_NONE. */
int plan_seccomp_assemble(struct arena *arena, struct plan_seccomp *seccomp,
			  enum seccomp_memfd memfd, struct error *err);
