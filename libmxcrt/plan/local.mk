# SPDX-License-Identifier: Apache-2.0
# Plan: what will be done, as plain data.
libpure_la_SOURCES += \
	%D%/caps.c %D%/caps.h \
	%D%/cgroup.c %D%/cgroup.h \
	%D%/checkpoint.c %D%/checkpoint.h \
	%D%/digest.c \
	%D%/filesystem.h \
	%D%/hooks.c %D%/hooks.h \
	%D%/host.c %D%/host.h \
	%D%/identity.h \
	%D%/ids.h \
	%D%/mounts.h \
	%D%/namespaces.c %D%/namespaces.h \
	%D%/network.h \
	%D%/oci-state.c %D%/oci-state.h \
	%D%/plan.h \
	%D%/print.c %D%/print-limits.c %D%/print-mounts.c %D%/print-policy.c %D%/print.h \
	%D%/process.h \
	%D%/resctrl.h \
	%D%/seccomp.h \
	%D%/settle.c \
	%D%/verify.c

# What the policy makes of a plan: narrowing, and the layers that plan_settle derives.
libpure_la_SOURCES += %D%/narrow.c %D%/narrow.h %D%/filesystem.c %D%/landlock.c %D%/landlock.h \
	%D%/seccomp.c %D%/syscalls.c %D%/syscalls.h %D%/settle-policy.c %D%/settle.h

# The table of system calls: numbers come from libseccomp, here and not at run time.
noinst_PROGRAMS += %D%/gen-syscalls
%C%_gen_syscalls_SOURCES = %D%/gen-syscalls.c
%C%_gen_syscalls_LDADD = $(SECCOMP_LIBS)
nodist_libpure_la_SOURCES += %D%/syscalls-table.c
BUILT_SOURCES += %D%/syscalls-table.c
CLEANFILES += %D%/syscalls-table.c
%D%/syscalls-table.c: %D%/gen-syscalls$(EXEEXT)
	$(AM_V_GEN)%D%/gen-syscalls$(EXEEXT) >$@.tmp && mv $@.tmp $@
