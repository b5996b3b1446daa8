/* SPDX-License-Identifier: Apache-2.0 */
/* The options that create and run share. */
#pragma once

#include "mxcrt.h"
#include "option.h"

/* clang-format off */
#define BUNDLE_OPTIONS(type) \
	{ "bundle", 'b', OPTION_STRING, offsetof(type, create.bundle), "DIR", \
	  "directory of config.json (default: this one)" }, \
	{ "config", 'f', OPTION_STRING, offsetof(type, create.config), "FILE", \
	  "name of the configuration in the bundle" }, \
	{ "pid-file", 0, OPTION_STRING, offsetof(type, create.pid_file), "FILE", \
	  "write the pid of init there" }, \
	{ "console-socket", 0, OPTION_STRING, offsetof(type, create.console_socket), "PATH", \
	  "unix socket that receives the terminal" }, \
	{ "pidfd-socket", 0, OPTION_STRING, offsetof(type, create.pidfd_socket), "PATH", \
	  "unix socket that receives a pidfd of init" }, \
	{ "preserve-fds", 0, OPTION_NUMBER, offsetof(type, create.preserve_fds), "N", \
	  "pass descriptors 3 to 2+N" }, \
	{ "no-pivot", 0, OPTION_FLAG, offsetof(type, create.no_pivot), NULL, \
	  "do not use pivot_root" }, \
	{ "no-subreaper", 0, OPTION_IGNORED, 0, NULL, \
	  "nothing to be done: there never is one" }, \
	{ "no-new-keyring", 0, OPTION_FLAG, offsetof(type, create.no_new_keyring), NULL, \
	  "keep the caller's session keyring" }
/* clang-format on */
