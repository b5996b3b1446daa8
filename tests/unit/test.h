/* SPDX-License-Identifier: Apache-2.0 */
/* What a unit test is written with: TEST(a_sentence) { expect_int(…); }; test.c has main(). */
#pragma once

#include "base/error.h"

#include <stddef.h>

struct test {
	const char *name;
	void (*run)(void);
	int line;
};

/*
 * Defines one test; its name is a sentence. The row lands in a linker section that test.c walks, so
 * that no second list of the tests can be forgotten.
 */
#define TEST(sentence)                                                                             \
	static void sentence(void);                                                                \
	static const struct test sentence##_row                                                    \
		__attribute__((used, section("mxc_tests"), aligned(__alignof__(struct test)))) = { \
			#sentence, sentence, __LINE__                                              \
		};                                                                                 \
	static void sentence(void)

/*
 * Expectations: the value first, then what it shall be. The first that is not met says what it saw,
 * and ends its test there.
 */
#define expect(condition) test_expect(!!(condition), TEST_PLACE(#condition))
#define expect_int(actual, expected) \
	test_expect_int((long long)(actual), (long long)(expected), TEST_PLACE(#actual))
/* Both may be NULL, which equals only NULL. */
#define expect_text(actual, expected) test_expect_text(actual, expected, TEST_PLACE(#actual))
#define expect_contains(actual, part) test_expect_contains(actual, part, TEST_PLACE(#actual))
/* The call returns >= 0; if not, the error is shown. */
#define expect_ok(call, err) test_expect_ok((long long)(call), err, TEST_PLACE(#call))
/* The call returns -1 and the error's line for people contains the part. */
#define expect_fail(call, err, part) \
	test_expect_fail((long long)(call), err, part, TEST_PLACE(#call))

/* Ends the test as skipped; the reason names the missing feature. */
void test_skip(const char *reason) __attribute__((noreturn));

/* Where an expectation stands: "file:line: what is expected of". */
#define TEST_PLACE(what)          TEST_PLACE_AT(what, __LINE__)
#define TEST_PLACE_AT(what, line) __FILE__ ":" TEST_TEXT(line) ": " what
#define TEST_TEXT(token)          #token

/* The functions behind the macros. */
void test_expect(int holds, const char *place);
void test_expect_int(long long actual, long long expected, const char *place);
void test_expect_text(const char *actual, const char *expected, const char *place);
void test_expect_contains(const char *actual, const char *part, const char *place);
void test_expect_ok(long long result, const struct error *err, const char *place);
void test_expect_fail(long long result, const struct error *err, const char *part,
		      const char *place);
