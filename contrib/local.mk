# SPDX-License-Identifier: Apache-2.0
# Contrib: profiles and whatever else is installed beside the program as it stands.
profilesdir = $(datadir)/mxc/profiles
dist_profiles_DATA = %D%/profiles/coding.json %D%/profiles/locked-down.json %D%/profiles/pause.json
EXTRA_DIST += %D%/deps %D%/quickstart %D%/podman/mxc-runtime.conf %D%/docker/daemon.json %D%/kubernetes
# What journalctl --catalog says to each event.
catalogdir = $(prefix)/lib/systemd/catalog
dist_catalog_DATA = %D%/systemd/mxc.catalog
completionsdir = $(datadir)/bash-completion/completions
dist_completions_DATA = %D%/completions/mxc-runtime.bash
