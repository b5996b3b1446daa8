/* SPDX-License-Identifier: Apache-2.0 */
/* `linux.devices`, and the devices every container has (config-linux.md, Default Devices). */
#include "base/error.h"
#include "base/path.h"
#include "base/str.h"
#include "plan/plan.h"
#include "spec/lower.h"

/* The kernel's dev_t has 12 bits of major and 20 of minor number. */
enum { MAJOR_MAX = (1 << 12) - 1, MINOR_MAX = (1 << 20) - 1 };

#define AT(member) offsetof(struct spec_device, member)
static const struct field device_rows[] = {
	{ "type", FIELD_STRING, AT(type), .required = true },
	{ "path", FIELD_STRING, AT(path), .required = true },
	{ "major", FIELD_U32, AT(major), AT(has_major), .max = MAJOR_MAX },
	{ "minor", FIELD_U32, AT(minor), AT(has_minor), .max = MINOR_MAX },
	{ "fileMode", FIELD_U32, AT(mode), AT(has_mode) },
	{ "uid", FIELD_U32, AT(uid), AT(has_uid) },
	{ "gid", FIELD_U32, AT(gid), AT(has_gid) },
	{},
};
#undef AT
const struct fields spec_device_fields = { "devices", sizeof(struct spec_device), device_rows };

static const struct plan_device default_devices[] = {
	{ 'c', "/dev/null", 1, 3, 0666, 0, 0, .origin = "default devices" },
	{ 'c', "/dev/zero", 1, 5, 0666, 0, 0, .origin = "default devices" },
	{ 'c', "/dev/full", 1, 7, 0666, 0, 0, .origin = "default devices" },
	{ 'c', "/dev/random", 1, 8, 0666, 0, 0, .origin = "default devices" },
	{ 'c', "/dev/urandom", 1, 9, 0666, 0, 0, .origin = "default devices" },
	{ 'c', "/dev/tty", 5, 0, 0666, 0, 0, .origin = "default devices" },
};

/*
 * Whoever binds a whole /dev brings its devices along; nodes must not be made in what may be the
 * host's.
 */
static bool dev_is_bound(const struct plan *plan)
{
	for (size_t i = 0; i < plan->mounts.rows.n; i++)
		if (plan->mounts.rows.items[i].kind == PLAN_MOUNT_BIND &&
		    str_equal(plan->mounts.rows.items[i].target, "/dev"))
			return true;
	return false;
}

static const struct plan_device *device_find(const struct plan_devices *devices, const char *path)
{
	for (size_t i = 0; i < devices->rows.n; i++)
		if (str_equal(devices->rows.items[i].path, path))
			return &devices->rows.items[i];
	return NULL;
}

static bool is_same(const struct plan_device *one, const struct plan_device *two)
{
	return one->type == two->type && one->major == two->major && one->minor == two->minor;
}

/* config-linux.md, Devices: a path that is taken by another device is an error. */
static int device_add(const struct lowering *lowering, const struct plan_device *device,
		      struct error *err)
{
	struct plan_devices *devices = &lowering->plan->devices;
	const struct plan_device *other = device_find(devices, device->path);

	if (!other)
		*arena_push(lowering->arena, &devices->rows) = *device;
	else if (!is_same(other, device))
		return spec_fail(err, device->origin, "'%s' is device %c %u:%u already (%s)",
				 device->path, other->type, other->major, other->minor,
				 other->origin);
	return 0;
}

static int lower_device(const struct lowering *lowering, const struct spec_device *from,
			struct plan_device *to, struct error *err)
{
	const char *type = from->type;

	if (str_equal(type, "u"))
		type = "c";
	if (!str_equal(type, "c") && !str_equal(type, "b") && !str_equal(type, "p")) {
		(void)spec_fail(err, to->origin, "unknown type '%s' of device '%s'", from->type,
				from->path);
		return fail_remedy(err, "write 'c', 'b', 'u' or 'p'");
	}
	if (type[0] != 'p' && !(from->has_major && from->has_minor))
		return spec_fail(err, to->origin, "device '%s' has no major and minor number",
				 from->path);
	TRY(spec_container_path(lowering, from->path, to->origin, &to->path, err));
	to->type = type[0];
	to->major = type[0] == 'p' ? 0 : from->major;
	to->minor = type[0] == 'p' ? 0 : from->minor;
	/* Some engines hand on st_mode as it is, type bits included. */
	to->mode = from->has_mode ? from->mode & 07777 : 0666;
	to->uid = from->uid;
	to->gid = from->gid;
	to->is_owned = from->has_mode || from->has_uid || from->has_gid;
	return 0;
}

int spec_lower_devices(const struct lowering *lowering, struct error *err)
{
	const struct objects *from = &lowering->spec->platform.devices;
	const struct spec_device *items = from->items;
	struct plan_devices *devices = &lowering->plan->devices;
	bool is_bound = dev_is_bound(lowering->plan);

	devices->console = lowering->spec->process && lowering->spec->process->terminal;
	devices->links = !is_bound;
	for (size_t i = 0; i < from->n; i++) {
		struct plan_device device = { .origin = spec_origin(lowering, "linux.devices[%zu]",
								    i) };
		TRY(lower_device(lowering, &items[i], &device, err));
		device.is_given = is_bound && path_is_beneath(device.path, "/dev");
		TRY(device_add(lowering, &device, err));
	}
	size_t n = is_bound ? 0 : sizeof(default_devices) / sizeof(default_devices[0]);
	for (size_t i = 0; i < n; i++)
		TRY(device_add(lowering, &default_devices[i], err));
	return 0;
}
