# SPDX-License-Identifier: Apache-2.0
# Base: what knows no containers. Files that touch the machine (fd, io, log) stand on the other side of the purity line.
libpure_la_SOURCES +=
libeffect_la_SOURCES +=
