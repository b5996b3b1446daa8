/* SPDX-License-Identifier: Apache-2.0 */
/* The payload's program, directory and terminal, for real, in children of the test. */
#include "apply-fixture.h"

#include "apply/payload.h"
#include "apply/proc.h"
#include "apply/step.h"
#include "apply/terminal.h"
#include "base/arena.h"
#include "plan/plan.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static void payload_find_body(void)
{
	struct fixture f;
	const char *args[] = { "sh", NULL }, *env[] = { "PATH=relative:/nowhere:/bin", NULL };

	prepare(&f);
	f.plan.process.args = args;
	f.plan.process.env = env;
	f.plan.process.cwd = "/";
	need_ok(payload_find(&f.plan, &f.handles, &f.err), &f.err);
	need(strcmp(f.handles.executable, "/bin/sh") == 0);
	need(strcmp(f.handles.environment[1], "HOME=/root") == 0 && !f.handles.environment[2]);
	args[0] = "no-such-program";
	need_fail(payload_find(&f.plan, &f.handles, &f.err), &f.err,
		  "exec \"no-such-program\": executable file not found in $PATH: "
		  "No such file or directory");
	args[0] = "/etc/passwd";
	need_fail(payload_find(&f.plan, &f.handles, &f.err), &f.err,
		  "exec \"/etc/passwd\": permission denied");
	args[0] = "/etc";
	need_fail(payload_find(&f.plan, &f.handles, &f.err), &f.err,
		  "exec \"/etc\": is a directory");
	args[0] = "bin/sh";
	need_ok(payload_find(&f.plan, &f.handles, &f.err), &f.err);
	f.plan.ids.uid = 4294967294U;
	need_ok(payload_find(&f.plan, &f.handles, &f.err), &f.err);
	need(strcmp(f.handles.environment[1], "HOME=/") == 0);
}

static void directory_body(void)
{
	struct fixture f;
	char cwd[64];

	prepare(&f);
	need(unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	need(mount("none", "/mnt", "tmpfs", 0, NULL) == 0);
	f.plan.process.cwd = "/mnt/a/b";
	need_fail(payload_enter_directory(&f.plan, &f.handles, &f.err), &f.err,
		  "enter the working directory '/mnt/a/b' (config.json process.cwd)");
	need_ok(payload_prepare_directory(&f.plan, &f.handles, &f.err), &f.err);
	need_ok(payload_enter_directory(&f.plan, &f.handles, &f.err), &f.err);
	need(strcmp(getcwd(cwd, sizeof(cwd)), "/mnt/a/b") == 0);

	/* Outside of the root, by a descriptor that leaked: refused by its name, and by where it
	 * leads. */
	int outside = open("/mnt", O_PATH | O_DIRECTORY);
	need(symlink(arena_printf(&f.arena, "/proc/self/fd/%d", outside), "/mnt/a/link") == 0);
	f.plan.process.cwd = "/mnt/a/link";
	need_fail(payload_enter_directory(&f.plan, &f.handles, &f.err), &f.err, "/mnt/a/link");
	need(fchdir(outside) == 0 && chroot("/mnt/a") == 0);
	f.plan.process.cwd = ".";
	need_fail(payload_enter_directory(&f.plan, &f.handles, &f.err), &f.err,
		  "lies outside of the container");
}

static void execute_body(void)
{
	struct fixture f;
	const char *args[] = {
		"sh", "-c", "test \"$0\" = sh && test \"$PWD\" = /tmp && test \"$A\" = b && exit 7",
		NULL
	};
	const char *env[] = { "A=b", NULL };

	prepare(&f);
	f.plan.process.args = args;
	f.plan.process.env = env;
	f.plan.process.cwd = "/tmp";
	need_ok(payload_find(&f.plan, &f.handles, &f.err), &f.err);
	need_ok(payload_execute(&f.plan, &f.handles, &f.err), &f.err);
}

/* The engine's side of the console: the master and the terminal's name. */
static int console_receive(int socket, char *name, size_t size)
{
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec vector = { name, size - 1 };
	struct msghdr message = { .msg_iov = &vector,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = sizeof(control) };
	int master;
	ssize_t n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);

	need(n > 0);
	name[n] = '\0';
	const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	need(header != NULL);
	memcpy(&master, CMSG_DATA(header), sizeof(master));
	return master;
}

static void terminal_body(void)
{
	struct fixture f;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct winsize size;
	struct stat a, b;
	char name[32], byte;

	prepare(&f);
	need(unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	need(mount("none", "/dev", "tmpfs", 0, NULL) == 0 && mkdir("/dev/pts", 0755) == 0);
	f.plan.process.terminal = f.plan.devices.console = true;
	f.plan.process.rows = 30;
	f.plan.process.columns = 90;
	f.plan.ids.uid = 1234;
	need_fail(terminal_open(&f.plan, &f.handles, &f.err), &f.err, "nobody takes its other end");

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "/dev/console.sock");
	int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	need(bind(server, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	     listen(server, 1) == 0);
	f.handles.console_path = "/dev/console.sock";
	need_ok(terminal_connect(&f.plan, &f.handles, &f.err), &f.err);
	need_fail(terminal_open(&f.plan, &f.handles, &f.err), &f.err, "is no devpts");
	need(mount("none", "/dev/pts", "devpts", 0, "newinstance,ptmxmode=0666") == 0);

	need(symlink("/dev/null", "/dev/console") == 0);
	need_fail(terminal_open(&f.plan, &f.handles, &f.err), &f.err, "open /dev/console");
	need(unlink("/dev/console") == 0);
	need_ok(terminal_open(&f.plan, &f.handles, &f.err), &f.err);
	int engine = accept(server, NULL, NULL);
	int master = console_receive(engine, name, sizeof(name));
	need(strncmp(name, "/dev/pts/", 9) == 0);
	need(stat(name, &a) == 0 && stat("/dev/console", &b) == 0 && a.st_rdev == b.st_rdev &&
	     a.st_uid == 1234);
	need(ioctl(master, TIOCGWINSZ, &size) == 0 && size.ws_row == 30 && size.ws_col == 90);

	(void)signal(SIGPIPE, SIG_IGN);
	int report = dup(STDOUT_FILENO);
	pid_t pid = fork();
	if (pid == 0) {
		struct sigaction action;
		need_ok(session_begin(&f.plan, &f.handles, &f.err), &f.err);
		(void)dup2(report, STDOUT_FILENO);
		need(getsid(0) == getpid() && tcgetpgrp(0) == getpid() && isatty(2));
		need(sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_DFL);
		need(write(2, "!", 1) == 1);
		_exit(0);
	}
	int status;
	need(read(master, &byte, 1) == 1 && byte == '!');
	need(waitpid(pid, &status, 0) == pid && status == 0);
}

#define TEST_IN_CHILD(sentence, body)          \
	TEST(sentence)                         \
	{                                      \
		need_root();                   \
		expect_int(in_child(body), 0); \
	}

TEST_IN_CHILD(the_payload_is_found_as_engines_expect, payload_find_body)
TEST_IN_CHILD(the_working_directory_is_made_and_must_lie_inside, directory_body)
TEST_IN_CHILD(a_terminal_is_made_sent_and_becomes_the_sessions_own, terminal_body)

TEST(the_payload_is_executed_with_its_environment_and_directory)
{
	int status = in_child(execute_body);

	expect_int(WEXITSTATUS(status), 7);
}
