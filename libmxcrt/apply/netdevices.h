/* SPDX-License-Identifier: Apache-2.0 */
/* Interfaces of the runtime's network that move into the container's. */
#pragma once

#include "apply/step.h"

/* Host, while init waits in its namespaces. Keeps a socket in the container's network, by which
 * what moved is fetched back when the start fails. */
int netdevices_move(const struct plan *plan, struct handles *handles, struct error *err);
void netdevices_return(const struct plan *plan, struct handles *handles);
