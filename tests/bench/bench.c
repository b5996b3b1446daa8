/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times commands side by side: every row once per round, so that what else the machine does falls
 * on all of them alike; in another order each round, so that what a command leaves the kernel to
 * clean up does not always fall on the same next one.
 *
 *   bench ROUNDS WARMUPS FILE
 *
 * FILE holds rows: "row NAME", then commands, one a line, words apart by one space: "once" before
 * all rounds, "time" measured (several: their sum), "after" each round, "end" after all. Prints per
 * row: name, median, p99 and best in microseconds, peak KiB of the largest process that a timed
 * command was or waited for.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROWS_MOST = 32, COMMANDS_MOST = 16, WORDS_MOST = 32, LINE_MOST = 4096 };

extern char **environ;

struct command {
	enum moment { ONCE, TIMED, AFTER, END } moment;
	char *words[WORDS_MOST + 1];
};

struct row {
	char *name;
	struct command commands[COMMANDS_MOST];
	int n_commands;
	long *times; /* microseconds, one per round */
	long peak;   /* KiB */
};

static void die(const char *what, const char *detail)
{
	fprintf(stderr, "bench: %s: %s\n", what, detail);
	exit(1);
}

static void *must_allocate(size_t n, size_t size)
{
	void *memory = calloc(n, size);
	if (memory == NULL)
		die("memory", strerror(errno));
	return memory;
}

/* Splits line into words in place; returns their number. */
static int words_split(char *line, char **words)
{
	int n = 0;
	char *rest = NULL;
	for (char *word = strtok_r(line, " \n", &rest); word != NULL;
	     word = strtok_r(NULL, " \n", &rest)) {
		if (n == WORDS_MOST)
			die("too many words", word);
		words[n++] = word;
	}
	words[n] = NULL;
	return n;
}

static void command_add(struct row *row, char **words)
{
	static const char *const moments[] = { "once", "time", "after", "end" };
	if (row == NULL || row->n_commands == COMMANDS_MOST)
		die("no row, or too many commands in it", words[0]);
	struct command *command = &row->commands[row->n_commands++];
	for (int i = 0; i < 4; i++) {
		if (strcmp(words[0], moments[i]) != 0)
			continue;
		command->moment = (enum moment)i;
		memcpy(command->words, words + 1, WORDS_MOST * sizeof(*words));
		return;
	}
	die("unknown word", words[0]);
}

static int rows_read(const char *path, struct row *rows)
{
	FILE *file = fopen(path, "re");
	if (file == NULL)
		die(path, strerror(errno));
	int n = 0;
	char line[LINE_MOST];
	while (fgets(line, sizeof(line), file) != NULL) {
		char *words[WORDS_MOST + 1];
		char *kept = strdup(line);
		if (kept == NULL || words_split(kept, words) < 2)
			continue;
		if (strcmp(words[0], "row") != 0) {
			command_add(n > 0 ? &rows[n - 1] : NULL, words);
			continue;
		}
		if (n == ROWS_MOST)
			die("too many rows", words[1]);
		rows[n++].name = words[1];
	}
	(void)fclose(file); /* only read */
	return n;
}

/* Runs to its end; adds what it took. Output goes to the file "bench.log" in the working directory,
 * for when it fails. */
static void command_run(const struct command *command, const posix_spawn_file_actions_t *files,
			long *time, long *peak)
{
	struct timespec begin, end;
	struct rusage usage;
	int status = 0;
	pid_t pid = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &begin); /* cannot fail on Linux */
	int failed = posix_spawn(&pid, command->words[0], files, NULL, command->words, environ);
	if (failed != 0)
		die(command->words[0], strerror(failed));
	while (wait4(pid, &status, 0, &usage) < 0)
		if (errno != EINTR)
			die("wait4", strerror(errno));
	(void)clock_gettime(CLOCK_MONOTONIC, &end); /* as above */

	*time += (end.tv_sec - begin.tv_sec) * 1000000 + (end.tv_nsec - begin.tv_nsec) / 1000;
	if (usage.ru_maxrss > *peak)
		*peak = usage.ru_maxrss;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		for (char *const *word = command->words; *word != NULL; word++)
			fprintf(stderr, "%s ", *word);
		die("failed, see", "bench.log");
	}
}

static void row_run(struct row *row, enum moment moment, const posix_spawn_file_actions_t *files,
		    long *time, long *peak)
{
	for (int i = 0; i < row->n_commands; i++)
		if (row->commands[i].moment == moment)
			command_run(&row->commands[i], files, time, peak);
}

static int compare(const void *left, const void *right)
{
	long a = *(const long *)left, b = *(const long *)right;
	return (a > b) - (a < b);
}

static void row_print(struct row *row, int rounds)
{
	qsort(row->times, (size_t)rounds, sizeof(*row->times), compare);
	int last = (rounds * 99 + 99) / 100 - 1;
	printf("%s %ld %ld %ld %ld\n", row->name, row->times[rounds / 2], row->times[last],
	       row->times[0], row->peak);
}

static void files_prepare(posix_spawn_file_actions_t *files)
{
	if (posix_spawn_file_actions_init(files) != 0 ||
	    posix_spawn_file_actions_addopen(files, 0, "/dev/null", O_RDONLY, 0) != 0 ||
	    posix_spawn_file_actions_addopen(files, 1, "bench.log", O_WRONLY | O_CREAT | O_TRUNC,
					     0644) != 0 ||
	    posix_spawn_file_actions_adddup2(files, 1, 2) != 0)
		die("file actions", strerror(errno));
}

/* Numbers 0 … n-1, shuffled; SEED goes on, the same in every run of this program. */
static void order_shuffle(int *order, int n, unsigned *seed)
{
	for (int i = 0; i < n; i++)
		order[i] = i;
	for (int i = n - 1; i > 0; i--) {
		int other = rand_r(seed) % (i + 1);
		int kept = order[i];
		order[i] = order[other];
		order[other] = kept;
	}
}

static void rounds_run(struct row *rows, int n, int rounds, int warmups,
		       const posix_spawn_file_actions_t *files)
{
	int order[ROWS_MOST];
	unsigned seed = 1;
	long ignored = 0;

	for (int round = -warmups; round < rounds; round++) {
		order_shuffle(order, n, &seed);
		for (int i = 0; i < n; i++) {
			struct row *row = &rows[order[i]];
			long time = 0;
			row_run(row, TIMED, files, &time, &row->peak);
			if (round >= 0)
				row->times[round] = time;
			row_run(row, AFTER, files, &ignored, &ignored);
		}
	}
}

int main(int argc, char **argv)
{
	if (argc != 4)
		die("usage", "bench ROUNDS WARMUPS FILE");
	int rounds = (int)strtol(argv[1], NULL, 10), warmups = (int)strtol(argv[2], NULL, 10);
	if (rounds < 1 || warmups < 0)
		die("rounds", argv[1]);
	struct row *rows = must_allocate(ROWS_MOST, sizeof(*rows));
	int n = rows_read(argv[3], rows);
	posix_spawn_file_actions_t files;
	files_prepare(&files);

	long ignored = 0;
	for (int i = 0; i < n; i++) {
		rows[i].times = must_allocate((size_t)rounds, sizeof(*rows[i].times));
		row_run(&rows[i], ONCE, &files, &ignored, &ignored);
	}
	rounds_run(rows, n, rounds, warmups, &files);
	for (int i = 0; i < n; i++) {
		row_run(&rows[i], END, &files, &ignored, &ignored);
		row_print(&rows[i], rounds);
	}
	return 0;
}
