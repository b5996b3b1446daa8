# SPDX-License-Identifier: Apache-2.0
# The mxc-runtime program: argv to mxcrt.h.
#
# It is linked with the archives, not with libmxcrt.so: it starts several times in the life of each
# container, and every library less is one file less to open, map and relocate at each start.
bin_PROGRAMS += mxc-runtime
mxc_runtime_SOURCES = %D%/main.c %D%/option.c %D%/option.h %D%/verb.h %D%/bundle-options.h \
	%D%/verb-create.c %D%/verb-delete.c %D%/verb-exec.c %D%/verb-kill.c %D%/verb-list.c %D%/verb-run.c \
	%D%/verb-spec.c %D%/verb-start.c %D%/verb-update.c
mxc_runtime_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS)
mxc_runtime_LDADD = $(effect_libs)
mxc_runtime_SOURCES += %D%/verb-events.c
mxc_runtime_SOURCES += %D%/image-options.h %D%/verb-checkpoint.c %D%/verb-restore.c
