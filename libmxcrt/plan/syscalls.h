/* SPDX-License-Identifier: Apache-2.0 */
/* Every system call by name and number, and its profiles: written by gen-syscalls at build time. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
	SYSCALL_AGENT = 1,
	SYSCALL_STRICT = 2,
	SYSCALL_DEVELOPER = 4,
};
enum {
	SYSCALL_ABSENT = UINT16_MAX, /* another architecture has it, this one does not */
	SYSCALL_LIMIT = 512,         /* above all numbers in the table */
};

struct syscall {
	char name[30]; /* in place: a table of pointers would be relocated at every start */
	uint16_t number;
	uint16_t profiles;
};
/* By number, the absent last. */
extern const struct syscall syscalls[];
extern const size_t syscalls_n;

/* NULL when no architecture has one of that name. */
const struct syscall *syscall_find(const char *name);
/* For "did you mean": NULL when none is near. */
const char *syscall_nearest(const char *name);
