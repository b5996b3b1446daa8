# SPDX-License-Identifier: Apache-2.0
# Lifecycle: the verbs, as library functions.
libeffect_la_SOURCES += %D%/container.c %D%/container.h %D%/create.c %D%/create.h %D%/delete.c %D%/delete.h \
	%D%/documents.c %D%/events.c %D%/events.h %D%/exec.c %D%/kill.c %D%/list.c %D%/load.c %D%/load.h \
	%D%/pause.c %D%/protect.c %D%/protect.h %D%/ps.c %D%/relay.c %D%/run.c %D%/runtime.c %D%/runtime.h %D%/start.c %D%/start.h \
	%D%/timeout.c %D%/timeout.h %D%/wait.c %D%/wait.h
libeffect_la_SOURCES += %D%/update.c
libeffect_la_SOURCES += %D%/stats.c
libeffect_la_SOURCES += %D%/checkpoint.c %D%/images.c %D%/images.h %D%/restore.c
