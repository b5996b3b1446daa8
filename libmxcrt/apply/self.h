/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime's own executable, kept from being overwritten through /proc/PID/exe by what it starts. */
#pragma once

#include <stdbool.h>

struct error;
struct handles;
struct plan;

/*
 * Goes on only in a process whose executable cannot be written: on a read-only mount or in a sealed memfd. Where that is not so, executes
 * itself anew from a read-only clone of the file's mount, or from a memfd, with ARGV and the environment. Before anything else is opened.
 */
int self_protect(char *const argv[], struct error *err);
/* Whether this container could write the executable if it were not protected. */
bool self_is_exposed(const struct plan *plan);
/* Init and bridge, as soon as the id maps are written (before joining anything): not to be traced or read from inside. */
int self_hide(const struct plan *plan, struct handles *handles, struct error *err);
