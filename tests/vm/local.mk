# SPDX-License-Identifier: Apache-2.0
# The test machine: systemd, podman and a kernel of our choice under QEMU, started by tests/run.
EXTRA_DIST += %D%
