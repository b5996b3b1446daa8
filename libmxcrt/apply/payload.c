/* SPDX-License-Identifier: Apache-2.0 */
/* The payload: its directory, its program, and the exec that ends the runtime. */
#include "apply/payload.h"

#include "apply/fds.h"
#include "apply/step.h"
#include "base/arena.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "plan/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PASSWD_LIMIT = 1 << 20 };

static const char default_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

static int directory_open(const char *path)
{
	/* No magic links: /proc/self/fd/N would lead to whatever is open. */
	return open_resolved(AT_FDCWD, path, O_PATH | O_DIRECTORY, 0, RESOLVE_NO_MAGICLINKS);
}

int payload_prepare_directory(const struct plan *plan, struct handles *handles, struct error *err)
{
	const char *cwd = plan->process.cwd;

	(void)handles;
	if (!cwd)
		return 0;
	autofd directory = directory_open(cwd);
	if (directory >= 0 || errno != ENOENT)
		return 0; /* other failures are for payload_enter_directory to say */
	if (directories_make(cwd, 0755) < 0 || (mkdir(cwd, 0755) < 0 && errno != EEXIST))
		return fail_sys(err, "create the working directory '%s'", cwd);
	return 0;
}

/* The kernel marks a directory that cannot be reached from the root: one that was opened outside of
 * the container. */
static int directory_check(const char *cwd, struct error *err)
{
	char path[PATH_MAX];

	if (syscall(SYS_getcwd, path, sizeof(path)) < 0)
		return fail_sys(err, "read the working directory");
	if (path[0] != '/')
		return fail(err, ERROR_CONFIG,
			    "the working directory '%s' lies outside of the container", cwd);
	return 0;
}

static int directory_enter(const char *cwd, struct error *err)
{
	autofd directory = directory_open(cwd);
	if (directory < 0 || fchdir(directory) < 0) {
		(void)fail_sys(err, "enter the working directory '%s'", cwd);
		return fail_field(err, "config.json process.cwd");
	}
	return directory_check(cwd, err);
}

int payload_enter_directory(const struct plan *plan, struct handles *handles, struct error *err)
{
	if (!plan->process.cwd)
		return 0;
	if (directory_enter(plan->process.cwd, err) == 0) {
		handles->is_in_directory = true;
		return 0;
	}
	/* A file system that root may not read lets the user in. */
	if (err->sys_errno == EACCES || err->sys_errno == EPERM)
		return 0;
	return -1;
}

static const char *environment_get(const char *const *env, const char *name)
{
	size_t n = strlen(name);

	for (; env && *env; env++)
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			return *env + n + 1;
	return NULL;
}

/* 0, or -1 with the errno that an exec would give. */
static int executable_check(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -1;
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return -1;
	}
	if (!S_ISREG(st.st_mode) || (st.st_mode & 0111) == 0) {
		errno = EACCES;
		return -1;
	}
	return 0;
}

/* NULL when no directory of PATH has it. Relative ones are passed over: what is executed must not
 * depend on the directory. */
static const char *path_search(struct arena *arena, const char *path, const char *name)
{
	for (char **directory = str_split(arena, path, ':'); *directory; directory++) {
		const char *candidate = arena_printf(arena, "%s/%s", *directory, name);
		if (candidate[0] == '/' && executable_check(candidate) == 0)
			return candidate;
	}
	return NULL;
}

/*
 * By these words engines tell a program that is not there (127) from one that cannot run (126):
 * podman in any case of letters, docker in this one only.
 */
static int fail_program(struct error *err, const char *name)
{
	if (errno == ENOENT)
		return fail_sys(err, "exec \"%s\": executable file not found", name);
	if (errno == EACCES)
		return fail(err, ERROR_CONFIG, "exec \"%s\": permission denied", name);
	if (errno == EISDIR)
		return fail(err, ERROR_CONFIG, "exec \"%s\": is a directory", name);
	return fail_sys(err, "exec \"%s\"", name);
}

static int executable_find(const struct plan *plan, struct handles *handles, struct error *err)
{
	const char *name = plan->process.args[0];

	if (strchr(name, '/')) {
		const char *cwd = plan->process.cwd ? plan->process.cwd : "/";
		const char *path = name[0] == '/'
					   ? name
					   : arena_printf(handles->arena, "%s/%s", cwd, name);
		if (executable_check(path) < 0)
			return fail_program(err, name);
		handles->executable = name;
		return 0;
	}

	const char *path = environment_get(plan->process.env, "PATH");
	handles->executable = path_search(handles->arena, path ? path : default_path, name);
	if (handles->executable)
		return 0;
	errno = ENOENT;
	return fail_sys(err, "exec \"%s\": executable file not found in $PATH", name);
}

/* The sixth field of the line "name:password:UID:gid:comment:HOME:shell", when it is this user's.
 */
static const char *passwd_home(struct arena *arena, const char *line, uint32_t uid)
{
	char **fields = str_split(arena, line, ':');
	uint64_t id;
	size_t n = 0;

	while (fields[n])
		n++;
	if (n < 6 || str_to_u64(fields[2], UINT32_MAX, &id) < 0 || id != uid || fields[5][0] != '/')
		return NULL;
	return fields[5];
}

/* The image wrote this file: it may be anything, and anything strange means no entry. */
static const char *home_find(struct arena *arena, uint32_t uid)
{
	struct stat st;
	autofd fd = open_resolved(AT_FDCWD, "/etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY, 0,
				  RESOLVE_NO_MAGICLINKS);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > PASSWD_LIMIT)
		return "/";

	size_t size = (size_t)st.st_size;
	char *text = arena_alloc(arena, size + 1);
	if (read_some(fd, text, size) < 0)
		return "/";
	for (char **line = str_split(arena, text, '\n'); *line; line++) {
		const char *home = passwd_home(arena, *line, uid);
		if (home)
			return home;
	}
	return "/";
}

/* What engines leave to the runtime: HOME, and whose the descriptors of LISTEN_FDS are. */
static void environment_make(const struct plan *plan, struct handles *handles)
{
	struct arena *arena = handles->arena;
	const char *const *given = plan->process.env;
	unsigned listening = fds_listening();
	size_t n = 0, count = 0;

	while (given && given[count])
		count++;
	const char **env = arena_alloc(arena, (count + 4) * sizeof(*env));
	/* An empty HOME is none, as shells have it. */
	for (size_t i = 0; i < count; i++)
		if (strcmp(given[i], "HOME=") != 0)
			env[n++] = given[i];
	env[n] = NULL;
	if (!environment_get((const char *const *)env, "HOME"))
		env[n++] = arena_printf(arena, "HOME=%s", home_find(arena, plan->ids.uid));
	if (listening > 0) {
		env[n++] = arena_printf(arena, "LISTEN_FDS=%u", listening);
		env[n++] = arena_printf(arena, "LISTEN_PID=%d", getpid());
	}
	handles->environment = env;
}

int payload_find(const struct plan *plan, struct handles *handles, struct error *err)
{
	/* Such a container can be created: start is what fails. */
	if (!plan->process.args)
		return 0;
	TRY(executable_find(plan, handles, err));
	environment_make(plan, handles);
	return 0;
}

int payload_execute(const struct plan *plan, struct handles *handles, struct error *err)
{
	if (!plan->process.args)
		return fail(err, ERROR_CONFIG, "config.json has no process to start");
	if (plan->process.cwd && !handles->is_in_directory)
		TRY(directory_enter(plan->process.cwd, err));
	(void)execve(handles->executable, (char *const *)(uintptr_t)plan->process.args,
		     (char *const *)(uintptr_t)handles->environment);
	return fail_program(err, handles->executable);
}
