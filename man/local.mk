# SPDX-License-Identifier: Apache-2.0
# The manual pages.
dist_man_MANS += %D%/mxc-audit.5 %D%/mxc-policy.5 %D%/mxc-runtime.1 %D%/mxc.conf.5
