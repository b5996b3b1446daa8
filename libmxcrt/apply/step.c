/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel objects that steps hand to each other: all absent at first, all closed at the end. */
#include "apply/step.h"

#include "base/fd.h"

#include <string.h>

/* Every descriptor of struct handles: a new member is a row here. */
static const size_t descriptors[] = {
	offsetof(struct handles, pidfd_socket),
	offsetof(struct handles, link),
	offsetof(struct handles, start),
	offsetof(struct handles, proc),
	offsetof(struct handles, state),
	offsetof(struct handles, lock),
	offsetof(struct handles, cgroup),
	offsetof(struct handles, console),
	offsetof(struct handles, terminal),
	offsetof(struct handles, root),
	offsetof(struct handles, init_pidfd),
	offsetof(struct handles, target_pidfd),
	offsetof(struct handles, landlock),
	offsetof(struct handles, user_namespace),
	offsetof(struct handles, seccomp_listener),
	offsetof(struct handles, denied_file),
	offsetof(struct handles, denied_directory),
	offsetof(struct handles, placeholders),
	offsetof(struct handles, container_network),
};
enum { DESCRIPTORS = sizeof(descriptors) / sizeof(descriptors[0]) };

static int *descriptor(struct handles *handles, size_t i)
{
	return (int *)(void *)((char *)handles + descriptors[i]);
}

void handles_init(struct handles *handles, struct arena *arena)
{
	memset(handles, 0, sizeof(*handles));
	handles->arena = arena;
	for (size_t i = 0; i < DESCRIPTORS; i++)
		*descriptor(handles, i) = -1;
}

void handles_spare(struct handles *handles)
{
	int *const spared[] = { &handles->start, &handles->console, &handles->root,
				&handles->denied_file, &handles->denied_directory };

	for (size_t i = 0; i < sizeof(spared) / sizeof(spared[0]); i++)
		fd_close(spared[i]);
	for (size_t i = 0; i < handles->sources_n; i++)
		fd_close(&handles->sources[i]);
}

void handles_close(struct handles *handles)
{
	for (size_t i = 0; i < DESCRIPTORS; i++)
		fd_close(descriptor(handles, i));
	for (size_t i = 0; i < handles->sources_n; i++)
		fd_close(&handles->sources[i]);
	handles->sources_n = 0;
}
