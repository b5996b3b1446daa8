# SPDX-License-Identifier: Apache-2.0
# Weakened runtimes, against which the tests of old holes must fail; they need root, so tests/run starts them and not make check.
EXTRA_DIST += %D%
