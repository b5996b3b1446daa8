/* SPDX-License-Identifier: Apache-2.0 */
/* A path of the container walked by hand, to know every link on it and where it stops. */
#pragma once

#include <stdbool.h>

struct arena;
struct error;

struct walk {
	struct arena *arena;
	int root; /* O_PATH; nothing above it is ever reached */
	/* Asked before LINK (O_PATH, at PATH) is followed; -1 with *err ends the walk. */
	int (*on_link)(void *context, int link, const char *path, struct error *err);
	void *context;

	/* The result: where it ended, free of links. The caller closes fd. */
	const char *path;
	int fd;
	bool is_missing; /* no such entry: path is the first that is missing, fd the directory
			    before it */
	bool is_partial; /* and more would come below it */
	bool is_blocked; /* path is no directory, and more would come below it */

	/* Private to the walk. */
	const char *pending;
	int links;
};

/* Links that lie in a proc file system are refused: they lead elsewhere for everyone who follows
 * them. */
int walk_run(struct walk *walk, const char *path, struct error *err);
/* O_PATH of PATH beneath ROOT, through no link; a link at its end is opened itself. -1 with errno.
 */
int walk_open(int root, const char *path);
void walk_close(struct walk *walk);
