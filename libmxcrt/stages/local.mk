# SPDX-License-Identifier: Apache-2.0
# Stages: when, where and with which rights the steps run.
libeffect_la_SOURCES +=
