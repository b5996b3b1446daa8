/* SPDX-License-Identifier: Apache-2.0 */
/* mxc-runtime spec, features and audit: what needs no container. */
#include "verb.h"

#include <stdio.h>
#include <string.h>

struct values {
	const char *bundle;
	bool rootless;
};
static const struct option_row no_options[] = { {} };
/* clang-format off */
static const struct option_row spec_options[] = {
	{ "bundle", 'b', OPTION_STRING, offsetof(struct values, bundle), "DIR",
	  "where to make config.json (default: here)" },
	{ "rootless", 0, OPTION_FLAG, offsetof(struct values, rootless), NULL,
	  "for a user without root" },
	{},
};
/* clang-format on */

static int spec(struct mxcrt *rt, int n, char **words, const void *given)
{
	const struct values *values = given;
	const char *text;

	(void)n;
	(void)words;
	return mxcrt_spec(rt, values->bundle ? values->bundle : ".", values->rootless, &text);
}

static int features(struct mxcrt *rt, int n, char **words, const void *given)
{
	const char *text;

	(void)n;
	(void)words;
	(void)given;
	return mxcrt_features(rt, &text) < 0 ? -1 : print(text);
}

static int audit(struct mxcrt *rt, int n, char **words, const void *given)
{
	const char *text;

	(void)given;
	if (strcmp(words[0], "verify") != 0) {
		char message[OPTION_MESSAGE];
		(void)snprintf(message, sizeof(message),
			       "audit: unknown word '%s'; this version has 'verify'", words[0]);
		return mxcrt_fail(rt, message);
	}
	/* Every file is looked at; one that is broken makes the exit status 1. */
	int status = 0;
	for (int i = 1; i == 1 || i < n; i++) {
		int result = mxcrt_audit_verify(rt, n > 1 ? words[i] : NULL, &text);
		if (result < 0)
			return -1;
		if (print(text) != 0)
			return 1;
		if (result > 0)
			status = 1;
	}
	return status;
}

/* clang-format off */
const struct verb verb_spec = {
	.name = "spec", .usage = "", .summary = "make a default config.json",
	.options = spec_options, .values_size = sizeof(struct values),
	.least = 0, .most = 0, .run = spec,
};
const struct verb verb_features = {
	.name = "features", .usage = "", .summary = "print what this runtime supports as JSON",
	.options = no_options, .least = 0, .most = 0, .run = features,
};
const struct verb verb_audit = {
	.name = "audit", .usage = "verify [FILE...]",
	.summary = "check the hash chain of the audit file",
	.options = no_options, .least = 1, .most = -1, .run = audit,
};
/* clang-format on */
