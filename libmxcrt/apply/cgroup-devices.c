/* SPDX-License-Identifier: Apache-2.0 */
/* The device rules of a container, assembled into a BPF program on its cgroup. */
#include "apply/cgroup.h"

#include "apply/step.h"
#include "base/arena.h"
#include "base/fd.h"
#include "plan/plan.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What the registers hold throughout the program. */
enum { UNDECIDED = BPF_REG_3, TYPE = BPF_REG_2, MAJOR = BPF_REG_4, MINOR = BPF_REG_5 };

/* A rule tests type, major and minor, then some access bits: at most this many instructions. */
enum { RULE_LENGTH = 8, FRAME_LENGTH = 16 };

struct program {
	struct bpf_insn *code;
	size_t n;
};

static void emit(struct program *program, struct bpf_insn instruction)
{
	program->code[program->n++] = instruction;
}

static struct bpf_insn load(int to, size_t offset)
{
	return (struct bpf_insn){ .code = BPF_LDX | BPF_MEM | BPF_W,
				  .dst_reg = (unsigned)to & 0xfU,
				  .src_reg = BPF_REG_1,
				  .off = (int16_t)offset };
}

static struct bpf_insn compute(int operation, int on, int32_t value)
{
	return (struct bpf_insn){ .code = (uint8_t)(BPF_ALU | BPF_K | operation),
				  .dst_reg = (unsigned)on & 0xfU,
				  .imm = value };
}

/* Jumps are patched by skip_to_here when it is known how far. */
static struct bpf_insn jump(int condition, int on, int32_t value)
{
	return (struct bpf_insn){ .code = (uint8_t)(BPF_JMP | BPF_K | condition),
				  .dst_reg = (unsigned)on & 0xfU,
				  .imm = value };
}

static void leave(struct program *program, bool allow)
{
	emit(program, (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K,
					 .dst_reg = BPF_REG_0,
					 .imm = allow });
	emit(program, (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT });
}

static void begin(struct program *program)
{
	emit(program, load(TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type)));
	emit(program, (struct bpf_insn){ .code = BPF_ALU | BPF_MOV | BPF_X,
					 .dst_reg = UNDECIDED,
					 .src_reg = TYPE });
	emit(program, compute(BPF_AND, TYPE, 0xffff));
	emit(program, compute(BPF_RSH, UNDECIDED, 16));
	emit(program, load(MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major)));
	emit(program, load(MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor)));
}

static int32_t access_bits(const struct plan_device_rule *rule)
{
	return (rule->read ? BPF_DEVCG_ACC_READ : 0) | (rule->write ? BPF_DEVCG_ACC_WRITE : 0) |
	       (rule->mknod ? BPF_DEVCG_ACC_MKNOD : 0);
}

/*
 * The rules come last first, and each decides for the access bits that no later rule has decided. A
 * denied bit ends it; when no bit is left, all were allowed.
 */
static void add_rule(struct program *program, const struct plan_device_rule *rule)
{
	size_t first = program->n;
	int32_t bits = access_bits(rule);

	if (bits == 0)
		return;
	if (rule->type == 'c' || rule->type == 'b')
		emit(program, jump(BPF_JNE, TYPE,
				   rule->type == 'c' ? BPF_DEVCG_DEV_CHAR : BPF_DEVCG_DEV_BLOCK));
	if (rule->major >= 0)
		emit(program, jump(BPF_JNE, MAJOR, (int32_t)rule->major));
	if (rule->minor >= 0)
		emit(program, jump(BPF_JNE, MINOR, (int32_t)rule->minor));
	size_t tests = program->n;

	if (rule->allow)
		emit(program, compute(BPF_AND, UNDECIDED, ~bits));
	/* Jumps over the verdict when a bit is left undecided, or when no bit is denied here. */
	if (rule->allow) {
		emit(program, jump(BPF_JNE, UNDECIDED, 0));
		program->code[program->n - 1].off = 2;
	} else {
		emit(program, jump(BPF_JSET, UNDECIDED, bits));
		program->code[program->n - 1].off = 1;
		emit(program, (struct bpf_insn){ .code = BPF_JMP | BPF_JA, .off = 2 });
	}
	leave(program, rule->allow);
	for (size_t i = first; i < tests; i++)
		program->code[i].off = (int16_t)(program->n - i - 1);
}

static struct program assemble(struct arena *arena, const struct plan_cgroup *cgroup)
{
	size_t rules = cgroup->devices.n;
	struct program program = {
		.code = arena_alloc(arena,
				    (FRAME_LENGTH + rules * RULE_LENGTH) * sizeof(*program.code)),
	};

	begin(&program);
	for (size_t i = rules; i-- > 0;)
		add_rule(&program, &cgroup->devices.items[i]);
	leave(&program, false);
	return program;
}

static int program_load(const struct program *program)
{
	union bpf_attr attributes = {
		.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
		.insns = (uint64_t)(uintptr_t)program->code,
		.insn_cnt = (uint32_t)program->n,
		.license = (uint64_t)(uintptr_t) "Apache-2.0",
		.expected_attach_type = BPF_CGROUP_DEVICE,
		.prog_name = "mxc_devices",
	};

	/* From 5.11 on the memory is the cgroup's, not RLIMIT_MEMLOCK's: there is no limit to
	 * raise. */
	return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof(attributes));
}

int cgroup_filter_devices(const struct plan *plan, struct handles *handles, struct error *err)
{
	if (!plan->cgroup.has_device_filter || handles->cgroup < 0)
		return 0;

	autoarena arena = {};
	struct program program = assemble(&arena, &plan->cgroup);
	autofd fd = program_load(&program);
	if (fd < 0)
		return fail_sys(err, "load the device filter");

	/* systemd may have its own beside it: both must allow. */
	union bpf_attr attributes = {
		.target_fd = (uint32_t)handles->cgroup,
		.attach_bpf_fd = (uint32_t)fd,
		.attach_type = BPF_CGROUP_DEVICE,
		.attach_flags = BPF_F_ALLOW_MULTI,
	};
	if (syscall(SYS_bpf, BPF_PROG_ATTACH, &attributes, sizeof(attributes)) < 0)
		return fail_sys(err, "attach the device filter to the container's cgroup");
	return 0;
}
