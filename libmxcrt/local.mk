# SPDX-License-Identifier: Apache-2.0
# The library's own face: the public header, and compile.c, which only computes.
include_HEADERS += %D%/mxcrt.h
libpure_la_SOURCES += %D%/compile.c %D%/compile.h
