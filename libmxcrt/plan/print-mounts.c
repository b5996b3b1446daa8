/* SPDX-License-Identifier: Apache-2.0 */
/* The file tree as text: root, mounts, masks, devices. */
#include "plan/print.h"

#include "base/str.h"
#include "plan/plan.h"

#include <inttypes.h>
#include <sys/mount.h>

static void print_attributes(struct text *out, const char *key, uint64_t attributes,
			     uint64_t atime_is_named)
{
	static const char *const names[] = {
		[0] = "ro",         [1] = "nosuid", [2] = "nodev",        [3] = "noexec",
		[7] = "nodiratime", [20] = "idmap", [21] = "nosymfollow",
	};
	uint64_t rest = attributes & ~(uint64_t)MOUNT_ATTR__ATIME;
	uint64_t atime = attributes & MOUNT_ATTR__ATIME;

	if (attributes == 0 && !atime_is_named)
		return;
	text_printf(out, " %s", key);
	if (atime == MOUNT_ATTR__ATIME)
		text_add(out, " atime");
	else if (atime_is_named)
		text_add(out, atime == MOUNT_ATTR_NOATIME       ? " noatime"
			      : atime == MOUNT_ATTR_STRICTATIME ? " strictatime"
								: " relatime");
	if (rest)
		print_bits(out, names, sizeof(names) / sizeof(names[0]), rest);
}

static void print_propagation(struct text *out, uint64_t flags)
{
	static const struct {
		uint64_t flag;
		const char *name;
	} names[] = {
		{ MS_SHARED, "shared" },
		{ MS_SLAVE, "slave" },
		{ MS_PRIVATE, "private" },
		{ MS_UNBINDABLE, "unbindable" },
	};

	if (flags == 0)
		return;
	text_printf(out, " propagation %s", flags & MS_REC ? "r" : "");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (flags & names[i].flag)
			text_add(out, names[i].name);
}

static void print_idmap(struct text *out, const struct plan_mount *mount)
{
	if (!mount->idmap)
		return;
	text_add(out, mount->idmap_recursive ? " ridmap" : " idmap");
	print_id_maps(out, " uid", &mount->uid_maps);
	print_id_maps(out, " gid", &mount->gid_maps);
}

static void print_mount(const struct plan_mount *mount, struct text *out)
{
	static const char *const kinds[] = {
		[PLAN_MOUNT_FILESYSTEM] = "filesystem",
		[PLAN_MOUNT_BIND] = "bind",
		[PLAN_MOUNT_REMOUNT] = "remount",
		[PLAN_MOUNT_CGROUP] = "cgroup",
	};

	text_printf(out, "mount %s", kinds[mount->kind]);
	if (mount->type)
		print_word(out, mount->type);
	if (mount->source)
		print_word(out, mount->source);
	text_add(out, " ->");
	print_word(out, mount->target);
	if (mount->is_recursive)
		text_add(out, " recursive");
	print_attributes(out, "set", mount->set, mount->clear & MOUNT_ATTR__ATIME);
	print_attributes(out, "clear", mount->clear & ~(uint64_t)MOUNT_ATTR__ATIME, 0);
	print_attributes(out, "set-below", mount->set_recursive,
			 mount->clear_recursive & MOUNT_ATTR__ATIME);
	print_attributes(out, "clear-below", mount->clear_recursive & ~(uint64_t)MOUNT_ATTR__ATIME,
			 0);
	print_propagation(out, mount->propagation);
	if (mount->superblock && mount->superblock[0])
		print_list(out, "flags", mount->superblock);
	if (mount->data && mount->data[0])
		print_list(out, "data", mount->data);
	if (mount->copy_up)
		text_add(out, " copy-up");
	print_idmap(out, mount);
	if (mount->is_engine_file)
		text_add(out, " engine-file");
	print_end(out, mount->origin);
}

static void print_root(const struct plan_mounts *mounts, struct text *out)
{
	if (!mounts->root)
		return;
	text_add(out, "root");
	print_word(out, mounts->root);
	if (mounts->root_read_only)
		text_add(out, " read-only");
	print_propagation(out, mounts->root_propagation);
	if (mounts->no_pivot)
		text_add(out, " no-pivot");
	print_pair(out, "label", mounts->label);
	text_add(out, "\n");
}

static void print_devices(const struct plan_devices *devices, struct text *out)
{
	for (size_t i = 0; i < devices->rows.n; i++) {
		const struct plan_device *device = &devices->rows.items[i];
		text_printf(out, "device %c %" PRIu32 ":%" PRIu32, device->type, device->major,
			    device->minor);
		print_word(out, device->path);
		text_printf(out, " mode %04" PRIo32 " owner %" PRIu32 ":%" PRIu32, device->mode,
			    device->uid, device->gid);
		if (device->is_given)
			text_add(out, " given");
		print_end(out, device->origin);
	}
	if (devices->links)
		text_add(out, "device-links\n");
	if (devices->console)
		text_add(out, "console\n");
}

void plan_print_mounts(const struct plan *plan, struct text *out)
{
	const struct plan_mounts *mounts = &plan->mounts;

	print_root(mounts, out);
	for (size_t i = 0; i < mounts->rows.n; i++)
		print_mount(&mounts->rows.items[i], out);
	for (size_t i = 0; i < mounts->masked.n; i++) {
		text_add(out, "masked");
		print_word(out, mounts->masked.items[i]);
		text_add(out, "\n");
	}
	for (size_t i = 0; i < mounts->read_only.n; i++) {
		text_add(out, "read-only");
		print_word(out, mounts->read_only.items[i]);
		text_add(out, "\n");
	}
	print_devices(&plan->devices, out);
}
