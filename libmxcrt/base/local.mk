# SPDX-License-Identifier: Apache-2.0
# Base: what knows no containers. Files that touch the machine (fd, io, log) stand on the other side of the purity line.
libpure_la_SOURCES += %D%/arena.c %D%/arena.h
libpure_la_SOURCES += %D%/error.c %D%/error.h
libpure_la_SOURCES += %D%/fields.c %D%/fields.h
libpure_la_SOURCES += %D%/json.c %D%/json-write.c %D%/json.h
libpure_la_SOURCES += %D%/path.c %D%/path.h
libpure_la_SOURCES += %D%/sha256.c %D%/sha256.h
libpure_la_SOURCES += %D%/str.c %D%/str.h
libpure_la_SOURCES += %D%/utf8.c %D%/utf8.h
libeffect_la_SOURCES += %D%/clock.c %D%/clock.h
libeffect_la_SOURCES += %D%/fd.c %D%/fd.h
libeffect_la_SOURCES += %D%/io.c %D%/io.h
libeffect_la_SOURCES += %D%/log.c %D%/log.h
