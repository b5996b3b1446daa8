/* SPDX-License-Identifier: Apache-2.0 */
/* The words that the processes of one start say to each other: one packet each, so that none is
 * ever half read. */
#pragma once

#include "apply/step.h"

/* Two connected ends, closed on exec. */
int link_pair(int ret_ends[2], struct error *err);
int link_tell(int fd, enum word word, int pid, struct error *err);
/* Report a failure; the other side's link_await returns it as its own. Uses write(2), which most
 * filters allow. */
void link_tell_error(int fd, const struct error *failure);
/* Wait for WORD. Another word is ERROR_BUG; WORD_ERROR fills *err with the other side's error; a
 * closed link is ERROR_HOST. ret_pid may be NULL. */
int link_await(int fd, enum word word, int *ret_pid, struct error *err);
/* Wait until the other side closes (the payload was executed: 0) or reports an error (-1). */
int link_await_close(int fd, struct error *err);

/* The socket "start" in a container's state directory: init listens, `start` connects. */
int link_listen(int state, struct error *err);
int link_connect(int state, struct error *err);
/* Init: accept the starter (same user or root) and make it the link. */
int link_accept(struct handles *handles, struct error *err);
const char *word_name(enum word word);
