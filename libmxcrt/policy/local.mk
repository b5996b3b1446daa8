# SPDX-License-Identifier: Apache-2.0
# Policy: the agent's policy, which narrows a plan; the cases beside each section are its golden tests.
libpure_la_SOURCES += %D%/conf.c %D%/conf.h
libpure_la_SOURCES += \
	%D%/annotations.c %D%/annotations.h \
	%D%/document.c %D%/document.h \
	%D%/merge.c \
	%D%/policy.c %D%/policy.h \
	%D%/section.h \
	%D%/sources.c %D%/sources.h \
	%D%/value.c \
	%D%/agent/agent.c %D%/agent/id.c %D%/agent/id.h \
	%D%/audit/audit.c \
	%D%/capabilities/capabilities.c \
	%D%/exec/exec.c \
	%D%/filesystem/filesystem.c \
	%D%/network/network.c \
	%D%/process/process.c \
	%D%/resources/resources.c \
	%D%/syscalls/syscalls.c \
	%D%/ui/ui.c
EXTRA_DIST += \
	%D%/agent/cases %D%/audit/cases %D%/capabilities/cases %D%/document/cases %D%/exec/cases \
	%D%/filesystem/cases %D%/network/cases %D%/process/cases %D%/resources/cases \
	%D%/syscalls/cases %D%/ui/cases
