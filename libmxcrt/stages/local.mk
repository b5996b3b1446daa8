# SPDX-License-Identifier: Apache-2.0
# Stages: when, where and with which rights the steps run.
libeffect_la_SOURCES += %D%/1-host.c %D%/2-bridge.c %D%/3-before-pivot.c %D%/4-after-pivot.c %D%/5-before-exec.c \
	%D%/link.c %D%/link.h %D%/run.c %D%/spawn.c %D%/stages.h %D%/when.c %D%/when.h
libeffect_la_SOURCES += %D%/1-restore.c
