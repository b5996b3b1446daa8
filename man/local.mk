# SPDX-License-Identifier: Apache-2.0
# The manual pages.
dist_man_MANS +=
