# SPDX-License-Identifier: Apache-2.0
# Apply: how one thing is done, one file per kernel mechanism.
libeffect_la_SOURCES +=
