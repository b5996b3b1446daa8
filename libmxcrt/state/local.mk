# SPDX-License-Identifier: Apache-2.0
# State: what is on disk under the state root.
libeffect_la_SOURCES += %D%/record.c %D%/record.h %D%/state.c
