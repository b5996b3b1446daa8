/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors, directories and files that close themselves. */
#pragma once

#include <dirent.h>
#include <stdio.h>

void fd_close(int *fd); /* closes when >= 0, sets -1, keeps errno */
void dir_close(DIR **dir);
void file_close(FILE **file);
int fd_take(int *fd); /* hand over: returns the descriptor, leaves -1 */

#define autofd   __attribute__((cleanup(fd_close))) int
#define autodir  __attribute__((cleanup(dir_close))) DIR *
#define autofile __attribute__((cleanup(file_close))) FILE *
