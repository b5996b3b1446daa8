/* SPDX-License-Identifier: Apache-2.0 */
/* config.json's filter to instructions, by libseccomp, which is opened only here. */
#include "apply/seccomp-config.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/log.h"
#include "plan/seccomp.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bit of the numbers of the x32 interface; no other architecture counts so far. */
#define X32_BIT 0x40000000U

enum { STUB_LENGTH = 6, ARGUMENTS = 6 };

struct library {
	__typeof__(seccomp_init) *init;
	__typeof__(seccomp_release) *release;
	__typeof__(seccomp_attr_set) *attr_set;
	__typeof__(seccomp_arch_add) *arch_add;
	__typeof__(seccomp_arch_native) *arch_native;
	__typeof__(seccomp_syscall_resolve_name) *syscall_resolve_name;
	__typeof__(seccomp_rule_add_array) *rule_add_array;
	__typeof__(seccomp_export_bpf) *export_bpf;
};

#define FUNCTION(name)                                           \
	{                                                        \
		"seccomp_" #name, offsetof(struct library, name) \
	}
static const struct {
	const char *symbol;
	size_t offset;
} functions[] = {
	FUNCTION(init),           FUNCTION(release),     FUNCTION(attr_set),
	FUNCTION(arch_add),       FUNCTION(arch_native), FUNCTION(syscall_resolve_name),
	FUNCTION(rule_add_array), FUNCTION(export_bpf),
};

/* What is known while the filter is built. */
struct building {
	struct library call;
	scmp_filter_ctx filter;
	const struct plan_seccomp_config *config;
	int highest; /* number of a system call that the profile names */
};

static int library_open(struct library *call, struct error *err)
{
	void *library = dlopen("libseccomp.so.2", RTLD_NOW | RTLD_LOCAL);

	if (!library) {
		(void)fail(err, ERROR_HOST, "config.json has a seccomp filter: open libseccomp: %s",
			   dlerror());
		return fail_remedy(err, "install libseccomp 2.5 or later");
	}
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		void *function = dlsym(library, functions[i].symbol);
		if (!function)
			return fail(err, ERROR_HOST, "libseccomp has no %s", functions[i].symbol);
		memcpy((char *)call + functions[i].offset, &function, sizeof(function));
	}
	return 0;
}

/* libseccomp returns its errors as negative errno. */
static int build_failed(const struct building *building, int result, const char *what,
			struct error *err)
{
	errno = -result;
	(void)fail_sys(err, "seccomp filter: %s", what);
	return fail_field(err, "%s", building->config->origin ? building->config->origin : "");
}

/* No other machine's calls are made here: a filter that says nothing about them says the same. */
static bool is_of_this_machine(uint32_t architecture)
{
	static const uint32_t own[] = {
#if defined(__x86_64__)
		SCMP_ARCH_X86_64,
		SCMP_ARCH_X86,
		SCMP_ARCH_X32,
#else
		SCMP_ARCH_ARM,
		SCMP_ARCH_AARCH64,
#endif
	};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (own[i] == architecture)
			return true;
	return false;
}

static int add_architectures(const struct building *building, struct error *err)
{
	for (size_t i = 0; i < building->config->architectures.n; i++) {
		if (!is_of_this_machine(building->config->architectures.items[i]))
			continue;
		int result = building->call.arch_add(building->filter,
						     building->config->architectures.items[i]);
		/* The native one is there from the beginning. */
		if (result < 0 && result != -EEXIST)
			return build_failed(building, result, "add an architecture", err);
	}
	return 0;
}

static bool has_argument_twice(const struct plan_seccomp_rule *rule)
{
	unsigned seen = 0;

	for (size_t i = 0; i < rule->args.n; i++) {
		unsigned index = 1U << rule->args.items[i].index;
		if (seen & index)
			return true;
		seen |= index;
	}
	return false;
}

static struct scmp_arg_cmp comparison(const struct plan_seccomp_arg *arg)
{
	return (struct scmp_arg_cmp){ .arg = arg->index,
				      .op = (enum scmp_compare)arg->op,
				      .datum_a = arg->value,
				      .datum_b = arg->value_two };
}

static int add_call(const struct building *building, const struct plan_seccomp_rule *rule,
		    int number)
{
	struct scmp_arg_cmp comparisons[ARGUMENTS];
	int result = 0;

	/* Conditions on different arguments must all hold; several on one argument are
	 * alternatives, as all runtimes read them. */
	if (!has_argument_twice(rule)) {
		for (size_t i = 0; i < rule->args.n; i++)
			comparisons[i] = comparison(&rule->args.items[i]);
		return building->call.rule_add_array(building->filter, rule->action, number,
						     (unsigned)rule->args.n, comparisons);
	}
	for (size_t i = 0; i < rule->args.n && result >= 0; i++) {
		comparisons[0] = comparison(&rule->args.items[i]);
		result = building->call.rule_add_array(building->filter, rule->action, number, 1,
						       comparisons);
		if (result == -EEXIST)
			result = 0;
	}
	return result;
}

static int add_rule(struct building *building, const struct plan_seccomp_rule *rule,
		    struct error *err)
{
	for (size_t i = 0; rule->names[i]; i++) {
		int number = building->call.syscall_resolve_name(rule->names[i]);
		/* Profiles name calls of every kernel and architecture: what is unknown here falls
		 * to the default action. */
		if (number == __NR_SCMP_ERROR)
			continue;
		if (number > building->highest)
			building->highest = number;
		/* libseccomp refuses a rule that changes nothing. */
		if (rule->action == building->config->default_action)
			continue;
		int result = add_call(building, rule, number);
		if (result < 0 && result != -EEXIST)
			return build_failed(building, result, rule->names[i], err);
	}
	return 0;
}

static int build(struct building *building, struct error *err)
{
	TRY(add_architectures(building, err));
	/* A tree instead of a list, where the library can. */
	(void)building->call.attr_set(building->filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (size_t i = 0; i < building->config->rules.n; i++)
		TRY(add_rule(building, &building->config->rules.items[i], err));
	return 0;
}

/* Where vm.memfd_noexec is 2 only a file that says it will not be executed is allowed; kernels
 * before 6.3 do not know the flag. */
static int memory_file(void)
{
	enum { MEMFD_NOEXEC_SEAL = 0x8 };
	int fd = memfd_create("seccomp", MFD_CLOEXEC | MEMFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("seccomp", MFD_CLOEXEC);
	return fd;
}

/* libseccomp before 2.6 exports to a file only. */
static int program_export(const struct building *building, struct arena *arena,
			  struct seccomp_program *ret_program, struct error *err)
{
	struct stat st;
	autofd file = memory_file();

	if (file < 0)
		return fail_sys(err, "create a memory file");
	int result = building->call.export_bpf(building->filter, file);
	if (result < 0)
		return build_failed(building, result, "export it", err);
	if (fstat(file, &st) < 0 || lseek(file, 0, SEEK_SET) < 0)
		return fail_sys(err, "read the assembled seccomp filter");

	size_t size = (size_t)st.st_size;
	struct seccomp_instruction *code = arena_alloc(arena, size);
	if (read_some(file, code, size) != st.st_size)
		return fail_sys(err, "read the assembled seccomp filter");
	*ret_program = (struct seccomp_program){ .code = code, .n = size / sizeof(*code) };
	return 0;
}

static bool is_refusal(uint32_t action)
{
	uint32_t kind = action & SECCOMP_RET_ACTION_FULL;

	return kind == SECCOMP_RET_ERRNO || kind == SECCOMP_RET_KILL_PROCESS ||
	       kind == SECCOMP_RET_KILL_THREAD || kind == SECCOMP_RET_TRAP;
}

/*
 * A call newer than the profile must look like one that the kernel does not have, or libraries do
 * not fall back: refused with ENOSYS in front of the profile's own answer. On the native
 * architecture only; foreign ones keep the profile's answer.
 */
static struct seccomp_program stub_add(const struct building *building, struct arena *arena,
				       struct seccomp_program program)
{
	uint32_t unknown = SECCOMP_RET_ERRNO | ENOSYS;

	if (!is_refusal(building->config->default_action) ||
	    building->config->default_action == unknown || building->highest <= 0)
		return program;

	const struct seccomp_instruction stub[STUB_LENGTH] = {
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, arch) },
		{ BPF_JMP | BPF_JEQ | BPF_K, 0, 4, building->call.arch_native() },
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr) },
		{ BPF_JMP | BPF_JGE | BPF_K, 2, 0, X32_BIT },
		{ BPF_JMP | BPF_JGT | BPF_K, 0, 1, (uint32_t)building->highest },
		{ BPF_RET | BPF_K, 0, 0, unknown },
	};
	struct seccomp_instruction *code = arena_alloc(arena,
						       (STUB_LENGTH + program.n) * sizeof(*code));
	memcpy(code, stub, sizeof(stub));
	memcpy(code + STUB_LENGTH, program.code, program.n * sizeof(*code));
	return (struct seccomp_program){ .code = code, .n = STUB_LENGTH + program.n };
}

int seccomp_config_assemble(struct arena *arena, const struct plan_seccomp_config *config,
			    struct seccomp_program *ret_program, struct error *err)
{
	struct building building = { .config = config, .highest = -1 };

	_Static_assert(sizeof(struct seccomp_instruction) == sizeof(struct sock_filter),
		       "the kernel's own form");
	TRY(library_open(&building.call, err));
	building.filter = building.call.init(config->default_action);
	if (!building.filter)
		return fail(err, ERROR_CONFIG, "libseccomp does not know the default action 0x%x",
			    config->default_action);

	struct seccomp_program program = {};
	int result = build(&building, err);
	if (result == 0)
		result = program_export(&building, arena, &program, err);
	if (result == 0) {
		*ret_program = stub_add(&building, arena, program);
		ret_program->architecture = building.call.arch_native();
	}
	building.call.release(building.filter);
	return result;
}
