/* SPDX-License-Identifier: Apache-2.0 */
/* The device rules of a container, assembled into a BPF program on its cgroup. */
#include "apply/cgroup.h"

#include "apply/step.h"
#include "base/arena.h"
#include "base/fd.h"
#include "base/str.h"
#include "plan/plan.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * What the registers hold throughout the program. It has no branch but the last: the kernel's
 * verifier walks every path, and with a branch per test that took as long as all mounts together.
 * For the same reason there is no mask of 0 or -1: from 6.16 on the verifier follows both.
 */
enum {
	KEY = BPF_REG_2,       /* the device: see key_of */
	UNDECIDED = BPF_REG_3, /* access bits that no rule has decided yet */
	DENIED = BPF_REG_4,    /* access bits that a rule denied */
	MATCHED = BPF_REG_5,   /* access bits of one rule, 0 where it does not match the device */
	MASK = BPF_REG_6,
};

enum { RULE_LENGTH = 12, FRAME_LENGTH = 16 };
enum { MAJOR_SHIFT = 32, TYPE_SHIFT = 56, SIGN_SHIFT = 63 };
/* The kernel's own major numbers have 12 bits: what is larger names no device. */
static const int64_t major_max = 0xffffff;

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

/* 64 bits wide; VALUE is extended by its sign. */
static struct bpf_insn compute(int operation, int on, int32_t value)
{
	return (struct bpf_insn){ .code = (uint8_t)(BPF_ALU64 | BPF_K | operation),
				  .dst_reg = (unsigned)on & 0xfU,
				  .imm = value };
}

static struct bpf_insn combine(int operation, int on, int with)
{
	return (struct bpf_insn){ .code = (uint8_t)(BPF_ALU64 | BPF_X | operation),
				  .dst_reg = (unsigned)on & 0xfU,
				  .src_reg = (unsigned)with & 0xfU };
}

static void emit_constant(struct program *program, int to, uint64_t value)
{
	emit(program, (struct bpf_insn){ .code = BPF_LD | BPF_DW | BPF_IMM,
					 .dst_reg = (unsigned)to & 0xfU,
					 .imm = (int32_t)(uint32_t)value });
	emit(program, (struct bpf_insn){ .imm = (int32_t)(uint32_t)(value >> 32) });
}

static void begin(struct program *program)
{
	enum { TYPE = KEY, MAJOR = DENIED, MINOR = MATCHED };

	emit(program, load(TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type)));
	emit(program, combine(BPF_MOV, UNDECIDED, TYPE));
	emit(program, compute(BPF_RSH, UNDECIDED, 16));
	emit(program, compute(BPF_AND, TYPE, 0xffff));
	emit(program, load(MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major)));
	emit(program, load(MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor)));
	emit(program, compute(BPF_LSH, TYPE, TYPE_SHIFT));
	emit(program, compute(BPF_LSH, MAJOR, MAJOR_SHIFT));
	emit(program, combine(BPF_OR, KEY, MAJOR));
	emit(program, combine(BPF_OR, KEY, MINOR));
	emit(program, compute(BPF_MOV, DENIED, 0));
}

static int32_t access_bits(const struct plan_device_rule *rule)
{
	return (rule->read ? BPF_DEVCG_ACC_READ : 0) | (rule->write ? BPF_DEVCG_ACC_WRITE : 0) |
	       (rule->mknod ? BPF_DEVCG_ACC_MKNOD : 0);
}

/* The device of RULE as one number, and the bits of it that the rule asks about. */
static uint64_t key_of(const struct plan_device_rule *rule, uint64_t *ret_mask)
{
	uint64_t key = 0, mask = 0;

	if (rule->type == 'c' || rule->type == 'b') {
		uint64_t type = rule->type == 'c' ? BPF_DEVCG_DEV_CHAR : BPF_DEVCG_DEV_BLOCK;
		key |= type << TYPE_SHIFT;
		mask |= (uint64_t)0x7f << TYPE_SHIFT;
	}
	if (rule->major >= 0) {
		key |= (uint64_t)rule->major << MAJOR_SHIFT;
		mask |= (uint64_t)major_max << MAJOR_SHIFT;
	}
	if (rule->minor >= 0) {
		key |= (uint64_t)rule->minor;
		mask |= UINT32_MAX;
	}
	*ret_mask = mask;
	return key;
}

static void emit_matched(struct program *program, const struct plan_device_rule *rule)
{
	uint64_t mask, key = key_of(rule, &mask);

	if (mask == 0) {
		emit(program, compute(BPF_MOV, MATCHED, access_bits(rule)));
		return;
	}
	emit_constant(program, MATCHED, key);
	emit(program, combine(BPF_XOR, MATCHED, KEY));
	if (mask == (uint64_t)INT64_MAX >> MAJOR_SHIFT << MAJOR_SHIFT) {
		emit(program, compute(BPF_RSH, MATCHED, MAJOR_SHIFT));
	} else if (mask != (uint64_t)INT64_MAX) {
		emit_constant(program, MASK, mask);
		emit(program, combine(BPF_AND, MATCHED, MASK));
	}
	/* Never negative before: after this 1 where it was zero, else 0. */
	emit(program, compute(BPF_SUB, MATCHED, 1));
	emit(program, compute(BPF_RSH, MATCHED, SIGN_SHIFT));
	emit(program, compute(BPF_MUL, MATCHED, access_bits(rule)));
}

/* The rules come last first, and each decides for the access bits that no later rule has decided.
 */
static void add_rule(struct program *program, const struct plan_device_rule *rule)
{
	if (access_bits(rule) == 0 || rule->major > major_max || rule->minor > UINT32_MAX)
		return;
	emit_matched(program, rule);
	if (rule->allow) {
		emit(program, compute(BPF_XOR, MATCHED, -1));
		emit(program, combine(BPF_AND, UNDECIDED, MATCHED));
		return;
	}
	emit(program, combine(BPF_AND, MATCHED, UNDECIDED));
	emit(program, combine(BPF_OR, DENIED, MATCHED));
}

/* What is denied, and what nobody decided, is refused. */
static void finish(struct program *program)
{
	emit(program, combine(BPF_OR, UNDECIDED, DENIED));
	emit(program, compute(BPF_MOV, BPF_REG_0, 0));
	emit(program, (struct bpf_insn){
			      .code = BPF_JMP | BPF_K | BPF_JNE, .dst_reg = UNDECIDED, .off = 1 });
	emit(program, compute(BPF_MOV, BPF_REG_0, 1));
	emit(program, (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT });
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
	finish(&program);
	return program;
}

#define PROGRAM_NAME "mxc_devices"

static int program_load(const struct program *program)
{
	union bpf_attr attributes = {
		.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
		.insns = (uint64_t)(uintptr_t)program->code,
		.insn_cnt = (uint32_t)program->n,
		.license = (uint64_t)(uintptr_t) "Apache-2.0",
		.expected_attach_type = BPF_CGROUP_DEVICE,
		.prog_name = PROGRAM_NAME,
	};

	/* From 5.11 on the memory is the cgroup's, not RLIMIT_MEMLOCK's: there is no limit to
	 * raise. */
	return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof(attributes));
}

/* OLD: the program that this one takes the place of, or -1. */
static int filter_attach(const struct plan *plan, const struct handles *handles, int old,
			 struct error *err)
{
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
		.attach_flags = BPF_F_ALLOW_MULTI | (old >= 0 ? BPF_F_REPLACE : 0U),
		.replace_bpf_fd = old >= 0 ? (uint32_t)old : 0,
	};
	if (syscall(SYS_bpf, BPF_PROG_ATTACH, &attributes, sizeof(attributes)) < 0)
		return fail_sys(err, "attach the device filter to the container's cgroup");
	return 0;
}

int cgroup_filter_devices(const struct plan *plan, struct handles *handles, struct error *err)
{
	if (!plan->cgroup.has_device_filter || handles->cgroup < 0)
		return 0;
	return filter_attach(plan, handles, -1, err);
}

static bool is_ours(int program)
{
	struct bpf_prog_info info = {};
	union bpf_attr attributes = {
		.info = { .bpf_fd = (uint32_t)program,
			  .info_len = sizeof(info),
			  .info = (uint64_t)(uintptr_t)&info },
	};

	return syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attributes, sizeof(attributes)) == 0 &&
	       str_equal(info.name, PROGRAM_NAME);
}

/* Our program on CGROUP; -1 with errno, ENOENT when there is none. */
static int filter_find(int cgroup)
{
	enum { PROGRAMS = 64 }; /* the kernel's own limit for one cgroup */
	uint32_t ids[PROGRAMS];
	union bpf_attr query = {
		.query = { .target_fd = (uint32_t)cgroup,
			   .attach_type = BPF_CGROUP_DEVICE,
			   .prog_ids = (uint64_t)(uintptr_t)ids,
			   .prog_cnt = PROGRAMS },
	};

	if (syscall(SYS_bpf, BPF_PROG_QUERY, &query, sizeof(query)) < 0)
		return -1;
	for (uint32_t i = 0; i < query.query.prog_cnt; i++) {
		union bpf_attr by_id = { .prog_id = ids[i] };
		autofd program = (int)syscall(SYS_bpf, BPF_PROG_GET_FD_BY_ID, &by_id,
					      sizeof(by_id));
		if (program >= 0 && is_ours(program))
			return fd_take(&program);
	}
	errno = ENOENT;
	return -1;
}

int cgroup_refilter_devices(const struct plan *plan, struct handles *handles, struct error *err)
{
	if (!plan->cgroup.has_device_filter)
		return 0;

	autofd old = filter_find(handles->cgroup);
	/* Two would both have to allow: one more could only take away. */
	if (old < 0)
		return fail_sys(err, "find the device filter of the container");
	return filter_attach(plan, handles, old, err);
}
