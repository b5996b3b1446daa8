/* SPDX-License-Identifier: Apache-2.0 */
/* What the host can do: the facts that plan_settle decides by. */
#include "apply/probe.h"

#include "base/error.h"
#include "base/fd.h"
#include "plan/host.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

enum {
	INITIAL_USER_NAMESPACE = 0xEFFFFFFDU, /* the inode number that the kernel reserves for it */
	LANDLOCK_VERSION = 1,                 /* LANDLOCK_CREATE_RULESET_VERSION */
};

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static bool holds_admin(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};

	if (syscall(SYS_capget, &header, data) < 0)
		return false;
	return data[0].effective & (1U << CAP_SYS_ADMIN);
}

static int kernel_probe(struct host *host, struct error *err)
{
	struct utsname name;

	if (uname(&name) < 0)
		return fail_sys(err, "read the kernel's release");
	if (sscanf(name.release, "%u.%u", &host->kernel_major, &host->kernel_minor) != 2)
		return fail(err, ERROR_HOST, "kernel release '%s' is no version", name.release);
	return 0;
}

bool host_is_initial(void)
{
	struct stat st;

	return stat("/proc/self/ns/user", &st) == 0 && st.st_ino == INITIAL_USER_NAMESPACE;
}

static void user_probe(struct host *host)
{
	host->uid = geteuid();
	host->gid = getegid();
	host->is_in_user_namespace = !host_is_initial();
	host->is_root = host->uid == 0 && !host->is_in_user_namespace && holds_admin();
}

/* Children may be made where we are, when the directory is ours. */
static bool cgroup_is_delegated(void)
{
	char own[4096] = "", path[4096 + 32];
	autofd fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, own, sizeof(own) - 1) <= 0)
		return false;
	char *line = strstr(own, "0::/");
	if (!line)
		return false;
	line[strcspn(line, "\n")] = '\0';
	(void)snprintf(path, sizeof(path), "/sys/fs/cgroup%s", line + strlen("0::"));
	return access(path, W_OK) == 0;
}

static void cgroup_probe(struct host *host)
{
	struct statfs fs;

	host->has_cgroup2 = statfs("/sys/fs/cgroup", &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
	host->has_cgroup_delegation = host->has_cgroup2 && (host->is_root || cgroup_is_delegated());
}

bool host_user_directory(char *path, size_t size)
{
	const char *directory = getenv("XDG_RUNTIME_DIR");

	if (directory && directory[0] == '/')
		return snprintf(path, size, "%s", directory) < (int)size;
	/* What pam_systemd makes; after su or from cron nobody has said so. Inside a user namespace
	 * the user's number is another. */
	return geteuid() != 0 && host_is_initial() &&
	       snprintf(path, size, "/run/user/%u", geteuid()) < (int)size;
}

static bool systemd_probe(const struct host *host)
{
	char directory[4000], path[4096];
	const char *bus = getenv("DBUS_SESSION_BUS_ADDRESS");

	/* The directory that sd_booted(3) documents. */
	if (!exists("/run/systemd/system"))
		return false;
	if (host->is_root || (bus && bus[0]))
		return true;
	if (!host_user_directory(directory, sizeof(directory)))
		return false;
	(void)snprintf(path, sizeof(path), "%s/systemd/private", directory);
	if (exists(path))
		return true;
	(void)snprintf(path, sizeof(path), "%s/bus", directory);
	return exists(path);
}

static int landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION);

	return abi > 0 ? (int)abi : 0;
}

int host_probe(bool needs_policy, struct host *ret_host, struct error *err)
{
	struct host host = {};

	TRY(kernel_probe(&host, err));
	user_probe(&host);
	cgroup_probe(&host);
	host.has_systemd = systemd_probe(&host);
	host.has_seccomp = prctl(PR_GET_SECCOMP) >= 0;
	host.has_apparmor = exists("/sys/kernel/security/apparmor");
	host.has_selinux = exists("/sys/fs/selinux/enforce");
	/* Loading and attaching both ask for rights in the initial user namespace. */
	host.may_filter_devices = host.is_root;
	if (needs_policy) {
		host.landlock_abi = landlock_abi();
		host.has_memfd_noexec = exists("/proc/sys/vm/memfd_noexec");
	}
	*ret_host = host;
	return 0;
}
