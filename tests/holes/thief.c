/* SPDX-License-Identifier: Apache-2.0 */
/* Takes hold of another process's program file and tries to open it for writing once that process
 * is gone. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void wait_ms(long ms)
{
	struct timespec pause = { .tv_nsec = ms * 1000000 };

	(void)nanosleep(&pause, NULL); /* an early return only tries sooner */
}

/* -1 when it may not be opened. */
static int take(const char *pid)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%s/exe", pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* A file that is being executed cannot be written: its process must end before. */
static int reopen(int fd, pid_t pid)
{
	char path[64];

	for (int i = 0; i < 500 && (kill(pid, 0) == 0 || errno == EPERM); i++)
		wait_ms(10);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_CLOEXEC);
}

static int steal(const char *pid)
{
	int fd = take(pid);

	printf("thief: take: %s\n", fd < 0 ? strerror(errno) : "ok");
	(void)fflush(stdout); /* the test reads it while we wait */
	if (fd < 0)
		return 0;
	int writable = reopen(fd, (pid_t)strtol(pid, NULL, 10));
	printf("thief: write: %s\n", writable < 0 ? strerror(errno) : "ok");
	return 0;
}

/* Whatever program but our own comes by, for some milliseconds. */
static int watch(long ms)
{
	struct timespec begin, now;
	struct stat own, other;
	int taken = 0;

	if (stat("/proc/self/exe", &own) < 0)
		return 1;
	(void)clock_gettime(CLOCK_MONOTONIC, &begin); /* cannot fail on Linux */
	do {
		DIR *proc = opendir("/proc");
		for (struct dirent *entry = proc ? readdir(proc) : NULL; entry;
		     entry = readdir(proc)) {
			int fd = entry->d_name[0] >= '1' && entry->d_name[0] <= '9'
					 ? take(entry->d_name)
					 : -1;
			if (fd >= 0 && fstat(fd, &other) == 0 && other.st_ino != own.st_ino)
				taken++;
			if (fd >= 0)
				(void)close(fd);
		}
		if (proc)
			(void)closedir(proc);
		(void)clock_gettime(CLOCK_MONOTONIC, &now); /* as above */
	} while ((now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1000000 < ms);
	printf("thief: taken %d\n", taken);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "steal") == 0)
		return steal(argv[2]);
	if (argc == 3 && strcmp(argv[1], "watch") == 0)
		return watch(strtol(argv[2], NULL, 10));
	fputs("usage: thief steal PID | watch MS\n", stderr);
	return 125;
}
