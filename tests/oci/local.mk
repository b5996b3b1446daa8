# SPDX-License-Identifier: Apache-2.0
# The specification's own demands: its schemas field by field, documents that it allows and that it forbids.
#
# fields.tsv names the test that covers each field; tests/lint/fields compares it with schema-fields.txt. Another version of
# the specification: tests/oci/schema DIRECTORY > tests/oci/schema-fields.txt
EXTRA_DIST += %D%/good %D%/bad %D%/unsupported %D%/features.schema.json %D%/fields.tsv %D%/lenient.tsv %D%/schema-fields.txt
dist_check_SCRIPTS += %D%/schema %D%/validate

check_PROGRAMS += %D%/run
%C%_run_SOURCES = %D%/run.c
%C%_run_LDADD = $(pure_libs)
TESTS += %D%/run
