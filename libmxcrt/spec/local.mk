# SPDX-License-Identifier: Apache-2.0
# Spec: config.json, read by field tables and lowered to a plan.
libpure_la_SOURCES +=
