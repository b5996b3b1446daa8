/* SPDX-License-Identifier: Apache-2.0 */
/* What `update` asks for, merged over the resources that config.json has. */
#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "spec/lower.h"

#include <string.h>

/*
 * The members that mean one file. Callers that know no "absent" write zero or nothing; only where
 * zero is a value of its own is it one.
 */
static const struct {
	const char *section, *key, *file;
	bool zero_counts;
} members[] = {
	{ "memory", "limit", "memory.max" },
	{ "memory", "reservation", "memory.low" },
	{ "memory", "swap", "memory.swap.max" },
	{ "cpu", "shares", "cpu.weight" },
	{ "cpu", "quota", "cpu.max" },
	{ "cpu", "period", "cpu.max" },
	{ "cpu", "realtimeRuntime" },
	{ "cpu", "realtimePeriod" },
	{ "cpu", "cpus", "cpuset.cpus" },
	{ "cpu", "mems", "cpuset.mems" },
	{ "cpu", "idle", "cpu.idle", true },
	{ "cpu", "burst", "cpu.max.burst", true },
	{ "pids", "limit", "pids.max", true },
	{ "blockIO", "weight", "io.weight" },
	{ "blockIO", "leafWeight" },
};
enum { MEMBERS = sizeof(members) / sizeof(members[0]) };

/* Which members of a list's elements say what the element is about. */
static const struct {
	const char *list, *one, *two;
} identities[] = {
	{ "hugepageLimits", "pageSize" },
	{ "weightDevice", "major", "minor" },
	{ "throttleReadBpsDevice", "major", "minor" },
	{ "throttleWriteBpsDevice", "major", "minor" },
	{ "throttleReadIOPSDevice", "major", "minor" },
	{ "throttleWriteIOPSDevice", "major", "minor" },
};
enum { IDENTITIES = sizeof(identities) / sizeof(identities[0]) };

/* The files of a section, by their first letters. */
static const struct {
	const char *section, *prefix;
} files[] = {
	{ "memory", "memory." }, { "cpu", "cpu." },
	{ "cpu", "cpuset." },    { "hugepageLimits", "hugetlb." },
	{ "blockIO", "io." },    { "pids", "pids." },
	{ "rdma", "rdma." },
};
enum { FILES = sizeof(files) / sizeof(files[0]) };

static bool is_number(const struct json *value, const char *text)
{
	return value && value->type == JSON_NUMBER && str_equal(value->text, text);
}

static bool is_absent(const char *section, const char *key, const struct json *value)
{
	if (value->type == JSON_NULL)
		return true;
	for (size_t i = 0; i < MEMBERS; i++)
		if (section && str_equal(members[i].section, section) &&
		    str_equal(members[i].key, key))
			return !members[i].zero_counts &&
			       (is_number(value, "0") ||
				(value->type == JSON_STRING && value->n == 0));
	return false;
}

static struct json empty_object(void)
{
	return (struct json){ .type = JSON_OBJECT };
}

/* A copy of OBJECT (NULL = empty) with room for one member more. */
static struct json object_copy(struct arena *arena, const struct json *object)
{
	struct json copy = empty_object();
	size_t n = object && object->type == JSON_OBJECT ? object->n : 0;

	copy.keys = arena_alloc(arena, (n + 1) * sizeof(*copy.keys));
	copy.items = arena_alloc(arena, (n + 1) * sizeof(*copy.items));
	copy.n = n;
	for (size_t i = 0; i < n; i++) {
		copy.keys[i] = object->keys[i];
		copy.items[i] = object->items[i];
	}
	return copy;
}

static struct json with(struct arena *arena, const struct json *object, const char *key,
			struct json value)
{
	struct json copy = object_copy(arena, object);
	size_t i = 0;

	while (i < copy.n && !str_equal(copy.keys[i], key))
		i++;
	copy.keys[i] = key;
	copy.items[i] = value;
	if (i == copy.n)
		copy.n++;
	return copy;
}

static struct json without(struct arena *arena, const struct json *object, const char *key)
{
	struct json copy = object_copy(arena, object);
	size_t n = 0;

	for (size_t i = 0; i < copy.n; i++)
		if (!str_equal(copy.keys[i], key)) {
			copy.keys[n] = copy.keys[i];
			copy.items[n++] = copy.items[i];
		}
	copy.n = n;
	return copy;
}

static bool same_text(const struct json *one, const struct json *two)
{
	return one && two && one->type == two->type && str_equal(one->text, two->text);
}

/* Elements of OVER replace those of BASE about the same thing; the others are added. */
static struct json list_merge(struct arena *arena, size_t identity, const struct json *base,
			      const struct json *over)
{
	struct json list = { .type = JSON_ARRAY,
			     .items = arena_alloc(arena,
						  (base->n + over->n + 1) * sizeof(*list.items)) };
	const char *one = identities[identity].one, *two = identities[identity].two;

	for (size_t i = 0; i < base->n; i++)
		list.items[list.n++] = base->items[i];
	for (size_t i = 0; i < over->n; i++) {
		const struct json *item = &over->items[i];
		size_t at = 0;
		while (at < list.n &&
		       !(same_text(json_get(&list.items[at], one), json_get(item, one)) &&
			 (!two || same_text(json_get(&list.items[at], two), json_get(item, two)))))
			at++;
		list.items[at] = *item;
		if (at == list.n)
			list.n++;
	}
	return list;
}

static struct json merge(struct arena *arena, const char *section, const struct json *base,
			 const struct json *over);

static struct json member_merge(struct arena *arena, const char *key, const struct json *base,
				const struct json *over)
{
	if (over->type == JSON_OBJECT)
		return merge(arena, key, base, over);
	if (over->type == JSON_ARRAY && base && base->type == JSON_ARRAY)
		for (size_t i = 0; i < IDENTITIES; i++)
			if (str_equal(identities[i].list, key))
				return list_merge(arena, i, base, over);
	return *over;
}

static struct json merge(struct arena *arena, const char *section, const struct json *base,
			 const struct json *over)
{
	struct json merged = object_copy(arena, base);

	for (size_t i = 0; i < over->n; i++) {
		const char *key = over->keys[i];
		if (!is_absent(section, key, &over->items[i]))
			merged = with(arena, &merged, key,
				      member_merge(arena, key, json_get(&merged, key),
						   &over->items[i]));
	}
	return merged;
}

/* Memory without a limit, and not a word about swap: that goes too, as its limit includes memory's
 * (other runtimes, and cgroup v1 before them, do the same). */
static void swap_free(struct arena *arena, const struct json *asked, struct json *resources)
{
	const struct json *memory = json_get(asked, "memory"), *swap = json_get(memory, "swap");

	if (!is_number(json_get(memory, "limit"), "-1") ||
	    (swap && !is_absent("memory", "swap", swap)))
		return;
	struct json rest = without(arena, json_get(resources, "memory"), "swap");
	*resources = with(arena, resources, "memory", rest);
}

/* config.json's unified section is written last: what it says about a file that is asked for now
 * would undo it. */
static void unified_yield(struct arena *arena, const struct json *asked, struct json *resources)
{
	struct json unified = object_copy(arena, json_get(resources, "unified"));
	const struct json *own = json_get(asked, "unified");

	for (size_t i = 0; i < MEMBERS; i++) {
		const struct json *value = json_get(json_get(asked, members[i].section),
						    members[i].key);
		if (value && members[i].file && !json_get(own, members[i].file) &&
		    !is_absent(members[i].section, members[i].key, value))
			unified = without(arena, &unified, members[i].file);
	}
	if (json_get(resources, "unified"))
		*resources = with(arena, resources, "unified", unified);
}

int spec_update_read(struct arena *arena, const char *name, const char *bytes, size_t n,
		     const struct json **ret_asked, struct error *err)
{
	const struct field_context context = { .arena = arena,
					       .document = name,
					       .null_is_absent = true };
	struct spec_resources checked = {};
	struct json *root;

	TRY(json_read(arena, name, bytes, n, NULL, &root, err));
	TRY(spec_check_object(root, name, err));
	TRY(fields_read(&context, &spec_resources_fields, root, "", &checked, err));
	*ret_asked = root;
	return 0;
}

const struct json *spec_update_refine(struct arena *arena, const struct json *asked,
				      const struct json *over)
{
	struct json *merged = arena_alloc(arena, sizeof(*merged));

	*merged = merge(arena, NULL, asked, over);
	return merged;
}

int spec_update_merge(struct arena *arena, const char *config, size_t n, const struct json *asked,
		      struct text *ret_config, struct error *err)
{
	struct json *root;

	TRY(json_read(arena, "config.json", config, n, NULL, &root, err));
	const struct json *section = json_get(root, "linux"),
			  *schemas = json_get(asked, "intelRdt");
	struct json limits = without(arena, asked, "intelRdt");
	struct json resources = merge(arena, NULL, json_get(section, "resources"), &limits);
	swap_free(arena, asked, &resources);
	unified_yield(arena, asked, &resources);

	struct json platform = with(arena, section, "resources", resources);
	if (schemas)
		platform = with(arena, &platform, "intelRdt",
				merge(arena, NULL, json_get(section, "intelRdt"), schemas));
	struct json merged = with(arena, root, "linux", platform);
	json_write(ret_config, &merged);
	return 0;
}

bool spec_update_touches(const struct json *asked, const char *file)
{
	for (size_t i = 0; i < FILES; i++) {
		const struct json *section = json_get(asked, files[i].section);
		if (str_starts(file, files[i].prefix) && section && section->n > 0)
			return true;
	}
	return json_get(json_get(asked, "unified"), file) != NULL;
}

bool spec_update_has_devices(const struct json *asked)
{
	const struct json *devices = json_get(asked, "devices");
	return devices && devices->type == JSON_ARRAY;
}
