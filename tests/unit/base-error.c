/* SPDX-License-Identifier: Apache-2.0 */
/* Errors are bounded, keep what the innermost said, and read well. */
#include "test.h"

#include "base/error.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static struct error dirty(void)
{
	struct error err;
	memset(&err, 0x7e, sizeof(err));
	return err;
}

TEST(fail_fills_the_whole_error)
{
	struct error err = dirty();
	expect_int(fail(&err, ERROR_CONFIG, "mount %d", 3), -1);
	expect_int(err.kind, ERROR_CONFIG);
	expect_int(err.sys_errno, 0);
	expect_text(err.text, "mount 3");
	expect_text(err.field, "");
	expect_text(err.remedy, "");
	expect_text(err.step, "");
	expect_text(err.code, "");
	/* No byte of what was there before goes through the pipe. */
	expect(memchr(&err, 0x7e, sizeof(err)) == NULL);
}

TEST(an_error_fits_an_atomic_write)
{
	expect(sizeof(struct error) <= PIPE_BUF);
}

TEST(a_failed_call_leaves_its_errno)
{
	struct error err;
	errno = ENOENT;
	expect_int(fail_sys(&err, "open '%s'", "/nope"), -1);
	expect_int(errno, ENOENT);
	expect_int(err.kind, ERROR_HOST);
	expect_int(err.sys_errno, ENOENT);
	char line[256];
	expect_text(error_format(&err, line, sizeof(line)),
		    "open '/nope': No such file or directory");
}

TEST(the_line_has_step_text_field_errno_and_remedy_in_this_order)
{
	struct error err;
	errno = EACCES;
	(void)fail_sys(&err, "open '/x'");                                  /* -1 always */
	(void)fail_field(&err, "policy filesystem.readonlyPaths[%d]", 0);   /* -1 always */
	(void)fail_remedy(&err, "run as root");                             /* -1 always */
	(void)snprintf(err.step, sizeof(err.step), "before-exec/landlock"); /* fits */
	char line[256];
	expect_text(error_format(&err, line, sizeof(line)),
		    "before-exec/landlock: open '/x' (policy filesystem.readonlyPaths[0]): "
		    "Permission denied; run as root");
}

TEST(a_policy_error_carries_field_and_remedy)
{
	struct error err;
	expect_int(fail_policy(&err, "policy a", "write b", "no %s", "c"), -1);
	expect_int(err.kind, ERROR_POLICY);
	char line[256];
	expect_text(error_format(&err, line, sizeof(line)), "no c (policy a); write b");
	expect_int(fail_policy(&err, NULL, NULL, "bare"), -1);
	expect_text(error_format(&err, line, sizeof(line)), "bare");
}

TEST(the_innermost_field_remedy_and_code_stay)
{
	struct error err;
	(void)fail(&err, ERROR_CONFIG, "text"); /* -1 always */
	expect_int(fail_field(&err, "inner"), -1);
	expect_int(fail_field(&err, "outer"), -1);
	expect_int(fail_remedy(&err, "inner remedy"), -1);
	expect_int(fail_remedy(&err, "outer remedy"), -1);
	expect_int(fail_code(&err, "malformed_id"), -1);
	expect_int(fail_code(&err, "stale_id"), -1);
	expect_text(err.field, "inner");
	expect_text(err.remedy, "inner remedy");
	expect_text(err.code, "malformed_id");
}

TEST(a_text_too_long_is_cut_between_characters)
{
	struct error err;
	char text[2001];
	for (size_t i = 0; i < 2000; i += 2)
		memcpy(text + i, "é", 2);
	text[2000] = '\0';

	(void)fail(&err, ERROR_CONFIG, "%s", text); /* -1 always */
	expect_int(strlen(err.text), sizeof(err.text) - 2);
	(void)fail(&err, ERROR_CONFIG, "x%s", text); /* -1 always */
	expect_int(strlen(err.text), sizeof(err.text) - 1);
	(void)fail_field(&err, "%s", text); /* -1 always */
	expect_int(strlen(err.field), sizeof(err.field) - 2);
	(void)fail_remedy(&err, "y%s", text); /* -1 always */
	expect_int(strlen(err.remedy), sizeof(err.remedy) - 1);
	expect_text(err.remedy + 253, "é");
}

TEST(an_error_may_be_wrapped_by_its_own_text)
{
	struct error err;
	(void)fail(&err, ERROR_HOST, "inner");              /* -1 always */
	(void)fail(&err, ERROR_BUG, "outer: %s", err.text); /* -1 always */
	expect_text(err.text, "outer: inner");
	(void)fail_field(&err, "%s", err.text); /* -1 always */
	expect_text(err.field, "outer: inner");
}

TEST(the_code_follows_the_kind_unless_it_is_set)
{
	struct error err;
	(void)fail(&err, ERROR_CONFIG, "x"); /* -1 always */
	expect_text(error_code(&err), "malformed_request");
	(void)fail(&err, ERROR_POLICY, "x"); /* -1 always */
	expect_text(error_code(&err), "policy_validation");
	(void)fail(&err, ERROR_HOST, "x"); /* -1 always */
	expect_text(error_code(&err), "backend_error");
	(void)fail(&err, ERROR_BUG, "x"); /* -1 always */
	expect_text(error_code(&err), "backend_error");
	(void)fail_code(&err, "stale_id"); /* -1 always */
	expect_text(error_code(&err), "stale_id");
	expect_text(error_code(&(struct error){}), "");
	expect_text(error_code(&(struct error){ .kind = 77 }), "backend_error");
}

TEST(control_characters_are_shown_as_escapes)
{
	struct error err;
	(void)fail(&err, ERROR_CONFIG, "a\nb\x1b[31m\x7f é"); /* -1 always */
	char line[256];
	expect_text(error_format(&err, line, sizeof(line)), "a\\x0ab\\x1b[31m\\x7f é");
}

TEST(a_line_too_long_is_cut_to_the_buffer)
{
	struct error err;
	(void)fail(&err, ERROR_CONFIG, "abcdef\nghi"); /* -1 always */
	char line[12];
	memset(line, '#', sizeof(line));
	expect_text(error_format(&err, line, 8), "abcdef");
	expect_int(line[8], '#');
	expect_text(error_format(&err, line, 11), "abcdef\\x0a");
	expect_text(error_format(&err, line, 1), "");
	line[0] = '#';
	expect(error_format(&err, line, 0) == line);
	expect_int(line[0], '#');
}

static int call(int result, struct error *err)
{
	int got = TRY(result < 0 ? fail(err, ERROR_BUG, "negative") : result);
	return got + 1;
}

TEST(try_passes_success_on_and_leaves_on_failure)
{
	struct error err;
	expect_int(call(5, &err), 6);
	expect_fail(call(-1, &err), &err, "negative");
}
