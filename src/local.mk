# SPDX-License-Identifier: Apache-2.0
# The mxc-runtime program: argv to mxcrt.h.
#
# It is linked with the archives, not with libmxcrt.so: it starts several times in the life of each
# container, and every library less is one file less to open, map and relocate at each start.
bin_PROGRAMS += mxc-runtime
mxc_runtime_SOURCES =
mxc_runtime_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS)
mxc_runtime_LDADD = $(effect_libs)
