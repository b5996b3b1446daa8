/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime's own /proc: every read and write below /proc goes through this descriptor, never
 * through the container's. */
#pragma once

#include <sys/types.h>

struct arena;
struct error;

/* O_PATH of /proc, checked to be procfs at its root. */
int proc_open(struct error *err);
/* PATH relative ("self/attr/exec", "sys/net/core/somaxconn"), opened beneath PROC without magic
 * links or crossing mounts. -1 with errno. */
int proc_open_at(int proc, const char *path, int flags);
/* One write call. -1 with errno. */
int proc_write(int proc, const char *path, const char *value);
/* A small file as text with NUL (cut at size - 1); its length, or -1 with errno. */
ssize_t proc_read(int proc, const char *path, char *buffer, size_t size);
