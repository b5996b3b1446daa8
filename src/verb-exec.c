/* SPDX-License-Identifier: Apache-2.0 */
/* mxc-runtime exec. */
#include "verb.h"

struct values {
	struct mxcrt_exec_options exec;
	struct option_list env, gids, caps;
};
#define AT(member) offsetof(struct values, member)
/* clang-format off */
static const struct option_row options[] = {
	{ "process", 'p', OPTION_STRING, AT(exec.process), "FILE",
	  "file with an OCI process object" },
	{ "cwd", 0, OPTION_STRING, AT(exec.cwd), "DIR", "working directory" },
	{ "env", 'e', OPTION_LIST, AT(env), "K=V", "set an environment variable" },
	{ "user", 'u', OPTION_STRING, AT(exec.user), "UID[:GID]", "run as this user" },
	{ "additional-gids", 'g', OPTION_LIST, AT(gids), "GID", "add a group" },
	{ "cap", 'c', OPTION_LIST, AT(caps), "CAP", "add a capability, within the container's" },
	{ "tty", 't', OPTION_FLAG, AT(exec.terminal), NULL,
	  "allocate a terminal", AT(exec.has_terminal) },
	{ "detach", 'd', OPTION_FLAG, AT(exec.detach), NULL, "do not wait for the process to end" },
	{ "pid-file", 0, OPTION_STRING, AT(exec.pid_file), "FILE",
	  "write the pid of the process there" },
	{ "console-socket", 0, OPTION_STRING, AT(exec.console_socket), "PATH",
	  "unix socket that receives the terminal" },
	{ "pidfd-socket", 0, OPTION_STRING, AT(exec.pidfd_socket), "PATH",
	  "unix socket that receives a pidfd of the process" },
	{ "cgroup", 0, OPTION_STRING, AT(exec.cgroup), "PATH",
	  "run in this cgroup, below the container's" },
	{ "ignore-paused", 0, OPTION_FLAG, AT(exec.ignore_paused), NULL,
	  "wait for a paused container to be resumed, instead of failing" },
	{ "preserve-fds", 0, OPTION_NUMBER, AT(exec.preserve_fds), "N",
	  "pass descriptors 3 to 2+N to the process" },
	{ "no-new-privs", 0, OPTION_FLAG, AT(exec.no_new_privileges), NULL,
	  "set no_new_privs", AT(exec.has_no_new_privileges) },
	{ "process-label", 0, OPTION_STRING, AT(exec.process_label), "LABEL",
	  "SELinux label of the process" },
	{ "apparmor", 0, OPTION_STRING, AT(exec.apparmor), "PROFILE",
	  "AppArmor profile of the process" },
	{},
};
/* clang-format on */

static const char *const *list_or_null(const struct option_list *list)
{
	return list->n ? list->items : NULL;
}

static int run(struct mxcrt *rt, int n, char **words, const void *given)
{
	const struct values *values = given;
	struct mxcrt_exec_options exec = values->exec;

	if (n < 2 && !exec.process)
		return mxcrt_fail(rt, "exec: give a program or --process FILE");
	exec.args = n > 1 ? (const char *const *)words + 1 : NULL;
	exec.env = list_or_null(&values->env);
	exec.additional_gids = list_or_null(&values->gids);
	exec.caps = list_or_null(&values->caps);
	return mxcrt_exec(rt, words[0], &exec);
}

/* clang-format off */
const struct verb verb_exec = {
	.name = "exec", .usage = "ID [PROGRAM [ARG...]]",
	.summary = "run one more program in a container, under its policy",
	.options = options, .values_size = sizeof(struct values),
	/* as engines tell our failure from the program's: most programs that fail say 1 */
	.failure = 255, .least = 1, .most = -1, .in_order = true, .run = run,
};
/* clang-format on */
