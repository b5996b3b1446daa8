# SPDX-License-Identifier: Apache-2.0
# Audit: what happened, as a chain of events in its sinks.
libeffect_la_SOURCES +=
