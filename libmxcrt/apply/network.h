/* SPDX-License-Identifier: Apache-2.0 */
/* The container's network: loopback up, and the promise that there is nothing else. */
#pragma once

struct error;
struct handles;
struct plan;

/* Init, in its new network namespace: lo up. */
int network_prepare(const struct plan *plan, struct handles *handles, struct error *err);
/* Init, after the hooks and again before exec: with only_loopback, any interface but lo refuses the
 * container, by name. */
int network_check(const struct plan *plan, struct handles *handles, struct error *err);
