/* SPDX-License-Identifier: Apache-2.0 */
/* The verb ps: the processes in the container's cgroup, as ps(1) shows them. */
#include "apply/cgroup.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/json.h"
#include "base/str.h"
#include "lifecycle/container.h"
#include "lifecycle/runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PS_ARGS_MAX = 64 };

static int pids_of(struct mxcrt *rt, const struct container *container,
		   struct cgroup_pids *ret_pids, struct error *err)
{
	const char *path = container->record.cgroup;

	if (path && path[0]) {
		autofd cgroup = cgroup_open(path, err);
		return cgroup < 0 ? -1 : cgroup_pids(&rt->arena, cgroup, ret_pids, err);
	}
	(void)fail(err, ERROR_HOST, "container '%s' has no cgroup: its processes cannot be listed",
		   container->record.id);
	return fail_remedy(err, "create it with a cgroup manager");
}

static bool is_listed(const struct cgroup_pids *pids, long pid)
{
	for (size_t i = 0; i < pids->list.n; i++)
		if (pids->list.items[i] == pid)
			return true;
	return false;
}

/* The Nth word of a line, from 0; changes the line. NULL when it has fewer. */
static char *word_at(char *line, int n)
{
	char *rest = line;

	for (char *word = strsep(&rest, " \t\n"); word; word = strsep(&rest, " \t\n"))
		if (word[0] && n-- == 0)
			return word;
	return NULL;
}

static int pid_column(struct arena *arena, const char *header)
{
	for (int column = 0;; column++) {
		const char *word = word_at(arena_strdup(arena, header), column);
		if (!word)
			return -1;
		if (str_equal(word, "PID"))
			return column;
	}
}

static int filter(struct mxcrt *rt, FILE *stream, const struct cgroup_pids *pids, struct text *out,
		  struct error *err)
{
	char *line = NULL;
	size_t size = 0;
	int column = -1;

	for (ssize_t n = getline(&line, &size, stream); n > 0; n = getline(&line, &size, stream)) {
		if (column < 0) {
			column = pid_column(&rt->arena, line);
			if (column < 0)
				break;
			text_add(out, line);
			continue;
		}
		const char *pid = word_at(arena_strdup(&rt->arena, line), column);
		if (pid && is_listed(pids, strtol(pid, NULL, 10)))
			text_add(out, line);
	}
	free(line);
	if (column >= 0)
		return 0;
	(void)fail(err, ERROR_CONFIG, "ps printed no PID column");
	return fail_remedy(err, "give ps options that print one, like -ef");
}

static void ps_execute(int output, const char *const *ps_args)
{
	const char *argv[PS_ARGS_MAX] = { "ps", "-ef" };

	for (size_t i = 0; ps_args && ps_args[i] && i + 2 < PS_ARGS_MAX; i++) {
		argv[i + 1] = ps_args[i];
		argv[i + 2] = NULL;
	}
	(void)dup2(output, STDOUT_FILENO);
	(void)execvp("ps", (char *const *)(uintptr_t)argv);
	_exit(127);
}

static int table(struct mxcrt *rt, const struct cgroup_pids *pids, const char *const *ps_args,
		 struct text *out, struct error *err)
{
	int ends[2];
	int status;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail_sys(err, "create a pipe");
	autofile stream = fdopen(ends[0], "r");
	autofd output = ends[1];
	pid_t pid = fork();
	if (pid < 0 || !stream)
		return fail_sys(err, "start ps");
	if (pid == 0)
		ps_execute(output, ps_args);
	fd_close(&output);
	int result = filter(rt, stream, pids, out, err);
	file_close(&stream);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (result == 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 127)
		return result;
	*err = (struct error){};
	return fail(err, ERROR_HOST, "ps(1) could not be executed");
}

static int ps(struct mxcrt *rt, const char *id, const char *format, const char *const *ps_args,
	      struct text *out, struct error *err)
{
	autocontainer container = { .proc = -1, .pidfd = -1 };
	struct cgroup_pids pids = {};

	TRY(container_open(rt, id, false, &container, err));
	TRY(pids_of(rt, &container, &pids, err));
	if (!str_equal(format, "json"))
		return table(rt, &pids, ps_args, out, err);
	text_add(out, "[");
	for (size_t i = 0; i < pids.list.n; i++)
		text_printf(out, "%s%d", i ? "," : "", pids.list.items[i]);
	text_add(out, "]\n");
	return 0;
}

int mxcrt_ps(struct mxcrt *rt, const char *id, const char *format, const char *const *ps_args,
	     const char **ret_text)
{
	struct text out = { .arena = &rt->arena };
	struct error err = {};
	int result = ps(rt, id, format, ps_args, &out, &err);

	if (result == 0)
		*ret_text = out.data;
	return runtime_result(rt, result, &err);
}
