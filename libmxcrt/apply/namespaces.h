/* SPDX-License-Identifier: Apache-2.0 */
/* Namespaces: made new or joined, by the process that will live in them. */
#pragma once

struct error;
struct handles;
struct plan;

/* Bridge: every namespace that is joined, the mount namespace last; the child it makes afterwards
 * is in all of them. */
int namespaces_join_for_bridge(const struct plan *plan, struct handles *handles, struct error *err);
/* Host, an exec without user namespaces: its next child is born in the container's pid namespace,
 * so no bridge is needed. */
int namespaces_join_pid(const struct plan *plan, struct handles *handles, struct error *err);
/* Init: those joined by path or by handles->target_pidfd, unless the bridge did; then the new ones
 * that clone did not make (all but user, pid and cgroup), with the time offsets. */
int namespaces_enter(const struct plan *plan, struct handles *handles, struct error *err);
/* Init, once it is in its cgroup: a new cgroup namespace has the current cgroup as its root. */
int namespaces_enter_cgroup(const struct plan *plan, struct handles *handles, struct error *err);
/* ERR says why the kernel did not make namespaces of FLAGS (CLONE_NEW*): say it better, naming the
 * setting that forbids them and what to do. PROC is handles->proc. Returns -1. */
int namespaces_refused(int proc, int flags, struct error *err);
