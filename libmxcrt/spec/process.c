/* SPDX-License-Identifier: Apache-2.0 */
/* The `process` section: what is executed, as whom, with which limits. */
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "plan/plan.h"
#include "spec/lower.h"

#include <string.h>
#include <sys/resource.h>

static const struct field console_rows[] = {
	{ "height", FIELD_U64, offsetof(struct spec_console_size, height), .required = true },
	{ "width", FIELD_U64, offsetof(struct spec_console_size, width), .required = true },
	{},
};
static const struct fields console_fields = { "consoleSize", sizeof(struct spec_console_size),
					      console_rows };

/* (uint32_t)-1 means "leave as it is" to the kernel: it is nobody's id. */
enum { ID_MAX = UINT32_MAX - 1 };

#define AT(member) offsetof(struct spec_user, member)
static const struct field user_rows[] = {
	{ "uid", FIELD_U32, AT(uid), .required = true, .max = ID_MAX },
	{ "gid", FIELD_U32, AT(gid), .required = true, .max = ID_MAX },
	{ "umask", FIELD_U32, AT(umask), AT(has_umask), .max = 0777 },
	{ "additionalGids", FIELD_CUSTOM, AT(additional_gids), .custom = spec_read_ids },
	{},
};
#undef AT
static const struct fields user_fields = { "user", sizeof(struct spec_user), user_rows };

static const struct field rlimit_rows[] = {
	{ "type", FIELD_STRING, offsetof(struct spec_rlimit, type), .required = true },
	{ "soft", FIELD_U64, offsetof(struct spec_rlimit, soft), .required = true },
	{ "hard", FIELD_U64, offsetof(struct spec_rlimit, hard), .required = true },
	{},
};
static const struct fields rlimit_fields = { "rlimits", sizeof(struct spec_rlimit), rlimit_rows };

static const struct field capabilities_rows[] = {
	{ "bounding", FIELD_STRINGS, offsetof(struct spec_capabilities, bounding) },
	{ "effective", FIELD_STRINGS, offsetof(struct spec_capabilities, effective) },
	{ "inheritable", FIELD_STRINGS, offsetof(struct spec_capabilities, inheritable) },
	{ "permitted", FIELD_STRINGS, offsetof(struct spec_capabilities, permitted) },
	{ "ambient", FIELD_STRINGS, offsetof(struct spec_capabilities, ambient) },
	{},
};
static const struct fields capabilities_fields = {
	"capabilities",
	sizeof(struct spec_capabilities),
	capabilities_rows,
};

#define AT(member) offsetof(struct spec_process, member)
static const struct field process_rows[] = {
	{ "terminal", FIELD_BOOL, AT(terminal), AT(has_terminal) },
	{ "consoleSize", FIELD_JSON, AT(console_size) },
	{ "cwd", FIELD_STRING, AT(cwd), .required = true },
	{ "env", FIELD_STRINGS, AT(env) },
	{ "args", FIELD_STRINGS, AT(args), .required = true },
	{ "user", FIELD_OBJECT, AT(user), .object = &user_fields },
	{ "rlimits", FIELD_OBJECTS, AT(rlimits), .object = &rlimit_fields },
	{ "apparmorProfile", FIELD_STRING, AT(apparmor_profile) },
	{ "selinuxLabel", FIELD_STRING, AT(selinux_label) },
	{ "capabilities", FIELD_OBJECT_PTR, AT(capabilities), .object = &capabilities_fields },
	{ "noNewPrivileges", FIELD_BOOL, AT(no_new_privileges) },
	{ "oomScoreAdj", FIELD_I64, AT(oom), AT(has_oom), .min = -1000, .max = 1000 },
	{ "scheduler", FIELD_OBJECT_PTR, AT(scheduler), .object = &spec_scheduler_fields },
	{ "ioPriority", FIELD_OBJECT_PTR, AT(io_priority), .object = &spec_io_fields },
	{ "execCPUAffinity", FIELD_OBJECT, AT(affinity), .object = &spec_affinity_fields },
	{},
};
#undef AT
const struct fields spec_process_fields = { "process", sizeof(struct spec_process), process_rows };

int spec_read_ids(const struct field_context *context, const struct json *value, const char *path,
		  void *target, struct error *err)
{
	const struct field rows[] = { { "id", FIELD_U32, 0, .max = ID_MAX }, {} };
	const struct fields fields = { "id", sizeof(uint32_t), rows };

	if (value->type != JSON_ARRAY) {
		(void)fail(err, ERROR_CONFIG, "expected array, found %s",
			   json_type_name(value->type));
		return fail_field(err, "%s %s", context->document, path);
	}
	struct spec_ids *ids = target;
	ids->items = arena_alloc(context->arena, (value->n + 1) * sizeof(*ids->items));
	for (size_t i = 0; i < value->n; i++) {
		/*
		 * Each number is read as a member of its own, so that the range is checked in one
		 * place.
		 */
		const char *key = "id";
		struct json item = value->items[i];
		struct json object = { .type = JSON_OBJECT, .n = 1, .keys = &key, .items = &item };
		if (fields_read(context, &fields, &object, "", &ids->items[i], err) < 0) {
			err->field[0] = '\0';
			return fail_field(err, "%s %s[%zu]", context->document, path, i);
		}
	}
	ids->n = value->n;
	return 0;
}

static const struct {
	const char *name;
	int resource;
} rlimits[] = {
	{ "RLIMIT_AS", RLIMIT_AS },
	{ "RLIMIT_CORE", RLIMIT_CORE },
	{ "RLIMIT_CPU", RLIMIT_CPU },
	{ "RLIMIT_DATA", RLIMIT_DATA },
	{ "RLIMIT_FSIZE", RLIMIT_FSIZE },
	{ "RLIMIT_LOCKS", RLIMIT_LOCKS },
	{ "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK },
	{ "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE },
	{ "RLIMIT_NICE", RLIMIT_NICE },
	{ "RLIMIT_NOFILE", RLIMIT_NOFILE },
	{ "RLIMIT_NPROC", RLIMIT_NPROC },
	{ "RLIMIT_RSS", RLIMIT_RSS },
	{ "RLIMIT_RTPRIO", RLIMIT_RTPRIO },
	{ "RLIMIT_RTTIME", RLIMIT_RTTIME },
	{ "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING },
	{ "RLIMIT_STACK", RLIMIT_STACK },
	{},
};

static int rlimit_number(const char *name)
{
	for (int i = 0; rlimits[i].name; i++)
		if (str_equal(rlimits[i].name, name))
			return rlimits[i].resource;
	return -1;
}

static int lower_rlimits(const struct lowering *lowering, const struct objects *limits,
			 const char *origin, struct error *err)
{
	struct plan_process *process = &lowering->plan->process;
	const struct spec_rlimit *items = limits->items;

	process->rlimits.n = 0;
	for (size_t i = 0; i < limits->n; i++) {
		const char *here = arena_printf(lowering->arena, "%srlimits[%zu]", origin, i);
		int resource = rlimit_number(items[i].type);
		if (resource < 0)
			return spec_fail(err, here, "resource limit '%s' is unknown",
					 items[i].type);
		if (items[i].soft > items[i].hard)
			return spec_fail(err, here, "the soft limit of %s is above the hard one",
					 items[i].type);
		for (size_t j = 0; j < process->rlimits.n; j++)
			if (process->rlimits.items[j].resource == resource)
				return spec_fail(err, here, "resource limit '%s' is given twice",
						 items[i].type);
		*arena_push(lowering->arena, &process->rlimits) = (struct plan_rlimit){
			resource, items[i].type, items[i].soft, items[i].hard, here,
		};
	}
	return 0;
}

/* The index of the entry in ENV (NULL-terminated) that sets what ASSIGNMENT sets, or its end. */
static size_t env_find(const char *const *env, size_t n, const char *assignment)
{
	size_t name = strcspn(assignment, "=") + 1;
	for (size_t i = 0; i < n; i++)
		if (strncmp(env[i], assignment, name) == 0)
			return i;
	return n;
}

int spec_environment(struct arena *arena, const struct strings *env, const char *origin,
		     const char ***ret_env, struct error *err)
{
	const char **out = arena_alloc(arena, (env->n + 1) * sizeof(*out));
	size_t n = 0;

	for (size_t i = 0; i < env->n; i++) {
		const char *equals = strchr(env->items[i], '=');
		if (!equals || equals == env->items[i]) {
			/* Not shown: it may be a secret, and the error goes to log and audit. */
			(void)fail(err, ERROR_CONFIG, "environment entry is not NAME=VALUE");
			return fail_field(err, "%s[%zu]", origin, i);
		}
		size_t at = env_find(out, n, env->items[i]);
		out[at] = env->items[i];
		if (at == n)
			n++;
	}
	*ret_env = out;
	return 0;
}

static int lower_terminal(const struct lowering *lowering, const struct spec_process *process,
			  const char *origin, struct error *err)
{
	struct plan_process *plan = &lowering->plan->process;

	plan->terminal = process->terminal;
	plan->rows = plan->columns = 0;
	/* Without a terminal the size must be ignored, whatever it is. */
	if (!process->terminal || !process->console_size)
		return 0;
	/* "config.json process." is the document and the path in it. */
	const char *here = arena_printf(lowering->arena, "%sconsoleSize", origin);
	const char *blank = strrchr(here, ' ');
	const struct field_context context = {
		.arena = lowering->arena,
		.document = arena_strndup(lowering->arena, here, (size_t)(blank - here)),
		.null_is_absent = true,
	};
	struct spec_console_size size = {};
	TRY(fields_read(&context, &console_fields, process->console_size, blank + 1, &size, err));
	if (size.height > UINT16_MAX || size.width > UINT16_MAX)
		return spec_fail(err, here, "a terminal has at most %d rows and columns",
				 UINT16_MAX);
	plan->rows = (uint16_t)size.height;
	plan->columns = (uint16_t)size.width;
	return 0;
}

static void lower_user(const struct lowering *lowering, const struct spec_user *user)
{
	struct plan_ids *ids = &lowering->plan->ids;

	ids->uid = user->uid;
	ids->gid = user->gid;
	ids->has_umask = user->has_umask;
	ids->umask = user->umask;
	ids->groups.n = 0;
	for (size_t i = 0; i < user->additional_gids.n; i++)
		*arena_push(lowering->arena, &ids->groups) = user->additional_gids.items[i];
}

static const char *non_empty(const char *text)
{
	return text && text[0] ? text : NULL;
}

static int check_process(const struct lowering *lowering, const struct spec_process *process,
			 const char *origin, struct error *err)
{
	if (process->args.n == 0 || !process->args.items[0][0])
		return spec_fail(err, arena_printf(lowering->arena, "%sargs", origin),
				 "there is no program to execute");
	if (process->cwd[0] != '/')
		return spec_fail(err, arena_printf(lowering->arena, "%scwd", origin),
				 "working directory '%s' is not absolute", process->cwd);
	return 0;
}

int spec_lower_process(const struct lowering *lowering, const struct spec_process *process,
		       const char *origin, struct error *err)
{
	struct plan_process *plan = &lowering->plan->process;
	const char *env = arena_printf(lowering->arena, "%senv", origin);

	TRY(check_process(lowering, process, origin, err));
	plan->args = process->args.items;
	plan->cwd = process->cwd;
	TRY(spec_environment(lowering->arena, &process->env, env, &plan->env, err));
	TRY(lower_terminal(lowering, process, origin, err));
	lower_user(lowering, &process->user);
	TRY(lower_rlimits(lowering, &process->rlimits, origin, err));
	plan->no_new_privileges = process->no_new_privileges;
	plan->has_oom_score = process->has_oom;
	plan->oom_score = (int)process->oom;
	plan->apparmor = non_empty(process->apparmor_profile);
	plan->selinux = non_empty(process->selinux_label);
	spec_lower_capabilities(lowering, process->capabilities, origin);
	TRY(spec_lower_scheduling(lowering, process, origin, err));
	return spec_lower_placement(lowering, process, origin, err);
}
