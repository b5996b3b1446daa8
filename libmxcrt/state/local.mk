# SPDX-License-Identifier: Apache-2.0
# State: what is on disk under the state root.
libeffect_la_SOURCES +=
