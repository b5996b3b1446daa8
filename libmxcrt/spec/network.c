/* SPDX-License-Identifier: Apache-2.0 */
/* `linux.netDevices`: interfaces of the runtime's network that become the container's. */
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "plan/plan.h"
#include "spec/lower.h"

#include <string.h>

enum { INTERFACE_NAME_BYTES = 15 };

struct spec_net_device {
	const char *name;
};

static const struct field device_rows[] = {
	{ "name", FIELD_STRING, offsetof(struct spec_net_device, name) },
	{},
};
static const struct fields device_fields = { "netDevices", sizeof(struct spec_net_device),
					     device_rows };

/* As the kernel judges names; '%' is its template, which is looked at by the caller. */
static bool name_is_valid(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n <= INTERFACE_NAME_BYTES && strcspn(name, "/:% \t\n\v\f\r") == n &&
	       !str_equal(name, ".") && !str_equal(name, "..");
}

static bool is_template(const char *name)
{
	return str_ends(name, "%d");
}

static bool new_name_is_valid(struct arena *arena, const char *name)
{
	if (is_template(name))
		name = arena_printf(arena, "%.*s0", (int)(strlen(name) - strlen("%d")), name);
	return name_is_valid(name);
}

static int lower_device(const struct lowering *lowering, const char *name, const struct json *value,
			struct error *err)
{
	struct plan_network *network = &lowering->plan->network;
	const char *path = arena_printf(lowering->arena, "linux.netDevices.%s", name);
	const char *origin = spec_origin(lowering, "%s", path);
	const struct field_context context = { lowering->arena, lowering->spec->document,
					       .null_is_absent = true };
	struct spec_net_device device = {};

	TRY(fields_read(&context, &device_fields, value, path, &device, err));
	const char *inside = device.name && device.name[0] ? device.name : name;
	if (!name_is_valid(name))
		return spec_fail(err, origin, "'%s' is not the name of a network device", name);
	if (!new_name_is_valid(lowering->arena, inside))
		return spec_fail(err, arena_printf(lowering->arena, "%s.name", origin),
				 "'%s' is not a name that a network device can have", inside);
	if (str_equal(name, "lo") || str_equal(inside, "lo"))
		return spec_fail(err, origin, "each network has a loopback device of its own");
	for (size_t i = 0; i < network->devices.n; i++)
		if (!is_template(inside) && str_equal(network->devices.items[i].inside, inside))
			return spec_fail(err, origin, "two network devices would be called '%s'",
					 inside);
	*arena_push(lowering->arena, &network->devices) = (struct plan_net_device){ name, inside,
										    origin };
	return 0;
}

int spec_lower_network(const struct lowering *lowering, struct error *err)
{
	const struct json *devices = lowering->spec->platform.net_devices;
	const char *origin = spec_origin(lowering, "linux.netDevices");

	if (!devices)
		return 0;
	if (devices->type != JSON_OBJECT)
		return spec_fail(err, origin, "expected object, found %s",
				 json_type_name(devices->type));
	if (devices->n > 0 &&
	    lowering->plan->namespaces.of[NAMESPACE_NETWORK].mode == NAMESPACE_INHERIT) {
		(void)spec_fail(err, origin, "network devices without a network namespace");
		return fail_remedy(err, "add {\"type\": \"network\"} to linux.namespaces");
	}
	for (size_t i = 0; i < devices->n; i++)
		TRY(lower_device(lowering, devices->keys[i], &devices->items[i], err));
	return 0;
}
