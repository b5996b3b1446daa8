/* SPDX-License-Identifier: Apache-2.0 */
/* Device nodes and the links of /dev. */
#pragma once

struct error;
struct handles;
struct plan;

/*
 * Init, before pivot: nodes by mknod, or the host's bound where mknod is not allowed; /dev/fd and
 * its kin; the mount point of /dev/console.
 */
int devices_create(const struct plan *plan, struct handles *handles, struct error *err);
