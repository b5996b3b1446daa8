/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime's own executable, kept from being overwritten through /proc/PID/exe by what it
 * starts. */
#include "apply/self.h"

#include "apply/self-exchange.h"
#include "base/error.h"
#include "base/fd.h"
#include "plan/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char **environ;

/* Says that this is the second try, so that a kernel that surprises us cannot make it endless. */
static const char marker[] = "_MXC_SELF_PROTECTED";

static const unsigned all_seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

static bool is_protected(int self)
{
	struct statvfs fs;

	if (fstatvfs(self, &fs) == 0 && fs.f_flag & ST_RDONLY)
		return true;
	int seals = fcntl(self, F_GET_SEALS);
	return seals >= 0 && ((unsigned)seals & all_seals) == all_seals;
}

/* A mount of its own, read-only, in no namespace: nobody can make it writable again. Needs
 * CAP_SYS_ADMIN. */
static int clone_open(int self)
{
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_RDONLY };
	autofd tree = open_tree(self, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);

	if (tree < 0)
		return -1;
	if (mount_setattr(tree, "", AT_EMPTY_PATH, &attributes, sizeof(attributes)) < 0)
		return -1;
	return fd_take(&tree);
}

static int copy(int from, int to)
{
	struct stat st;

	if (fstat(from, &st) < 0)
		return -1;
	for (off_t left = st.st_size; left > 0;) {
		ssize_t n = sendfile(to, from, NULL, (size_t)left);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		left -= n;
	}
	return 0;
}

static int memfd_make(unsigned flags)
{
	/* MFD_EXEC, of 6.3: asked for where vm.memfd_noexec wants it said; older kernels do not
	 * know the flag. */
	enum { MEMFD_EXEC = 0x10 };
	int fd = memfd_create("mxc-runtime", flags | MEMFD_EXEC);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("mxc-runtime", flags);
	return fd;
}

static int copy_open(int self, struct error *err)
{
	autofd to = memfd_make(MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (to < 0)
		return fail_sys(err, "create a memory file for the runtime's executable");
	if (copy(self, to) < 0 || fchmod(to, 0500) < 0)
		return fail_sys(err, "copy the runtime's executable to memory");
	if (fcntl(to, F_ADD_SEALS, all_seals) < 0)
		return fail_sys(err, "seal the copy of the runtime's executable");
	return fd_take(&to);
}

/* Believed only when seen. */
static bool is_exchanged(void)
{
	autofd self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	return self >= 0 && is_protected(self);
}

int self_protect(char *const argv[], struct error *err)
{
	bool is_second = getenv(marker) != NULL;

	/* Also when it is not needed now: the payload's hooks and the helpers shall not see it. */
	if (is_second)
		(void)unsetenv(marker);
	autofd self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (self < 0)
		return fail_sys(err, "open the runtime's own executable");
	if (is_protected(self))
		return 0;
	if (is_second)
		return fail(err, ERROR_BUG,
			    "the runtime's executable is still writable after it was protected");

	autofd image = clone_open(self);
	if (image >= 0 && self_exchange(image, argv) == 0 && is_exchanged())
		return 0;
	if (image < 0)
		image = TRY(copy_open(self, err));
	if (setenv(marker, "1", 1) < 0)
		return fail_sys(err, "set an environment variable");
	(void)execveat(image, "", argv, environ, AT_EMPTY_PATH);
	(void)unsetenv(marker);
	return fail_sys(err, "execute the protected runtime");
}

static bool maps_id(const struct plan_id_maps *maps, uint32_t id)
{
	for (size_t i = 0; i < maps->rows.n; i++)
		if (id - maps->rows.items[i].host < maps->rows.items[i].size)
			return true;
	return false;
}

static bool is_writable(struct stat *ret_st)
{
	if (stat("/proc/self/exe", ret_st) < 0) {
		*ret_st = (struct stat){};
		return true;
	}
	/* What its owner may not write he may allow himself; nobody else in the container has more
	 * rights than we. */
	return ret_st->st_uid == geteuid() ||
	       faccessat(AT_FDCWD, "/proc/self/exe", W_OK, AT_EACCESS) == 0;
}

bool self_is_writable(void)
{
	struct stat st;

	return is_writable(&st);
}

bool self_is_exposed(const struct plan *plan)
{
	struct stat st;

	/* No rule names a path outside of the container's root, so Landlock keeps it from being
	 * written or executed. */
	if (plan->landlock.is_active)
		return false;
	if (!is_writable(&st))
		return false;
	if (plan->namespaces.of[NAMESPACE_USER].mode != NAMESPACE_NEW)
		return true;
	if (st.st_mode & S_IWOTH || maps_id(&plan->ids.uid_maps, st.st_uid))
		return true;
	return st.st_mode & S_IWGRP && maps_id(&plan->ids.gid_maps, st.st_gid);
}

void self_hide(const struct plan *plan)
{
	if (plan->namespaces.of[NAMESPACE_USER].mode != NAMESPACE_NEW)
		(void)prctl(PR_SET_DUMPABLE, 0); /* cannot fail with this argument */
}
