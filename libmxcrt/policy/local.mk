# SPDX-License-Identifier: Apache-2.0
# Policy: the agent's policy, which narrows a plan; the cases beside each section are its golden tests.
libpure_la_SOURCES += %D%/conf.c %D%/conf.h
EXTRA_DIST +=
