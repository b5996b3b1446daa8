/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measures throughput and growth: many containers created, started and deleted, by several workers.
 *
 *   cycle NUMBER WORKERS BUNDLE PROGRAM [OPTION...]
 *
 * Prints on one line: cycles per second, the median microseconds of a cycle among the first and
 * among the last hundred, and the peak KiB of the runtime's largest process in each of the two.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { OPTIONS_MOST = 16, SAMPLE = 100 };

extern char **environ;

struct lap {
	long time; /* microseconds */
	long peak; /* KiB */
};

/* In memory that the workers share. */
struct board {
	atomic_int next; /* number of the cycle that a free worker takes */
	struct lap laps[];
};

struct runtime {
	char *words[OPTIONS_MOST + 8]; /* the program and its global options */
	int n;
	char *bundle;
};

static void die(const char *what, const char *detail)
{
	fprintf(stderr, "cycle: %s: %s\n", what, detail);
	exit(1);
}

static long microseconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail on Linux */
	return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* One verb with its words, NULL behind the last; the peak KiB of what it was or waited for. */
static long verb_run(const struct runtime *runtime, const posix_spawn_file_actions_t *files,
		     char *const *verb)
{
	char *words[OPTIONS_MOST + 8];
	struct rusage usage;
	int status = 0, n = runtime->n;
	pid_t pid = 0;

	memcpy(words, runtime->words, sizeof(words));
	while (*verb != NULL)
		words[n++] = *verb++;
	words[n] = NULL;
	int failed = posix_spawn(&pid, words[0], files, NULL, words, environ);
	if (failed != 0)
		die(words[0], strerror(failed));
	while (wait4(pid, &status, 0, &usage) < 0)
		if (errno != EINTR)
			die("wait4", strerror(errno));
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		die(words[runtime->n], "failed, see cycle.log");
	return usage.ru_maxrss;
}

static long larger(long a, long b)
{
	return a > b ? a : b;
}

static struct lap cycle_run(const struct runtime *runtime, const posix_spawn_file_actions_t *files,
			    int number)
{
	char id[32];
	char *create[] = { "create", "--bundle", runtime->bundle, id, NULL };
	char *start[] = { "start", id, NULL };
	char *delete[] = { "delete", "--force", id, NULL };
	struct lap lap = {};
	long begin = microseconds();

	(void)snprintf(id, sizeof(id), "cycle-%d", number);
	lap.peak = verb_run(runtime, files, create);
	lap.peak = larger(lap.peak, verb_run(runtime, files, start));
	lap.peak = larger(lap.peak, verb_run(runtime, files, delete));
	lap.time = microseconds() - begin;
	return lap;
}

static void work(const struct runtime *runtime, struct board *board, int number)
{
	posix_spawn_file_actions_t files;

	if (posix_spawn_file_actions_init(&files) != 0 ||
	    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0) != 0 ||
	    posix_spawn_file_actions_addopen(&files, 1, "cycle.log", O_WRONLY | O_CREAT | O_APPEND,
					     0644) != 0 ||
	    posix_spawn_file_actions_adddup2(&files, 1, 2) != 0)
		die("file actions", strerror(errno));
	for (;;) {
		int mine = atomic_fetch_add(&board->next, 1);
		if (mine >= number)
			return;
		board->laps[mine] = cycle_run(runtime, &files, mine);
	}
}

static int compare(const void *left, const void *right)
{
	long a = ((const struct lap *)left)->time, b = ((const struct lap *)right)->time;
	return (a > b) - (a < b);
}

/* The median time and the highest peak of N laps, which are sorted. */
static struct lap sample(struct lap *laps, int n)
{
	struct lap result = {};

	qsort(laps, (size_t)n, sizeof(*laps), compare);
	result.time = laps[n / 2].time;
	for (int i = 0; i < n; i++)
		result.peak = larger(result.peak, laps[i].peak);
	return result;
}

static void workers_run(const struct runtime *runtime, struct board *board, int number, int workers)
{
	int status;

	for (int i = 0; i < workers; i++) {
		pid_t pid = fork();
		if (pid < 0)
			die("fork", strerror(errno));
		if (pid == 0) {
			work(runtime, board, number);
			_exit(0);
		}
	}
	for (int i = 0; i < workers; i++)
		if (wait(&status) < 0 || status != 0)
			die("a worker", "failed");
}

int main(int argc, char **argv)
{
	if (argc < 5 || argc - 4 > OPTIONS_MOST)
		die("usage", "cycle NUMBER WORKERS BUNDLE PROGRAM [OPTION...]");
	int number = (int)strtol(argv[1], NULL, 10), workers = (int)strtol(argv[2], NULL, 10);
	if (number < 2 * SAMPLE || workers < 1)
		die("usage", "at least two hundred cycles and one worker");
	struct runtime runtime = { .n = argc - 4, .bundle = argv[3] };
	memcpy(runtime.words, argv + 4, (size_t)runtime.n * sizeof(char *));

	struct board *board = mmap(NULL, sizeof(*board) + (size_t)number * sizeof(struct lap),
				   PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED)
		die("memory", strerror(errno));
	long begin = microseconds();
	workers_run(&runtime, board, number, workers);
	long took = microseconds() - begin;

	struct lap first = sample(board->laps, SAMPLE);
	struct lap last = sample(board->laps + number - SAMPLE, SAMPLE);
	printf("%.1f %ld %ld %ld %ld\n", number * 1e6 / (double)took, first.time, last.time,
	       first.peak, last.peak);
	return 0;
}
