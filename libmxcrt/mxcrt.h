/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libmxcrt: run OCI bundles under an agent policy. The only installed header.
 *
 * A handle serves one thread at a time. Every function returns 0 (or what it says) on success and
 * -1 on failure; then mxcrt_message(), mxcrt_code(), mxcrt_field() and mxcrt_remedy() say what went
 * wrong until the next call. Strings given are borrowed for the call; strings returned belong to
 * the handle and live until it is closed. A function that starts a container forks: call it from a
 * process without other threads.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define MXCRT_API __attribute__((visibility("default")))
#else
#define MXCRT_API
#endif

struct mxcrt;

enum mxcrt_log_level { MXCRT_LOG_ERROR, MXCRT_LOG_WARNING, MXCRT_LOG_INFO, MXCRT_LOG_DEBUG };
enum mxcrt_log_format { MXCRT_LOG_TEXT, MXCRT_LOG_JSON };
enum mxcrt_cgroup_manager { MXCRT_CGROUP_FILESYSTEM, MXCRT_CGROUP_SYSTEMD, MXCRT_CGROUP_DISABLED };

struct mxcrt_options {
	const char *root;   /* directory of the state; NULL: /run/mxc-runtime, rootless
			       $XDG_RUNTIME_DIR/mxc-runtime */
	const char *config; /* mxc.conf; NULL: the installed place, which may be missing */
	enum mxcrt_cgroup_manager cgroup_manager;
	const char *log; /* file that errors and log lines are appended to, NULL = standard error
			    only */
	enum mxcrt_log_level log_level;
	enum mxcrt_log_format log_format;
	const char *rootless; /* "true", "false", "auto" or NULL = auto */
	/*
	 * The argv of main, its strings where they were, or NULL. When given, a verb that puts this
	 * program's file within reach of a container that could write it takes a read-only clone of
	 * the file's mount for its executable, in place or by executing the program again
	 * (CVE-2019-5736). A program that links the library and leaves it NULL protects itself.
	 */
	char *const *argv;
};

/* Open a handle; *ret must be closed also on failure (it then carries the message). No error but
 * resources and a log file that cannot be opened. */
MXCRT_API int mxcrt_open(const struct mxcrt_options *options, struct mxcrt **ret);
MXCRT_API void mxcrt_close(struct mxcrt *rt);

/* The last failure: one line for people; MXC's error code; the field (JSON path or annotation) or
 * ""; what to do or "". */
MXCRT_API const char *mxcrt_message(const struct mxcrt *rt);
MXCRT_API const char *mxcrt_code(const struct mxcrt *rt);
MXCRT_API const char *mxcrt_field(const struct mxcrt *rt);
MXCRT_API const char *mxcrt_remedy(const struct mxcrt *rt);
/* Make MESSAGE the last failure, for a program that found one itself; returns -1. */
MXCRT_API int mxcrt_fail(struct mxcrt *rt, const char *message);
/* Write the last failure to standard error and the log file, in the formats of the options, as
 * engines read it. */
MXCRT_API void mxcrt_report(const struct mxcrt *rt);

struct mxcrt_create_options {
	const char *bundle; /* directory, NULL = "." */
	const char *config; /* file name of the configuration, NULL = "config.json" in the bundle */
	const char *pid_file; /* written with the init's pid as the caller sees it, NULL = none */
	const char
		*console_socket; /* unix socket that receives the terminal's master, NULL = none */
	const char *pidfd_socket; /* unix socket that receives a pidfd of the init, NULL = none */
	unsigned preserve_fds;   /* descriptors 3 … 2+n go to the container */
	bool no_pivot;
	bool no_new_keyring; /* keep the caller's session keyring */
};
/* Create a container (OCI runtime-spec, Create): all but the user's program. Errors: config,
 * policy, host; nothing is left behind. */
MXCRT_API int mxcrt_create(struct mxcrt *rt, const char *id,
			   const struct mxcrt_create_options *options);
/* Run the user's program (Start). Fails when the container is not `created`, or with the reason why
 * the program could not be executed. */
MXCRT_API int mxcrt_start(struct mxcrt *rt, const char *id);
/* create, start and, unless DETACH, wait and delete (unless KEEP). Returns the exit status 0…255
 * (128 + signal), -1 on failure. */
MXCRT_API int mxcrt_run(struct mxcrt *rt, const char *id,
			const struct mxcrt_create_options *options, bool detach, bool keep);
/* Send SIGNAL (number) to the init, or to every process with ALL (Kill). */
MXCRT_API int mxcrt_kill(struct mxcrt *rt, const char *id, int signal, bool all);
/* A signal's number from "9", "KILL", "SIGKILL", "RTMIN+3"; -1 when unknown. */
MXCRT_API int mxcrt_signal_number(const char *name);
/* Remove a stopped container (Delete); FORCE kills first and ignores a container that is not there.
 */
MXCRT_API int mxcrt_delete(struct mxcrt *rt, const char *id, bool force);

struct mxcrt_exec_options {
	const char *process;     /* file with an OCI process object, NULL = from the fields below */
	const char *const *args; /* NULL-terminated */
	const char *const *env;  /* "K=V", NULL-terminated, or NULL */
	const char *cwd, *user;  /* user: "UID[:GID]"; NULL = the container's */
	const char *const *additional_gids, *const *caps;
	const char *process_label, *apparmor;
	const char *pid_file, *console_socket, *pidfd_socket;
	const char *cgroup; /* path below the container's cgroup, NULL = where the init is */
	bool ignore_paused; /* wait until the container is resumed, where it is paused */
	bool terminal, has_terminal;
	bool no_new_privileges, has_no_new_privileges;
	bool detach;
	unsigned preserve_fds;
};
/* Run one more program in a running container, under every layer of its policy. Returns its exit
 * status 0…255, 0 when detached, -1 on failure. */
MXCRT_API int mxcrt_exec(struct mxcrt *rt, const char *id,
			 const struct mxcrt_exec_options *options);

MXCRT_API int mxcrt_pause(struct mxcrt *rt, const char *id);
MXCRT_API int mxcrt_resume(struct mxcrt *rt, const char *id);

/* What to change of a container's resources. */
struct mxcrt_update_options {
	const char *resources; /* file with an OCI linux.resources object, "-" = standard input;
				  NULL = none */
	/*
	 * Refine what the file says; each is text, and NULL leaves it as it is. Memory in bytes or
	 * like "512M", with swap included in memory_swap; -1 is no limit. Times of processors in
	 * microseconds.
	 */
	const char *memory, *memory_reservation, *memory_swap;
	const char *kernel_memory, *kernel_memory_tcp; /* ignored with a warning */
	const char *cpu_shares, *cpu_quota, *cpu_period, *cpu_burst, *cpu_idle;
	const char *cpu_rt_runtime, *cpu_rt_period;
	const char *cpuset_cpus, *cpuset_mems;
	const char *pids_limit, *blkio_weight;
	const char *l3_cache_schema, *mem_bw_schema; /* need resctrl */
};
/* Change the limits of a container that has not ended (OCI runtime-spec, linux.resources): all of
 * what is asked, or nothing. A policy's limits are the most that is granted. Errors: config,
 * policy, host. */
MXCRT_API int mxcrt_update(struct mxcrt *rt, const char *id,
			   const struct mxcrt_update_options *options);

/* Where the images of a container are, and what CRIU shall do about what is not the container's
 * alone. */
struct mxcrt_image_options {
	const char *image_path;          /* directory of the images; NULL = "checkpoint" */
	const char *work_path;           /* directory of CRIU's log; NULL = the same */
	const char *parent_path;         /* images of a pre-dump, relative to image_path */
	const char *manage_cgroups_mode; /* "soft" (NULL), "full", "strict", "ignore" */
	const char *const *empty_ns; /* "network": its contents are not saved; NULL-terminated */
	const char *lsm_profile, *lsm_mount_context; /* restore: labels instead of the saved */
	bool tcp_established, tcp_skip_in_flight, tcp_close, ext_unix_sk, shell_job, file_locks;
	bool auto_dedup, link_remap;
	bool lazy_pages;         /* refused */
	const char *page_server; /* refused */
};
struct mxcrt_checkpoint_options {
	struct mxcrt_image_options images;
	bool leave_running;
	bool pre_dump; /* the memory only; the container goes on */
	bool has_status_fd;
	unsigned status_fd; /* gets a zero byte when CRIU says that it is ready */
};
/* Write a running container to images. It is `stopped` afterwards, unless it goes on. Refused under
 * a policy. Errors: config, policy, host. */
MXCRT_API int mxcrt_checkpoint(struct mxcrt *rt, const char *id,
			       const struct mxcrt_checkpoint_options *options);
struct mxcrt_restore_options {
	struct mxcrt_create_options create;
	struct mxcrt_image_options images;
	bool detach;
};
/* Make a container from a bundle and images; it runs. Refused under a policy, and where the images
 * hold more rights than config.json gives. Waits and deletes unless DETACH. Returns the exit status
 * 0…255, -1 on failure. */
MXCRT_API int mxcrt_restore(struct mxcrt *rt, const char *id,
			    const struct mxcrt_restore_options *options);

/* Texts to print; each returns the text in *ret_text (ends in a newline). JSON of state: OCI
 * runtime-spec, State. */
MXCRT_API int mxcrt_state(struct mxcrt *rt, const char *id, const char **ret_text);
/* FORMAT "table" or "json"; QUIET: ids only. */
MXCRT_API int mxcrt_list(struct mxcrt *rt, const char *format, bool quiet, const char **ret_text);
/* FORMAT "table" (with the columns of ps(1), PS_ARGS NULL-terminated options for it, may be NULL)
 * or "json" (an array of pids). */
MXCRT_API int mxcrt_ps(struct mxcrt *rt, const char *id, const char *format,
		       const char *const *ps_args, const char **ret_text);
/* One line of JSON about what a running container uses: {"type":"stats","id":…,"data":{…}}. */
MXCRT_API int mxcrt_stats(struct mxcrt *rt, const char *id, const char **ret_text);
/* Takes one line, with its newline; other than 0 ends mxcrt_events, which returns it. */
typedef int (*mxcrt_line_fn)(const char *line, void *data);
/* The same to TAKE at once and every INTERVAL nanoseconds, and {"type":"oom","id":…} for each
 * process that the kernel ends for memory, until the container ends. */
MXCRT_API int mxcrt_events(struct mxcrt *rt, const char *id, uint64_t interval_ns,
			   mxcrt_line_fn take, void *data);
MXCRT_API int mxcrt_features(struct mxcrt *rt, const char **ret_text);
/* The default config.json; written to DIRECTORY/config.json (must not exist) when DIRECTORY is not
 * NULL. */
MXCRT_API int mxcrt_spec(struct mxcrt *rt, const char *directory, bool rootless,
			 const char **ret_text);
/* Walk the audit chain of FILE (NULL: the configured one); *ret_text says its state. 0 intact, 1
 * broken (the text names the first bad record). */
MXCRT_API int mxcrt_audit_verify(struct mxcrt *rt, const char *file, const char **ret_text);

MXCRT_API const char *mxcrt_version(void); /* "0.1.0" */

#ifdef __cplusplus
}
#endif
