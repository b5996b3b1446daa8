/* SPDX-License-Identifier: Apache-2.0 */
/* Settings of the container's own namespaces: names, sysctls, anonymous executables. */
#pragma once

struct error;
struct handles;
struct plan;

/* Init, after pivot: hostname, domainname, sysctls; all below /proc through handles->proc. */
int kernel_set(const struct plan *plan, struct handles *handles, struct error *err);
