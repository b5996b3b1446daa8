# SPDX-License-Identifier: Apache-2.0
# Unit tests: every tests/unit/*.c but test.c is a program, and one line in unit_tests.
check_LTLIBRARIES += libtest.la
libtest_la_SOURCES = %D%/test.c %D%/test.h

unit_tests =

check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)

# Linked with the pure side only. A test of the other side names it:
# tests_unit_state_record_LDADD = libtest.la $(effect_libs)
LDADD = libtest.la $(pure_libs)
