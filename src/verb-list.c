/* SPDX-License-Identifier: Apache-2.0 */
/* mxc-runtime state, list and ps. */
#include "verb.h"

#include <stdio.h>
#include <string.h>

struct values {
	const char *format;
	bool quiet;
};
static const struct option_row no_options[] = { {} };
/* clang-format off */
static const struct option_row list_options[] = {
	{ "format", 'f', OPTION_STRING, offsetof(struct values, format), "table|json",
	  "what to print (default table)" },
	{ "quiet", 'q', OPTION_FLAG, offsetof(struct values, quiet), NULL, "print ids only" },
	{},
};
static const struct option_row ps_options[] = {
	{ "format", 'f', OPTION_STRING, offsetof(struct values, format), "table|json",
	  "what to print (default table)" },
	{},
};
/* clang-format on */

/* NULL after a message when it is neither. */
static const char *format_checked(struct mxcrt *rt, const char *format)
{
	char message[OPTION_MESSAGE];

	if (!format)
		return "table";
	if (strcmp(format, "table") == 0 || strcmp(format, "json") == 0)
		return format;
	(void)snprintf(message, sizeof(message), "--format is 'table' or 'json', not '%s'", format);
	(void)mxcrt_fail(rt, message);
	return NULL;
}

static int state(struct mxcrt *rt, int n, char **words, const void *given)
{
	const char *text;

	(void)n;
	(void)given;
	return mxcrt_state(rt, words[0], &text) < 0 ? -1 : print(text);
}

static int list(struct mxcrt *rt, int n, char **words, const void *given)
{
	const struct values *values = given;
	const char *format = format_checked(rt, values->format);
	const char *text;

	(void)n;
	(void)words;
	if (!format)
		return -1;
	return mxcrt_list(rt, format, values->quiet, &text) < 0 ? -1 : print(text);
}

static int ps(struct mxcrt *rt, int n, char **words, const void *given)
{
	const struct values *values = given;
	const char *format = format_checked(rt, values->format);
	const char *text;

	if (!format)
		return -1;
	const char *const *args = n > 1 ? (const char *const *)words + 1 : NULL;
	return mxcrt_ps(rt, words[0], format, args, &text) < 0 ? -1 : print(text);
}

/* clang-format off */
const struct verb verb_state = {
	.name = "state", .usage = "ID", .summary = "print the state of a container as JSON",
	.options = no_options, .least = 1, .most = 1, .run = state,
};
const struct verb verb_list = {
	.name = "list", .usage = "", .summary = "list the containers",
	.options = list_options, .values_size = sizeof(struct values),
	.least = 0, .most = 0, .run = list,
};
const struct verb verb_ps = {
	.name = "ps", .usage = "ID [PS-OPTION...]", .summary = "list the processes of a container",
	.options = ps_options, .values_size = sizeof(struct values),
	.least = 1, .most = -1, .in_order = true, .run = ps,
};
/* clang-format on */
