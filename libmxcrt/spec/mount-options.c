/* SPDX-License-Identifier: Apache-2.0 */
/* The words of `mounts[].options` that are no file system's own. */
#include "base/str.h"
#include "plan/plan.h"
#include "spec/lower.h"

#include <sys/mount.h>

/*
 * Flags of the superblock that fsconfig(2) knows by name; the index is the bit in struct
 * mount_flags.
 */
enum { SUPERBLOCK_SYNC, SUPERBLOCK_DIRSYNC, SUPERBLOCK_LAZYTIME, SUPERBLOCK_FLAGS };
static const char *const superblock_names[SUPERBLOCK_FLAGS] = {
	[SUPERBLOCK_SYNC] = "sync",
	[SUPERBLOCK_DIRSYNC] = "dirsync",
	[SUPERBLOCK_LAZYTIME] = "lazytime",
};

enum effect {
	EFFECT_NONE,        /* what the kernel does anyway, or no longer knows how not to do */
	EFFECT_ATTRIBUTE,   /* of this mount */
	EFFECT_RECURSIVE,   /* of this mount and all beneath it */
	EFFECT_PROPAGATION, /* .set is MS_* */
	EFFECT_SUPERBLOCK,  /* .set and .clear are bits by index of superblock_names */
	EFFECT_BIND,
	EFFECT_BIND_RECURSIVE,
	EFFECT_REMOUNT,
	EFFECT_COPY_UP,
	EFFECT_IDMAP,
	EFFECT_IDMAP_RECURSIVE,
};

#define RDONLY      MOUNT_ATTR_RDONLY
#define NOSUID      MOUNT_ATTR_NOSUID
#define NODEV       MOUNT_ATTR_NODEV
#define NOEXEC      MOUNT_ATTR_NOEXEC
#define NODIRATIME  MOUNT_ATTR_NODIRATIME
#define NOSYMFOLLOW MOUNT_ATTR_NOSYMFOLLOW
/*
 * The three ways of access times are one field of the attributes: setting one means clearing the
 * field first.
 */
#define ATIME       MOUNT_ATTR__ATIME
#define RELATIME    MOUNT_ATTR_RELATIME
#define NOATIME     MOUNT_ATTR_NOATIME
#define STRICTATIME MOUNT_ATTR_STRICTATIME
#define BIT(n)      (1U << (n))

static const struct {
	const char *name;
	enum effect effect;
	uint64_t set, clear;
} options[] = {
	{ "async", EFFECT_SUPERBLOCK, 0, BIT(SUPERBLOCK_SYNC) },
	{ "atime", EFFECT_ATTRIBUTE, RELATIME, ATIME },
	{ "bind", EFFECT_BIND },
	{ "defaults", EFFECT_NONE },
	{ "dev", EFFECT_ATTRIBUTE, 0, NODEV },
	{ "diratime", EFFECT_ATTRIBUTE, 0, NODIRATIME },
	{ "dirsync", EFFECT_SUPERBLOCK, BIT(SUPERBLOCK_DIRSYNC), 0 },
	{ "exec", EFFECT_ATTRIBUTE, 0, NOEXEC },
	{ "idmap", EFFECT_IDMAP },
	{ "iversion", EFFECT_NONE },
	{ "lazytime", EFFECT_SUPERBLOCK, BIT(SUPERBLOCK_LAZYTIME), 0 },
	{ "loud", EFFECT_NONE },
	{ "mand", EFFECT_NONE },
	{ "noatime", EFFECT_ATTRIBUTE, NOATIME, ATIME },
	{ "nodev", EFFECT_ATTRIBUTE, NODEV, 0 },
	{ "nodiratime", EFFECT_ATTRIBUTE, NODIRATIME, 0 },
	{ "noexec", EFFECT_ATTRIBUTE, NOEXEC, 0 },
	{ "noiversion", EFFECT_NONE },
	{ "nolazytime", EFFECT_SUPERBLOCK, 0, BIT(SUPERBLOCK_LAZYTIME) },
	{ "nomand", EFFECT_NONE },
	{ "norelatime", EFFECT_NONE },
	{ "nostrictatime", EFFECT_ATTRIBUTE, RELATIME, ATIME },
	{ "nosuid", EFFECT_ATTRIBUTE, NOSUID, 0 },
	{ "nosymfollow", EFFECT_ATTRIBUTE, NOSYMFOLLOW, 0 },
	{ "private", EFFECT_PROPAGATION, MS_PRIVATE },
	{ "ratime", EFFECT_RECURSIVE, RELATIME, ATIME },
	{ "rbind", EFFECT_BIND_RECURSIVE },
	{ "rdev", EFFECT_RECURSIVE, 0, NODEV },
	{ "rdiratime", EFFECT_RECURSIVE, 0, NODIRATIME },
	{ "relatime", EFFECT_ATTRIBUTE, RELATIME, ATIME },
	{ "remount", EFFECT_REMOUNT },
	{ "rexec", EFFECT_RECURSIVE, 0, NOEXEC },
	{ "ridmap", EFFECT_IDMAP_RECURSIVE },
	{ "rnoatime", EFFECT_RECURSIVE, NOATIME, ATIME },
	{ "rnodev", EFFECT_RECURSIVE, NODEV, 0 },
	{ "rnodiratime", EFFECT_RECURSIVE, NODIRATIME, 0 },
	{ "rnoexec", EFFECT_RECURSIVE, NOEXEC, 0 },
	{ "rnorelatime", EFFECT_NONE },
	{ "rnostrictatime", EFFECT_RECURSIVE, RELATIME, ATIME },
	{ "rnosuid", EFFECT_RECURSIVE, NOSUID, 0 },
	{ "rnosymfollow", EFFECT_RECURSIVE, NOSYMFOLLOW, 0 },
	{ "ro", EFFECT_ATTRIBUTE, RDONLY, 0 },
	{ "rprivate", EFFECT_PROPAGATION, MS_PRIVATE | MS_REC },
	{ "rrelatime", EFFECT_RECURSIVE, RELATIME, ATIME },
	{ "rro", EFFECT_RECURSIVE, RDONLY, 0 },
	{ "rrw", EFFECT_RECURSIVE, 0, RDONLY },
	{ "rshared", EFFECT_PROPAGATION, MS_SHARED | MS_REC },
	{ "rslave", EFFECT_PROPAGATION, MS_SLAVE | MS_REC },
	{ "rstrictatime", EFFECT_RECURSIVE, STRICTATIME, ATIME },
	{ "rsuid", EFFECT_RECURSIVE, 0, NOSUID },
	{ "rsymfollow", EFFECT_RECURSIVE, 0, NOSYMFOLLOW },
	{ "runbindable", EFFECT_PROPAGATION, MS_UNBINDABLE | MS_REC },
	{ "rw", EFFECT_ATTRIBUTE, 0, RDONLY },
	{ "shared", EFFECT_PROPAGATION, MS_SHARED },
	{ "silent", EFFECT_NONE },
	{ "slave", EFFECT_PROPAGATION, MS_SLAVE },
	{ "strictatime", EFFECT_ATTRIBUTE, STRICTATIME, ATIME },
	{ "suid", EFFECT_ATTRIBUTE, 0, NOSUID },
	{ "symfollow", EFFECT_ATTRIBUTE, 0, NOSYMFOLLOW },
	{ "sync", EFFECT_SUPERBLOCK, BIT(SUPERBLOCK_SYNC), 0 },
	{ "tmpcopyup", EFFECT_COPY_UP },
	{ "unbindable", EFFECT_PROPAGATION, MS_UNBINDABLE },
	{},
};

const char *spec_mount_option(size_t i)
{
	return i < sizeof(options) / sizeof(options[0]) ? options[i].name : NULL;
}

void mount_attributes_change(uint64_t *set, uint64_t *clear, uint64_t added, uint64_t removed)
{
	*set = (*set & ~removed) | added;
	*clear = (*clear & ~(added & ~(uint64_t)ATIME)) | removed;
}

static void option_take_effect(size_t row, struct plan_mount *mount, struct mount_flags *flags)
{
	switch (options[row].effect) {
	case EFFECT_NONE: return;
	case EFFECT_ATTRIBUTE:
		return mount_attributes_change(&mount->set, &mount->clear, options[row].set,
					       options[row].clear);
	case EFFECT_RECURSIVE:
		return mount_attributes_change(&mount->set_recursive, &mount->clear_recursive,
					       options[row].set, options[row].clear);
	case EFFECT_PROPAGATION: mount->propagation = options[row].set; return;
	case EFFECT_SUPERBLOCK:
		flags->superblock = (flags->superblock & ~(unsigned)options[row].clear) |
				    (unsigned)options[row].set;
		return;
	case EFFECT_BIND_RECURSIVE:
		mount->is_recursive = true;
		flags->is_bind = true;
		return;
	case EFFECT_BIND: flags->is_bind = true; return;
	case EFFECT_REMOUNT: flags->is_remount = true; return;
	case EFFECT_COPY_UP: mount->copy_up = true; return;
	case EFFECT_IDMAP_RECURSIVE: mount->idmap = mount->idmap_recursive = true; return;
	case EFFECT_IDMAP: mount->idmap = true; return;
	}
}

bool mount_option_apply(const char *option, struct plan_mount *mount, struct mount_flags *flags)
{
	for (size_t row = 0; options[row].name; row++)
		if (str_equal(options[row].name, option)) {
			option_take_effect(row, mount, flags);
			return true;
		}
	return false;
}

_Static_assert((int)MOUNT_SUPERBLOCK_NAMES == (int)SUPERBLOCK_FLAGS, "there is room for all");

void mount_superblock_names(const struct mount_flags *flags, struct strings *names)
{
	for (size_t i = 0; i < SUPERBLOCK_FLAGS; i++)
		if (flags->superblock & BIT(i))
			names->items[names->n++] = superblock_names[i];
}
