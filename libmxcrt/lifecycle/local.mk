# SPDX-License-Identifier: Apache-2.0
# Lifecycle: the verbs, as library functions.
libeffect_la_SOURCES +=
