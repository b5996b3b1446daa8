/* SPDX-License-Identifier: Apache-2.0 */
/* Option tables: rows that fill a struct from argv, and print their own help. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum option_type {
	OPTION_FLAG,    /* bool */
	OPTION_STRING,  /* const char * */
	OPTION_NUMBER,  /* unsigned */
	OPTION_LIST,    /* struct option_list: may be given again */
	OPTION_IGNORED, /* accepted for engines, with a value where .value is set; the summary says
			   why nothing is to be done */
};
enum { OPTION_LIST_MAX = 1024 };
struct option_list {
	const char *items[OPTION_LIST_MAX + 1];
	size_t n;
};

struct option_row {
	const char *name; /* without the dashes */
	char letter;      /* 0 = none */
	enum option_type type;
	size_t offset;     /* into the struct of values */
	const char *value; /* what the help calls it; NULL for flags */
	const char *summary;
	size_t given; /* offset of a bool set when it is given, 0 = none */
};

enum { OPTION_MESSAGE = 512 };
struct option_reading {
	void *values;  /* the struct that the rows fill */
	bool in_order; /* stop at the first word that is no option */
	char message[OPTION_MESSAGE]; /* what is wrong, when something is */
};
/*
 * Read options from argv[1] on. Words are moved behind the options, unless IN_ORDER. Returns the
 * number of words, then found at argv[1 …] with a NULL behind, or -1 with a message.
 */
int options_read(const struct option_row *rows, struct option_reading *reading, int argc,
		 char **argv);
void options_print(const struct option_row *rows);
