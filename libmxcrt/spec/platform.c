/* SPDX-License-Identifier: Apache-2.0 */
/* The `linux` section: its table, and namespaces, id maps and clocks. */
#include "base/error.h"
#include "base/json.h"
#include "base/path.h"
#include "base/str.h"
#include "plan/plan.h"
#include "spec/lower.h"

static const char *const namespace_names[] = {
	[NAMESPACE_USER] = "user",       [NAMESPACE_PID] = "pid",   [NAMESPACE_MOUNT] = "mount",
	[NAMESPACE_NETWORK] = "network", [NAMESPACE_IPC] = "ipc",   [NAMESPACE_UTS] = "uts",
	[NAMESPACE_CGROUP] = "cgroup",   [NAMESPACE_TIME] = "time", [NAMESPACE_KINDS] = NULL,
};

#define AT(member) offsetof(struct spec_namespace, member)
static const struct field namespace_rows[] = {
	{ "type", FIELD_ENUM, AT(kind), .required = true, .names = namespace_names },
	{ "path", FIELD_STRING, AT(path) },
	{},
};
#undef AT
static const struct fields namespace_fields = { "namespaces", sizeof(struct spec_namespace),
						namespace_rows };

#define AT(member) offsetof(struct spec_id_map, member)
static const struct field id_map_rows[] = {
	{ "containerID", FIELD_U32, AT(container), .required = true },
	{ "hostID", FIELD_U32, AT(host), .required = true },
	{ "size", FIELD_U32, AT(size), .required = true, .min = 1, .max = UINT32_MAX },
	{},
};
#undef AT
const struct fields spec_id_map_fields = { "idMapping", sizeof(struct spec_id_map), id_map_rows };

static const char *const personality_names[] = { "LINUX", "LINUX32", NULL };
#define AT(member) offsetof(struct spec_personality, member)
static const struct field personality_rows[] = {
	{ "domain", FIELD_ENUM, AT(domain), .required = true, .names = personality_names },
	{ "flags", FIELD_STRINGS, AT(flags) },
	{},
};
#undef AT
static const struct fields personality_fields = { "personality", sizeof(struct spec_personality),
						  personality_rows };

#define AT(member) offsetof(struct spec_platform, member)
static const struct field platform_rows[] = {
	{ "namespaces", FIELD_OBJECTS, AT(namespaces), .object = &namespace_fields },
	{ "uidMappings", FIELD_OBJECTS, AT(uid_maps), .object = &spec_id_map_fields },
	{ "gidMappings", FIELD_OBJECTS, AT(gid_maps), .object = &spec_id_map_fields },
	{ "timeOffsets", FIELD_JSON, AT(time_offsets) },
	{ "devices", FIELD_OBJECTS, AT(devices), .object = &spec_device_fields },
	{ "cgroupsPath", FIELD_STRING, AT(cgroups_path) },
	{ "resources", FIELD_OBJECT, AT(resources), .object = &spec_resources_fields },
	{ "rootfsPropagation", FIELD_STRING, AT(rootfs_propagation) },
	{ "seccomp", FIELD_OBJECT_PTR, AT(seccomp), .object = &spec_seccomp_fields },
	{ "sysctl", FIELD_STRING_MAP, AT(sysctl) },
	{ "maskedPaths", FIELD_STRINGS, AT(masked_paths) },
	{ "readonlyPaths", FIELD_STRINGS, AT(readonly_paths) },
	{ "mountLabel", FIELD_STRING, AT(mount_label) },
	{ "personality", FIELD_OBJECT_PTR, AT(personality), .object = &personality_fields },
	{ "intelRdt", FIELD_OBJECT_PTR, AT(resctrl), .object = &spec_resctrl_fields },
	{ "netDevices", FIELD_JSON, AT(net_devices) },
	{ "memoryPolicy", FIELD_OBJECT_PTR, AT(memory_policy),
	  .object = &spec_memory_policy_fields },
	{},
};
#undef AT
const struct fields spec_platform_fields = { "linux", sizeof(struct spec_platform), platform_rows };

int spec_container_path(const struct lowering *lowering, const char *path, const char *origin,
			const char **ret_path, struct error *err)
{
	if (path[0] != '/')
		return spec_fail(err, origin, "path '%s' is not absolute", path);
	*ret_path = path_clean(lowering->arena, path);
	return 0;
}

int spec_lower_id_maps(const struct lowering *lowering, const struct objects *maps,
		       const char *origin, struct plan_id_maps *ret_maps, struct error *err)
{
	const struct spec_id_map *items = maps->items;

	for (size_t i = 0; i < maps->n; i++) {
		const char *here = arena_printf(lowering->arena, "%s[%zu]", origin, i);
		uint32_t last = items[i].size - 1;
		if (items[i].container > UINT32_MAX - 1 - last ||
		    items[i].host > UINT32_MAX - 1 - last)
			return spec_fail(err, here, "the ids of this map end beyond %u",
					 UINT32_MAX - 1);
		*arena_push(lowering->arena, &ret_maps->rows) = (struct plan_id_map){
			items[i].container,
			items[i].host,
			items[i].size,
		};
	}
	return 0;
}

static int lower_user_maps(const struct lowering *lowering, struct error *err)
{
	const struct spec_platform *platform = &lowering->spec->platform;
	const struct plan_namespace *user = &lowering->plan->namespaces.of[NAMESPACE_USER];
	struct plan_ids *ids = &lowering->plan->ids;
	bool has_maps = platform->uid_maps.n > 0 || platform->gid_maps.n > 0;

	if (user->mode == NAMESPACE_INHERIT && has_maps) {
		(void)spec_fail(err,
				spec_origin(lowering, "linux.%s",
					    platform->uid_maps.n > 0 ? "uidMappings"
								     : "gidMappings"),
				"id maps without a user namespace");
		return fail_remedy(err, "add {\"type\": \"user\"} to linux.namespaces");
	}
	/* A namespace that is joined has its maps. */
	if (user->mode != NAMESPACE_NEW)
		return 0;
	if (platform->uid_maps.n == 0 || platform->gid_maps.n == 0) {
		(void)spec_fail(err, user->origin, "a new user namespace without %s",
				platform->uid_maps.n == 0 ? "uidMappings" : "gidMappings");
		return fail_remedy(err, "add both to linux");
	}
	TRY(spec_lower_id_maps(lowering, &platform->uid_maps,
			       spec_origin(lowering, "linux.uidMappings"), &ids->uid_maps, err));
	return spec_lower_id_maps(lowering, &platform->gid_maps,
				  spec_origin(lowering, "linux.gidMappings"), &ids->gid_maps, err);
}

static const struct field clock_rows[] = {
	{ "secs", FIELD_I64, offsetof(struct spec_time_offset, seconds) },
	{ "nanosecs", FIELD_U32, offsetof(struct spec_time_offset, nanoseconds), .max = 999999999 },
	{},
};
static const struct fields clock_fields = { "timeOffset", sizeof(struct spec_time_offset),
					    clock_rows };

static int lower_clock(const struct lowering *lowering, const char *clock, const struct json *value,
		       struct error *err)
{
	struct plan_namespaces *namespaces = &lowering->plan->namespaces;
	const struct field_context context = { lowering->arena, lowering->spec->document,
					       .null_is_absent = true };
	const char *path = arena_printf(lowering->arena, "linux.timeOffsets.%s", clock);
	struct spec_time_offset offset = {};

	struct plan_time_offset *to = str_equal(clock, "monotonic")  ? &namespaces->monotonic
				      : str_equal(clock, "boottime") ? &namespaces->boottime
								     : NULL;
	if (!to) {
		(void)spec_fail(err, spec_origin(lowering, "linux.timeOffsets"),
				"clock '%s' has no offset", clock);
		return fail_remedy(err, "write 'monotonic' or 'boottime'");
	}
	TRY(fields_read(&context, &clock_fields, value, path, &offset, err));
	*to = (struct plan_time_offset){ true, offset.seconds, offset.nanoseconds };
	return 0;
}

static int lower_clocks(const struct lowering *lowering, struct error *err)
{
	const struct json *offsets = lowering->spec->platform.time_offsets;
	const char *origin = spec_origin(lowering, "linux.timeOffsets");

	if (!offsets)
		return 0;
	if (offsets->type != JSON_OBJECT)
		return spec_fail(err, origin, "expected object, found %s",
				 json_type_name(offsets->type));
	if (offsets->n > 0 && lowering->plan->namespaces.of[NAMESPACE_TIME].mode != NAMESPACE_NEW)
		return spec_fail(err, origin, "offsets of clocks without a new time namespace");
	for (size_t i = 0; i < offsets->n; i++)
		TRY(lower_clock(lowering, offsets->keys[i], &offsets->items[i], err));
	return 0;
}

static int lower_namespace(const struct lowering *lowering, const struct spec_namespace *from,
			   const char *origin, struct error *err)
{
	struct plan_namespace *to = &lowering->plan->namespaces.of[from->kind];
	bool is_joined = from->path && from->path[0];

	if (to->mode != NAMESPACE_INHERIT)
		return spec_fail(err, origin, "namespace '%s' is given twice",
				 namespace_names[from->kind]);
	if (is_joined && from->path[0] != '/')
		return spec_fail(err, origin, "path '%s' of namespace '%s' is not absolute",
				 from->path, namespace_names[from->kind]);
	*to = (struct plan_namespace){
		.mode = is_joined ? NAMESPACE_JOIN : NAMESPACE_NEW,
		.path = is_joined ? from->path : NULL,
		.origin = origin,
	};
	return 0;
}

int spec_lower_namespaces(const struct lowering *lowering, struct error *err)
{
	const struct spec_platform *platform = &lowering->spec->platform;
	const struct spec_namespace *items = platform->namespaces.items;
	struct plan *plan = lowering->plan;

	for (size_t i = 0; i < platform->namespaces.n; i++)
		TRY(lower_namespace(lowering, &items[i],
				    spec_origin(lowering, "linux.namespaces[%zu]", i), err));
	if (plan->namespaces.of[NAMESPACE_MOUNT].mode == NAMESPACE_INHERIT) {
		(void)spec_fail(err, spec_origin(lowering, "linux.namespaces"),
				"there is no mount namespace");
		return fail_remedy(
			err, "add {\"type\": \"mount\"}, or the host's mounts would be changed");
	}
	TRY(lower_user_maps(lowering, err));
	TRY(lower_clocks(lowering, err));
	plan->network.loopback_up = plan->namespaces.of[NAMESPACE_NETWORK].mode == NAMESPACE_NEW;

	if (platform->personality) {
		static const uint64_t domains[] = { 0x0000, 0x0008 }; /* PER_LINUX, PER_LINUX32 */
		if (platform->personality->flags.n > 0)
			return spec_fail(err, spec_origin(lowering, "linux.personality.flags"),
					 "flag '%s' is not supported",
					 platform->personality->flags.items[0]);
		plan->process.has_personality = true;
		plan->process.personality = domains[platform->personality->domain];
	}
	return 0;
}
