/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines are what engines and people read back. */
#include "test.h"

#include "base/arena.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/json.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Standard error and the log file go to memory while a test speaks. */
struct ears {
	int real_stderr, heard, file;
};

static struct ears ears_open(void)
{
	struct ears ears = { dup(STDERR_FILENO), memfd_create("stderr", MFD_CLOEXEC),
			     memfd_create("log", MFD_CLOEXEC) };
	expect(ears.real_stderr >= 0 && ears.heard >= 0 && ears.file >= 0);
	expect(dup2(ears.heard, STDERR_FILENO) >= 0);
	return ears;
}

static void ears_close(struct ears *ears)
{
	(void)dup2(ears->real_stderr, STDERR_FILENO); /* both are open */
	fd_close(&ears->real_stderr);
	fd_close(&ears->heard);
	fd_close(&ears->file);
	log_set(LOG_LEVEL_WARNING, LOG_FORMAT_TEXT, -1);
}

#define autoears __attribute__((cleanup(ears_close))) struct ears

static const char *heard(struct arena *arena, int fd)
{
	char *text = arena_alloc(arena, 20000);
	expect(pread(fd, text, 19999, 0) >= 0);
	return text;
}

TEST(without_a_file_lines_go_to_standard_error)
{
	autoarena arena = {};
	autoears ears = ears_open();
	log_set(LOG_LEVEL_DEBUG, LOG_FORMAT_JSON, -1);
	log_warning("no '%s', ignoring", "x");
	log_info("started");
	log_debug("step\n%d", 3);
	expect_text(heard(&arena, ears.heard), "mxc-runtime: warning: no 'x', ignoring\n"
					       "mxc-runtime: info: started\n"
					       "mxc-runtime: debug: step\\x0a3\n");
}

TEST(lines_above_the_level_are_silent)
{
	autoarena arena = {};
	autoears ears = ears_open();
	log_set(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT, -1);
	log_warning("a");
	log_info("b");
	expect(!log_is_debug());
	log_debug("c");
	expect_text(heard(&arena, ears.heard), "");
	log_set(LOG_LEVEL_DEBUG, LOG_FORMAT_TEXT, -1);
	expect(log_is_debug());
}

TEST(json_lines_have_level_msg_and_time)
{
	autoarena arena = {};
	autoears ears = ears_open();
	struct error err;
	struct json *root;
	log_set(LOG_LEVEL_INFO, LOG_FORMAT_JSON, ears.file);
	log_info("a \"b\"\n%s", "\xff");
	const char *line = heard(&arena, ears.file);
	expect_int(line[strlen(line) - 1], '\n');
	expect_ok(json_read(&arena, "log", line, strlen(line), NULL, &root, &err), &err);
	expect_int(root->n, 3);
	expect_text(json_get(root, "level")->text, "info");
	expect_text(json_get(root, "msg")->text, "a \"b\"\n\xef\xbf\xbd");

	int year, month, day, hour, minute, second, nanosecond, end = 0;
	expect_int(sscanf(json_get(root, "time")->text, "%4d-%2d-%2dT%2d:%2d:%2d.%9dZ%n", &year,
			  &month, &day, &hour, &minute, &second, &nanosecond, &end),
		   7);
	expect_int(end, 30);
	expect_text(heard(&arena, ears.heard), "");
}

TEST(text_lines_are_quoted)
{
	autoarena arena = {};
	autoears ears = ears_open();
	log_set(LOG_LEVEL_INFO, LOG_FORMAT_TEXT, ears.file);
	log_warning("a \"b\"");
	const char *line = heard(&arena, ears.file);
	expect_int(strncmp(line, "time=\"2", 7), 0);
	expect_contains(line, "Z\" level=warning msg=\"a \\\"b\\\"\"\n");
}

TEST(a_failure_goes_to_the_file_with_its_parts_and_to_people)
{
	autoarena arena = {};
	autoears ears = ears_open();
	struct error err;
	struct json *root;
	log_set(LOG_LEVEL_ERROR, LOG_FORMAT_JSON, ears.file);
	(void)fail_policy(&err, "policy a[0]", "write b", "no\tc"); /* -1 always */
	log_failure(&err);
	expect_text(heard(&arena, ears.heard), "mxc-runtime: no\\x09c (policy a[0]); write b\n");

	const char *line = heard(&arena, ears.file);
	expect_ok(json_read(&arena, "log", line, strlen(line), NULL, &root, &err), &err);
	expect_text(json_get(root, "level")->text, "error");
	expect_text(json_get(root, "msg")->text, "no\\x09c (policy a[0]); write b");
	expect_text(json_get(root, "code")->text, "policy_validation");
	expect_text(json_get(root, "field")->text, "policy a[0]");
	expect_text(json_get(root, "remedy")->text, "write b");
}

TEST(a_failure_without_field_has_no_empty_one_in_the_file)
{
	autoarena arena = {};
	autoears ears = ears_open();
	struct error err;
	struct json *root;
	log_set(LOG_LEVEL_ERROR, LOG_FORMAT_JSON, ears.file);
	errno = ENOENT;
	(void)fail_sys(&err, "open '/x'"); /* -1 always */
	log_failure(&err);
	const char *line = heard(&arena, ears.file);
	expect_ok(json_read(&arena, "log", line, strlen(line), NULL, &root, &err), &err);
	expect_text(json_get(root, "msg")->text, "open '/x': No such file or directory");
	expect(!json_get(root, "field") && !json_get(root, "remedy"));
}

TEST(a_very_long_line_is_cut_but_ends)
{
	autoarena arena = {};
	autoears ears = ears_open();
	log_set(LOG_LEVEL_WARNING, LOG_FORMAT_TEXT, -1);
	log_warning("%05000d", 1);
	const char *line = heard(&arena, ears.heard);
	expect(strlen(line) > 2000 && strlen(line) <= 4096);
	expect_int(line[strlen(line) - 1], '\n');
}

TEST(logging_keeps_errno)
{
	autoears ears = ears_open();
	log_set(LOG_LEVEL_WARNING, LOG_FORMAT_JSON, ears.file);
	errno = EXDEV;
	log_warning("x");
	expect_int(errno, EXDEV);
	log_set(LOG_LEVEL_WARNING, LOG_FORMAT_JSON, 123456);
	errno = EXDEV;
	log_warning("x");
	expect_int(errno, EXDEV);
}
