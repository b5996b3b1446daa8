/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors of the payload: those it was promised, and nothing else. */
#pragma once

struct error;
struct handles;
struct plan;

/* Program start: descriptors 0 to 2 exist (/dev/null where closed), so that no later one takes
 * their place. */
int fds_open_standard(struct error *err);
/* Init: closes all above 2 but the promised ones (preserve_fds, LISTEN_FDS) and what the last steps
 * need: link, start, proc, landlock, the seccomp listener. */
int fds_close_rest(const struct plan *plan, struct handles *handles, struct error *err);
/* Init, after exec-label and ids: closes handles->proc, the last descriptor by which a path could
 * lead out of the container. */
int fds_close_trusted(const struct plan *plan, struct handles *handles, struct error *err);
/* 3 … 2+n are promised to the payload: plan->process.preserve_fds and those of LISTEN_FDS. */
unsigned fds_promised(const struct plan *plan);
unsigned fds_listening(void);
/* Host, first: those of plan->process.preserve_fds were really passed. */
int fds_check_promised(const struct plan *plan, struct handles *handles, struct error *err);
