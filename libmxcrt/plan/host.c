/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about a host from text, one "name value" per line. */
#include "plan/host.h"

#include "base/error.h"
#include "base/str.h"

#include <stddef.h>
#include <string.h>

enum fact_type { FACT_BOOL, FACT_INT, FACT_U32 };

#define AT(member) offsetof(struct host, member)
static const struct {
	const char *name;
	enum fact_type type;
	size_t offset;
} facts[] = {
	{ "landlock_abi", FACT_INT, AT(landlock_abi) },
	{ "kernel_major", FACT_U32, AT(kernel_major) },
	{ "kernel_minor", FACT_U32, AT(kernel_minor) },
	{ "is_root", FACT_BOOL, AT(is_root) },
	{ "is_in_user_namespace", FACT_BOOL, AT(is_in_user_namespace) },
	{ "uid", FACT_U32, AT(uid) },
	{ "gid", FACT_U32, AT(gid) },
	{ "has_cgroup2", FACT_BOOL, AT(has_cgroup2) },
	{ "has_cgroup_delegation", FACT_BOOL, AT(has_cgroup_delegation) },
	{ "has_systemd", FACT_BOOL, AT(has_systemd) },
	{ "has_memfd_noexec", FACT_BOOL, AT(has_memfd_noexec) },
	{ "has_apparmor", FACT_BOOL, AT(has_apparmor) },
	{ "has_selinux", FACT_BOOL, AT(has_selinux) },
	{ "has_seccomp", FACT_BOOL, AT(has_seccomp) },
	{ "may_filter_devices", FACT_BOOL, AT(may_filter_devices) },
	{},
};
#undef AT

static void fact_set(struct host *host, size_t row, uint64_t value)
{
	char *target = (char *)host + facts[row].offset;

	switch (facts[row].type) {
	case FACT_BOOL: *(bool *)target = value != 0; return;
	case FACT_INT: *(int *)(void *)target = (int)value; return;
	case FACT_U32: *(uint32_t *)(void *)target = (uint32_t)value; return;
	}
}

static uint64_t fact_limit(enum fact_type type)
{
	switch (type) {
	case FACT_BOOL: return 1;
	case FACT_INT: return INT32_MAX;
	case FACT_U32: return UINT32_MAX;
	}
	return 0;
}

/* LINE is n bytes: "name value". */
static int line_read(const char *line, size_t n, struct host *host, struct error *err)
{
	char copy[128];
	uint64_t value;

	if (n >= sizeof(copy))
		return fail(err, ERROR_CONFIG, "a line about the host is too long");
	memcpy(copy, line, n);
	copy[n] = '\0';
	char *blank = strchr(copy, ' ');
	if (!blank)
		return fail(err, ERROR_CONFIG, "'%s' is not a fact and its value", copy);
	*blank = '\0';

	for (size_t row = 0; facts[row].name; row++) {
		if (!str_equal(facts[row].name, copy))
			continue;
		if (str_to_u64(blank + 1, fact_limit(facts[row].type), &value) < 0)
			return fail(err, ERROR_CONFIG, "'%s' is no value of '%s'", blank + 1, copy);
		fact_set(host, row, value);
		return 0;
	}
	return fail(err, ERROR_CONFIG, "the fact '%s' is unknown", copy);
}

int host_read(const char *text, struct host *ret_host, struct error *err)
{
	struct host host = {};

	while (*text) {
		size_t n = strcspn(text, "\n");
		if (n > 0 && text[0] != '#')
			TRY(line_read(text, n, &host, err));
		text += n + (text[n] == '\n');
	}
	*ret_host = host;
	return 0;
}
