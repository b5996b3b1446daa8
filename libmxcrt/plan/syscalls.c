/* SPDX-License-Identifier: Apache-2.0 */
/* Finding system calls in the generated table. */
#include "plan/syscalls.h"

#include "base/str.h"

const struct syscall *syscall_find(const char *name)
{
	for (size_t i = 0; i < syscalls_n; i++)
		if (str_equal(syscalls[i].name, name))
			return &syscalls[i];
	return NULL;
}

const char *syscall_nearest(const char *name)
{
	const char *names[2 * SYSCALL_LIMIT];
	size_t n = 0;
	for (size_t i = 0; i < syscalls_n && n < sizeof(names) / sizeof(names[0]); i++)
		names[n++] = syscalls[i].name;
	return str_nearest(name, names, n);
}
