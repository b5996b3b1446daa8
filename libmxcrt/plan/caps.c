/* SPDX-License-Identifier: Apache-2.0 */
/* The names of the capabilities. */
#include "plan/caps.h"

#include <linux/capability.h>
#include <stddef.h>
#include <strings.h>

/* By number, so that a name never depends on the age of the kernel headers. */
static const char *const names[] = {
	[0] = "CAP_CHOWN",
	[1] = "CAP_DAC_OVERRIDE",
	[2] = "CAP_DAC_READ_SEARCH",
	[3] = "CAP_FOWNER",
	[4] = "CAP_FSETID",
	[5] = "CAP_KILL",
	[6] = "CAP_SETGID",
	[7] = "CAP_SETUID",
	[8] = "CAP_SETPCAP",
	[9] = "CAP_LINUX_IMMUTABLE",
	[10] = "CAP_NET_BIND_SERVICE",
	[11] = "CAP_NET_BROADCAST",
	[12] = "CAP_NET_ADMIN",
	[13] = "CAP_NET_RAW",
	[14] = "CAP_IPC_LOCK",
	[15] = "CAP_IPC_OWNER",
	[16] = "CAP_SYS_MODULE",
	[17] = "CAP_SYS_RAWIO",
	[18] = "CAP_SYS_CHROOT",
	[19] = "CAP_SYS_PTRACE",
	[20] = "CAP_SYS_PACCT",
	[21] = "CAP_SYS_ADMIN",
	[22] = "CAP_SYS_BOOT",
	[23] = "CAP_SYS_NICE",
	[24] = "CAP_SYS_RESOURCE",
	[25] = "CAP_SYS_TIME",
	[26] = "CAP_SYS_TTY_CONFIG",
	[27] = "CAP_MKNOD",
	[28] = "CAP_LEASE",
	[29] = "CAP_AUDIT_WRITE",
	[30] = "CAP_AUDIT_CONTROL",
	[31] = "CAP_SETFCAP",
	[32] = "CAP_MAC_OVERRIDE",
	[33] = "CAP_MAC_ADMIN",
	[34] = "CAP_SYSLOG",
	[35] = "CAP_WAKE_ALARM",
	[36] = "CAP_BLOCK_SUSPEND",
	[37] = "CAP_AUDIT_READ",
	[38] = "CAP_PERFMON",
	[39] = "CAP_BPF",
	[40] = "CAP_CHECKPOINT_RESTORE",
};

enum { CAPABILITIES = sizeof(names) / sizeof(names[0]), PREFIX = sizeof("CAP_") - 1 };

_Static_assert(CAP_CHECKPOINT_RESTORE == CAPABILITIES - 1,
	       "the table follows the kernel's numbers");

int capability_number(const char *name)
{
	if (strncasecmp(name, "CAP_", PREFIX) == 0)
		name += PREFIX;
	for (int i = 0; i < CAPABILITIES; i++)
		if (strcasecmp(names[i] + PREFIX, name) == 0)
			return i;
	return -1;
}

const char *capability_name(int number)
{
	return number >= 0 && number < CAPABILITIES ? names[number] : NULL;
}
