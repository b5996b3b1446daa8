/* SPDX-License-Identifier: Apache-2.0 */
/* Another file behind /proc/self/exe, without executing anew. */
#pragma once

/*
 * Map the segments of the running program from IMAGE, a file of the same contents, and make IMAGE
 * this process's executable file: what a new start (a fifth of a whole run) would achieve. ARGV is
 * that of main. -1 with errno where the kernel or our rights do not permit it; nothing has changed
 * then that anybody could notice.
 */
int self_exchange(int image, char *const argv[]);
