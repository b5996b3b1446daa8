/* SPDX-License-Identifier: Apache-2.0 */
/* The file tree: the root, the mounts in their order, what is masked. */
#pragma once

#include "base/arena.h"
#include "plan/ids.h"
#include "plan/namespaces.h"

#include <stdbool.h>
#include <stdint.h>

enum plan_mount_kind {
	PLAN_MOUNT_FILESYSTEM, /* fsopen(type) */
	PLAN_MOUNT_BIND,
	PLAN_MOUNT_REMOUNT, /* change what is mounted at target */
	/* cgroup2; where it cannot be mounted new: the container's own cgroup, bound. */
	PLAN_MOUNT_CGROUP,
};
struct plan_mount {
	enum plan_mount_kind kind;
	const char *type; /* file system type: "tmpfs", "proc", …; NULL for a bind */
	/* Bind: absolute path of the runtime's view; else the source string, may be NULL. */
	const char *source;
	const char *target; /* clean absolute path of the agent's view */
	bool is_recursive;  /* rbind */
	/* MOUNT_ATTR_* of <sys/mount.h> on the mount itself. */
	uint64_t set, clear;
	/* The same with AT_RECURSIVE (rro, rnosuid …). */
	uint64_t set_recursive, clear_recursive;
	/* MS_SHARED, MS_SLAVE, MS_PRIVATE or MS_UNBINDABLE, with MS_REC; 0 = leave. */
	uint64_t propagation;
	/* NULL-terminated fsconfig flags: "sync", "ro", "lazytime" … */
	const char **superblock;
	/* NULL-terminated fsconfig strings: "mode=755", "size=65536k", "lowerdir=…" */
	const char **data;
	bool copy_up; /* tmpfs: starts with the contents of what it covers */
	bool idmap, idmap_recursive;
	/* Of idmap; no rows: those of the container's user namespace, new or joined. */
	struct plan_id_maps uid_maps, gid_maps;
	/* /etc/hosts, /etc/resolv.conf …: stays under a policy without a grant. */
	bool is_engine_file;
	const char *origin; /* "config.json mounts[3]" */
};
struct plan_mounts {
	const char *root; /* absolute path of the runtime's view */
	bool root_read_only;
	/* MS_*; 0 = MS_SLAVE | MS_REC for "/" of the runtime's view, and private for the root. */
	uint64_t root_propagation;
	bool no_pivot;
	ARRAY(struct plan_mount) rows;
	ARRAY(const char *) masked, read_only; /* linux.maskedPaths, linux.readonlyPaths */
	const char *label;                     /* SELinux mountLabel */
};

struct plan_device {
	char type;        /* 'c', 'b', 'p' ('u' is 'c') */
	const char *path; /* agent's view */
	uint32_t major, minor;
	uint32_t mode;     /* permission bits */
	uint32_t uid, gid; /* container ids */
	const char *origin;
	/* A node that is there already is given this mode and owner, not only compared. */
	bool is_owned;
	/* On a /dev that comes from outside: it must be there, and is left as it is. */
	bool is_given;
};
struct plan_devices {
	ARRAY(struct plan_device) rows; /* default devices included by spec/ */
	bool links;                     /* /dev/fd, stdin, stdout, stderr, core, ptmx */
	bool console;                   /* bind the terminal on /dev/console */
};

/* KEY: "net.core.somaxconn"; a dot within a part is written '/', as in "net.ipv4.conf.eth0/1". */
struct plan_sysctl {
	const char *key, *value, *origin;
	enum namespace_kind owner; /* the kind of namespace that keeps it apart */
};
struct plan_kernel {
	ARRAY(struct plan_sysctl) sysctls;
	const char *hostname, *domainname; /* NULL = leave */
	bool memfd_noexec;                 /* vm.memfd_noexec=2 in the container's pid namespace */
};
