/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The static program that tests run inside a container: tries acts by raw system call and says what
 * came of them.
 *
 *   probe ACT [WORD...] [-- ACT [WORD...]]...
 *
 * Each act prints one line, "probe: ACT WORD...: ok" or "probe: ACT WORD...: strerror". The exit
 * status is 0, or the errno of the first act that failed. A "!" before an act leaves its outcome
 * out of the exit status. As "true" it exits with 0 at once.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe.h"

enum { EXIT_USAGE = 125 };

static const struct act *const tables[] = {
	file_acts, mount_acts, process_acts, kernel_acts, self_acts,
};

int outcome(long result)
{
	return result < 0 ? errno : 0;
}

int outcome_closing(int fd, int result)
{
	(void)close(fd); /* the result that matters is already known */
	return result;
}

long number(const char *text)
{
	char *end = NULL;
	errno = 0;
	long value = strtol(text, &end, 0);
	if (errno != 0 || end == text || *end != '\0') {
		fprintf(stderr, "probe: '%s' is not a number\n", text);
		exit(EXIT_USAGE);
	}
	return value;
}

static const struct act *act_find(const char *name)
{
	for (size_t t = 0; t < sizeof(tables) / sizeof(*tables); t++)
		for (const struct act *act = tables[t]; act->name != NULL; act++)
			if (strcmp(act->name, name) == 0)
				return act;
	return NULL;
}

static void usage_print(FILE *to)
{
	fputs("usage: probe [!] ACT [WORD...] [-- ACT [WORD...]]...\n", to);
	for (size_t t = 0; t < sizeof(tables) / sizeof(*tables); t++)
		for (const struct act *act = tables[t]; act->name != NULL; act++)
			fprintf(to, "  %-18s %s\n", act->name, act->summary);
}

/* words[0] is the act's name; ended by NULL. */
static int act_run(char **words)
{
	const struct act *act = act_find(words[0]);
	int n = 0;
	while (words[n + 1] != NULL)
		n++;
	if (act == NULL || n < act->least || (act->most >= 0 && n > act->most)) {
		fprintf(stderr, "probe: wrong act '%s' with %d words\n", words[0], n);
		usage_print(stderr);
		exit(EXIT_USAGE);
	}

	int result = act->run(words + 1);
	printf("probe:");
	for (char **word = words; *word != NULL; word++)
		printf(" %s", *word);
	printf(": %s\n", result == 0 ? "ok" : strerror(result));
	(void)fflush(stdout); /* a reader that went away is not the act's business */
	return result;
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	if (strcmp(slash != NULL ? slash + 1 : argv[0], "true") == 0)
		return 0;
	if (argc < 2 || strcmp(argv[1], "--help") == 0) {
		usage_print(argc < 2 ? stderr : stdout);
		return argc < 2 ? EXIT_USAGE : 0;
	}

	int status = 0;
	for (int i = 1; i < argc; i++) {
		bool counts = strcmp(argv[i], "!") != 0;
		if (!counts)
			i++;
		int first = i;
		while (i < argc && strcmp(argv[i], "--") != 0)
			i++;
		argv[i] = NULL; /* ends this act's words: a "--", or what is NULL already */
		if (first == i)
			continue;
		int result = act_run(argv + first);
		if (counts && status == 0)
			status = result;
	}
	return status;
}
