# SPDX-License-Identifier: Apache-2.0
# Audit: what happened, as a chain of events in its sinks.
libeffect_la_SOURCES += %D%/audit.h %D%/config.c %D%/emit.c %D%/event.c %D%/journal.c
libeffect_la_SOURCES += %D%/chain.c %D%/chain.h %D%/explain.c %D%/explain.h %D%/file.c %D%/tail.c
libeffect_la_SOURCES += %D%/verify.c
