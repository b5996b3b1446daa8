# SPDX-License-Identifier: Apache-2.0
# Fuzzers: any bytes that compile also verify. Built with --enable-fuzzers, run by tests/run.
#
# One line per program in `fuzzers`; seeds for tests/fuzz/NAME stand in tests/fuzz/corpus/NAME.
EXTRA_DIST += %D%/corpus/json %D%/corpus/spec %D%/corpus/compile %D%/corpus/policy

fuzzers =
fuzzers += %D%/json
fuzzers += %D%/spec
fuzzers += %D%/compile
fuzzers += %D%/policy

if FUZZERS
noinst_PROGRAMS += $(fuzzers)
endif

# For each: tests_fuzz_NAME_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS) and tests_fuzz_NAME_LDADD = $(pure_libs)
tests_fuzz_json_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_json_LDADD = $(pure_libs)
tests_fuzz_spec_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_spec_LDADD = $(pure_libs)
tests_fuzz_compile_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_compile_LDADD = $(pure_libs)
tests_fuzz_policy_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_policy_LDADD = $(pure_libs)
