/* SPDX-License-Identifier: Apache-2.0 */
/* Places in the container's tree: found, or made, without ever leaving it. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct error;

enum target_kind { TARGET_DIRECTORY, TARGET_FILE };

/*
 * O_PATH of the mount point at PATH (agent's view) beneath ROOT, made when it is missing:
 * directories on the way (0755), a directory or an empty
 * file at the end. Links are followed within ROOT only; what is made is made by descriptor, never
 * through a link. -1 with *err.
 */
int target_open(int root, const char *path, enum target_kind kind, struct error *err);
/* The same for the directory that will hold the last component of PATH. */
int target_open_parent(int root, const char *path, struct error *err);
