/* SPDX-License-Identifier: Apache-2.0 */
/* The facts about the host that plan_settle decides by: probed, or from a text in tests. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct host {
	int landlock_abi; /* 0 = not there */
	unsigned kernel_major, kernel_minor;
	bool is_root;               /* euid 0 with CAP_SYS_ADMIN in the initial user namespace */
	bool is_in_user_namespace;  /* the runtime itself is in a child user namespace */
	uint32_t uid, gid;          /* effective, as the runtime sees them */
	bool has_cgroup2;           /* /sys/fs/cgroup is a cgroup2 file system */
	bool has_cgroup_delegation; /* we may create children in the cgroup tree */
	bool has_systemd;           /* the system's, or the user's own, can be asked for scopes */
	bool has_memfd_noexec;      /* vm.memfd_noexec exists */
	bool has_apparmor, has_selinux;
	bool has_seccomp;
	bool may_filter_devices; /* BPF device programs can be loaded */
};
/* "landlock_abi 7\nis_root 1\n…" -> struct host, for golden tests; unknown keys fail. */
struct error;
int host_read(const char *text, struct host *ret_host, struct error *err);
