# SPDX-License-Identifier: Apache-2.0
# Lints: the rules of the conventions that a script can check. make check runs them; each says how to run it alone.
lints = \
	%D%/banned %D%/catalog %D%/exports %D%/fields %D%/format %D%/globals %D%/headers %D%/layers %D%/listed %D%/opening \
	%D%/privileges %D%/purity %D%/size %D%/words %D%/yajl

# Each lint is shown to find what it is for.
dist_check_SCRIPTS += $(lints) %D%/selftest
TESTS += $(lints) %D%/selftest
EXTRA_DIST += %D%/lib.sh %D%/pure-symbols %D%/mutable-symbols

.PHONY: format
format:
	$(top_srcdir)/tests/lint/format --fix
