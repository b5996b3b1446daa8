# SPDX-License-Identifier: Apache-2.0
# What several kinds of tests share: programs that run inside containers, shell functions.
EXTRA_DIST += %D%
