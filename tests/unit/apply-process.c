/* SPDX-License-Identifier: Apache-2.0 */
/* What a process is given and what is taken from it before it executes the payload, for real, in
 * children of the test. */
#include "apply-fixture.h"

#include "apply/caps.h"
#include "apply/fds.h"
#include "apply/hooks.h"
#include "apply/ids.h"
#include "apply/namespaces.h"
#include "apply/network.h"
#include "apply/probe.h"
#include "apply/proc.h"
#include "apply/rlimits.h"
#include "apply/self.h"
#include "apply/step.h"
#include "base/arena.h"
#include "base/io.h"
#include "plan/host.h"
#include "plan/plan.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>

/* Two ends for a parent that writes maps and a child that waits for them. */
static int ends[2];

static void wait_for_parent(void)
{
	char byte;

	need(read(ends[0], &byte, 1) == 1);
}

static struct plan_id_map *add_map(struct fixture *f, struct plan_id_maps *maps, uint32_t container,
				   uint32_t host, uint32_t size)
{
	struct plan_id_map *row = arena_push(&f->arena, &maps->rows);

	*row = (struct plan_id_map){ container, host, size };
	return row;
}

/* A child in new user and pid namespaces that becomes root there, runs BODY and ends. */
static int in_user_namespace(struct fixture *f, void (*body)(struct fixture *))
{
	int status;
	struct plan *plan = &f->plan;

	plan->namespaces.of[NAMESPACE_USER].mode = NAMESPACE_NEW;
	plan->namespaces.of[NAMESPACE_PID].mode = NAMESPACE_NEW;
	need(pipe2(ends, O_CLOEXEC) == 0);
	struct {
		uint64_t words[11];
	} args = { { CLONE_NEWUSER | CLONE_NEWPID, 0, 0, 0, SIGCHLD } };
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0) {
		self_hide(plan);
		wait_for_parent();
		need_ok(ids_become_root(plan, &f->handles, &f->err), &f->err);
		body(f);
		(void)fflush(stdout);
		_exit(0);
	}
	f->handles.init = pid;
	need_ok(ids_write_maps(plan, &f->handles, &f->err), &f->err);
	need(write(ends[1], "x", 1) == 1);
	f->handles.init = 0;
	need(waitpid(pid, &status, 0) == pid);
	return status;
}

static void time_inside(struct fixture *f)
{
	struct timespec before, after;

	need(geteuid() == 0 && getgroups(0, NULL) == 0);
	need(prctl(PR_GET_DUMPABLE) == 0);
	need(clock_gettime(CLOCK_MONOTONIC, &before) == 0);
	need_ok(namespaces_enter(&f->plan, &f->handles, &f->err), &f->err);
	need(prctl(PR_GET_DUMPABLE) == 0);
	need(clock_gettime(CLOCK_MONOTONIC, &after) == 0);
	need(after.tv_sec - before.tv_sec >= 1000 && after.tv_sec - before.tv_sec < 1100);
	need(clock_gettime(CLOCK_BOOTTIME, &after) == 0);
	need(sethostname("inside", 6) == 0);
	need_ok(network_prepare(&f->plan, &f->handles, &f->err), &f->err);
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	need(ioctl(fd, SIOCGIFFLAGS, &request) == 0);
	need(request.ifr_flags & IFF_UP);
	need_ok(network_check(&f->plan, &f->handles, &f->err), &f->err);
}

static void plan_everything_new(struct fixture *f)
{
	static const enum namespace_kind kinds[] = { NAMESPACE_MOUNT, NAMESPACE_NETWORK,
						     NAMESPACE_IPC, NAMESPACE_UTS, NAMESPACE_TIME };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		f->plan.namespaces.of[kinds[i]].mode = NAMESPACE_NEW;
	f->plan.namespaces.monotonic = (struct plan_time_offset){ true, 1000, 5 };
	f->plan.namespaces.boottime = (struct plan_time_offset){ true, 2000, 0 };
	f->plan.network.loopback_up = f->plan.network.only_loopback = true;
}

static void namespaces_body(void)
{
	struct fixture f;

	prepare(&f);
	plan_everything_new(&f);
	add_map(&f, &f.plan.ids.uid_maps, 0, 200000, 65536);
	add_map(&f, &f.plan.ids.gid_maps, 0, 300000, 65536);
	need(in_user_namespace(&f, time_inside) == 0);
}

static void rootless_inside(struct fixture *f)
{
	need(geteuid() == 0 && getegid() == 0);
	need_ok(namespaces_enter(&f->plan, &f->handles, &f->err), &f->err);
	f->plan.caps.is_set = true;
	need_ok(ids_assume(&f->plan, &f->handles, &f->err), &f->err);
}

static void rootless_body(void)
{
	struct fixture f;

	need(setgroups(0, NULL) == 0 && setresgid(65534, 65534, 65534) == 0 &&
	     setresuid(65534, 65534, 65534) == 0);
	need(prctl(PR_SET_DUMPABLE, 1) == 0);
	prepare(&f);
	plan_everything_new(&f);
	add_map(&f, &f.plan.ids.uid_maps, 0, 65534, 1);
	add_map(&f, &f.plan.ids.gid_maps, 0, 65534, 1);
	need(in_user_namespace(&f, rootless_inside) == 0);
}

static void join_body(void)
{
	struct fixture f;
	struct stat target, own;
	char path[64];
	int status;

	prepare(&f);
	need(pipe2(ends, O_CLOEXEC) == 0);
	pid_t other = fork();
	if (other == 0) {
		need(unshare(CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWNS) == 0);
		need(write(ends[1], "x", 1) == 1);
		(void)pause();
	}
	wait_for_parent();
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", other);
	f.plan.namespaces.of[NAMESPACE_NETWORK] = (struct plan_namespace){
		NAMESPACE_JOIN, path, "config.json linux.namespaces[1]"
	};
	f.plan.namespaces.of[NAMESPACE_UTS] = (struct plan_namespace){
		NAMESPACE_JOIN, "/proc/self/ns/net", "config.json linux.namespaces[2]"
	};
	need_fail(namespaces_enter(&f.plan, &f.handles, &f.err), &f.err,
		  "'/proc/self/ns/net' is no uts namespace (config.json linux.namespaces[2])");
	f.plan.namespaces.of[NAMESPACE_UTS].path = "/etc/passwd";
	need_fail(namespaces_enter(&f.plan, &f.handles, &f.err), &f.err,
		  "'/etc/passwd' is no uts namespace");
	f.plan.namespaces.of[NAMESPACE_UTS].path = "/nowhere";
	need_fail(namespaces_enter(&f.plan, &f.handles, &f.err), &f.err,
		  "open the uts namespace '/nowhere'");

	f.plan.namespaces.of[NAMESPACE_UTS].mode = NAMESPACE_INHERIT;
	need_ok(namespaces_enter(&f.plan, &f.handles, &f.err), &f.err);
	need(stat(path, &target) == 0 && stat("/proc/self/ns/net", &own) == 0 &&
	     own.st_ino == target.st_ino);

	/* As exec does: by the process. */
	f.plan.namespaces.of[NAMESPACE_NETWORK].mode = NAMESPACE_INHERIT;
	f.plan.namespaces.of[NAMESPACE_MOUNT].mode = NAMESPACE_JOIN;
	f.plan.namespaces.join_pid = other;
	f.handles.target_pidfd = (int)syscall(SYS_pidfd_open, other, 0);
	need_ok(namespaces_enter(&f.plan, &f.handles, &f.err), &f.err);
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/mnt", other);
	need(stat(path, &target) == 0 && stat("/proc/self/ns/mnt", &own) == 0 &&
	     own.st_ino == target.st_ino);

	need(kill(other, SIGKILL) == 0 && waitpid(other, &status, 0) == other);
	need_fail(namespaces_enter(&f.plan, &f.handles, &f.err), &f.err, "is gone");
}

static void interface_body(void)
{
	struct fixture f;

	prepare(&f);
	need(unshare(CLONE_NEWNET) == 0);
	f.plan.network.only_loopback = true;
	f.plan.network.origin = "policy network.egress.default";
	need_ok(network_check(&f.plan, &f.handles, &f.err), &f.err);
	need(system("ip link add added0 type veth peer name added1") == 0);
	need_fail(network_check(&f.plan, &f.handles, &f.err), &f.err,
		  "the network interface 'added");
	need(strstr(f.err.remedy, "--network=none"));
}

static uint64_t capabilities(int set)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	need(syscall(SYS_capget, &header, data) == 0);
	switch (set) {
	case 'e': return data[0].effective | (uint64_t)data[1].effective << 32;
	case 'p': return data[0].permitted | (uint64_t)data[1].permitted << 32;
	default: return data[0].inheritable | (uint64_t)data[1].inheritable << 32;
	}
}

static const uint64_t kill_cap = UINT64_C(1) << CAP_KILL,
		      bind_cap = UINT64_C(1) << CAP_NET_BIND_SERVICE, lost_cap = UINT64_C(1) << 63;

static void rights_body(void)
{
	struct fixture f;

	prepare(&f);
	f.plan.ids.uid = 1234;
	f.plan.ids.gid = 2345;
	*(uint32_t *)arena_push(&f.arena, &f.plan.ids.groups) = 77;
	f.plan.ids.has_umask = true;
	f.plan.ids.umask = 027;
	f.plan.process.no_new_privileges = true;
	f.plan.caps = (struct plan_caps){
		.is_set = true,
		.bounding = kill_cap | bind_cap,
		.permitted = kill_cap | bind_cap | lost_cap,
		.effective = kill_cap,
		.inheritable = bind_cap,
		.ambient = bind_cap,
	};
	need_ok(caps_drop_bounding(&f.plan, &f.handles, &f.err), &f.err);
	need_ok(ids_assume(&f.plan, &f.handles, &f.err), &f.err);
	need_ok(caps_assume(&f.plan, &f.handles, &f.err), &f.err);
	need_ok(privileges_freeze(&f.plan, &f.handles, &f.err), &f.err);

	gid_t group;
	need(getuid() == 1234 && getegid() == 2345 && getgroups(1, &group) == 1 && group == 77);
	need(umask(0) == 027);
	need(capabilities('e') == kill_cap && capabilities('p') == (kill_cap | bind_cap) &&
	     capabilities('i') == bind_cap);
	need(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_NET_BIND_SERVICE, 0, 0) == 1);
	need(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL, 0, 0) == 0);
	need(prctl(PR_CAPBSET_READ, CAP_KILL) == 1 && prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN) == 0);
	need(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
}

static void limits_body(void)
{
	struct fixture f;
	struct rlimit limit;

	prepare(&f);
	struct plan_rlimit *row = arena_push(&f.arena, &f.plan.process.rlimits);
	*row = (struct plan_rlimit){ RLIMIT_NOFILE, "RLIMIT_NOFILE", 100, 200,
				     "config.json process.rlimits[0]" };
	need_ok(rlimits_set(&f.plan, &f.handles, &f.err), &f.err);
	need(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == 100 &&
	     limit.rlim_max == 200);
	need(setresuid(65534, 65534, 65534) == 0);
	row->hard = 300;
	need_fail(rlimits_set(&f.plan, &f.handles, &f.err), &f.err,
		  "RLIMIT_NOFILE to 100, at most 300 (config.json process.rlimits[0])");
}

static void score_body(void)
{
	struct fixture f;
	char text[16];

	prepare(&f);
	f.plan.process.has_oom_score = true;
	f.plan.process.oom_score = 500;
	need_ok(oom_score_set(&f.plan, &f.handles, &f.err), &f.err);
	need(proc_read(f.handles.proc, "self/oom_score_adj", text, sizeof(text)) > 0 &&
	     strcmp(text, "500\n") == 0);
}

static void descriptors_body(void)
{
	struct fixture f;

	prepare(&f);
	need(close_range(3, 100, 0) == 0);
	for (int fd = 3; fd < 20; fd++)
		need(dup2(STDIN_FILENO, fd) == fd);
	f.handles.proc = 12;
	f.handles.link = 9;
	f.handles.start = 15;
	f.plan.process.preserve_fds = 2;
	need(setenv("LISTEN_FDS", "1", 1) == 0);
	/* Fewer passed than promised: this number is one of ours. */
	need(fcntl(4, F_SETFD, FD_CLOEXEC) == 0);
	need_ok(fds_close_rest(&f.plan, &f.handles, &f.err), &f.err);
	for (int fd = 3; fd < 30; fd++)
		need((fcntl(fd, F_GETFD) >= 0) ==
		     (fd == 3 || fd == 5 || fd == 9 || fd == 12 || fd == 15));
	need_ok(fds_close_trusted(&f.plan, &f.handles, &f.err), &f.err);
	need(fcntl(12, F_GETFD) < 0 && f.handles.proc < 0);
	need(setenv("LISTEN_FDS", "x", 1) == 0);
	need(fds_listening() == 0);
}

static void standard_body(void)
{
	struct error err;

	need(close(0) == 0 && close(2) == 0);
	need_ok(fds_open_standard(&err), &err);
	need(fcntl(0, F_GETFD) == 0 && fcntl(2, F_GETFD) == 0 && fcntl(3, F_GETFD) < 0);
}

static struct plan_hook *add_hook(struct fixture *f, enum hook_kind kind, const char *script)
{
	struct plan_hook *hook = arena_push(&f->arena, &f->plan.hooks.of[kind]);
	const char **args = arena_alloc(&f->arena, 4 * sizeof(*args)),
		   **env = arena_alloc(&f->arena, 2 * sizeof(*env));

	args[0] = "hook";
	args[1] = "-c";
	args[2] = script;
	env[0] = "NAME=value";
	*hook = (struct plan_hook){ .path = "/bin/sh",
				    .args = args,
				    .env = env,
				    .origin = "config.json hooks.poststop[0]" };
	return hook;
}

static void hooks_body(void)
{
	struct fixture f;

	prepare(&f);
	need(open("/dev/null", O_RDONLY) == 4);
	struct plan_hook *hook = add_hook(
		&f, HOOK_POSTSTOP,
		"read -r line; case $line in "
		"*'\"status\":\"stopped\"'*'\"bundle\":\"/bundle\"'*) ;; *) exit 3;; esac; "
		"test \"$NAME\" = value && test -z \"$HOME\" && test ! -e /proc/self/fd/4");
	need_ok(hooks_run(&f.plan, HOOK_POSTSTOP, "stopped", 0, &f.err), &f.err);
	hook->args[2] = "exit 5";
	need_fail(hooks_run(&f.plan, HOOK_POSTSTOP, "stopped", 0, &f.err), &f.err,
		  "error running poststop hook #0: '/bin/sh' exited with status 5 "
		  "(config.json hooks.poststop[0])");
	hook->args[2] = "kill -9 $$";
	need_fail(hooks_run(&f.plan, HOOK_POSTSTOP, "stopped", 0, &f.err), &f.err,
		  "killed by signal 9");
	hook->args[2] = "sleep 30";
	hook->timeout = 1;
	need_fail(hooks_run(&f.plan, HOOK_POSTSTOP, "stopped", 0, &f.err), &f.err,
		  "did not end within 1 s");
	hook->path = "/nowhere";
	need_fail(hooks_run(&f.plan, HOOK_POSTSTOP, "stopped", 0, &f.err), &f.err,
		  "error running poststop hook #0: execute '/nowhere'");

	/* A state that does not fit a pipe's first page, and a hook that does not read it. */
	const char **pairs = arena_alloc(&f.arena, 3 * sizeof(*pairs));
	char *value = arena_alloc(&f.arena, 200001);
	memset(value, 'x', 200000);
	pairs[0] = "key";
	pairs[1] = value;
	f.plan.annotations = pairs;
	hook->path = "/bin/true";
	need_ok(hooks_run(&f.plan, HOOK_POSTSTOP, "stopped", 0, &f.err), &f.err);
}

static void probe_body(void)
{
	struct host host;
	struct error err;

	need_ok(host_probe(true, &host, &err), &err);
	need(host.kernel_major >= 5 && host.uid == geteuid());
	need(!host.is_root || !host.is_in_user_namespace);
}

static void exposure_body(void)
{
	struct fixture f;

	prepare(&f);
	need(self_is_exposed(&f.plan));
	f.plan.namespaces.of[NAMESPACE_USER].mode = NAMESPACE_NEW;
	struct plan_id_map *row = add_map(&f, &f.plan.ids.uid_maps, 0, 100000, 65536);
	need(!self_is_exposed(&f.plan));
	row->host = 0;
	need(self_is_exposed(&f.plan));
	f.plan.landlock.is_active = true;
	need(!self_is_exposed(&f.plan));
	f.plan.landlock.is_active = false;
	/* A mapping that does not hold the owner's id is of no use to a writer. */
	need(setresuid(65534, 65534, 65534) == 0);
	need(!self_is_exposed(&f.plan));
}

#define TEST_IN_CHILD(sentence, body)          \
	TEST(sentence)                         \
	{                                      \
		need_root();                   \
		expect_int(in_child(body), 0); \
	}

TEST_IN_CHILD(new_namespaces_are_entered_with_their_clocks_set, namespaces_body)
TEST_IN_CHILD(a_rootless_caller_maps_its_own_id_and_denies_setgroups, rootless_body)
TEST_IN_CHILD(namespaces_are_joined_by_path_and_by_process_and_others_are_refused, join_body)
TEST_IN_CHILD(any_interface_but_loopback_is_refused_by_name, interface_body)
TEST_IN_CHILD(ids_and_capabilities_are_exactly_those_of_the_plan, rights_body)
TEST_IN_CHILD(resource_limits_are_set_or_refused_with_their_origin, limits_body)
TEST_IN_CHILD(the_out_of_memory_score_is_set, score_body)
TEST_IN_CHILD(only_promised_descriptors_stay_open, descriptors_body)
TEST_IN_CHILD(closed_standard_streams_are_opened, standard_body)
TEST_IN_CHILD(hooks_get_the_state_and_their_failures_are_told, hooks_body)
TEST_IN_CHILD(the_host_is_probed, probe_body)
TEST_IN_CHILD(the_executable_is_exposed_to_whoever_can_write_it, exposure_body)
