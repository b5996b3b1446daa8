/* SPDX-License-Identifier: Apache-2.0 */
/* A host that can do everything, for tests of what is compiled rather than of what a host lacks. */
#pragma once

#include "plan/host.h"

static const struct host modern_host = {
	.landlock_abi = 7,
	.kernel_major = 6,
	.kernel_minor = 18,
	.is_root = true,
	.has_cgroup2 = true,
	.has_cgroup_delegation = true,
	.has_systemd = true,
	.has_memfd_noexec = true,
	.has_seccomp = true,
	.may_filter_devices = true,
};
