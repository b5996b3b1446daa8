/* SPDX-License-Identifier: Apache-2.0 */
/* The options that checkpoint and restore share. */
#pragma once

#include "mxcrt.h"
#include "option.h"

/* clang-format off */
#define IMAGE_OPTIONS(type, images) \
	{ "image-path", 0, OPTION_STRING, offsetof(type, images.image_path), "DIR", \
	  "directory of the images (default: checkpoint)" }, \
	{ "work-path", 0, OPTION_STRING, offsetof(type, images.work_path), "DIR", \
	  "directory of CRIU's log (default: that of the images)" }, \
	{ "tcp-established", 0, OPTION_FLAG, offsetof(type, images.tcp_established), NULL, \
	  "keep open TCP connections" }, \
	{ "ext-unix-sk", 0, OPTION_FLAG, offsetof(type, images.ext_unix_sk), NULL, \
	  "allow unix sockets to the outside" }, \
	{ "shell-job", 0, OPTION_FLAG, offsetof(type, images.shell_job), NULL, \
	  "allow a session that began outside" }, \
	{ "file-locks", 0, OPTION_FLAG, offsetof(type, images.file_locks), NULL, \
	  "keep file locks" }, \
	{ "link-remap", 0, OPTION_FLAG, offsetof(type, images.link_remap), NULL, \
	  "link open files that were unlinked" }, \
	{ "auto-dedup", 0, OPTION_FLAG, offsetof(type, images.auto_dedup), NULL, \
	  "drop what a later image replaces" }, \
	{ "lazy-pages", 0, OPTION_FLAG, offsetof(type, images.lazy_pages), NULL, \
	  "not supported: refused" }, \
	{ "manage-cgroups-mode", 0, OPTION_STRING, offsetof(type, images.manage_cgroups_mode), \
	  "soft|full|strict|ignore", "what of the cgroups is saved (default: soft)" }, \
	{ "empty-ns", 0, OPTION_LIST, offsetof(type, empty), "network", \
	  "leave the contents of this namespace out" }, \
	{ "lsm-profile", 0, OPTION_STRING, offsetof(type, images.lsm_profile), "LABEL", \
	  "restore with this label, apparmor:NAME or selinux:LABEL" }, \
	{ "lsm-mount-context", 0, OPTION_STRING, offsetof(type, images.lsm_mount_context), \
	  "CONTEXT", "restore mounts with this SELinux context" }
/* clang-format on */
