/* SPDX-License-Identifier: Apache-2.0 */
/* Host name, domain name and sysctls: settings of the kernel that a namespace keeps apart. */
#include "base/error.h"
#include "base/str.h"
#include "plan/plan.h"
#include "spec/lower.h"

#include <string.h>

/*
 * Which namespace owns a key; one ending in '.' stands for all beneath it. All others would change
 * the host.
 */
static const struct {
	const char *key;
	enum namespace_kind kind;
} owners[] = {
	{ "fs.mqueue.", NAMESPACE_IPC },
	{ "kernel.domainname", NAMESPACE_UTS },
	{ "kernel.hostname", NAMESPACE_UTS },
	{ "kernel.msg_next_id", NAMESPACE_IPC },
	{ "kernel.msgmax", NAMESPACE_IPC },
	{ "kernel.msgmnb", NAMESPACE_IPC },
	{ "kernel.msgmni", NAMESPACE_IPC },
	{ "kernel.sem", NAMESPACE_IPC },
	{ "kernel.sem_next_id", NAMESPACE_IPC },
	{ "kernel.shm_next_id", NAMESPACE_IPC },
	{ "kernel.shm_rmid_forced", NAMESPACE_IPC },
	{ "kernel.shmall", NAMESPACE_IPC },
	{ "kernel.shmmax", NAMESPACE_IPC },
	{ "kernel.shmmni", NAMESPACE_IPC },
	{ "net.", NAMESPACE_NETWORK },
	{ "user.", NAMESPACE_USER },
	{},
};

static int owner_find(const char *key)
{
	for (int i = 0; owners[i].key; i++)
		if (str_ends(owners[i].key, ".") ? str_starts(key, owners[i].key)
						 : str_equal(key, owners[i].key))
			return (int)owners[i].kind;
	return -1;
}

/*
 * "net/ipv4/conf/eth0.1/forwarding" -> "net.ipv4.conf.eth0/1.forwarding": whichever separator comes
 * first is one.
 */
static const char *key_normalize(struct arena *arena, const char *key)
{
	char *normal = arena_strdup(arena, key);

	if (key[strcspn(key, "./")] != '/')
		return normal;
	for (char *at = normal; *at; at++)
		*at = *at == '/' ? '.' : *at == '.' ? '/' : *at;
	return normal;
}

/* The parts become file names: none may be empty, ".." or reach for other characters. */
static bool key_is_valid(const char *key)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-@:/";

	for (;;) {
		size_t n = strspn(key, letters);
		if (n == 0 || strspn(key, "/") == n)
			return false;
		if (key[n] == '\0')
			return true;
		if (key[n] != '.')
			return false;
		key += n + 1;
	}
}

static int lower_sysctl(const struct lowering *lowering, const char *name, const char *value,
			struct error *err)
{
	const char *origin = spec_origin(lowering, "linux.sysctl[\"%s\"]", name);
	const char *key = key_normalize(lowering->arena, name);

	if (!key_is_valid(key))
		return spec_fail(err, origin, "'%s' is not the name of a sysctl", name);
	int owner = owner_find(key);
	if (owner < 0) {
		(void)spec_fail(
			err, origin,
			"sysctl '%s' belongs to no namespace: setting it would change the host",
			name);
		return fail_remedy(err, "remove it, and set it on the host if it is meant for all");
	}
	if (lowering->plan->namespaces.of[owner].mode == NAMESPACE_INHERIT) {
		(void)spec_fail(err, origin,
				"sysctl '%s' without a %s namespace would change the host", name,
				namespace_infos[owner].name);
		return fail_remedy(err, "add {\"type\": \"%s\"} to linux.namespaces",
				   namespace_infos[owner].name);
	}
	if (str_equal(key, "kernel.hostname") && lowering->plan->kernel.hostname)
		return spec_fail(err, origin, "the host name is given here and in hostname");
	if (str_equal(key, "kernel.domainname") && lowering->plan->kernel.domainname)
		return spec_fail(err, origin, "the domain name is given here and in domainname");
	*arena_push(lowering->arena, &lowering->plan->kernel.sysctls) = (struct plan_sysctl){
		key, value, origin, (enum namespace_kind)owner
	};
	return 0;
}

static int lower_name(const struct lowering *lowering, const char *value, const char *field,
		      const char **ret_name, struct error *err)
{
	enum { NAME_BYTES = 64 };
	const char *origin = spec_origin(lowering, "%s", field);

	if (!value || !value[0])
		return 0;
	if (strlen(value) > NAME_BYTES)
		return spec_fail(err, origin, "the name is longer than %d bytes", NAME_BYTES);
	if (lowering->plan->namespaces.of[NAMESPACE_UTS].mode == NAMESPACE_INHERIT) {
		(void)spec_fail(err, origin,
				"without a uts namespace the host itself would be renamed");
		return fail_remedy(err, "add {\"type\": \"uts\"} to linux.namespaces");
	}
	*ret_name = value;
	return 0;
}

int spec_lower_kernel(const struct lowering *lowering, struct error *err)
{
	const struct string_map *sysctl = &lowering->spec->platform.sysctl;
	struct plan_kernel *kernel = &lowering->plan->kernel;

	TRY(lower_name(lowering, lowering->spec->hostname, "hostname", &kernel->hostname, err));
	TRY(lower_name(lowering, lowering->spec->domainname, "domainname", &kernel->domainname,
		       err));
	for (size_t i = 0; i < sysctl->n; i++)
		TRY(lower_sysctl(lowering, sysctl->keys[i], sysctl->values[i], err));
	return 0;
}
