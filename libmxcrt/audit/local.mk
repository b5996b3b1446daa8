# SPDX-License-Identifier: Apache-2.0
# Audit: what happened, as a chain of events in its sinks.
libeffect_la_SOURCES += %D%/audit.h %D%/config.c %D%/emit.c %D%/event.c %D%/file.c %D%/file.h %D%/journal.c %D%/verify.c
