# SPDX-License-Identifier: Apache-2.0
# bats suites: one per verb or capability; they need root, so tests/run starts them and not make check.
EXTRA_DIST += %D%
