/* SPDX-License-Identifier: Apache-2.0 */
/* The system call profiles, run by an interpreter of the kernel's instructions. */
#include "base/arena.h"
#include "plan/seccomp.h"
#include "plan/syscalls.h"
#include "test.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>

#if defined(__x86_64__)
enum { NATIVE = (int)AUDIT_ARCH_X86_64, FOREIGN = (int)AUDIT_ARCH_I386 };
#else
enum { NATIVE = (int)AUDIT_ARCH_AARCH64, FOREIGN = (int)AUDIT_ARCH_ARM };
#endif

static struct arena arena;
static struct error err;

enum {
	DENY = SECCOMP_RET_ERRNO | EPERM,
	UNKNOWN = SECCOMP_RET_ERRNO | ENOSYS,
	FAMILY = SECCOMP_RET_ERRNO | EAFNOSUPPORT,
	BROKEN = 0x12345678
};

static uint32_t word_at(const struct seccomp_data *data, uint32_t offset)
{
	uint32_t word;
	if (offset > sizeof(*data) - sizeof(word) || offset % sizeof(word) != 0)
		return BROKEN;
	memcpy(&word, (const char *)data + offset, sizeof(word));
	return word;
}

static bool holds(const struct seccomp_instruction *at, uint32_t accumulator)
{
	switch (at->code) {
	case BPF_JMP | BPF_JEQ | BPF_K: return accumulator == at->k;
	case BPF_JMP | BPF_JGE | BPF_K: return accumulator >= at->k;
	case BPF_JMP | BPF_JSET | BPF_K: return accumulator & at->k;
	default: expect_text("an instruction that the interpreter knows", NULL); return false;
	}
}

/* What the kernel would do; the steps it took in ret_steps. */
static uint32_t run(const struct plan_seccomp *seccomp, const struct seccomp_data *data,
		    size_t *ret_steps)
{
	uint32_t accumulator = 0;
	*ret_steps = 0;
	for (size_t i = 0; i < seccomp->program_length; i++, (*ret_steps)++) {
		const struct seccomp_instruction *at = &seccomp->program[i];
		if (at->code == (BPF_RET | BPF_K))
			return at->k;
		if (at->code == (BPF_LD | BPF_W | BPF_ABS))
			accumulator = word_at(data, at->k);
		else if (at->code == (BPF_JMP | BPF_JA))
			i += at->k;
		else
			i += holds(at, accumulator) ? at->jt : at->jf;
	}
	expect_text("the program ends with a return", NULL);
	return BROKEN;
}

static uint32_t call_at(const struct plan_seccomp *seccomp, int number, const uint64_t args[6])
{
	struct seccomp_data data = { .nr = number, .arch = (uint32_t)NATIVE };
	size_t steps;
	memcpy(data.args, args, sizeof(data.args));
	return run(seccomp, &data, &steps);
}

static uint32_t call(const struct plan_seccomp *seccomp, const char *name, uint64_t a, uint64_t b,
		     uint64_t c)
{
	const struct syscall *found = syscall_find(name);
	expect(found && found->number != SYSCALL_ABSENT);
	return call_at(seccomp, found->number, (const uint64_t[]){ a, b, c, 0, 0, 0 });
}

static struct plan_seccomp assembled(enum syscall_profile profile, enum seccomp_memfd memfd)
{
	struct plan_seccomp seccomp = { .profile = profile, .deny_terminal_injection = true };
	expect_ok(plan_seccomp_assemble(&arena, &seccomp, memfd, &err), &err);
	return seccomp;
}

static bool has_arguments(const char *name)
{
	static const char *const names[] = { "clone",       "ioctl",        "socket",
					     "personality", "memfd_create", "execveat" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* What the table says of NUMBER, by another road than the program's. */
static uint32_t expected_of(int number, unsigned bit, bool *ret_is_checked)
{
	*ret_is_checked = false;
	for (size_t i = 0; i < syscalls_n; i++) {
		if (syscalls[i].number != number)
			continue;
		if (strcmp(syscalls[i].name, "clone3") == 0)
			return UNKNOWN;
		*ret_is_checked = has_arguments(syscalls[i].name);
		return syscalls[i].profiles & bit ? SECCOMP_RET_ALLOW : (uint32_t)DENY;
	}
	return UNKNOWN;
}

static void every_number(enum syscall_profile profile, unsigned bit)
{
	struct plan_seccomp seccomp = assembled(profile, SECCOMP_MEMFD_SYSCTL);
	for (int number = 0; number <= 600; number++) {
		bool is_checked;
		uint32_t expected = expected_of(number, bit, &is_checked);
		if (!is_checked)
			expect_int(call_at(&seccomp, number, (const uint64_t[6]){}), expected);
	}
}

TEST(agent_decides_every_number_as_the_table_says)
{
	every_number(SYSCALLS_AGENT, SYSCALL_AGENT);
}

TEST(strict_decides_every_number_as_the_table_says)
{
	every_number(SYSCALLS_STRICT, SYSCALL_STRICT);
}

TEST(developer_decides_every_number_as_the_table_says)
{
	every_number(SYSCALLS_DEVELOPER, SYSCALL_DEVELOPER);
}

TEST(agent_has_fewer_than_200_instructions_and_ends_soon)
{
	struct plan_seccomp seccomp = assembled(SYSCALLS_AGENT, SECCOMP_MEMFD_SEALED);
	expect(seccomp.program_length > 50 && seccomp.program_length < 200);
	for (int number = 0; number <= 600; number++) {
		struct seccomp_data data = { .nr = number, .arch = (uint32_t)NATIVE };
		size_t steps;
		(void)run(&seccomp, &data, &steps); /* the steps count */
		expect(steps < 24);
	}
}

TEST(foreign_architectures_and_x32_are_killed)
{
	struct plan_seccomp seccomp = assembled(SYSCALLS_AGENT, SECCOMP_MEMFD_SYSCTL);
	size_t steps;
	for (int number = 0; number <= 600; number++) {
		struct seccomp_data foreign = { .nr = number, .arch = (uint32_t)FOREIGN };
		expect_int(run(&seccomp, &foreign, &steps), SECCOMP_RET_KILL_PROCESS);
		struct seccomp_data x32 = { .nr = number | 0x40000000, .arch = (uint32_t)NATIVE };
		expect_int(run(&seccomp, &x32, &steps), SECCOMP_RET_KILL_PROCESS);
	}
}

TEST(number_minus_one_is_no_reason_to_kill)
{
	struct plan_seccomp seccomp = assembled(SYSCALLS_AGENT, SECCOMP_MEMFD_SYSCTL);
	expect_int(call_at(&seccomp, -1, (const uint64_t[6]){}), UNKNOWN);
}

TEST(what_every_build_needs_is_allowed)
{
	static const char *const names[] = { "read",
					     "openat",
					     "mmap",
					     "execve",
					     "wait4",
					     "futex",
					     "getrandom",
					     "kill",
					     "rseq",
					     "setsid",
					     "renameat2",
					     "statx",
					     "prctl",
					     "sched_setaffinity",
					     "landlock_restrict_self",
					     "seccomp",
					     "pidfd_open",
					     "copy_file_range" };
	struct plan_seccomp seccomp = assembled(SYSCALLS_AGENT, SECCOMP_MEMFD_SYSCTL);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		expect_int(call(&seccomp, names[i], 0, 0, 0), SECCOMP_RET_ALLOW);
}

TEST(what_no_agent_needs_is_denied)
{
	static const char *const names[] = { "io_uring_setup",
					     "io_uring_enter",
					     "io_uring_register",
					     "keyctl",
					     "add_key",
					     "request_key",
					     "bpf",
					     "perf_event_open",
					     "userfaultfd",
					     "ptrace",
					     "process_vm_readv",
					     "process_vm_writev",
					     "kcmp",
					     "pidfd_getfd",
					     "open_by_handle_at",
					     "mount",
					     "umount2",
					     "pivot_root",
					     "open_tree",
					     "move_mount",
					     "fsopen",
					     "fsmount",
					     "fsconfig",
					     "fspick",
					     "mount_setattr",
					     "unshare",
					     "setns",
					     "vmsplice",
					     "chroot",
					     "reboot",
					     "init_module" };
	struct plan_seccomp seccomp = assembled(SYSCALLS_AGENT, SECCOMP_MEMFD_SYSCTL);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		expect_int(call(&seccomp, names[i], 0, 0, 0), DENY);
	expect_int(call(&seccomp, "clone3", 0, 0, 0), UNKNOWN);
}

TEST(clone_makes_processes_and_threads_but_no_namespaces)
{
	static const uint64_t namespaces[] = { 0x00020000, 0x02000000, 0x04000000, 0x08000000,
					       0x10000000, 0x20000000, 0x40000000 };
	struct plan_seccomp seccomp = assembled(SYSCALLS_AGENT, SECCOMP_MEMFD_SYSCTL);
	expect_int(call(&seccomp, "clone", 17, 0, 0), SECCOMP_RET_ALLOW);
	expect_int(call(&seccomp, "clone", 0x3d0f00, 0, 0),
		   SECCOMP_RET_ALLOW); /* a thread, as libc makes it */
	for (size_t i = 0; i < sizeof(namespaces) / sizeof(namespaces[0]); i++)
		expect_int(call(&seccomp, "clone", namespaces[i] | 17, 0, 0), DENY);
}

TEST(terminal_injection_is_denied_on_every_descriptor)
{
	struct plan_seccomp seccomp = assembled(SYSCALLS_AGENT, SECCOMP_MEMFD_SYSCTL);
	expect_int(call(&seccomp, "ioctl", 0, 0x5412, 0), DENY);
	expect_int(call(&seccomp, "ioctl", 9, 0x541c, 0), DENY);
	/* The kernel looks at 32 bits of the command: what stands above them must not hide it. */
	expect_int(call(&seccomp, "ioctl", 0, UINT64_C(0xdead00005412), 0), DENY);
	expect_int(call(&seccomp, "ioctl", 0, 0x5401, 0), SECCOMP_RET_ALLOW);
}

TEST(sockets_are_of_four_families)
{
	struct plan_seccomp seccomp = assembled(SYSCALLS_AGENT, SECCOMP_MEMFD_SYSCTL);
	for (uint64_t family = 0; family < 64; family++) {
		bool is_open = family == 1 || family == 2 || family == 10 || family == 16;
		expect_int(call(&seccomp, "socket", family, 1, 0),
			   is_open ? SECCOMP_RET_ALLOW : (uint32_t)FAMILY);
	}
	/* Of netlink only route. */
	expect_int(call(&seccomp, "socket", 16, 3, 9), FAMILY);
	expect_int(call(&seccomp, "socket", UINT64_C(0x100000011), 3, 0), FAMILY);
}

TEST(strict_has_no_sockets_at_all)
{
	struct plan_seccomp seccomp = assembled(SYSCALLS_STRICT, SECCOMP_MEMFD_SYSCTL);
	expect_int(call(&seccomp, "socket", 1, 1, 0), DENY);
	expect_int(call(&seccomp, "socketpair", 1, 1, 0), DENY);
	expect_int(call(&seccomp, "connect", 0, 0, 0), DENY);
}

TEST(developer_may_trace_and_turn_randomisation_off)
{
	struct plan_seccomp agent = assembled(SYSCALLS_AGENT, SECCOMP_MEMFD_SYSCTL);
	struct plan_seccomp developer = assembled(SYSCALLS_DEVELOPER, SECCOMP_MEMFD_SYSCTL);
	expect_int(call(&developer, "ptrace", 0, 0, 0), SECCOMP_RET_ALLOW);
	expect_int(call(&agent, "personality", 0xffffffff, 0, 0), SECCOMP_RET_ALLOW);
	expect_int(call(&agent, "personality", 0x40000, 0, 0), DENY);
	expect_int(call(&developer, "personality", 0x40000, 0, 0), SECCOMP_RET_ALLOW);
	expect_int(call(&developer, "personality", 8, 0, 0), DENY);
}

TEST(with_the_sysctl_only_executable_memfds_are_denied)
{
	struct plan_seccomp seccomp = assembled(SYSCALLS_AGENT, SECCOMP_MEMFD_SYSCTL);
	expect_int(call(&seccomp, "memfd_create", 0, 1, 0), SECCOMP_RET_ALLOW);
	expect_int(call(&seccomp, "memfd_create", 0, 0x10, 0), DENY);
}

TEST(without_the_sysctl_only_sealed_memfds_are_allowed)
{
	struct plan_seccomp seccomp = assembled(SYSCALLS_AGENT, SECCOMP_MEMFD_SEALED);
	expect_int(call(&seccomp, "memfd_create", 0, 1, 0), DENY);
	expect_int(call(&seccomp, "memfd_create", 0, 0x10, 0), DENY);
	expect_int(call(&seccomp, "memfd_create", 0, 9, 0), SECCOMP_RET_ALLOW);
}

TEST(execveat_of_a_descriptor_is_denied_unless_memory_may_be_executed)
{
	int execveat = syscall_find("execveat")->number;
	struct plan_seccomp kept = assembled(SYSCALLS_AGENT, SECCOMP_MEMFD_SYSCTL);
	struct plan_seccomp open = assembled(SYSCALLS_AGENT, SECCOMP_MEMFD_EXECUTABLE);
	const uint64_t by_descriptor[6] = { 3, 0, 0, 0, 0x1000 }, by_path[6] = { 3 };
	expect_int(call_at(&kept, execveat, by_descriptor), DENY);
	expect_int(call_at(&kept, execveat, by_path), SECCOMP_RET_ALLOW);
	expect_int(call_at(&open, execveat, by_descriptor), SECCOMP_RET_ALLOW);
	expect_int(call(&open, "memfd_create", 0, 0x10, 0), SECCOMP_RET_ALLOW);
}

TEST(refining_allows_and_denies_and_deny_wins)
{
	struct plan_seccomp seccomp = { .profile = SYSCALLS_STRICT };
	*arena_push(&arena, &seccomp.allow) = "socket";
	*arena_push(&arena, &seccomp.allow) = "ptrace";
	*arena_push(&arena, &seccomp.deny) = "ptrace";
	*arena_push(&arena, &seccomp.deny) = "socketcall"; /* of another architecture */
	expect_ok(plan_seccomp_assemble(&arena, &seccomp, SECCOMP_MEMFD_SYSCTL, &err), &err);
	expect_int(call(&seccomp, "socket", 1, 1, 0), SECCOMP_RET_ALLOW);
	expect_int(call(&seccomp, "socket", 17, 3, 0),
		   FAMILY); /* the arguments are looked at all the same */
	expect_int(call(&seccomp, "ptrace", 0, 0, 0), DENY);
}

/* The widest program there can be: every second number decided otherwise, so that no jump is short.
 */
TEST(a_program_of_any_length_decides_right)
{
	struct plan_seccomp seccomp = { .profile = SYSCALLS_AGENT };
	for (size_t i = 0; i < syscalls_n && syscalls[i].number != SYSCALL_ABSENT; i++) {
		if (syscalls[i].number % 2)
			*arena_push(&arena, &seccomp.allow) = syscalls[i].name;
		else
			*arena_push(&arena, &seccomp.deny) = syscalls[i].name;
	}
	expect_ok(plan_seccomp_assemble(&arena, &seccomp, SECCOMP_MEMFD_EXECUTABLE, &err), &err);
	expect(seccomp.program_length > 300 && seccomp.program_length < 4096);
	for (size_t i = 0; i < syscalls_n && syscalls[i].number != SYSCALL_ABSENT; i++)
		if (!has_arguments(syscalls[i].name))
			expect_int(call_at(&seccomp, syscalls[i].number, (const uint64_t[6]){}),
				   syscalls[i].number % 2 ? SECCOMP_RET_ALLOW : (uint32_t)DENY);
}

TEST(profile_none_has_no_program)
{
	struct plan_seccomp seccomp = { .profile = SYSCALLS_NONE };
	expect_ok(plan_seccomp_assemble(&arena, &seccomp, SECCOMP_MEMFD_SYSCTL, &err), &err);
	expect(!seccomp.program && seccomp.program_length == 0);
}

TEST(an_unknown_name_fails)
{
	struct plan_seccomp seccomp = { .profile = SYSCALLS_AGENT };
	*arena_push(&arena, &seccomp.deny) = "optn";
	expect_fail(plan_seccomp_assemble(&arena, &seccomp, SECCOMP_MEMFD_SYSCTL, &err), &err,
		    "unknown system call 'optn'");
	expect_text(syscall_nearest("opent"), "open");
}
