/* SPDX-License-Identifier: Apache-2.0 */
/* Empty objects that keep a denied path from coming into being, and their removal. */
#pragma once

#include <stdbool.h>

struct error;

/* One placeholder: where it is, in words that hold on the host after the container is gone. */
struct placeholder {
	const char *base; /* absolute path of the runtime's view: a bind source or the root */
	const char *rest; /* below base, no leading slash */
	bool is_directory;
};
/*
 * Note PLACEHOLDER in the open list RECORD, then make NAME in PARENT: empty, mode 0000. An object
 * that appeared meanwhile is left alone (returns 0;
 * 1 when made). RECORD -1: not noted, for file systems that go with the container.
 */
int placeholder_make(int record, const struct placeholder *placeholder, int parent,
		     const char *name, struct error *err);
/* OBJECT was there; where it looks like a placeholder (of another container), note that it is
 * needed here too. */
int placeholder_share(int record, struct placeholder placeholder, int object, struct error *err);
/*
 * At delete: remove every noted placeholder that is still ours (empty, mode 0000, the same inode),
 * then the list. One that another container (a directory beside STATE) shares becomes that one's.
 * No list: nothing to do.
 */
int placeholders_remove(int state, struct error *err);
