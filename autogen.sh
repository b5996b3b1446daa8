#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes ./configure from configure.ac; needed once after a clone, not for a release tarball.
set -eu

cd "$(dirname "$0")"

for tool in autoreconf:autoconf automake:automake libtoolize:libtool pkg-config:pkg-config; do
	command -v "${tool%%:*}" >/dev/null && continue
	echo "autogen.sh: '${tool%%:*}' is missing; install the package '${tool##*:}' (contrib/deps installs all)" >&2
	exit 1
done

autoreconf --install --warnings=all
echo "now run ./configure && make, here or from an empty build directory"
