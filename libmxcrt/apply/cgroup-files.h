/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a cgroup directory: small texts, read and written whole. Shared by the cgroup files
 * of this room only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

/* Where every cgroup2 hierarchy is mounted that is used; a host with version 1 there is refused. */
int cgroup_mount_open(struct error *err);
/* A directory by path below the mount ("/a/b"), never through a link: a descriptor, or -1 with
 * errno. */
int cgroup_directory_open(int mount, const char *path);
/* Into BUFFER with NUL; -1 with errno. */
int cgroup_file_read(int cgroup, const char *file, char *buffer, size_t size);
/* The number after NAME in a file of lines "name value"; NAME NULL: the file's only number ("max"
 * is UINT64_MAX). False when absent. */
bool cgroup_number_read(int cgroup, const char *file, const char *name, uint64_t *ret);
/* Wait until NAME of cgroup.events is VALUE: 1, or 0 when TIMEOUT_MS have passed, or -1 with errno.
 */
int cgroup_event_await(int cgroup, const char *name, uint64_t value, int timeout_ms);
