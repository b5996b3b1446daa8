# SPDX-License-Identifier: Apache-2.0
# Lints: the rules of CONTRIBUTING.md that a script can check, run by make check.
dist_check_SCRIPTS +=
TESTS +=
