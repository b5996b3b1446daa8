# SPDX-License-Identifier: Apache-2.0
# Golden tests: documents in, the plan or the error as text out.
EXTRA_DIST +=
TESTS +=
