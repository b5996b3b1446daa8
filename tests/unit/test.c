/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the tests of one program in the order of their lines and prints TAP. */
#include "test.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The linker makes these two names for a section whose name is an identifier. */
extern const struct test __start_mxc_tests[], __stop_mxc_tests[];

enum { PASSED, FAILED, SKIPPED }; /* what setjmp returns: 0 at first, then what longjmp says */

static jmp_buf end_of_test;
static const char *skip_reason;

/* A TAP diagnostic: every line of the text behind a `#`, so that no text is taken for a result. */
static void print_text(const char *label, const char *text)
{
	if (text == NULL) {
		printf("#   %s: NULL\n", label);
		return;
	}
	printf("#   %s: '", label);
	for (; *text; text++)
		fputs(*text == '\n' ? "\n#     " : (char[]){ *text, '\0' }, stdout);
	printf("'\n");
}

static void test_fail(void) __attribute__((noreturn));
static void test_fail(void)
{
	longjmp(end_of_test, FAILED);
}

void test_skip(const char *reason)
{
	skip_reason = reason;
	longjmp(end_of_test, SKIPPED);
}

void test_expect(int holds, const char *place)
{
	if (holds)
		return;
	printf("# %s\n", place);
	test_fail();
}

void test_expect_int(long long actual, long long expected, const char *place)
{
	if (actual == expected)
		return;
	printf("# %s\n", place);
	printf("#   is %lld, expected %lld\n", actual, expected);
	test_fail();
}

void test_expect_text(const char *actual, const char *expected, const char *place)
{
	if (actual == NULL && expected == NULL)
		return;
	if (actual != NULL && expected != NULL && strcmp(actual, expected) == 0)
		return;
	printf("# %s\n", place);
	print_text("is", actual);
	print_text("expected", expected);
	test_fail();
}

void test_expect_contains(const char *actual, const char *part, const char *place)
{
	if (actual != NULL && strstr(actual, part) != NULL)
		return;
	printf("# %s\n", place);
	print_text("is", actual);
	print_text("expected to contain", part);
	test_fail();
}

void test_expect_ok(long long result, const struct error *err, const char *place)
{
	if (result >= 0)
		return;
	char text[sizeof(*err)];
	printf("# %s\n", place);
	print_text("failed", error_format(err, text, sizeof(text)));
	test_fail();
}

void test_expect_fail(long long result, const struct error *err, const char *part,
		      const char *place)
{
	if (result >= 0) {
		printf("# %s\n", place);
		printf("#   is %lld, expected a failure\n", result);
		print_text("that says", part);
		test_fail();
	}
	char text[sizeof(*err)];
	test_expect_contains(error_format(err, text, sizeof(text)), part, place);
}

/* The compiler may lay the rows out in any order; the lines restore the one they are written in. */
static const struct test *next_test(int after_line)
{
	const struct test *next = NULL;
	for (const struct test *test = __start_mxc_tests; test < __stop_mxc_tests; test++)
		if (test->line > after_line && (next == NULL || test->line < next->line))
			next = test;
	return next;
}

/* In a function of its own, as longjmp may lose the caller's variables. */
static int run_test(const struct test *test)
{
	int outcome = setjmp(end_of_test);
	if (outcome == PASSED)
		test->run();
	return outcome;
}

int main(void)
{
	/* A test counts descriptors from 3, whoever starts it: make, for one, leaves some open. */
	(void)close_range(3, ~0U, 0);
	/* Line by line, so that what was printed before a crash is seen. */
	setvbuf(stdout, NULL, _IOLBF, 0);

	int failed = 0;
	int number = 0;
	printf("1..%td\n", __stop_mxc_tests - __start_mxc_tests);
	for (const struct test *test = next_test(0); test != NULL; test = next_test(test->line)) {
		int outcome = run_test(test);
		printf("%sok %d - %s", outcome == FAILED ? "not " : "", ++number, test->name);
		if (outcome == SKIPPED)
			printf(" # SKIP %s", skip_reason);
		putchar('\n');
		failed += outcome == FAILED;
	}
	return failed > 0;
}
