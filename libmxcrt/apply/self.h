/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime's own executable, kept from being overwritten through /proc/PID/exe by what it
 * starts. */
#pragma once

#include <stdbool.h>

struct error;
struct plan;

/*
 * Goes on only in a process whose executable cannot be written: on a read-only mount or in a sealed
 * memfd. Where that is not so, takes a read-only clone of the file's mount for its executable, or
 * executes itself anew from there or from a memfd, with ARGV (that of main) and the environment.
 * Before anything else is opened.
 */
int self_protect(char *const argv[], struct error *err);
/* Whether the caller could write the executable: a container of his might, too. */
bool self_is_writable(void);
/* Whether this container could write the executable if it were not protected. */
bool self_is_exposed(const struct plan *plan);
/*
 * Init and bridge, first thing: not to be traced or read by those already inside. Where the id maps
 * are still to be written (a new user namespace) it does nothing, because only root may write the
 * maps of a hidden process: there ids_become_root hides.
 */
void self_hide(const struct plan *plan);
