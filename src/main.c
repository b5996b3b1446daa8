/* SPDX-License-Identifier: Apache-2.0 */
/* The program: global options, then one verb of the table. */
#include "option.h"
#include "verb.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* clang-format off */
static const struct verb *const verbs[] = {
	&verb_create, &verb_start, &verb_run, &verb_state, &verb_kill, &verb_delete, &verb_exec,
	&verb_events,
	&verb_list, &verb_ps,
	&verb_checkpoint, &verb_restore,
	&verb_update, &verb_pause, &verb_resume, &verb_spec, &verb_features, &verb_audit,
};
/* clang-format on */

struct globals {
	const char *root, *config, *log, *log_format, *log_level, *cgroup_manager, *rootless;
	bool debug, systemd, version, help;
};
#define AT(member) offsetof(struct globals, member)
/* clang-format off */
static const struct option_row options[] = {
	{ "root", 0, OPTION_STRING, AT(root), "DIR", "directory of the containers' state" },
	{ "config", 0, OPTION_STRING, AT(config), "FILE", "mxc.conf to use" },
	{ "log", 0, OPTION_STRING, AT(log), "FILE", "append log lines and errors there" },
	{ "log-format", 0, OPTION_STRING, AT(log_format), "text|json",
	  "format of the log (default text)" },
	{ "log-level", 0, OPTION_STRING, AT(log_level), "LEVEL", "error, warning, info or debug" },
	{ "debug", 0, OPTION_FLAG, AT(debug), NULL, "the same as --log-level debug" },
	{ "systemd-cgroup", 's', OPTION_FLAG, AT(systemd), NULL, "let systemd make the cgroup" },
	{ "cgroup-manager", 0, OPTION_STRING, AT(cgroup_manager), "MANAGER",
	  "cgroupfs, systemd or disabled" },
	{ "rootless", 0, OPTION_STRING, AT(rootless), "true|false|auto",
	  "whether to go on without a cgroup that may not be made" },
	{ "version", 'v', OPTION_FLAG, AT(version), NULL, "print the version" },
	{ "help", 'h', OPTION_FLAG, AT(help), NULL, "print this" },
	{},
};
/* clang-format on */

int print(const char *text)
{
	size_t n = strlen(text);

	if (fwrite(text, 1, n, stdout) == n && fflush(stdout) == 0)
		return 0;
	fprintf(stderr, "mxc-runtime: write to standard output: %m\n");
	return 1;
}

static int help(void)
{
	printf("usage: mxc-runtime [OPTION...] VERB [OPTION...] [WORD...]\n\n"
	       "An OCI container runtime for AI agents; the policy is in io.mxc.* annotations.\n"
	       "\nVerbs:\n");
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		printf("  %-10s %-24s %s\n", verbs[i]->name, verbs[i]->usage, verbs[i]->summary);
	printf("\nOptions:\n");
	options_print(options);
	printf("\n'mxc-runtime VERB --help' prints a verb's options. "
	       "See mxc-runtime(1), mxc-policy(5).\n");
	return 0;
}

static int verb_help(const struct verb *verb)
{
	printf("usage: mxc-runtime %s [OPTION...] %s\n\n%s\n", verb->name, verb->usage,
	       verb->summary);
	if (verb->options->name)
		printf("\nOptions:\n");
	options_print(verb->options);
	return 0;
}

static int version(void)
{
	/* Engines read "spec:" in this output, as other runtimes print it. */
	printf("mxc-runtime version %s\nspec: 1.3.0\n", mxcrt_version());
	return 0;
}

/* Before there is a log to write it to, and without stdio, which may want a buffer. */
static int memory_is_out(void)
{
	static const char message[] = "mxc-runtime: out of memory\n";

	(void)!write(STDERR_FILENO, message, sizeof(message) - 1);
	return 1;
}

/* Engines read a failure in the log file, whatever went wrong: also where no verb was reached. */
static int complain(const struct mxcrt_options *runtime, const char *message)
{
	struct mxcrt *rt = NULL;

	if (mxcrt_open(runtime, &rt) == 0)
		(void)mxcrt_fail(rt, message);
	if (!rt)
		return memory_is_out();
	mxcrt_report(rt);
	mxcrt_close(rt);
	return 1;
}

/* The index of TEXT in NAMES, FALLBACK without text, -1 with a message. */
static int choose(const char *option, const char *text, const char *const *names, int fallback,
		  char message[OPTION_MESSAGE])
{
	if (!text)
		return fallback;
	for (int i = 0; names[i]; i++)
		if (strcmp(names[i], text) == 0)
			return i;
	/* The first failure is the one to tell. */
	if (!message[0])
		(void)snprintf(message, OPTION_MESSAGE,
			       "option --%s does not know '%s'; see --help", option, text);
	return -1;
}

static int options_lower(const struct globals *globals, char **argv, struct mxcrt_options *ret,
			 char message[OPTION_MESSAGE])
{
	static const char *const formats[] = { "text", "json", NULL };
	/* By enum mxcrt_log_level, and the other names that engines have for them. */
	static const char *const levels[] = { "error", "warning", "info",  "debug", "fatal",
					      "warn",  "panic",   "trace", NULL };
	static const enum mxcrt_log_level levels_meant[] = {
		MXCRT_LOG_ERROR, MXCRT_LOG_WARNING, MXCRT_LOG_INFO,  MXCRT_LOG_DEBUG,
		MXCRT_LOG_ERROR, MXCRT_LOG_WARNING, MXCRT_LOG_ERROR, MXCRT_LOG_DEBUG,
	};
	static const char *const managers[] = { "cgroupfs", "systemd", "disabled", NULL };
	static const char *const rootless[] = { "true", "false", "auto", NULL };
	int format = choose("log-format", globals->log_format, formats, MXCRT_LOG_TEXT, message);
	int level = choose("log-level", globals->log_level, levels, MXCRT_LOG_WARNING, message);
	int manager = choose("cgroup-manager", globals->cgroup_manager, managers,
			     MXCRT_CGROUP_FILESYSTEM, message);

	/* First, for the message about the others. */
	*ret = (struct mxcrt_options){
		.log = globals->log,
		.log_level = MXCRT_LOG_WARNING,
		.log_format = format < 0 ? MXCRT_LOG_TEXT : (enum mxcrt_log_format)format,
	};
	if (format < 0 || level < 0 || manager < 0 ||
	    choose("rootless", globals->rootless, rootless, 0, message) < 0)
		return -1;
	*ret = (struct mxcrt_options){
		.root = globals->root,
		.config = globals->config,
		.log = globals->log,
		.log_level = globals->debug ? MXCRT_LOG_DEBUG : levels_meant[level],
		.log_format = (enum mxcrt_log_format)format,
		.cgroup_manager = globals->systemd ? MXCRT_CGROUP_SYSTEMD
						   : (enum mxcrt_cgroup_manager)manager,
		.rootless = globals->rootless,
		.argv = argv,
	};
	return 0;
}

static bool asks_help(int argc, char **argv, const struct verb *verb)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
		if (verb->in_order && argv[i][0] != '-')
			return false;
	}
	return false;
}

static int verb_run_words(const struct verb *verb, const struct mxcrt_options *runtime, int argc,
			  char **argv)
{
	if (asks_help(argc, argv, verb))
		return verb_help(verb);
	struct option_reading reading = { .values = calloc(1, verb->values_size + 1),
					  .in_order = verb->in_order };
	if (!reading.values)
		return memory_is_out();
	int n = options_read(verb->options, &reading, argc, argv);
	if (n >= 0 && (n < verb->least || (verb->most >= 0 && n > verb->most))) {
		(void)snprintf(reading.message, sizeof(reading.message),
			       "usage: mxc-runtime %s [OPTION...] %s", verb->name, verb->usage);
		n = -1;
	}

	struct mxcrt *rt = NULL;
	int status = mxcrt_open(runtime, &rt);
	if (status == 0)
		status = n < 0 ? mxcrt_fail(rt, reading.message)
			       : verb->run(rt, n, argv + 1, reading.values);
	if (status < 0 && rt)
		mxcrt_report(rt);
	else if (status < 0)
		(void)memory_is_out();
	mxcrt_close(rt);
	free(reading.values);
	if (status >= 0)
		return status;
	return verb->failure ? verb->failure : 1;
}

/* A program may be started without its standard descriptors: what we open must not become one of
 * them. */
static void standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO && fcntl(fd, F_SETFD, 0) == 0);
	if (fd > STDERR_FILENO)
		(void)close(fd);
}

int main(int argc, char **argv)
{
	struct globals globals = {};
	struct option_reading reading = { .values = &globals, .in_order = true };
	struct mxcrt_options runtime;
	/* Options are moved in argv while they are read; the original order is what a re-execution
	 * needs. */
	char **original = calloc((size_t)argc + 1, sizeof(char *));

	if (!original)
		return memory_is_out();
	memcpy(original, argv, (size_t)argc * sizeof(char *));
	standard_descriptors();
	int n = options_read(options, &reading, argc, argv);
	if (options_lower(&globals, original, &runtime, reading.message) < 0 || n < 0)
		return complain(&runtime, reading.message);
	if (globals.version)
		return version();
	if (globals.help || n == 0 || strcmp(argv[1], "help") == 0)
		return help() + (n == 0 && !globals.help);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i]->name, argv[1]) == 0)
			return verb_run_words(verbs[i], &runtime, n, argv + 1);
	(void)snprintf(reading.message, sizeof(reading.message), "unknown verb '%s'; see --help",
		       argv[1]);
	return complain(&runtime, reading.message);
}
