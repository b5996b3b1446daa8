/* SPDX-License-Identifier: Apache-2.0 */
/* Read argv by the rows of a table. */
#include "option.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option_row *row_by_name(const struct option_row *rows, const char *name,
					    size_t n)
{
	for (; rows->name; rows++)
		if (strlen(rows->name) == n && memcmp(rows->name, name, n) == 0)
			return rows;
	return NULL;
}

static const struct option_row *row_by_letter(const struct option_row *rows, char letter)
{
	for (; rows->name; rows++)
		if (rows->letter == letter)
			return rows;
	return NULL;
}

static int refuse(struct option_reading *reading, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static int refuse(struct option_reading *reading, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(reading->message, sizeof(reading->message), format, ap);
	va_end(ap);
	return -1;
}

static bool number_read(const char *text, unsigned *ret)
{
	char *end;

	errno = 0;
	unsigned long value = strtoul(text, &end, 10);
	if (errno || end == text || *end || text[0] == '-' || value > INT_MAX)
		return false;
	*ret = (unsigned)value;
	return true;
}

static int value_store(const struct option_row *row, const char *value,
		       struct option_reading *reading)
{
	char *values = reading->values;
	void *target = values + row->offset;

	if (row->given)
		*(bool *)(void *)(values + row->given) = true;
	switch (row->type) {
	case OPTION_FLAG: *(bool *)target = true; return 0;
	case OPTION_STRING: *(const char **)target = value; return 0;
	case OPTION_NUMBER:
		if (number_read(value, target))
			return 0;
		return refuse(reading, "option --%s: '%s' is not a number", row->name, value);
	case OPTION_LIST: {
		struct option_list *list = target;
		if (list->n < OPTION_LIST_MAX) {
			list->items[list->n++] = value;
			return 0;
		}
		return refuse(reading, "option --%s is given more than %d times", row->name,
			      OPTION_LIST_MAX);
	}
	case OPTION_IGNORED: return 0;
	}
	return -1;
}

/* "--flag=false" is how some callers switch a flag off. */
static int flag_store(const struct option_row *row, const char *value,
		      struct option_reading *reading)
{
	if (!value || strcmp(value, "true") == 0)
		return value_store(row, NULL, reading);
	if (strcmp(value, "false") != 0)
		return refuse(reading, "option --%s takes no value '%s'", row->name, value);
	if (row->given)
		*(bool *)(void *)((char *)reading->values + row->given) = true;
	return 0;
}

/* VALUE in the same word (may be NULL), or the next word. Returns how many words were taken, or -1.
 */
static int valued_read(const struct option_row *row, const char *value, int left, char **word,
		       struct option_reading *reading)
{
	if (value)
		return value_store(row, value, reading) < 0 ? -1 : 1;
	if (left < 2)
		return refuse(reading, "option '%s' requires an argument, %s", word[0], row->value);
	return value_store(row, word[1], reading) < 0 ? -1 : 2;
}

static int unknown(struct option_reading *reading, const char *word)
{
	return refuse(reading, "unknown option '%s'; see --help", word);
}

static int long_read(const struct option_row *rows, int left, char **word,
		     struct option_reading *reading)
{
	const char *name = word[0] + 2;
	const char *equals = strchr(name, '=');
	const struct option_row *row = row_by_name(rows, name,
						   equals ? (size_t)(equals - name) : strlen(name));

	if (!row)
		return unknown(reading, word[0]);
	if (row->value)
		return valued_read(row, equals ? equals + 1 : NULL, left, word, reading);
	return flag_store(row, equals ? equals + 1 : NULL, reading) < 0 ? -1 : 1;
}

/* "-it" is "-i -t"; "-uroot" is "-u root". */
static int letters_read(const struct option_row *rows, int left, char **word,
			struct option_reading *reading)
{
	for (const char *letter = word[0] + 1; *letter; letter++) {
		const struct option_row *row = row_by_letter(rows, *letter);
		if (!row)
			return unknown(reading, word[0]);
		if (row->value)
			return valued_read(row, letter[1] ? letter + 1 : NULL, left, word, reading);
		if (value_store(row, NULL, reading) < 0)
			return -1;
	}
	return 1;
}

/* Move the word at argv[from] behind the last of the TO words already moved. */
static void word_keep(char **argv, int from, int to)
{
	char *word = argv[from];

	for (int i = from; i > to; i--)
		argv[i] = argv[i - 1];
	argv[to] = word;
}

int options_read(const struct option_row *rows, struct option_reading *reading, int argc,
		 char **argv)
{
	int words = 0; /* kept at argv[1 …] while options are read */
	int i = 1;

	while (i < argc) {
		if (strcmp(argv[i], "--") == 0) {
			for (i++; i < argc; i++)
				word_keep(argv, i, ++words);
			break;
		}
		if (argv[i][0] != '-' || !argv[i][1]) {
			word_keep(argv, i++, ++words);
			if (!reading->in_order)
				continue;
			for (; i < argc; i++)
				word_keep(argv, i, ++words);
			break;
		}
		int taken = argv[i][1] == '-' ? long_read(rows, argc - i, argv + i, reading)
					      : letters_read(rows, argc - i, argv + i, reading);
		if (taken < 0)
			return -1;
		i += taken;
	}
	argv[words + 1] = NULL;
	return words;
}

void options_print(const struct option_row *rows)
{
	for (; rows->name; rows++) {
		char name[64];
		(void)snprintf(name, sizeof(name), "--%s%s%s", rows->name, rows->value ? " " : "",
			       rows->value ? rows->value : "");
		if (rows->letter)
			printf("  -%c, %-28s %s\n", rows->letter, name, rows->summary);
		else
			printf("      %-28s %s\n", name, rows->summary);
	}
}
