/* SPDX-License-Identifier: Apache-2.0 */
/* What the host can do: the facts that plan_settle decides by. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct error;
struct host;

/* NEEDS_POLICY: a policy will govern, so Landlock and memfd_noexec are looked for too. */
int host_probe(bool needs_policy, struct host *ret_host, struct error *err);
/* Whether this process is in the user namespace that the machine began with. */
bool host_is_initial(void);
/* The directory of the user's session, where the sockets of the user's manager are; false when
 * there is none that could be known. */
bool host_user_directory(char *path, size_t size);
