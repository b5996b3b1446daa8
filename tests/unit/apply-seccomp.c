/* SPDX-License-Identifier: Apache-2.0 */
/* Filters assembled, loaded and answered for real, in children of the test. */
#include "apply-child.h"

#include "apply/proc.h"
#include "apply/seccomp-cache.h"
#include "apply/seccomp-config.h"
#include "apply/seccomp.h"
#include "apply/step.h"
#include "base/arena.h"
#include "plan/plan.h"

#include <linux/seccomp.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/utsname.h>

/* libseccomp's values, which config.json's actions and operators are lowered to; its header has a
 * seccomp_load of its own. */
enum { COMPARE_EQUAL = 4 };
#define ACTION_ERRNO(number) (SECCOMP_RET_ERRNO | (number))

struct fixture {
	struct arena arena;
	struct plan plan;
	struct plan_seccomp_config config;
	struct handles handles;
	struct error err;
};

static void prepare(struct fixture *f, uint32_t default_action)
{
	memset(f, 0, sizeof(*f));
	f->plan.arena = &f->arena;
	f->plan.id = "test";
	f->plan.bundle = "/bundle";
	f->plan.process.no_new_privileges = true;
	f->config.default_action = default_action;
	f->config.origin = "config.json linux.seccomp";
	f->plan.seccomp.config = &f->config;
	handles_init(&f->handles, &f->arena);
	need_ok(f->handles.proc = proc_open(&f->err), &f->err);
}

static struct plan_seccomp_rule *add_rule(struct fixture *f, uint32_t action, const char *name)
{
	struct plan_seccomp_rule *rule = arena_push(&f->arena, &f->config.rules);

	rule->action = action;
	rule->names = arena_alloc(&f->arena, 3 * sizeof(*rule->names));
	rule->names[0] = "no_such_call_anywhere";
	rule->names[1] = name;
	return rule;
}

static void add_arg(struct fixture *f, struct plan_seccomp_rule *rule, unsigned index,
		    uint64_t value)
{
	*arena_push(&f->arena, &rule->args) = (struct plan_seccomp_arg){ .index = index,
									 .value = value,
									 .op = COMPARE_EQUAL };
}

static void load(struct fixture *f)
{
	need_ok(seccomp_assemble(&f->plan, &f->handles, &f->err), &f->err);
	need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	need_ok(seccomp_load_privileged(&f->plan, &f->handles, &f->err), &f->err);
	need_ok(seccomp_load(&f->plan, &f->handles, &f->err), &f->err);
}

static void config_body(void)
{
	struct fixture f;

	prepare(&f, SECCOMP_RET_ALLOW);
	(void)add_rule(&f, ACTION_ERRNO(EPERM), "uname");
	struct plan_seccomp_rule *rule = add_rule(&f, ACTION_ERRNO(ENOTTY), "getpriority");
	/* Two conditions on one argument are alternatives. */
	add_arg(&f, rule, 0, 1);
	add_arg(&f, rule, 0, 2);
	/* The default action as a rule changes nothing. */
	(void)add_rule(&f, SECCOMP_RET_ALLOW, "getppid");
	load(&f);

	struct utsname name;
	need(uname(&name) < 0 && errno == EPERM);
	need(syscall(SYS_getpriority, 1, 0) < 0 && errno == ENOTTY);
	need(syscall(SYS_getpriority, 2, 0) < 0 && errno == ENOTTY);
	need(syscall(SYS_getpriority, 0, 0) > 0);
}

/* All that this test itself still does, by a profile as engines write them: what is not named is
 * refused. */
static void profile_body(void)
{
	static const char *const allowed[] = { "write", "exit_group", "getppid", "seccomp",
					       "prctl", "newfstatat", "brk" };
	struct fixture f;

	prepare(&f, ACTION_ERRNO(EPERM));
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		(void)add_rule(&f, SECCOMP_RET_ALLOW, allowed[i]);
	load(&f);
	need(syscall(SYS_getppid) > 0);
	need(syscall(SYS_getpgid, 0) < 0 && errno == EPERM);
	/* Newer than any call that the profile names: as if the kernel did not have it. */
	need(syscall(SYS_close_range, 1000, 1000, 0) < 0 && errno == ENOSYS);
	/* Nothing else is allowed, not even what a sanitizer does at the end. */
	(void)syscall(SYS_exit_group, 0);
}

/* A policy's program: refuse one call number, allow the rest. */
static void set_policy(struct fixture *f, uint32_t number)
{
	static struct seccomp_instruction code[4];

	code[0] = (struct seccomp_instruction){ 0x20, 0, 0, 0 };
	code[1] = (struct seccomp_instruction){ 0x15, 0, 1, number };
	code[2] = (struct seccomp_instruction){ 0x06, 0, 0, SECCOMP_RET_ERRNO | EXDEV };
	code[3] = (struct seccomp_instruction){ 0x06, 0, 0, SECCOMP_RET_ALLOW };
	f->plan.seccomp.program = code;
	f->plan.seccomp.program_length = 4;
}

static int filters_loaded(void)
{
	char status[4096];
	int proc = AT_FDCWD;
	struct error err;

	proc = proc_open(&err);
	need(proc_read(proc, "self/status", status, sizeof(status)) > 0);
	const char *line = strstr(status, "Seccomp_filters:");
	need(line != NULL);
	return (int)strtol(line + strlen("Seccomp_filters:"), NULL, 10);
}

static void both_body(void)
{
	struct fixture f;

	prepare(&f, SECCOMP_RET_ALLOW);
	(void)add_rule(&f, ACTION_ERRNO(EPERM), "getpgid");
	set_policy(&f, SYS_getsid);
	load(&f);
	need(syscall(SYS_getpgid, 0) < 0 && errno == EPERM);
	need(syscall(SYS_getsid, 0) < 0 && errno == EXDEV);
	need(filters_loaded() == 2);
}

static void config_refuses_body(void)
{
	struct fixture f;

	prepare(&f, SECCOMP_RET_ALLOW);
	(void)add_rule(&f, ACTION_ERRNO(EPERM), "seccomp");
	set_policy(&f, SYS_getsid);
	load(&f);
	need(filters_loaded() == 2);
}

static void policy_refuses_body(void)
{
	struct fixture f;

	prepare(&f, SECCOMP_RET_ALLOW);
	(void)add_rule(&f, ACTION_ERRNO(EPERM), "getpgid");
	set_policy(&f, SYS_seccomp);
	load(&f);
	need(filters_loaded() == 2);
}

static void both_refuse_body(void)
{
	struct fixture f;

	prepare(&f, SECCOMP_RET_ALLOW);
	(void)add_rule(&f, ACTION_ERRNO(EPERM), "seccomp");
	set_policy(&f, SYS_seccomp);
	need_ok(seccomp_assemble(&f.plan, &f.handles, &f.err), &f.err);
	need_fail(seccomp_load(&f.plan, &f.handles, &f.err), &f.err, "both refuse seccomp");
}

/* As a container without noNewPrivileges and without CAP_SYS_ADMIN in effect after the change of
 * user. */
static void privileged_body(void)
{
	struct fixture f;

	prepare(&f, SECCOMP_RET_ALLOW);
	(void)add_rule(&f, ACTION_ERRNO(EPERM), "getpgid");
	f.plan.process.no_new_privileges = false;
	need_ok(seccomp_assemble(&f.plan, &f.handles, &f.err), &f.err);
	need(prctl(PR_SET_KEEPCAPS, 1) == 0 && setresuid(1234, 1234, 1234) == 0);
	need_ok(seccomp_load(&f.plan, &f.handles, &f.err), &f.err);
	need(syscall(SYS_getpgid, 0) >= 0);
	need_ok(seccomp_load_privileged(&f.plan, &f.handles, &f.err), &f.err);
	need(syscall(SYS_getpgid, 0) < 0 && errno == EPERM);
	need(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0);
}

static int listener_receive(int server, char *state, size_t size)
{
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec vector = { state, size - 1 };
	struct msghdr message = { .msg_iov = &vector,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = sizeof(control) };
	int listener, connection = accept(server, NULL, NULL);
	ssize_t n = recvmsg(connection, &message, 0);

	need(n > 0);
	state[n] = '\0';
	const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	need(header != NULL);
	memcpy(&listener, CMSG_DATA(header), sizeof(listener));
	return listener;
}

static void listener_body(void)
{
	struct fixture f;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char directory[] = "/tmp/mxc-test-XXXXXX", state[2048];
	int status;

	prepare(&f, SECCOMP_RET_ALLOW);
	need(mkdtemp(directory) != NULL);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/s", directory);
	int server = socket(AF_UNIX, SOCK_STREAM, 0);
	need(bind(server, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	     listen(server, 1) == 0);
	(void)add_rule(&f, SECCOMP_RET_USER_NOTIF, "getpgid");
	need_fail(seccomp_assemble(&f.plan, &f.handles, &f.err), &f.err, "names no listenerPath");
	f.config.listener_path = address.sun_path;
	f.config.listener_metadata = "told";

	pid_t pid = fork();
	if (pid == 0) {
		load(&f);
		need(syscall(SYS_getpgid, 0) == 4242);
		_exit(0);
	}
	int listener = listener_receive(server, state, sizeof(state));
	(void)unlink(address.sun_path);
	(void)rmdir(directory);
	char *expected = arena_printf(&f.arena,
				      "\"fds\":[\"seccompFd\"],\"pid\":%d,\"metadata\":\"told\","
				      "\"state\":{\"ociVersion\":",
				      pid);
	need(strstr(state, expected));

	struct seccomp_notif request = {};
	need(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) == 0);
	struct seccomp_notif_resp response = { .id = request.id, .val = 4242 };
	need(request.data.nr == SYS_getpgid);
	need(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response) == 0);
	need(waitpid(pid, &status, 0) == pid && status == 0);
}

static void deaf_listener_body(void)
{
	struct fixture f;
	int pair[2];

	prepare(&f, SECCOMP_RET_ALLOW);
	(void)add_rule(&f, SECCOMP_RET_USER_NOTIF, "sendmsg");
	need(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	f.config.listener_path = "/nowhere";
	need_fail(seccomp_assemble(&f.plan, &f.handles, &f.err), &f.err,
		  "the seccomp listener '/nowhere' (config.json linux.seccomp.listenerPath)");
}

/* How the file beside the records is treated: found again, and not believed when it is not what was
 * written. */
static void cache_body(void)
{
	struct fixture f;
	char directory[] = "/tmp/mxc-test-XXXXXX", key[SHA256_HEX];
	struct seccomp_program program;

	prepare(&f, SECCOMP_RET_ALLOW);
	need(mkdtemp(directory) != NULL);
	const char *state = arena_printf(&f.arena, "%s/id", directory);
	need(mkdir(state, 0700) == 0);
	f.handles.state = open(state, O_PATH | O_DIRECTORY | O_CLOEXEC);
	(void)add_rule(&f, ACTION_ERRNO(EPERM), "getpgid");
	seccomp_cache_key(&f.config, key);
	const char *file = arena_printf(&f.arena, "%s/.seccomp@%s", directory, key);

	bool before = seccomp_cache_read(&f.arena, f.handles.state, key, &program);
	need_ok(seccomp_assemble(&f.plan, &f.handles, &f.err), &f.err);
	const struct seccomp_program *first = f.handles.seccomp;
	bool after = seccomp_cache_read(&f.arena, f.handles.state, key, &program);
	bool is_same = program.n == first->n && program.architecture == first->architecture &&
		       memcmp(program.code, first->code, first->n * sizeof(*first->code)) == 0;

	(void)chmod(file, 0622);
	bool by_others = seccomp_cache_read(&f.arena, f.handles.state, key, &program);
	(void)chmod(file, 0600);
	(void)!truncate(file, 30);
	bool cut = seccomp_cache_read(&f.arena, f.handles.state, key, &program);
	(void)unlink(file);
	(void)rmdir(state);
	(void)rmdir(directory);
	need(!before && after && is_same && !by_others && !cut);

	struct plan_seccomp_rule *rule = add_rule(&f, ACTION_ERRNO(EPERM), "getsid");
	char other[SHA256_HEX];
	seccomp_cache_key(&f.config, other);
	need(strcmp(key, other) != 0);
	add_arg(&f, rule, 0, 1);
	seccomp_cache_key(&f.config, key);
	need(strcmp(key, other) != 0);
}

#define TEST_IN_CHILD(sentence, body)          \
	TEST(sentence)                         \
	{                                      \
		expect_int(in_child(body), 0); \
	}

TEST_IN_CHILD(a_filter_of_config_json_is_assembled_and_loaded, config_body)
TEST_IN_CHILD(calls_newer_than_the_profile_do_not_exist, profile_body)
TEST_IN_CHILD(both_filters_hold, both_body)
TEST_IN_CHILD(a_config_that_refuses_seccomp_is_loaded_last, config_refuses_body)
TEST_IN_CHILD(a_policy_that_refuses_seccomp_is_loaded_last, policy_refuses_body)
TEST_IN_CHILD(two_filters_that_refuse_seccomp_are_refused, both_refuse_body)
TEST_IN_CHILD(the_listener_gets_the_descriptor_and_the_state, listener_body)
TEST_IN_CHILD(an_assembled_filter_is_kept_and_believed_only_when_whole, cache_body)
TEST_IN_CHILD(a_listener_that_does_not_listen_is_refused, deaf_listener_body)

TEST(without_no_new_privileges_the_filter_is_loaded_before_rights_go)
{
	if (geteuid() != 0)
		test_skip("root");
	expect_int(in_child(privileged_body), 0);
}
