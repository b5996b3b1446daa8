# SPDX-License-Identifier: Apache-2.0
# OCI hooks: one small program per file, each with the .json by which engines find it.
mxchooksdir = $(libexecdir)/mxc/hooks
mxchooks_PROGRAMS =
hooksddir = $(datadir)/containers/oci/hooks.d
dist_hooksd_DATA =
