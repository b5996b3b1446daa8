# SPDX-License-Identifier: Apache-2.0
# Spec: config.json, read by field tables and lowered to a plan.
libpure_la_SOURCES += \
	%D%/capabilities.c \
	%D%/cgroup.c \
	%D%/default.c \
	%D%/devices.c \
	%D%/document.h \
	%D%/exec.c \
	%D%/features.c %D%/features.h \
	%D%/hooks.c \
	%D%/kernel.c \
	%D%/limits.c \
	%D%/lower.h \
	%D%/mount-idmap.c \
	%D%/mount-options.c \
	%D%/mounts.c \
	%D%/network.c \
	%D%/placement.c \
	%D%/platform.c \
	%D%/process.c \
	%D%/resctrl.c \
	%D%/resources.c \
	%D%/scheduling.c \
	%D%/seccomp.c \
	%D%/spec.c %D%/spec.h \
	%D%/update.c
