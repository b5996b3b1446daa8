/* SPDX-License-Identifier: Apache-2.0 */
/* `linux.seccomp`: the engine's own filter, in the numbers of libseccomp. */
#include "base/error.h"
#include "base/str.h"
#include "plan/plan.h"
#include "spec/lower.h"

#include <errno.h>
#include <seccomp.h>

enum action { KILL, KILL_PROCESS, KILL_THREAD, TRAP, ERRNO, TRACE, ALLOW, LOG, NOTIFY, ACTIONS };
static const char *const action_names[] = {
	[KILL] = "SCMP_ACT_KILL",
	[KILL_PROCESS] = "SCMP_ACT_KILL_PROCESS",
	[KILL_THREAD] = "SCMP_ACT_KILL_THREAD",
	[TRAP] = "SCMP_ACT_TRAP",
	[ERRNO] = "SCMP_ACT_ERRNO",
	[TRACE] = "SCMP_ACT_TRACE",
	[ALLOW] = "SCMP_ACT_ALLOW",
	[LOG] = "SCMP_ACT_LOG",
	[NOTIFY] = "SCMP_ACT_NOTIFY",
	[ACTIONS] = NULL,
};
static const uint32_t actions[ACTIONS] = {
	[KILL] = SCMP_ACT_KILL_THREAD,
	[KILL_PROCESS] = SCMP_ACT_KILL_PROCESS,
	[KILL_THREAD] = SCMP_ACT_KILL_THREAD,
	[TRAP] = SCMP_ACT_TRAP,
	[ERRNO] = SCMP_ACT_ERRNO(0),
	[TRACE] = SCMP_ACT_TRACE(0),
	[ALLOW] = SCMP_ACT_ALLOW,
	[LOG] = SCMP_ACT_LOG,
	[NOTIFY] = SCMP_ACT_NOTIFY,
};

static const char *const operator_names[] = {
	"SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE",        "SCMP_CMP_EQ",
	"SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ", NULL,
};
static const int operators[] = {
	SCMP_CMP_NE, SCMP_CMP_LT, SCMP_CMP_LE,        SCMP_CMP_EQ,
	SCMP_CMP_GE, SCMP_CMP_GT, SCMP_CMP_MASKED_EQ,
};

struct token {
	const char *name;
	uint32_t value;
};

/*
 * The last four are younger than some libseccomp headers: their numbers are those of the audit
 * architecture (linux/audit.h).
 */
static const struct token architectures[] = {
	{ "SCMP_ARCH_X86", SCMP_ARCH_X86 },
	{ "SCMP_ARCH_X86_64", SCMP_ARCH_X86_64 },
	{ "SCMP_ARCH_X32", SCMP_ARCH_X32 },
	{ "SCMP_ARCH_ARM", SCMP_ARCH_ARM },
	{ "SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64 },
	{ "SCMP_ARCH_MIPS", SCMP_ARCH_MIPS },
	{ "SCMP_ARCH_MIPS64", SCMP_ARCH_MIPS64 },
	{ "SCMP_ARCH_MIPS64N32", SCMP_ARCH_MIPS64N32 },
	{ "SCMP_ARCH_MIPSEL", SCMP_ARCH_MIPSEL },
	{ "SCMP_ARCH_MIPSEL64", SCMP_ARCH_MIPSEL64 },
	{ "SCMP_ARCH_MIPSEL64N32", SCMP_ARCH_MIPSEL64N32 },
	{ "SCMP_ARCH_PPC", SCMP_ARCH_PPC },
	{ "SCMP_ARCH_PPC64", SCMP_ARCH_PPC64 },
	{ "SCMP_ARCH_PPC64LE", SCMP_ARCH_PPC64LE },
	{ "SCMP_ARCH_S390", SCMP_ARCH_S390 },
	{ "SCMP_ARCH_S390X", SCMP_ARCH_S390X },
	{ "SCMP_ARCH_PARISC", SCMP_ARCH_PARISC },
	{ "SCMP_ARCH_PARISC64", SCMP_ARCH_PARISC64 },
	{ "SCMP_ARCH_RISCV64", SCMP_ARCH_RISCV64 },
	{ "SCMP_ARCH_LOONGARCH64", 0xc0000102 },
	{ "SCMP_ARCH_M68K", 0x00000004 },
	{ "SCMP_ARCH_SH", 0x4000002a },
	{ "SCMP_ARCH_SHEB", 0x0000002a },
	{},
};

static const struct token flags[] = {
	{ "SECCOMP_FILTER_FLAG_TSYNC", 1U << 0 },
	{ "SECCOMP_FILTER_FLAG_LOG", 1U << 1 },
	{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", 1U << 2 },
	{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", 1U << 5 },
	{},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *spec_seccomp_action(size_t i)
{
	return i < COUNT(action_names) ? action_names[i] : NULL;
}

const char *spec_seccomp_operator(size_t i)
{
	return i < COUNT(operator_names) ? operator_names[i] : NULL;
}

const char *spec_seccomp_architecture(size_t i)
{
	return i < COUNT(architectures) ? architectures[i].name : NULL;
}

const char *spec_seccomp_flag(size_t i)
{
	return i < COUNT(flags) ? flags[i].name : NULL;
}

#define AT(member) offsetof(struct spec_seccomp_arg, member)
static const struct field arg_rows[] = {
	{ "index", FIELD_U32, AT(index), .required = true, .max = 5 },
	{ "value", FIELD_U64, AT(value), .required = true },
	{ "valueTwo", FIELD_U64, AT(value_two) },
	{ "op", FIELD_ENUM, AT(op), .required = true, .names = operator_names },
	{},
};
#undef AT
static const struct fields arg_fields = { "args", sizeof(struct spec_seccomp_arg), arg_rows };

#define AT(member) offsetof(struct spec_seccomp_call, member)
static const struct field call_rows[] = {
	{ "names", FIELD_STRINGS, AT(names), .required = true },
	{ "action", FIELD_ENUM, AT(action), .required = true, .names = action_names },
	{ "errnoRet", FIELD_U32, AT(errno_value), AT(has_errno), .max = UINT16_MAX },
	{ "args", FIELD_OBJECTS, AT(args), .object = &arg_fields },
	{},
};
#undef AT
static const struct fields call_fields = { "syscalls", sizeof(struct spec_seccomp_call),
					   call_rows };

#define AT(member) offsetof(struct spec_seccomp, member)
static const struct field seccomp_rows[] = {
	{ "defaultAction", FIELD_ENUM, AT(default_action), .required = true,
	  .names = action_names },
	{ "defaultErrnoRet", FIELD_U32, AT(default_ret), AT(has_ret), .max = UINT16_MAX },
	{ "architectures", FIELD_STRINGS, AT(architectures) },
	{ "flags", FIELD_STRINGS, AT(flags) },
	{ "listenerPath", FIELD_STRING, AT(listener_path) },
	{ "listenerMetadata", FIELD_STRING, AT(listener_metadata) },
	{ "syscalls", FIELD_OBJECTS, AT(calls), .object = &call_fields },
	{},
};
#undef AT
const struct fields spec_seccomp_fields = { "seccomp", sizeof(struct spec_seccomp), seccomp_rows };

static int token_find(const struct token *tokens, const char *name, uint32_t *ret_value)
{
	for (; tokens->name; tokens++)
		if (str_equal(tokens->name, name)) {
			*ret_value = tokens->value;
			return 0;
		}
	return -1;
}

/* What a system call can return as an error; the kernel would silently take it down to this. */
enum { ERRNO_MOST = 4095 };

static int lower_action(int action, const uint32_t *errno_value, const char *origin,
			uint32_t *ret_action, struct error *err)
{
	bool takes_errno = action == ERRNO || action == TRACE;

	if (errno_value && !takes_errno)
		return spec_fail(err, origin, "action %s returns no errno", action_names[action]);
	if (errno_value && action == ERRNO && *errno_value > ERRNO_MOST)
		return spec_fail(err, origin, "%u is no errno: the kernel knows none above %d",
				 *errno_value, ERRNO_MOST);
	*ret_action = actions[action];
	if (takes_errno)
		*ret_action |= errno_value ? *errno_value : EPERM;
	return 0;
}

/* Two conditions on one argument are alternatives, which libseccomp wants as rules of their own. */
static bool has_alternatives(const struct spec_seccomp_call *call)
{
	const struct spec_seccomp_arg *args = call->args.items;

	for (size_t i = 0; i < call->args.n; i++)
		for (size_t j = i + 1; j < call->args.n; j++)
			if (args[i].index == args[j].index)
				return true;
	return false;
}

static void push_arg(const struct lowering *lowering, struct plan_seccomp_rule *rule,
		     const struct spec_seccomp_arg *arg)
{
	*arena_push(lowering->arena, &rule->args) = (struct plan_seccomp_arg){
		arg->index,
		arg->value,
		arg->value_two,
		operators[arg->op],
	};
}

static int lower_call(const struct lowering *lowering, const struct spec_seccomp_call *call,
		      const char *origin, struct plan_seccomp_config *config, struct error *err)
{
	const struct spec_seccomp_arg *args = call->args.items;
	uint32_t action;

	if (call->names.n == 0)
		return spec_fail(err, origin, "there are no names of system calls");
	TRY(lower_action(call->action, call->has_errno ? &call->errno_value : NULL, origin, &action,
			 err));
	/* The kernel's own answer needs no rule; libseccomp refuses one that says the same. */
	if (action == config->default_action)
		return 0;

	struct plan_seccomp_rule *rule = arena_push(lowering->arena, &config->rules);
	*rule = (struct plan_seccomp_rule){ .names = call->names.items, .action = action };
	if (!has_alternatives(call)) {
		for (size_t i = 0; i < call->args.n; i++)
			push_arg(lowering, rule, &args[i]);
		return 0;
	}
	push_arg(lowering, rule, &args[0]);
	for (size_t i = 1; i < call->args.n; i++) {
		rule = arena_push(lowering->arena, &config->rules);
		*rule = (struct plan_seccomp_rule){ .names = call->names.items, .action = action };
		push_arg(lowering, rule, &args[i]);
	}
	return 0;
}

static int lower_tokens(const struct lowering *lowering, const struct spec_seccomp *from,
			struct plan_seccomp_config *config, struct error *err)
{
	for (size_t i = 0; i < from->architectures.n; i++) {
		const char *origin = spec_origin(lowering, "linux.seccomp.architectures[%zu]", i);
		uint32_t value;
		if (token_find(architectures, from->architectures.items[i], &value) < 0)
			return spec_fail(err, origin, "architecture '%s' is unknown",
					 from->architectures.items[i]);
		*arena_push(lowering->arena, &config->architectures) = value;
	}
	for (size_t i = 0; i < from->flags.n; i++) {
		const char *origin = spec_origin(lowering, "linux.seccomp.flags[%zu]", i);
		uint32_t value;
		if (token_find(flags, from->flags.items[i], &value) < 0)
			return spec_fail(err, origin, "flag '%s' is unknown", from->flags.items[i]);
		config->flags |= value;
	}
	return 0;
}

static int lower_listener(const struct lowering *lowering, const struct spec_seccomp *from,
			  bool notifies, struct plan_seccomp_config *config, struct error *err)
{
	const char *origin = spec_origin(lowering, "linux.seccomp.listenerPath");
	bool has_path = from->listener_path && from->listener_path[0];
	bool has_metadata = from->listener_metadata && from->listener_metadata[0];

	if (has_metadata && !has_path)
		return spec_fail(err, spec_origin(lowering, "linux.seccomp.listenerMetadata"),
				 "there is no listenerPath");
	if (!notifies)
		return 0;
	if (!has_path)
		return spec_fail(err, origin,
				 "action SCMP_ACT_NOTIFY needs a listener, and there is none");
	if (from->listener_path[0] != '/')
		return spec_fail(err, origin, "path '%s' is not absolute", from->listener_path);
	config->listener_path = from->listener_path;
	config->listener_metadata = has_metadata ? from->listener_metadata : NULL;
	return 0;
}

int spec_lower_seccomp(const struct lowering *lowering, struct error *err)
{
	const struct spec_seccomp *from = lowering->spec->platform.seccomp;

	if (!from)
		return 0;
	const struct spec_seccomp_call *calls = from->calls.items;
	const char *origin = spec_origin(lowering, "linux.seccomp.defaultAction");
	struct plan_seccomp_config *config = arena_alloc(lowering->arena, sizeof(*config));
	bool notifies = false;

	config->origin = spec_origin(lowering, "linux.seccomp");
	if (from->default_action == NOTIFY)
		return spec_fail(err, origin, "SCMP_ACT_NOTIFY cannot be the default action");
	TRY(lower_action(from->default_action, from->has_ret ? &from->default_ret : NULL, origin,
			 &config->default_action, err));
	TRY(lower_tokens(lowering, from, config, err));
	for (size_t i = 0; i < from->calls.n; i++) {
		notifies = notifies || calls[i].action == NOTIFY;
		TRY(lower_call(lowering, &calls[i],
			       spec_origin(lowering, "linux.seccomp.syscalls[%zu]", i), config,
			       err));
	}
	TRY(lower_listener(lowering, from, notifies, config, err));
	lowering->plan->seccomp.config = config;
	return 0;
}
