# SPDX-License-Identifier: Apache-2.0
# Benchmarks: make bench prints wall time, memory and system calls beside crun and runc.
EXTRA_DIST += %D%

.PHONY: bench
bench: all
	MXC_SRCDIR='$(abs_top_srcdir)' MXC_BUILDDIR='$(abs_top_builddir)' $(top_srcdir)/tests/bench/run
