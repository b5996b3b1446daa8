/* SPDX-License-Identifier: Apache-2.0 */
/* One poll loop over a pidfd, a signalfd and, with a terminal, its master and our standard input.
 */
#include "lifecycle/wait.h"

#include "base/error.h"
#include "base/fd.h"
#include "base/io.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

struct foreground {
	int pidfd, signals, master;
	bool reads_input;
};

int wait_signals(struct error *err)
{
	sigset_t all;

	(void)sigfillset(&all);
	/* Faults of our own must still end us. */
	(void)sigdelset(&all, SIGSEGV);
	(void)sigdelset(&all, SIGBUS);
	(void)sigdelset(&all, SIGILL);
	(void)sigdelset(&all, SIGFPE);
	(void)sigdelset(&all, SIGABRT);
	if (sigprocmask(SIG_BLOCK, &all, NULL) < 0)
		return fail_sys(err, "block signals");
	int fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return fail_sys(err, "open a signalfd");
	return fd;
}

static void window_copy(int master)
{
	struct winsize size;

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
		(void)ioctl(master, TIOCSWINSZ, &size);
}

static void signals_forward(const struct foreground *foreground)
{
	struct signalfd_siginfo info;

	while (read(foreground->signals, &info, sizeof(info)) == sizeof(info)) {
		int number = (int)info.ssi_signo;
		if (number == SIGCHLD)
			continue;
		if (number == SIGWINCH && foreground->master >= 0) {
			window_copy(foreground->master);
			continue;
		}
		/* Also what our terminal sends: the child is in a session of its own, which the
		 * terminal does not reach. */
		(void)syscall(SYS_pidfd_send_signal, foreground->pidfd, number, NULL, 0);
	}
}

/* False at the end of what FROM has to say. */
static bool copy_some(int from, int to)
{
	char buffer[8192];
	ssize_t n = read(from, buffer, sizeof(buffer));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	/* EIO is how a pty says that its last writer has gone. */
	return n > 0 && write_all(to, buffer, (size_t)n) == 0;
}

static void drain(int master)
{
	struct pollfd fd = { .fd = master, .events = POLLIN };

	while (poll(&fd, 1, 0) > 0 && (fd.revents & POLLIN))
		if (!copy_some(master, STDOUT_FILENO))
			return;
}

static void loop(struct foreground *foreground)
{
	for (;;) {
		struct pollfd fds[4] = {
			{ .fd = foreground->pidfd, .events = POLLIN },
			{ .fd = foreground->signals, .events = POLLIN },
			{ .fd = foreground->master, .events = POLLIN },
			{ .fd = foreground->reads_input ? STDIN_FILENO : -1, .events = POLLIN },
		};
		if (poll(fds, 4, -1) < 0 && errno != EINTR)
			return;
		if (fds[1].revents)
			signals_forward(foreground);
		if ((fds[2].revents & (POLLIN | POLLHUP)) &&
		    !copy_some(foreground->master, STDOUT_FILENO))
			foreground->master = -1;
		if ((fds[3].revents & (POLLIN | POLLHUP)) &&
		    !copy_some(STDIN_FILENO, foreground->master))
			foreground->reads_input = false;
		if (fds[0].revents)
			return;
	}
}

static int status_of(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int wait_foreground(pid_t pid, int pidfd, int signals, const struct relay *relay, int *ret_status,
		    struct error *err)
{
	struct foreground foreground = { .pidfd = pidfd,
					 .signals = signals,
					 .master = relay ? relay->master : -1,
					 .reads_input = relay != NULL };
	struct termios saved, raw;
	bool is_raw = relay && tcgetattr(STDIN_FILENO, &saved) == 0;
	int status;

	if (is_raw) {
		raw = saved;
		cfmakeraw(&raw);
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &raw);
		window_copy(relay->master);
	}
	loop(&foreground);
	if (foreground.master >= 0)
		drain(foreground.master);
	if (is_raw)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &saved);

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fail_sys(err, "wait for the container's process");
	*ret_status = status_of(status);
	return 0;
}
