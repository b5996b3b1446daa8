# SPDX-License-Identifier: Apache-2.0
# Unit tests: every tests/unit/*.c but test.c is a program, and one line in unit_tests.
check_LTLIBRARIES += libtest.la
libtest_la_SOURCES = %D%/test.c %D%/test.h %D%/apply-child.h

unit_tests =
unit_tests += %D%/apply-access
unit_tests += %D%/apply-copyup
unit_tests += %D%/apply-placeholders
unit_tests += %D%/apply-targets
unit_tests += %D%/apply-cgroup
unit_tests += %D%/apply-payload
unit_tests += %D%/apply-process
unit_tests += %D%/apply-seccomp
unit_tests += %D%/apply-self
unit_tests += %D%/base-arena
unit_tests += %D%/base-error
unit_tests += %D%/base-fd
unit_tests += %D%/base-fields
unit_tests += %D%/base-io
unit_tests += %D%/base-json
unit_tests += %D%/base-json-write
unit_tests += %D%/base-log
unit_tests += %D%/base-path
unit_tests += %D%/base-sha256
unit_tests += %D%/base-str
unit_tests += %D%/base-utf8
unit_tests += %D%/plan-filesystem
unit_tests += %D%/plan-landlock
unit_tests += %D%/plan-narrow
unit_tests += %D%/plan-seccomp
unit_tests += %D%/policy-agent-id
unit_tests += %D%/policy-apply
unit_tests += %D%/stages-rendezvous
unit_tests += %D%/plan-cgroup
unit_tests += %D%/plan-host
unit_tests += %D%/plan-names
unit_tests += %D%/plan-oci-state
unit_tests += %D%/plan-print
unit_tests += %D%/plan-verify
unit_tests += %D%/spec-document
unit_tests += %D%/spec-exec

check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)

# Linked with the pure side only. A test of the other side names it:
# tests_unit_state_record_LDADD = libtest.la $(effect_libs)
LDADD = libtest.la $(pure_libs)
tests_unit_base_fd_LDADD = libtest.la $(effect_libs)
tests_unit_base_io_LDADD = libtest.la $(effect_libs)
tests_unit_base_log_LDADD = libtest.la $(effect_libs)
tests_unit_stages_rendezvous_LDADD = libtest.la $(effect_libs)
tests_unit_apply_cgroup_LDADD = libtest.la $(effect_libs)
tests_unit_apply_payload_LDADD = libtest.la $(effect_libs)
tests_unit_apply_process_LDADD = libtest.la $(effect_libs)
tests_unit_apply_seccomp_LDADD = libtest.la $(effect_libs)
tests_unit_apply_self_LDADD = libtest.la $(effect_libs)
tests_unit_apply_targets_LDADD = libtest.la $(effect_libs)
tests_unit_apply_placeholders_LDADD = libtest.la $(effect_libs)
tests_unit_apply_copyup_LDADD = libtest.la $(effect_libs)
tests_unit_apply_access_LDADD = libtest.la $(effect_libs)
