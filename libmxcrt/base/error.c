/* SPDX-License-Identifier: Apache-2.0 */
/* Filling errors and turning them into the line that people read. */
#include "base/error.h"

#include "base/str.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static_assert(sizeof(struct error) <= PIPE_BUF, "a write to the link must be atomic");

static void put_va(char *to, size_t size, const char *format, va_list ap)
	__attribute__((format(printf, 3, 0)));

/* Formats beside the destination first: the arguments may point into the error that is filled. */
static void put_va(char *to, size_t size, const char *format, va_list ap)
{
	char text[sizeof((struct error){}.text) + 4];
	int n = vsnprintf(text, sizeof(text), format, ap);
	if (n < 0)
		text[0] = '\0';
	size_t kept = str_cut(text, size - 1);
	memcpy(to, text, kept);
	memset(to + kept, 0, size - kept);
}

int fail_va(struct error *err, enum error_kind kind, const char *format, va_list ap)
{
	struct error filled = { .kind = kind };
	put_va(filled.text, sizeof(filled.text), format, ap);
	*err = filled;
	return -1;
}

int fail(struct error *err, enum error_kind kind, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	(void)fail_va(err, kind, format, ap); /* always -1, as this */
	va_end(ap);
	return -1;
}

int fail_sys(struct error *err, const char *format, ...)
{
	int sys_errno = errno;
	va_list ap;
	va_start(ap, format);
	(void)fail_va(err, ERROR_HOST, format, ap); /* always -1, as this */
	va_end(ap);
	err->sys_errno = sys_errno;
	errno = sys_errno;
	return -1;
}

int fail_policy(struct error *err, const char *field, const char *remedy, const char *format, ...)
{
	struct error filled = { .kind = ERROR_POLICY };
	va_list ap;
	va_start(ap, format);
	put_va(filled.text, sizeof(filled.text), format, ap);
	va_end(ap);
	if (field)
		(void)fail_field(&filled, "%s", field); /* always -1, as this */
	if (remedy)
		(void)fail_remedy(&filled, "%s", remedy); /* always -1, as this */
	*err = filled;
	return -1;
}

int fail_field(struct error *err, const char *format, ...)
{
	if (err->field[0])
		return -1;
	va_list ap;
	va_start(ap, format);
	put_va(err->field, sizeof(err->field), format, ap);
	va_end(ap);
	return -1;
}

int fail_remedy(struct error *err, const char *format, ...)
{
	if (err->remedy[0])
		return -1;
	va_list ap;
	va_start(ap, format);
	put_va(err->remedy, sizeof(err->remedy), format, ap);
	va_end(ap);
	return -1;
}

int fail_code(struct error *err, const char *code)
{
	assert(strlen(code) < sizeof(err->code));
	if (!err->code[0])
		(void)snprintf(err->code, sizeof(err->code), "%s", code); /* fits, as asserted */
	return -1;
}

const char *error_code(const struct error *err)
{
	/* clang-format off */
	static const char *const codes[] = {
		[ERROR_NONE]   = "",
		[ERROR_CONFIG] = "malformed_request",
		[ERROR_POLICY] = "policy_validation",
		[ERROR_HOST]   = "backend_error",
		[ERROR_BUG]    = "backend_error",
	};
	/* clang-format on */

	if (err->code[0])
		return err->code;
	/* It may have come through a pipe. */
	if ((size_t)err->kind >= sizeof(codes) / sizeof(codes[0]))
		return codes[ERROR_BUG];
	return codes[err->kind];
}

const char *error_format(const struct error *err, char *buffer, unsigned long size)
{
	const struct {
		const char *before, *text, *after;
	} parts[] = {
		{ "", err->step, ": " },
		{ "", err->text, "" },
		{ " (", err->field, ")" },
		{ ": ", err->sys_errno ? strerror(err->sys_errno) : "", "" },
		{ "; ", err->remedy, "" },
	};

	if (size == 0)
		return buffer;
	buffer[0] = '\0';
	size_t n = 0;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!parts[i].text[0])
			continue;
		n += str_visible(buffer + n, size - n, parts[i].before);
		n += str_visible(buffer + n, size - n, parts[i].text);
		n += str_visible(buffer + n, size - n, parts[i].after);
	}
	return buffer;
}
