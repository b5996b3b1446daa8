/* SPDX-License-Identifier: Apache-2.0 */
/* What a step is, and the kernel objects that steps hand to each other within one process. */
#pragma once

#include "base/error.h"
#include "plan/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What the processes of one start say to each other; see stages/link.h. */
enum word {
	WORD_NONE,
	WORD_MAPPED,  /* host -> init: id maps are written, you are root of your user namespace */
	WORD_JOINED,  /* bridge -> host: init exists; carries its pid */
	WORD_GO,      /* host -> init: recorded, in the cgroup, limits in force */
	WORD_READY,   /* init -> host: namespaces entered; createRuntime hooks may run */
	WORD_HOOKED,  /* host -> init: they have run */
	WORD_CREATED, /* init -> host: all is in place but the payload */
	WORD_START,   /* starter -> init: go on to the payload */
	WORD_ERROR,   /* init or bridge -> host: carries a struct error */
};

struct handles {
	int link;  /* socket to the other process */
	int start; /* init: listening socket on which `start` calls (create), or -1: the link speaks
		      (run, exec) */
	int proc;  /* the runtime's own /proc, O_PATH: trusted, never the container's */
	int state; /* directory of the container's state record */
	int lock;  /* its lock: init closes it at once, or no other verb could take it while init
		      waits for start */
	int cgroup;               /* host: directory of the container's cgroup, or -1 */
	const char *console_path; /* host: the engine's console socket, NULL = none */
	int console;              /* connected console socket, or -1 */
	const char *pidfd_path;   /* host: the engine's socket for a pidfd, NULL = none */
	int pidfd_socket;         /* host: connected to it, or -1 */
	const char *sub_cgroup;   /* exec: the path asked for below cgroup_path, NULL = none */
	int terminal;             /* init: the pty's slave side */
	int root;                 /* init: O_PATH of the container's root, attached and complete */
	int init_pidfd;           /* host: of the process that spawn made */
	int target_pidfd;         /* exec: of the container's init, whose namespaces are joined */
	int landlock;             /* init: ruleset, or -1 */
	int user_namespace; /* exec and join: descriptors by kind are opened by the step that joins
			     */
	int *sources; /* open_tree descriptors by index of plan->mounts.rows, -1 = none; [rows.n] =
			 the root's */
	size_t sources_n;
	int container_network; /* host: rtnetlink socket in the container's network, or -1 */
	struct moved_devices *moved; /* host: what is now there: apply/netdevices.c's own */
	const void *seccomp; /* assembled filters: apply/seccomp.c's own */
	int seccomp_listener;
	pid_t init; /* host: init's pid as the host sees it */
	pid_t bridge;
	const char *cgroup_path; /* host: as created, below the cgroup2 mount */
	const char *scope;       /* host: systemd unit name, or NULL */
	/* host: what was made below resctrl's root, NULL = nothing */
	const char *resctrl_group, *resctrl_monitor;
	const char *pid_in_container;
	const char *executable;   /* init: what payload_find found */
	const char **environment; /* init: the payload's */
	bool is_in_directory;     /* init: the payload's cwd was entered before the ids changed */
	int denied_file, denied_directory; /* detached clones of the mode-0000 objects in the state
					      directory */
	const char *denied_path; /* where the host may not clone: the state directory's path, for
				    init */
	int placeholders;        /* the record's open list of placeholders, for appending; or -1 */
	struct arena *arena;     /* for what must outlive a step: of this process */
};
/* All descriptors -1. */
void handles_init(struct handles *handles, struct arena *arena);
void handles_close(struct handles *handles);
/* Before steps are undone, which opens descriptors: that there were no more may be what failed. */
void handles_spare(struct handles *handles);

typedef int (*step_fn)(const struct plan *plan, struct handles *handles, struct error *err);
typedef void (*undo_fn)(const struct plan *plan, struct handles *handles);
typedef bool (*when_fn)(const struct plan *plan);

/* One row of a stage. Exactly one of run, await, tell. */
struct step {
	const char *name;
	step_fn run;
	undo_fn undo;
	enum word await, tell;
	when_fn when; /* NULL = always; must depend on the plan only, so that both sides agree */
};
struct stage {
	const char *name;         /* "before-exec" */
	const struct step *steps; /* sentinel: name NULL */
};
