# SPDX-License-Identifier: Apache-2.0
# Plan: what will be done, as plain data.
libpure_la_SOURCES += \
	%D%/caps.c %D%/caps.h \
	%D%/cgroup.h \
	%D%/filesystem.h \
	%D%/hooks.c %D%/hooks.h \
	%D%/host.h \
	%D%/identity.h \
	%D%/ids.h \
	%D%/mounts.h \
	%D%/namespaces.c %D%/namespaces.h \
	%D%/network.h \
	%D%/oci-state.c %D%/oci-state.h \
	%D%/plan.h \
	%D%/process.h \
	%D%/seccomp.h
