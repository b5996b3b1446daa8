/* SPDX-License-Identifier: Apache-2.0 */
/* What the host can do: the facts that plan_settle decides by. */
#pragma once

#include <stdbool.h>

struct error;
struct host;

/* NEEDS_POLICY: a policy will govern, so Landlock and memfd_noexec are looked for too. */
int host_probe(bool needs_policy, struct host *ret_host, struct error *err);
/* Whether this process is in the user namespace that the machine began with. */
bool host_is_initial(void);
