/* SPDX-License-Identifier: Apache-2.0 */
/* What a filter would say to a system call, asked before it is loaded: the part of classic BPF that
 * such filters use. */
#include "apply/seccomp-simulate.h"

#include "apply/seccomp-config.h"
#include "plan/seccomp.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <string.h>

static bool compare(const struct seccomp_instruction *instruction, uint32_t value)
{
	switch (BPF_OP(instruction->code)) {
	case BPF_JEQ: return value == instruction->k;
	case BPF_JGT: return value > instruction->k;
	case BPF_JGE: return value >= instruction->k;
	default: return (value & instruction->k) != 0;
	}
}

/* The verdict; SECCOMP_RET_KILL_PROCESS when the program does something else. */
static uint32_t run(const struct seccomp_program *program, const struct seccomp_data *call)
{
	uint32_t value = 0;

	for (size_t at = 0; at < program->n; at++) {
		const struct seccomp_instruction *instruction = &program->code[at];
		switch (instruction->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (instruction->k > sizeof(*call) - sizeof(value))
				return SECCOMP_RET_KILL_PROCESS;
			memcpy(&value, (const char *)call + instruction->k, sizeof(value));
			break;
		case BPF_ALU | BPF_AND | BPF_K: value &= instruction->k; break;
		case BPF_JMP | BPF_JA: at += instruction->k; break;
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JGT | BPF_K:
		case BPF_JMP | BPF_JGE | BPF_K:
		case BPF_JMP | BPF_JSET | BPF_K:
			at += compare(instruction, value) ? instruction->jt : instruction->jf;
			break;
		case BPF_RET | BPF_K: return instruction->k;
		default: return SECCOMP_RET_KILL_PROCESS;
		}
	}
	return SECCOMP_RET_KILL_PROCESS;
}

bool seccomp_allows(const struct seccomp_program *program, const struct seccomp_data *call)
{
	uint32_t action = run(program, call) & SECCOMP_RET_ACTION_FULL;

	return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}
