# SPDX-License-Identifier: Apache-2.0
# Plan: what will be done, as plain data.
libpure_la_SOURCES +=
