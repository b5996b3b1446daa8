/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime's executable protects itself: this test program does, executed anew, as root and as
 * somebody else. */
#include "apply-child.h"

#include "apply/self.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

/* What the second life of this program shall see: 'm' a read-only mount, 'f' a sealed memory file.
 */
static const char role[] = "MXC_TEST_SELF";

__attribute__((constructor)) static void second_life(int argc, char **argv)
{
	struct error err = {};
	struct statvfs fs;
	const char *wanted = getenv(role);

	if (!wanted)
		return;
	need_ok(self_protect(argv, &err), &err);
	int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	need(argc == 2 && strcmp(argv[1], "argument") == 0);
	need(!getenv("_MXC_SELF_PROTECTED"));
	need(fstatvfs(self, &fs) == 0);
	int seals = fcntl(self, F_GET_SEALS);
	if (*wanted == 'm')
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

TEST(root_goes_on_from_a_read_only_mount)
{
	if (geteuid() != 0)
		test_skip("root");
	expect_int(in_child(root_body), 0);
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
