/* SPDX-License-Identifier: Apache-2.0 */
/* The pseudo terminal: made in the container's own devpts, its master handed to the engine. */
#include "apply/terminal.h"

#include "apply/socket.h"
#include "apply/step.h"
#include "base/fd.h"
#include "base/io.h"
#include "plan/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

int terminal_connect(const struct plan *plan, struct handles *handles, struct error *err)
{
	if (plan->process.terminal && handles->console_path && handles->console < 0)
		handles->console = TRY(
			socket_connect(handles->console_path, "console socket", err));
	return 0;
}

/* The master of a new pair in the container's devpts: not in whatever a link or another mount at
 * /dev/ptmx leads to. */
static int master_open(struct error *err)
{
	autofd directory = open_resolved(AT_FDCWD, "/dev/pts", O_PATH | O_DIRECTORY, 0,
					 RESOLVE_NO_SYMLINKS);
	if (directory < 0)
		return fail_sys(err, "open /dev/pts of the container");

	struct statfs fs;
	if (fstatfs(directory, &fs) < 0)
		return fail_sys(err, "look at /dev/pts of the container");
	if (fs.f_type != DEVPTS_SUPER_MAGIC) {
		(void)fail(err, ERROR_CONFIG,
			   "a terminal is asked, and /dev/pts of the container is no devpts");
		return fail_remedy(err, "mount devpts on /dev/pts");
	}

	autofd master = open_resolved(directory, "ptmx", O_RDWR | O_NOCTTY, 0,
				      RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
	if (master < 0)
		return fail_sys(err, "open /dev/pts/ptmx of the container");
	return fd_take(&master);
}

static int slave_open(const struct plan *plan, int master, struct error *err)
{
	int locked = 0;
	struct winsize size = { .ws_row = plan->process.rows, .ws_col = plan->process.columns };

	if (ioctl(master, TIOCSPTLCK, &locked) < 0)
		return fail_sys(err, "unlock the terminal");
	/* The peer itself: no path that could have been exchanged. */
	autofd slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return fail_sys(err, "open the terminal");
	if ((size.ws_row || size.ws_col) && ioctl(slave, TIOCSWINSZ, &size) < 0)
		return fail_sys(err, "set the size of the terminal");
	if (plan->ids.uid != 0 && fchown(slave, plan->ids.uid, (gid_t)-1) < 0)
		return fail_sys(err, "give the terminal to user %u", plan->ids.uid);
	return fd_take(&slave);
}

/* Engines read the name of the terminal beside the descriptor. */
int terminal_send(int console, int master, struct error *err)
{
	char name[32];
	unsigned number;

	if (ioctl(master, TIOCGPTN, &number) < 0)
		return fail_sys(err, "read the number of the terminal");
	(void)snprintf(name, sizeof(name), "/dev/pts/%u", number);
	return socket_send_descriptor(console, name, master, "terminal", err);
}

static int console_attach(int slave, struct error *err)
{
	autofd directory = open_resolved(AT_FDCWD, "/dev", O_PATH | O_DIRECTORY, 0,
					 RESOLVE_NO_SYMLINKS);
	if (directory < 0)
		return fail_sys(err, "open /dev of the container");
	/* A file that is there stays; a link is not followed, whatever the image put there. */
	if (mknodat(directory, "console", S_IFREG | 0600, 0) < 0 && errno != EEXIST)
		return fail_sys(err, "create /dev/console in the container");
	autofd target = open_resolved(directory, "console", O_PATH, 0,
				      RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	if (target < 0)
		return fail_sys(err, "open /dev/console of the container");

	autofd tree = open_tree(slave, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	if (tree < 0)
		return fail_sys(err, "take the terminal as a mount");
	if (move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return fail_sys(err, "mount the terminal on /dev/console");
	return 0;
}

int terminal_open(const struct plan *plan, struct handles *handles, struct error *err)
{
	if (!plan->process.terminal)
		return 0;
	if (handles->console < 0) {
		(void)fail(err, ERROR_CONFIG,
			   "a terminal is asked, and nobody takes its other end");
		(void)fail_field(err, "config.json process.terminal");
		return fail_remedy(err, "pass --console-socket, or set process.terminal to false");
	}

	autofd master = TRY(master_open(err));
	autofd slave = TRY(slave_open(plan, master, err));
	if (plan->devices.console && !plan->is_exec)
		TRY(console_attach(slave, err));
	TRY(terminal_send(handles->console, master, err));
	fd_close(&handles->console);
	handles->terminal = fd_take(&slave);
	return 0;
}

/* What the caller ignored or blocked is none of the payload's business. */
static int signals_reset(struct error *err)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int signal = 1; signal < NSIG; signal++)
		(void)sigaction(signal, &action, NULL); /* SIGKILL, SIGSTOP and libc's own two
							   cannot be set, nor changed before */
	(void)sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		return fail_sys(err, "unblock signals");
	return 0;
}

int session_begin(const struct plan *plan, struct handles *handles, struct error *err)
{
	TRY(signals_reset(err));
	/* EPERM: a session leader already, as wanted. */
	if (setsid() < 0 && errno != EPERM)
		return fail_sys(err, "begin a session");
	if (!plan->process.terminal)
		return 0;
	if (ioctl(handles->terminal, TIOCSCTTY, 0) < 0)
		return fail_sys(err, "make the terminal the session's own");
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (dup2(handles->terminal, fd) < 0)
			return fail_sys(err, "put the terminal on descriptor %d", fd);
	return 0;
}
