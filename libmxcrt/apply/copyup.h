/* SPDX-License-Identifier: Apache-2.0 */
/* A copy of a directory's contents: what a tmpfs with tmpcopyup starts with. */
#pragma once

struct error;

/*
 * Everything below FROM (O_PATH directory) into TO: directories, regular files, links, FIFOs, with
 * mode, owner and times; devices and sockets are left out. Mounts below FROM are not entered.
 */
int copy_up(int from, int to, struct error *err);
