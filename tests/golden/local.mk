# SPDX-License-Identifier: Apache-2.0
# Golden tests: documents in, the plan or the error as text out.
#
# tests/golden/run --update [PART-OF-A-CASE'S-PATH…] writes what is expected anew; review the difference.
EXTRA_DIST += %D%/spec

check_PROGRAMS += %D%/run
%C%_run_SOURCES = %D%/run.c
%C%_run_LDADD = $(pure_libs)
TESTS += %D%/run
