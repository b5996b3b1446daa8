/* SPDX-License-Identifier: Apache-2.0 */
/* The log: one sink, one level, set once by the program. */
#pragma once

#include <stdbool.h>
struct error;

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

/* FD is kept, not owned; -1 = standard error only. Engines read errors back from the log file as
 * {"level","msg","time"} (json). */
void log_set(enum log_level level, enum log_format format, int fd);
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The error, once, by the top: to the log file and to standard error ("mxc-runtime: …"; with json
 * format an object that also has code, field, remedy). */
void log_failure(const struct error *err);
bool log_is_debug(void);
/* The log file's, -1 without: who closes descriptors keeps it, or its number becomes another's. */
int log_descriptor(void);
