/* SPDX-License-Identifier: Apache-2.0 */
/* Writing log lines: for people to standard error, for engines to the log file. */
#include "base/log.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/io.h"
#include "base/json.h"
#include "base/str.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A line is one write of bounded size, so that lines of several processes do not mix. */
enum { MESSAGE_BYTES = 2048, LINE_BYTES = 4096 };

static struct {
	enum log_level level;
	enum log_format format;
	int fd;
} sink = { LOG_LEVEL_WARNING, LOG_FORMAT_TEXT, -1 };

/* clang-format off */
static const char *const level_names[] = {
	[LOG_LEVEL_ERROR]   = "error",
	[LOG_LEVEL_WARNING] = "warning",
	[LOG_LEVEL_INFO]    = "info",
	[LOG_LEVEL_DEBUG]   = "debug",
};
/* clang-format on */

void log_set(enum log_level level, enum log_format format, int fd)
{
	sink.level = level;
	sink.format = format;
	sink.fd = fd;
}

int log_descriptor(void)
{
	return sink.fd;
}

bool log_is_debug(void)
{
	return sink.level >= LOG_LEVEL_DEBUG;
}

static void stderr_write(enum log_level level, const char *message)
{
	char line[LINE_BYTES];
	size_t n = str_visible(line, sizeof(line) - 1, "mxc-runtime: ");
	if (level != LOG_LEVEL_ERROR) {
		n += str_visible(line + n, sizeof(line) - 1 - n, level_names[level]);
		n += str_visible(line + n, sizeof(line) - 1 - n, ": ");
	}
	n += str_visible(line + n, sizeof(line) - 1 - n, message);
	line[n++] = '\n';
	(void)write_all(STDERR_FILENO, line, n); /* there is nobody left to tell */
}

/* ERR adds what machines want to know about a failure; NULL for an ordinary line. */
static void file_write(enum log_level level, const char *message, const struct error *err)
{
	autoarena arena = {};
	struct text line = { .arena = &arena };
	struct clock_text now = clock_now();

	if (sink.format == LOG_FORMAT_JSON) {
		json_open(&line, NULL, '{');
		json_add_string(&line, "level", level_names[level]);
		json_add_string(&line, "msg", message);
		json_add_string(&line, "time", now.text);
		if (err) {
			json_add_string(&line, "code", error_code(err));
			json_add_string(&line, "field", err->field[0] ? err->field : NULL);
			json_add_string(&line, "remedy", err->remedy[0] ? err->remedy : NULL);
		}
		json_close(&line, '}');
	} else {
		text_printf(&line, "time=\"%s\" level=%s msg=", now.text, level_names[level]);
		json_write_string(&line, message);
	}
	text_add(&line, "\n");
	(void)write_all(sink.fd, line.data, line.n); /* a full disk must not stop a container */
}

static void log_line(enum log_level level, const char *format, va_list ap)
	__attribute__((format(printf, 2, 0)));
static void log_line(enum log_level level, const char *format, va_list ap)
{
	if (level > sink.level)
		return;

	int kept = errno;
	char message[MESSAGE_BYTES + 4];
	if (vsnprintf(message, sizeof(message), format, ap) < 0)
		message[0] = '\0';
	message[str_cut(message, MESSAGE_BYTES - 1)] = '\0';
	if (sink.fd >= 0)
		file_write(level, message, NULL);
	else
		stderr_write(level, message);
	errno = kept;
}

void log_debug(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	log_line(LOG_LEVEL_DEBUG, format, ap);
	va_end(ap);
}

void log_info(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	log_line(LOG_LEVEL_INFO, format, ap);
	va_end(ap);
}

void log_warning(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	log_line(LOG_LEVEL_WARNING, format, ap);
	va_end(ap);
}

_Noreturn void memory_exhausted(void)
{
	static const char json[] = "{\"level\":\"error\",\"msg\":\"out of memory\"}\n";
	static const char text[] = "level=error msg=\"out of memory\"\n";

	/* Written by hand: file_write needs what there is none of. Nobody is left to tell when
	 * that fails. */
	if (sink.fd >= 0 && sink.format == LOG_FORMAT_JSON)
		(void)write_all(sink.fd, json, sizeof(json) - 1);
	else if (sink.fd >= 0)
		(void)write_all(sink.fd, text, sizeof(text) - 1);
	stderr_write(LOG_LEVEL_ERROR, "out of memory");
	/* As when it is killed: what was made so far is in the record, for delete --force. */
	_exit(EXIT_FAILURE);
}

void log_failure(const struct error *err)
{
	char message[MESSAGE_BYTES];
	(void)error_format(err, message, sizeof(message)); /* returns its buffer */
	if (sink.fd >= 0)
		file_write(LOG_LEVEL_ERROR, message, err);
	stderr_write(LOG_LEVEL_ERROR, message);
}
