/* SPDX-License-Identifier: Apache-2.0 */
/* Settings of the container's own namespaces: names, sysctls, anonymous executables. */
#include "apply/kernel.h"

#include "apply/proc.h"
#include "apply/step.h"
#include "base/fd.h"
#include "base/str.h"

#include <errno.h>
#include <linux/memfd.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

/* "net.ipv4.ip_forward" or "net/ipv4/ip_forward"; the separator that comes first separates, the
 * other is part of a name. */
static int sysctl_path(const char *key, char *path, size_t size)
{
	const char *first = strpbrk(key, "./");
	bool swaps = first && *first == '.';
	if (snprintf(path, size, "sys/%s", key) >= (int)size)
		return -1;
	for (char *at = path + strlen("sys/"); swaps && *at; at++)
		if (*at == '.' || *at == '/')
			*at = *at == '.' ? '/' : '.';
	return strstr(path, "/../") || str_ends(path, "/..") ? -1 : 0;
}

static int sysctl_set(const struct handles *handles, const struct plan_sysctl *sysctl,
		      struct error *err)
{
	char path[512];
	if (sysctl_path(sysctl->key, path, sizeof(path)) < 0)
		return fail(err, ERROR_CONFIG, "'%s' is not the name of a sysctl", sysctl->key);
	if (proc_write(handles->proc, path, sysctl->value) < 0)
		return fail_sys(err, "set sysctl '%s' to '%s'", sysctl->key, sysctl->value);
	return 0;
}

static bool names_are_own(const struct plan *plan)
{
	return plan->namespaces.of[NAMESPACE_UTS].mode != NAMESPACE_INHERIT;
}

static int names_set(const struct plan_kernel *kernel, struct error *err)
{
	if (kernel->hostname && sethostname(kernel->hostname, strlen(kernel->hostname)) < 0)
		return fail_sys(err, "set the host name to '%s'", kernel->hostname);
	if (kernel->domainname && setdomainname(kernel->domainname, strlen(kernel->domainname)) < 0)
		return fail_sys(err, "set the domain name to '%s'", kernel->domainname);
	return 0;
}

/* Some kernels took the setting and kept little of it: what counts is what happens. */
static int memfd_try(struct error *err)
{
	autofd executable = memfd_create("try", MFD_CLOEXEC | MFD_EXEC);
	if (executable >= 0)
		return fail(
			err, ERROR_HOST,
			"vm.memfd_noexec is set, but executable memory files can still be made");
	if (errno != EACCES)
		return fail_sys(err, "try an executable memory file");
	autofd plain = memfd_create("try", MFD_CLOEXEC);
	if (plain < 0)
		return fail_sys(err, "try a memory file that cannot be executed");
	return 0;
}

static int memfd_forbid(const struct handles *handles, struct error *err)
{
	if (proc_write(handles->proc, "sys/vm/memfd_noexec", "2") < 0)
		return fail_sys(err, "set sysctl 'vm.memfd_noexec' to '2'");
	return memfd_try(err);
}

int kernel_set(const struct plan *plan, struct handles *handles, struct error *err)
{
	const struct plan_kernel *kernel = &plan->kernel;
	if ((kernel->hostname || kernel->domainname) && !names_are_own(plan))
		return fail(err, ERROR_CONFIG,
			    "a host name needs a UTS namespace of the container's own");
	TRY(names_set(kernel, err));
	for (size_t i = 0; i < kernel->sysctls.n; i++)
		if (sysctl_set(handles, &kernel->sysctls.items[i], err) < 0)
			return fail_field(err, "%s", kernel->sysctls.items[i].origin);
	if (kernel->memfd_noexec && memfd_forbid(handles, err) < 0)
		return fail_field(err, "policy exec.memfd");
	return 0;
}
