/* SPDX-License-Identifier: Apache-2.0 */
/* Why the kernel makes no namespace here: asked only once it has refused, so that nobody pays for
 * it before. */
#include "apply/namespaces.h"

#include "apply/proc.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "plan/namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

/* Not by proc_read: in a container /proc/sys often is a mount of its own, and here nothing depends
 * on what is read but a message. */
static bool is_set_to(int proc, const char *path, const char *value)
{
	char text[32] = "";
	autofd fd = openat(proc, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read_some(fd, text, sizeof(text) - 1) < 0)
		return false;
	text[strcspn(text, "\n")] = '\0';
	return str_equal(text, value);
}

/* Refusals that a setting of the administrator explains. */
static const struct {
	const char *file, *value, *text, *remedy;
} settings[] = {
	{ "sys/kernel/unprivileged_userns_clone", "0",
	  "sysctl kernel.unprivileged_userns_clone is 0",
	  "sysctl -w kernel.unprivileged_userns_clone=1, or start the runtime as root" },
	{ "sys/kernel/apparmor_restrict_unprivileged_userns", "1",
	  "AppArmor's sysctl kernel.apparmor_restrict_unprivileged_userns is 1",
	  "load an AppArmor profile for mxc-runtime with the rule 'userns,', or sysctl -w "
	  "kernel.apparmor_restrict_unprivileged_userns=0, or start the runtime as root" },
	{ "sys/kernel/unprivileged_userns_apparmor_policy", "0",
	  "sysctl kernel.unprivileged_userns_apparmor_policy is 0",
	  "ask the administrator to allow user namespaces, or start the runtime as root" },
};

static int because(struct error *err, const char *text, const char *remedy)
{
	errno = err->sys_errno;
	*err = (struct error){};
	(void)fail_sys(err, "the kernel refuses the container's namespaces: %s", text);
	return fail_remedy(err, "%s", remedy);
}

static bool is_filtered(int proc)
{
	char status[4096];

	if (proc_read(proc, "self/status", status, sizeof(status)) < 0)
		return false;
	return strstr(status, "\nSeccomp:\t2") != NULL;
}

/* EPERM, EACCES, ENOSYS. */
static int explain_forbidden(int proc, int flags, struct error *err)
{
	static const char filter_remedy[] =
		"start the surrounding container with --security-opt seccomp=unconfined, or with a "
		"profile that allows clone3, unshare and mount";

	if (err->sys_errno == ENOSYS)
		return because(err, "a seccomp filter hides clone3", filter_remedy);
	for (size_t i = 0; flags & CLONE_NEWUSER && i < sizeof(settings) / sizeof(settings[0]); i++)
		if (is_set_to(proc, settings[i].file, settings[i].value))
			return because(err, settings[i].text, settings[i].remedy);
	if (is_filtered(proc))
		return because(err, "probably by the seccomp filter that the runtime is under",
			       filter_remedy);
	if (!(flags & CLONE_NEWUSER))
		return -1;
	return because(err, "no sysctl explains it",
		       "look for a security module (SELinux, AppArmor, BPF) or a chroot that "
		       "forbids user namespaces, or start the runtime as root");
}

/* ENOSPC, EUSERS. */
static int explain_limit(int proc, int flags, struct error *err)
{
	for (int kind = 0; kind < NAMESPACE_KINDS; kind++) {
		const char *name = namespace_infos[kind].file;
		autoarena arena = {};
		if (!(flags & namespace_infos[kind].clone_flag) ||
		    !is_set_to(proc, arena_printf(&arena, "sys/user/max_%s_namespaces", name), "0"))
			continue;
		return because(
			err, arena_printf(&arena, "sysctl user.max_%s_namespaces is 0", name),
			arena_printf(&arena, "sysctl -w user.max_%s_namespaces=10000", name));
	}
	if (!(flags & CLONE_NEWUSER))
		return because(err,
			       "a limit user.max_*_namespaces of this or of a surrounding "
			       "user namespace is reached",
			       "raise the limit, or end containers that are not needed");
	return because(err,
		       "user.max_user_namespaces of this or of a surrounding user namespace is "
		       "reached, or 32 user namespaces are nested",
		       "raise the limit there, or nest less deeply");
}

int namespaces_refused(int proc, int flags, struct error *err)
{
	switch (err->sys_errno) {
	case EPERM:
	case EACCES:
	case ENOSYS: return explain_forbidden(proc, flags, err);
	case ENOSPC:
	case EUSERS: return explain_limit(proc, flags, err);
	case EINVAL:
		if (flags & CLONE_NEWUSER)
			return because(err,
				       "this kernel may have been built without user namespaces",
				       "use a kernel with CONFIG_USER_NS");
		return -1;
	default: return -1;
	}
}
