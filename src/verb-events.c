/* SPDX-License-Identifier: Apache-2.0 */
/* mxc-runtime events. */
#include "verb.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct values {
	const char *interval;
	bool stats;
};
/* clang-format off */
static const struct option_row options[] = {
	{ "stats", 0, OPTION_FLAG, offsetof(struct values, stats), NULL,
	  "print what it uses now, once" },
	{ "interval", 0, OPTION_STRING, offsetof(struct values, interval), "DURATION",
	  "time between two prints: 5s (the default), 100ms, 1m30s" },
	{},
};
static const struct {
	const char *name;
	uint64_t nanoseconds;
} units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "\302\265s", 1000 }, /* the micro sign, and the Greek letter */
	{ "\316\274s", 1000 },
	{ "ms", 1000000 },
	{ "s", 1000000000 },
	{ "m", 60000000000 },
	{ "h", 3600000000000 },
};
/* clang-format on */
#define DURATION_MAX ((uint64_t)INT64_MAX)

/* The unit at the start of TEXT, its length in *ret_n: the longest that fits; 0 = none. */
static uint64_t unit_read(const char *text, size_t *ret_n)
{
	uint64_t found = 0;

	*ret_n = 0;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t n = strlen(units[i].name);
		if (n <= *ret_n || strncmp(text, units[i].name, n) != 0)
			continue;
		*ret_n = n;
		found = units[i].nanoseconds;
	}
	return found;
}

/* Digits with at most one point among them: their value in units, and where they end. */
static const char *number_read(const char *text, double *ret)
{
	double value = 0, weight = 1;
	bool has_point = false, has_digit = false;

	for (;; text++) {
		if (*text == '.' && !has_point) {
			has_point = true;
			continue;
		}
		if (*text < '0' || *text > '9')
			break;
		has_digit = true;
		value = value * 10 + (*text - '0');
		if (has_point)
			weight *= 10;
	}
	*ret = value / weight;
	return has_digit ? text : NULL;
}

/* As engines write durations: numbers with their units, one after another. False when it is none.
 */
static bool duration_read(const char *text, uint64_t *ret)
{
	uint64_t total = 0;

	if (!*text)
		return false;
	while (*text) {
		double value;
		size_t n;
		text = number_read(text, &value);
		if (!text)
			return false;
		uint64_t unit = unit_read(text, &n);
		value *= (double)unit;
		if (unit == 0 || value >= (double)(DURATION_MAX - total))
			return false;
		total += (uint64_t)value;
		text += n;
	}
	*ret = total;
	return true;
}

static int take(const char *line, void *data)
{
	(void)data;
	return print(line);
}

static int run(struct mxcrt *rt, int n, char **words, const void *given)
{
	const struct values *values = given;
	const char *interval = values->interval ? values->interval : "5s";
	char message[OPTION_MESSAGE];
	const char *text;
	uint64_t nanoseconds = 0;

	(void)n;
	if (!duration_read(interval, &nanoseconds) || nanoseconds == 0) {
		(void)snprintf(message, sizeof(message),
			       "events: --interval '%s' is not a duration greater than 0; "
			       "write it like 5s, 100ms or 1m30s",
			       interval);
		return mxcrt_fail(rt, message);
	}
	if (values->stats)
		return mxcrt_stats(rt, words[0], &text) < 0 ? -1 : print(text);
	return mxcrt_events(rt, words[0], nanoseconds, take, NULL);
}

/* clang-format off */
const struct verb verb_events = {
	.name = "events", .usage = "ID",
	.summary = "print what a container uses, and when it runs out of memory",
	.options = options, .values_size = sizeof(struct values), .least = 1, .most = 1, .run = run,
};
/* clang-format on */
