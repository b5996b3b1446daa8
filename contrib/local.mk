# SPDX-License-Identifier: Apache-2.0
# Contrib: profiles and whatever else is installed beside the program as it stands.
profilesdir = $(datadir)/mxc/profiles
dist_profiles_DATA = %D%/profiles/coding.json %D%/profiles/locked-down.json %D%/profiles/pause.json
EXTRA_DIST += %D%/deps %D%/quickstart
