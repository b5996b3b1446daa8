/* SPDX-License-Identifier: Apache-2.0 */
/* System call filters: assembled on the host, loaded right before exec. */
#pragma once

struct error;
struct handles;
struct plan;

/* Host: config.json's filter to instructions (libseccomp, only when there is one), kept in
 * handles->seccomp; connects the listener. */
int seccomp_assemble(const struct plan *plan, struct handles *handles, struct error *err);
/*
 * Init. Without no_new_privs loading needs CAP_SYS_ADMIN, so exactly one of these two does
 * something: seccomp_load_privileged between ids_assume and caps_assume (plan without
 * no_new_privileges), seccomp_load as the last before exec (with it).
 */
int seccomp_load_privileged(const struct plan *plan, struct handles *handles, struct error *err);
int seccomp_load(const struct plan *plan, struct handles *handles, struct error *err);
