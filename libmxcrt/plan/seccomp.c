/* SPDX-License-Identifier: Apache-2.0 */
/* The system call profile as instructions: a search over ranges of numbers, a few arguments. */
#include "plan/seccomp.h"

#include "base/error.h"
#include "base/str.h"
#include "plan/syscalls.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>

#if defined(__x86_64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "name this architecture's AUDIT_ARCH value here, and its table in gen-syscalls.c"
#endif

/* Newer than some distributions' headers; fixed by the kernel's interface. */
enum {
	NEW_NAMESPACES = 0x7e020000, /* every CLONE_NEW* that clone() takes */
	X32_BIT = 0x40000000,
	NO_CALL = 0xffffffff, /* what a program gets that calls number -1 */
	COMMAND_TIOCSTI = 0x5412,
	COMMAND_TIOCLINUX = 0x541c,
	FAMILY_UNIX = 1,
	FAMILY_INET = 2,
	FAMILY_INET6 = 10,
	FAMILY_NETLINK = 16,
	NETLINK_OF_ROUTE = 0,
	PERSONALITY_QUERY = 0xffffffff,
	PERSONALITY_NO_RANDOMIZE = 0x40000,
	MEMFD_NOEXEC_SEAL_FLAG = 0x8,
	MEMFD_EXEC_FLAG = 0x10,
	EMPTY_PATH_FLAG = 0x1000,
};

/* What becomes of a call. Those with arguments to look at come last. */
enum verdict {
	VERDICT_ALLOW,
	VERDICT_DENY,    /* EPERM */
	VERDICT_UNKNOWN, /* ENOSYS: the caller tries something older */
	VERDICT_FAMILY,  /* EAFNOSUPPORT: what libraries expect of a family that is not there */
	VERDICT_KILL,
	VERDICT_CLONE,
	VERDICT_IOCTL,
	VERDICT_SOCKET,
	VERDICT_PERSONALITY,
	VERDICT_MEMFD,
	VERDICT_EXECVEAT,
	VERDICTS,
};

struct range {
	uint32_t first;
	enum verdict verdict;
};

/*
 * The program grows from its end: jumps only lead forward, so what is jumped to is always there
 * already. A place is counted from the end.
 */
struct assembly {
	struct arena *arena;
	ARRAY(struct seccomp_instruction) reversed;
	size_t place[VERDICTS];
	struct range ranges[SYSCALL_LIMIT + 1];
	size_t ranges_n;
};

static size_t add(struct assembly *assembly, struct seccomp_instruction instruction)
{
	*arena_push(assembly->arena, &assembly->reversed) = instruction;
	return assembly->reversed.n - 1;
}

/* How far the next instruction must jump to PLACE. */
static size_t distance(const struct assembly *assembly, size_t place)
{
	return assembly->reversed.n - place - 1;
}

/* A place within reach of a conditional jump, which has one byte; one more may come between. */
static size_t near(struct assembly *assembly, size_t place)
{
	if (distance(assembly, place) < UINT8_MAX - 1)
		return place;
	return add(assembly, (struct seccomp_instruction){ BPF_JMP | BPF_JA, 0, 0,
							   (uint32_t)distance(assembly, place) });
}

/* Ignoring the place is right for what the next instruction added falls through to. */
static size_t jump(struct assembly *assembly, uint16_t test, uint32_t value, size_t yes, size_t no)
{
	yes = near(assembly, yes);
	no = near(assembly, no);
	return add(assembly,
		   (struct seccomp_instruction){ (uint16_t)(BPF_JMP | test | BPF_K),
						 (uint8_t)distance(assembly, yes),
						 (uint8_t)distance(assembly, no), value });
}

static size_t load(struct assembly *assembly, size_t offset)
{
	return add(assembly, (struct seccomp_instruction){ BPF_LD | BPF_W | BPF_ABS, 0, 0,
							   (uint32_t)offset });
}

/* The lower half: all arguments that are looked at are 32 bits wide in the kernel. Both
 * architectures are little-endian. */
static size_t load_argument(struct assembly *assembly, size_t index)
{
	return load(assembly, offsetof(struct seccomp_data, args) + index * sizeof(uint64_t));
}

static void returns_add(struct assembly *assembly)
{
	static const struct {
		enum verdict verdict;
		uint32_t value;
	} rows[] = {
		{ VERDICT_KILL, SECCOMP_RET_KILL_PROCESS },
		{ VERDICT_FAMILY, SECCOMP_RET_ERRNO | EAFNOSUPPORT },
		{ VERDICT_UNKNOWN, SECCOMP_RET_ERRNO | ENOSYS },
		{ VERDICT_DENY, SECCOMP_RET_ERRNO | EPERM },
		{ VERDICT_ALLOW, SECCOMP_RET_ALLOW },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assembly->place[rows[i].verdict] = add(
			assembly,
			(struct seccomp_instruction){ BPF_RET | BPF_K, 0, 0, rows[i].value });
}

/* A chain "equal to one of VALUES: allow; else OTHERWISE"; the place of its first test. */
static size_t allow_values(struct assembly *assembly, const uint32_t *values, size_t n,
			   size_t otherwise)
{
	for (size_t i = n; i > 0; i--)
		otherwise = jump(assembly, BPF_JEQ, values[i - 1], assembly->place[VERDICT_ALLOW],
				 otherwise);
	return otherwise;
}

static void sockets_add(struct assembly *assembly)
{
	static const uint32_t families[] = { FAMILY_UNIX, FAMILY_INET, FAMILY_INET6 };
	size_t *place = assembly->place;

	(void)jump(assembly, BPF_JEQ, NETLINK_OF_ROUTE, place[VERDICT_ALLOW],
		   place[VERDICT_FAMILY]);
	size_t protocol = load_argument(assembly, 2);
	size_t netlink = jump(assembly, BPF_JEQ, FAMILY_NETLINK, protocol, place[VERDICT_FAMILY]);
	(void)allow_values(assembly, families, sizeof(families) / sizeof(families[0]), netlink);
	place[VERDICT_SOCKET] = load_argument(assembly, 0);
}

static void processes_add(struct assembly *assembly, bool is_developer)
{
	static const uint32_t personalities[] = { 0, PERSONALITY_QUERY, PERSONALITY_NO_RANDOMIZE };
	size_t *place = assembly->place;

	/* Each test is reached from the load that follows it here. */
	(void)jump(assembly, BPF_JSET, NEW_NAMESPACES, place[VERDICT_DENY], place[VERDICT_ALLOW]);
	place[VERDICT_CLONE] = load_argument(assembly, 0);

	/* Debuggers turn address randomisation off. */
	(void)allow_values(assembly, personalities, is_developer ? 3 : 2, place[VERDICT_DENY]);
	place[VERDICT_PERSONALITY] = load_argument(assembly, 0);
}

static void memory_add(struct assembly *assembly, enum seccomp_memfd memfd)
{
	size_t *place = assembly->place;
	if (memfd == SECCOMP_MEMFD_EXECUTABLE) {
		place[VERDICT_MEMFD] = place[VERDICT_EXECVEAT] = place[VERDICT_ALLOW];
		return;
	}

	/* Without the sysctl a memfd is executable unless it asks not to be, and no path leads to
	 * it that Landlock could judge. */
	if (memfd == SECCOMP_MEMFD_SEALED)
		(void)jump(assembly, BPF_JSET, MEMFD_NOEXEC_SEAL_FLAG, place[VERDICT_ALLOW],
			   place[VERDICT_DENY]);
	else
		(void)jump(assembly, BPF_JSET, MEMFD_EXEC_FLAG, place[VERDICT_DENY],
			   place[VERDICT_ALLOW]);
	place[VERDICT_MEMFD] = load_argument(assembly, 1);

	(void)jump(assembly, BPF_JSET, EMPTY_PATH_FLAG, place[VERDICT_DENY], place[VERDICT_ALLOW]);
	place[VERDICT_EXECVEAT] = load_argument(assembly, 4);
}

static void terminals_add(struct assembly *assembly, bool denies_injection)
{
	size_t *place = assembly->place;
	if (!denies_injection) {
		place[VERDICT_IOCTL] = place[VERDICT_ALLOW];
		return;
	}
	size_t linux_console = jump(assembly, BPF_JEQ, COMMAND_TIOCLINUX, place[VERDICT_DENY],
				    place[VERDICT_ALLOW]);
	(void)jump(assembly, BPF_JEQ, COMMAND_TIOCSTI, place[VERDICT_DENY], linux_console);
	place[VERDICT_IOCTL] = load_argument(assembly, 1);
}

static uint8_t verdict_when_allowed(const char *name)
{
	static const struct {
		const char *name;
		uint8_t verdict;
	} rows[] = {
		{ "clone", VERDICT_CLONE },
		{ "ioctl", VERDICT_IOCTL },
		{ "socket", VERDICT_SOCKET },
		{ "personality", VERDICT_PERSONALITY },
		{ "memfd_create", VERDICT_MEMFD },
		{ "execveat", VERDICT_EXECVEAT },
		{},
	};
	for (size_t i = 0; rows[i].name; i++)
		if (str_equal(rows[i].name, name))
			return rows[i].verdict;
	return VERDICT_ALLOW;
}

static int refine(const char *const *names, size_t n, bool allows, uint8_t *verdicts,
		  struct error *err)
{
	for (size_t i = 0; i < n; i++) {
		const struct syscall *call = syscall_find(names[i]);
		if (!call)
			return fail(err, ERROR_POLICY, "unknown system call '%s'", names[i]);
		if (call->number != SYSCALL_ABSENT)
			verdicts[call->number] = allows ? verdict_when_allowed(call->name)
							: VERDICT_DENY;
	}
	return 0;
}

static unsigned profile_bit(enum syscall_profile profile)
{
	switch (profile) {
	case SYSCALLS_NONE: return 0;
	case SYSCALLS_AGENT: return SYSCALL_AGENT;
	case SYSCALLS_STRICT: return SYSCALL_STRICT;
	case SYSCALLS_DEVELOPER: return SYSCALL_DEVELOPER;
	}
	return 0;
}

static int verdicts_find(const struct plan_seccomp *seccomp, uint8_t verdicts[SYSCALL_LIMIT],
			 struct error *err)
{
	unsigned bit = profile_bit(seccomp->profile);
	for (size_t i = 0; i < SYSCALL_LIMIT; i++)
		verdicts[i] = VERDICT_UNKNOWN;
	for (size_t i = 0; i < syscalls_n && syscalls[i].number != SYSCALL_ABSENT; i++) {
		const struct syscall *call = &syscalls[i];
		verdicts[call->number] = call->profiles & bit ? verdict_when_allowed(call->name)
							      : VERDICT_DENY;
	}

	/* A filter cannot read the flags that clone3 points to; its callers fall back to clone. */
	const struct syscall *clone3 = syscall_find("clone3");
	if (clone3 && clone3->number != SYSCALL_ABSENT)
		verdicts[clone3->number] = VERDICT_UNKNOWN;

	TRY(refine(seccomp->allow.items, seccomp->allow.n, true, verdicts, err));
	return refine(seccomp->deny.items, seccomp->deny.n, false, verdicts, err);
}

static void ranges_find(struct assembly *assembly, const uint8_t verdicts[SYSCALL_LIMIT])
{
	for (uint32_t number = 0; number < SYSCALL_LIMIT; number++)
		if (number == 0 || verdicts[number] != verdicts[number - 1])
			assembly->ranges[assembly->ranges_n++] = (struct range){ number,
										 verdicts[number] };
	/* All that are above the table are unknown. */
	if (assembly->ranges[assembly->ranges_n - 1].verdict != VERDICT_UNKNOWN)
		assembly->ranges[assembly->ranges_n++] = (struct range){ SYSCALL_LIMIT,
									 VERDICT_UNKNOWN };
}

/* The search among N ranges from FIRST; the place where it begins. */
static size_t search_add(struct assembly *assembly, size_t first, size_t n)
{
	if (n == 1)
		return assembly->place[assembly->ranges[first].verdict];
	size_t half = n / 2;
	size_t above = search_add(assembly, first + half, n - half);
	size_t below = search_add(assembly, first, half);
	return jump(assembly, BPF_JGE, assembly->ranges[first + half].first, above, below);
}

static void prologue_add(struct assembly *assembly, size_t search)
{
	const size_t *place = assembly->place;
	/* x32 numbers mean other calls than the table's; on other architectures no number is as
	 * high. */
	size_t high = jump(assembly, BPF_JEQ, NO_CALL, place[VERDICT_UNKNOWN], place[VERDICT_KILL]);
	(void)jump(assembly, BPF_JGE, X32_BIT, high, search);
	size_t number = load(assembly, offsetof(struct seccomp_data, nr));
	(void)jump(assembly, BPF_JEQ, NATIVE_ARCHITECTURE, number, place[VERDICT_KILL]);
	(void)load(assembly, offsetof(struct seccomp_data, arch)); /* where the program begins */
}

static void program_take(struct assembly *assembly, struct plan_seccomp *seccomp)
{
	size_t n = assembly->reversed.n;
	struct seccomp_instruction *program = arena_alloc(assembly->arena, n * sizeof(*program));
	for (size_t i = 0; i < n; i++)
		program[i] = assembly->reversed.items[n - 1 - i];
	seccomp->program = program;
	seccomp->program_length = n;
}

int plan_seccomp_assemble(struct arena *arena, struct plan_seccomp *seccomp,
			  enum seccomp_memfd memfd, struct error *err)
{
	struct assembly assembly = { .arena = arena };
	uint8_t verdicts[SYSCALL_LIMIT];
	if (seccomp->profile == SYSCALLS_NONE)
		return 0;

	TRY(verdicts_find(seccomp, verdicts, err));
	ranges_find(&assembly, verdicts);

	returns_add(&assembly);
	sockets_add(&assembly);
	processes_add(&assembly, seccomp->profile == SYSCALLS_DEVELOPER);
	memory_add(&assembly, memfd);
	terminals_add(&assembly, seccomp->deny_terminal_injection);
	prologue_add(&assembly, search_add(&assembly, 0, assembly.ranges_n));
	program_take(&assembly, seccomp);
	return 0;
}
