/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel objects that steps hand to each other: all absent at first, all closed at the end. */
#include "apply/step.h"

#include "base/fd.h"

#include <string.h>

/* Every descriptor of struct handles: a new member is a line here. */
#define FOR_EACH_HANDLE(do)                                                                                             \
	do(link) do(start) do(proc) do(state) do(lock) do(cgroup) do(console) do(terminal) do(root) do(init_pidfd)      \
		do(target_pidfd) do(landlock) do(user_namespace) do(seccomp_listener) do(denied_file)                   \
			do(denied_directory) do(placeholders)

void handles_init(struct handles *handles, struct arena *arena)
{
	memset(handles, 0, sizeof(*handles));
	handles->arena = arena;
#define HANDLE_NONE(member) handles->member = -1;
	FOR_EACH_HANDLE(HANDLE_NONE)
#undef HANDLE_NONE
}

void handles_close(struct handles *handles)
{
#define HANDLE_CLOSE(member) fd_close(&handles->member);
	FOR_EACH_HANDLE(HANDLE_CLOSE)
#undef HANDLE_CLOSE
	for (size_t i = 0; i < handles->sources_n; i++)
		fd_close(&handles->sources[i]);
	handles->sources_n = 0;
}
