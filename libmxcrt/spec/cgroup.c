/* SPDX-License-Identifier: Apache-2.0 */
/* `linux.cgroupsPath` and the list of devices that the cgroup allows. */
#include "base/error.h"
#include "base/str.h"
#include "plan/plan.h"
#include "spec/lower.h"

#include <string.h>

static int name_check(const char *name, const char *what, const char *origin, struct error *err)
{
	if (strchr(name, '/') || str_equal(name, ".") || str_equal(name, ".."))
		return spec_fail(err, origin, "%s '%s' is not one name", what, name);
	return 0;
}

/* "slice:prefix:name", each part with its default. */
static int lower_systemd(const struct lowering *lowering, const char *path, const char *origin,
			 struct error *err)
{
	struct plan_cgroup *cgroup = &lowering->plan->cgroup;

	cgroup->slice = lowering->request->is_rootless ? "user.slice" : "system.slice";
	cgroup->prefix = "mxc";
	cgroup->name = lowering->plan->id;
	if (!path)
		return 0;

	char **parts = str_split(lowering->arena, path, ':');
	size_t n = 0;
	while (parts[n])
		n++;
	if (n != 3) {
		(void)spec_fail(err, origin,
				"cgroup path '%s' is not of the form slice:prefix:name", path);
		return fail_remedy(err,
				   "write it so, or start the runtime without --systemd-cgroup");
	}
	if (parts[0][0])
		cgroup->slice = parts[0];
	cgroup->prefix = parts[1];
	if (parts[2][0])
		cgroup->name = parts[2];
	if (!str_ends(cgroup->slice, ".slice"))
		return spec_fail(err, origin, "'%s' is not the name of a slice", cgroup->slice);
	TRY(name_check(cgroup->slice, "slice", origin, err));
	TRY(name_check(cgroup->prefix, "prefix", origin, err));
	return name_check(cgroup->name, "name", origin, err);
}

static int lower_path(const struct lowering *lowering, const char *path, const char *origin,
		      struct error *err)
{
	struct text clean = { .arena = lowering->arena };

	if (!path)
		return 0;
	if (path[0] != '/' && strstr(path, ".slice:")) {
		(void)spec_fail(err, origin, "cgroup path '%s' is meant for systemd", path);
		return fail_remedy(err, "start the runtime with --systemd-cgroup, or write a path");
	}
	for (char **part = str_split(lowering->arena, path, '/'); *part; part++) {
		if (str_equal(*part, ".."))
			return spec_fail(err, origin, "cgroup path '%s' contains '..'", path);
		if ((*part)[0] && !str_equal(*part, "."))
			text_printf(&clean, "/%s", *part);
	}
	if (clean.n == 0)
		return spec_fail(err, origin, "the root cgroup is no place for a container");
	lowering->plan->cgroup.path = clean.data;
	return 0;
}

int spec_lower_cgroup(const struct lowering *lowering, struct error *err)
{
	const char *path = lowering->spec->platform.cgroups_path;
	const char *origin = spec_origin(lowering, "linux.cgroupsPath");
	struct plan_cgroup *cgroup = &lowering->plan->cgroup;

	plan_cgroup_init(cgroup);
	if (path && !path[0])
		path = NULL;
	cgroup->may_be_absent = lowering->request->is_rootless;
	cgroup->manager = lowering->request->use_no_cgroup        ? CGROUP_NONE
			  : lowering->request->use_systemd_cgroup ? CGROUP_SYSTEMD
								  : CGROUP_FILESYSTEM;

	switch (cgroup->manager) {
	case CGROUP_NONE: return 0;
	case CGROUP_SYSTEMD: return lower_systemd(lowering, path, origin, err);
	case CGROUP_FILESYSTEM: return lower_path(lowering, path, origin, err);
	}
	return 0;
}

/* config-linux.md, Cgroup ownership: the file system is the container's to write to. */
static bool cgroup_is_writable(const struct spec *spec)
{
	const struct spec_mount *mounts = spec->mounts.items;
	bool is_writable = false;

	for (size_t i = 0; i < spec->mounts.n; i++) {
		if (!str_equal(mounts[i].destination, "/sys/fs/cgroup"))
			continue;
		is_writable = str_equal(mounts[i].source, "cgroup");
		for (size_t k = 0; k < mounts[i].options.n; k++)
			if (str_equal(mounts[i].options.items[k], "ro"))
				is_writable = false;
	}
	return is_writable;
}

/* The host's number of user ID of the container; false when the namespace does not map it. */
static bool user_of_host(const struct plan *plan, uint32_t id, uint32_t *ret_id)
{
	const struct plan_id_maps *maps = &plan->ids.uid_maps;

	if (plan->namespaces.of[NAMESPACE_USER].mode == NAMESPACE_INHERIT) {
		*ret_id = id;
		return true;
	}
	for (size_t i = 0; i < maps->rows.n; i++)
		if (id >= maps->rows.items[i].container &&
		    id - maps->rows.items[i].container < maps->rows.items[i].size) {
			*ret_id = maps->rows.items[i].host + id - maps->rows.items[i].container;
			return true;
		}
	return false;
}

void spec_lower_cgroup_owner(const struct lowering *lowering)
{
	const struct spec *spec = lowering->spec;
	struct plan *plan = lowering->plan;
	uint32_t owner = 0;

	if (plan->namespaces.of[NAMESPACE_CGROUP].mode != NAMESPACE_NEW || !spec->process ||
	    !cgroup_is_writable(spec) || !user_of_host(plan, spec->process->user.uid, &owner))
		return;
	/* Root has it already. */
	plan->cgroup.has_owner = owner != 0;
	plan->cgroup.owner = owner;
}

enum { ANY = -1 };

/*
 * What a container can always use, whatever the list says: the default devices, terminals, and
 * making nodes, which grants nothing.
 */
static const struct plan_device_rule default_rules[] = {
	{ true, 'c', ANY, ANY, .mknod = true },    { true, 'b', ANY, ANY, .mknod = true },
	{ true, 'c', 1, 3, true, true, true },     /* null */
	{ true, 'c', 1, 5, true, true, true },     /* zero */
	{ true, 'c', 1, 7, true, true, true },     /* full */
	{ true, 'c', 1, 8, true, true, true },     /* random */
	{ true, 'c', 1, 9, true, true, true },     /* urandom */
	{ true, 'c', 5, 0, true, true, true },     /* tty */
	{ true, 'c', 5, 1, true, true, true },     /* console */
	{ true, 'c', 5, 2, true, true, true },     /* ptmx */
	{ true, 'c', 136, ANY, true, true, true }, /* pts */
};

static int lower_access(const char *access, const char *origin, struct plan_device_rule *rule,
			struct error *err)
{
	for (const char *letter = access; *letter; letter++) {
		bool *right = *letter == 'r'   ? &rule->read
			      : *letter == 'w' ? &rule->write
			      : *letter == 'm' ? &rule->mknod
					       : NULL;
		if (!right)
			return spec_fail(err, origin, "access '%s' is not made of 'r', 'w' and 'm'",
					 access);
		*right = true;
	}
	return 0;
}

static int lower_rule(const struct lowering *lowering, const struct spec_device_rule *from,
		      const char *origin, struct error *err)
{
	const char *type = from->type && from->type[0] ? from->type : "a";
	const char *access = from->access && from->access[0] ? from->access : "rwm";
	struct plan_device_rule rule = {
		.allow = from->allow,
		.type = type[0],
		.major = from->has_major ? from->major : ANY,
		.minor = from->has_minor ? from->minor : ANY,
	};

	if (type[1] || !strchr("abc", type[0]))
		return spec_fail(err, origin, "type '%s' of a device is not one of 'a', 'b', 'c'",
				 type);
	TRY(lower_access(access, origin, &rule, err));
	*arena_push(lowering->arena, &lowering->plan->cgroup.devices) = rule;
	return 0;
}

static bool rule_is_for_all(const struct plan_device_rule *rule)
{
	return rule->type == 'a' && rule->major == ANY && rule->minor == ANY && rule->read &&
	       rule->write && rule->mknod;
}

int spec_lower_device_rules(const struct lowering *lowering, struct error *err)
{
	const struct objects *from = &lowering->spec->platform.resources.devices;
	const struct spec_device_rule *items = from->items;
	struct plan_cgroup *cgroup = &lowering->plan->cgroup;

	for (size_t i = 0; i < from->n; i++)
		TRY(lower_rule(lowering, &items[i],
			       spec_origin(lowering, "linux.resources.devices[%zu]", i), err));

	/* All that stands before a rule for everything is moot. */
	for (size_t i = cgroup->devices.n; i-- > 0;)
		if (rule_is_for_all(&cgroup->devices.items[i])) {
			memmove(cgroup->devices.items, &cgroup->devices.items[i],
				(cgroup->devices.n - i) * sizeof(*cgroup->devices.items));
			cgroup->devices.n -= i;
			break;
		}

	for (size_t i = 0; i < sizeof(default_rules) / sizeof(default_rules[0]); i++)
		*arena_push(lowering->arena, &cgroup->devices) = default_rules[i];
	cgroup->has_device_filter = true;
	return 0;
}
