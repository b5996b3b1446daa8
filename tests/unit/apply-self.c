/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime's executable protects itself: this test program does, in place and executed anew, as
 * root and as somebody else. */
#include "apply-child.h"

#include "apply/self.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

/* What this program shall see of itself: 'm' a read-only mount, reached in one life; 'n' the same
 * in a second life, because the first may not exchange its file; 'f' a sealed memory file. */
static const char role[] = "MXC_TEST_SELF";
static const char lives[] = "MXC_TEST_LIVES";

/* Written before and read after: the program's own variables must survive. */
static int variable = 1;
static const char *volatile address = role;

static void life_begin(const char *wanted)
{
	const char *so_far = getenv(lives);

	need(*wanted != 'm' || !so_far);
	need(setenv(lives, so_far ? "2" : "1", 1) == 0);
	variable = 2;
}

static void life_check(const char *wanted)
{
	char bytes[4096], *first;
	FILE *file;

	need(variable == 2 && address == role);
	if (*wanted == 'n')
		need(strcmp(getenv(lives), "2") == 0);
	file = fopen("/proc/self/cmdline", "re");
	need(file && fread(bytes, 1, sizeof(bytes), file) > strlen("self"));
	first = bytes;
	need(strcmp(first + strlen(first) + 1, "argument") == 0);
	(void)fclose(file);
}

/* prctl(PR_SET_MM) is refused, as where the kernel was built without it. */
static void exchange_forbid(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_MM, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	need(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

__attribute__((constructor)) static void second_life(int argc, char **argv)
{
	struct error err = {};
	struct statvfs fs;
	const char *wanted = getenv(role);

	if (!wanted)
		return;
	life_begin(wanted);
	need_ok(self_protect(argv, &err), &err);
	life_check(wanted);
	int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	need(argc == 2 && strcmp(argv[1], "argument") == 0);
	need(!getenv("_MXC_SELF_PROTECTED"));
	need(fstatvfs(self, &fs) == 0);
	int seals = fcntl(self, F_GET_SEALS);
	if (*wanted != 'f')
		need(fs.f_flag & ST_RDONLY && seals < 0);
	else
		need(seals >= 0 && seals & F_SEAL_WRITE);
	need(open("/proc/self/exe", O_WRONLY | O_CLOEXEC) < 0);
	_exit(EXIT_SUCCESS);
}

static void live_again(const char *wanted)
{
	char *arguments[] = { (char[]){ "self" }, (char[]){ "argument" }, NULL };

	need(setenv(role, wanted, 1) == 0);
	need(execv("/proc/self/exe", arguments) == 0);
}

static void root_body(void)
{
	live_again("m");
}

static void forbidden_body(void)
{
	exchange_forbid();
	live_again("n");
}

static void other_body(void)
{
	need(geteuid() != 0 ||
	     (setresgid(65534, 65534, 65534) == 0 && setresuid(65534, 65534, 65534) == 0));
	live_again("f");
}

static void read_only_body(void)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *arguments[] = { (char[]){ "self" }, (char[]){ "argument" }, NULL };

	need(n > 0);
	path[n] = '\0';
	need(unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	need(mount(path, path, NULL, MS_BIND, NULL) == 0);
	need(mount(NULL, path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) == 0);
	need(setenv(role, "m", 1) == 0);
	need(execv(path, arguments) == 0);
}

TEST(root_takes_a_read_only_mount_in_place)
{
	if (geteuid() != 0)
		test_skip("root");
	expect_int(in_child(root_body), 0);
}

TEST(where_the_file_cannot_be_exchanged_root_executes_anew)
{
	if (geteuid() != 0)
		test_skip("root");
	expect_int(in_child(forbidden_body), 0);
}

TEST(others_go_on_from_a_sealed_memory_file)
{
	expect_int(in_child(other_body), 0);
}

TEST(on_a_read_only_mount_nothing_is_to_do)
{
	if (geteuid() != 0)
		test_skip("root");
	expect_int(in_child(read_only_body), 0);
}
