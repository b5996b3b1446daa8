# SPDX-License-Identifier: Apache-2.0
# What several kinds of tests share: programs that run inside containers, shell functions.
EXTRA_DIST += \
	tests/lib/assert.bash \
	tests/lib/bundle.bash \
	tests/lib/container.bash \
	tests/lib/debs \
	tests/lib/other-runtime \
	tests/lib/probe-files.c \
	tests/lib/probe-kernel.c \
	tests/lib/probe-mounts.c \
	tests/lib/probe-processes.c \
	tests/lib/probe-self.c \
	tests/lib/probe.c \
	tests/lib/probe.h
