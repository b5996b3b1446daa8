/* SPDX-License-Identifier: Apache-2.0 */
/* System call filters: assembled on the host, loaded right before exec. */
#include "apply/seccomp.h"

#include "apply/seccomp-cache.h"
#include "apply/seccomp-config.h"
#include "apply/seccomp-listener.h"
#include "apply/seccomp-simulate.h"
#include "apply/socket.h"
#include "apply/step.h"
#include "base/arena.h"
#include "plan/plan.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct seccomp_program none;

static bool notifies(const struct plan_seccomp_config *config)
{
	if (config->default_action == SECCOMP_RET_USER_NOTIF)
		return true;
	for (size_t i = 0; i < config->rules.n; i++)
		if (config->rules.items[i].action == SECCOMP_RET_USER_NOTIF)
			return true;
	return false;
}

static int program_get(const struct plan_seccomp_config *config, struct handles *handles,
		       struct seccomp_program *ret_program, struct error *err)
{
	char key[SHA256_HEX];

	if (handles->state < 0)
		return seccomp_config_assemble(handles->arena, config, ret_program, err);
	seccomp_cache_key(config, key);
	if (seccomp_cache_read(handles->arena, handles->state, key, ret_program))
		return 0;
	TRY(seccomp_config_assemble(handles->arena, config, ret_program, err));
	seccomp_cache_write(handles->state, key, ret_program);
	return 0;
}

int seccomp_assemble(const struct plan *plan, struct handles *handles, struct error *err)
{
	const struct plan_seccomp_config *config = plan->seccomp.config;

	if (!config)
		return 0;
	struct seccomp_program *program = arena_alloc(handles->arena, sizeof(*program));
	TRY(program_get(config, handles, program, err));
	if (notifies(config)) {
		if (!config->listener_path) {
			(void)fail(err, ERROR_CONFIG,
				   "the seccomp filter notifies, and names no listenerPath");
			(void)fail_field(err, "config.json linux.seccomp.listenerPath");
			return fail_remedy(err, "name the socket of a seccomp agent");
		}
		/* From here, because init will not see this path. */
		handles->seccomp_listener = socket_connect(config->listener_path,
							   "seccomp listener", err);
		if (handles->seccomp_listener < 0)
			return fail_field(err, "config.json linux.seccomp.listenerPath");
	}
	handles->seccomp = program;
	return 0;
}

/* Without no_new_privs the kernel wants CAP_SYS_ADMIN in effect; the change of user has only left
 * it permitted. */
static int admin_raise(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};

	if (syscall(SYS_capget, &header, data) < 0)
		return -1;
	data[0].effective |= data[0].permitted & (1U << CAP_SYS_ADMIN);
	return (int)syscall(SYS_capset, &header, data);
}

/* The new listener's descriptor with SECCOMP_FILTER_FLAG_NEW_LISTENER, else 0. */
static int program_load(const struct seccomp_program *program, unsigned flags, struct error *err)
{
	/* The kernel only reads it. */
	struct sock_fprog fprog = {
		.len = (unsigned short)program->n,
		.filter = (struct sock_filter *)(uintptr_t)program->code,
	};

	if (program->n > BPF_MAXINSNS)
		return fail(err, ERROR_CONFIG,
			    "the seccomp filter has %zu instructions, at most %d are possible",
			    program->n, BPF_MAXINSNS);
	long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &fprog);
	if (result < 0 && errno == EACCES && admin_raise() == 0)
		result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &fprog);
	if (result < 0)
		return fail_sys(err, "load the seccomp filter");
	return (int)result;
}

static bool lets_call(const struct seccomp_program *program, unsigned architecture, long number,
		      uint64_t first)
{
	const struct seccomp_data call = { .nr = (int)number,
					   .arch = architecture,
					   .args = { first } };

	return program->n == 0 || seccomp_allows(program, &call);
}

static int listener_hand_over(const struct plan *plan, struct handles *handles,
			      const struct seccomp_program *program, unsigned flags,
			      struct error *err)
{
	struct seccomp_sender sender = { .socket = handles->seccomp_listener,
					 .state = { .arena = handles->arena } };
	bool may_yield = lets_call(program, program->architecture, SYS_sched_yield, 0);

	seccomp_listener_state(plan, handles->init > 0 ? handles->init : getpid(), &sender.state);
	/* Neither descriptor is closed by us, which the filter may forbid: executing the payload
	 * closes them. */
	if (lets_call(program, program->architecture, SYS_sendmsg, 0)) {
		int listener = TRY(program_load(program, flags, err));
		return seccomp_listener_send(sender.socket, listener, &sender.state, err);
	}
	/* A real-time process that only waits would keep the thread from running. */
	if (plan->process.scheduler.is_set && !may_yield)
		return fail(err, ERROR_CONFIG,
			    "the seccomp filter allows neither sendmsg nor sched_yield, and its "
			    "listener needs one of them beside process.scheduler");
	TRY(seccomp_sender_begin(&sender, err));
	int listener = program_load(program, flags, err);
	TRY(seccomp_sender_finish(&sender, listener, may_yield, err));
	return listener < 0 ? -1 : 0;
}

static int config_load(const struct plan *plan, struct handles *handles,
		       const struct seccomp_program *program, struct error *err)
{
	/* One thread: synchronising threads means nothing, and does not go together with a
	 * listener. How a notification is awaited means nothing without one. */
	enum { WAIT_KILLABLE_RECV = 1 << 5 };
	unsigned flags = plan->seccomp.config->flags & ~(unsigned)SECCOMP_FILTER_FLAG_TSYNC;

	if (handles->seccomp_listener < 0) {
		TRY(program_load(program, flags & ~(unsigned)WAIT_KILLABLE_RECV, err));
		return 0;
	}
	if (listener_hand_over(plan, handles, program, flags | SECCOMP_FILTER_FLAG_NEW_LISTENER,
			       err) == 0)
		return 0;
	if (flags & WAIT_KILLABLE_RECV && err->sys_errno == EINVAL)
		return fail_remedy(err, "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV needs Linux 5.19");
	return -1;
}

static int policy_load(const struct seccomp_program *program, struct error *err)
{
	if (program->n > 0)
		TRY(program_load(program, SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW,
				 err));
	return 0;
}

/* Both must hold, and the first must let the second be loaded: usually the policy's, whose profile
 * we know. */
static int load(const struct plan *plan, struct handles *handles, struct error *err)
{
	const struct seccomp_program *config = handles->seccomp ? handles->seccomp : &none;
	const struct seccomp_program policy = { .code = plan->seccomp.program,
						.n = plan->seccomp.program_length };

	if (config->n == 0)
		return policy_load(&policy, err);
	if (lets_call(&policy, config->architecture, SYS_seccomp, SECCOMP_SET_MODE_FILTER) &&
	    (handles->seccomp_listener < 0 ||
	     lets_call(&policy, config->architecture, SYS_sendmsg, 0))) {
		TRY(policy_load(&policy, err));
		return config_load(plan, handles, config, err);
	}
	if (!lets_call(config, config->architecture, SYS_seccomp, SECCOMP_SET_MODE_FILTER)) {
		(void)fail(err, ERROR_CONFIG,
			   "the filters of config.json and of the policy both refuse seccomp");
		(void)fail_field(err, "%s",
				 plan->seccomp.config->origin ? plan->seccomp.config->origin : "");
		return fail_remedy(err, "let config.json's filter allow seccomp");
	}
	TRY(config_load(plan, handles, config, err));
	return policy_load(&policy, err);
}

int seccomp_load_privileged(const struct plan *plan, struct handles *handles, struct error *err)
{
	return plan->process.no_new_privileges ? 0 : load(plan, handles, err);
}

int seccomp_load(const struct plan *plan, struct handles *handles, struct error *err)
{
	return plan->process.no_new_privileges ? load(plan, handles, err) : 0;
}
