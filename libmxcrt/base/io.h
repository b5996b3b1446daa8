/* SPDX-License-Identifier: Apache-2.0 */
/* Whole reads and writes, EINTR handled once and for all; resolution beneath a directory. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

struct arena;
struct error;

/* All n bytes, or -1 with errno. */
int write_all(int fd, const void *bytes, size_t n);
/* Up to n bytes until end of file; the count, or -1 with errno. */
ssize_t read_some(int fd, void *buffer, size_t n);
/* A whole regular file of at most LIMIT bytes relative to DIRECTORY (AT_FDCWD allowed), NUL added;
 * ERROR_HOST, or ERROR_CONFIG when too large or not a regular file. ret_n may be NULL. */
int file_read(struct arena *arena, int directory, const char *path, size_t limit, char **ret_bytes,
	      size_t *ret_n, struct error *err);
/* Replace by rename: a reader sees the old or the new file, never a part. */
int file_replace(int directory, const char *name, const void *bytes, size_t n, mode_t mode,
		 struct error *err);
/* Write VALUE to an existing file (cgroup and proc files): one write call. -1 with errno. */
int file_write_at(int directory, const char *path, const char *value);

/* Every missing directory above the last component of PATH, links followed. -1 with errno. */
int directories_make(const char *path, mode_t mode);

/* openat2: RESOLVE is RESOLVE_* ; the descriptor (CLOEXEC always added) or -1 with errno. EINTR and
 * EAGAIN are retried. */
int open_resolved(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);
/* O_PATH of what is at PATH (absolute, as the container sees it) beneath ROOT: RESOLVE_IN_ROOT |
 * RESOLVE_NO_MAGICLINKS. -1 with errno. */
int open_in_root(int root, const char *path, uint64_t extra_flags);
/* "/proc/self/fd/N" for calls that only take a path. */
struct fd_path {
	char text[32];
};
struct fd_path fd_path(int fd);
