/* SPDX-License-Identifier: Apache-2.0 */
/* `root` and `mounts`: the container's file tree. */
#include "base/error.h"
#include "base/path.h"
#include "base/str.h"
#include "plan/plan.h"
#include "spec/lower.h"

#include <string.h>
#include <sys/mount.h>

#define AT(member) offsetof(struct spec_mount, member)
static const struct field mount_rows[] = {
	{ "destination", FIELD_STRING, AT(destination), .required = true },
	{ "source", FIELD_STRING, AT(source) },
	{ "type", FIELD_STRING, AT(type) },
	{ "options", FIELD_STRINGS, AT(options) },
	{ "uidMappings", FIELD_OBJECTS, AT(uid_maps), .object = &spec_id_map_fields },
	{ "gidMappings", FIELD_OBJECTS, AT(gid_maps), .object = &spec_id_map_fields },
	{},
};
#undef AT
const struct fields spec_mount_fields = { "mounts", sizeof(struct spec_mount), mount_rows };

/* What engines put into every container for its plumbing (policy.md, section 2). */
static const char *const engine_files[] = {
	"/etc/hosts",         "/etc/hostname",        "/etc/resolv.conf",
	"/run/.containerenv", "/dev/termination-log", "/dev/shm",
};

static bool is_engine_file(const char *target)
{
	for (size_t i = 0; i < sizeof(engine_files) / sizeof(engine_files[0]); i++)
		if (str_equal(engine_files[i], target))
			return true;
	return false;
}

/* A path of the runtime's view; links in it are the administrator's, so it is not cleaned. */
static const char *bundle_path(const struct lowering *lowering, const char *path)
{
	return path[0] == '/' ? path : path_join(lowering->arena, lowering->request->bundle, path);
}

static const struct {
	const char *name;
	uint64_t flags;
} propagations[] = {
	{ "shared", MS_SHARED },
	{ "slave", MS_SLAVE },
	{ "private", MS_PRIVATE },
	{ "unbindable", MS_UNBINDABLE },
	{ "rshared", MS_SHARED | MS_REC },
	{ "rslave", MS_SLAVE | MS_REC },
	{ "rprivate", MS_PRIVATE | MS_REC },
	{ "runbindable", MS_UNBINDABLE | MS_REC },
	{},
};

static int lower_propagation(const struct lowering *lowering, struct error *err)
{
	const char *name = lowering->spec->platform.rootfs_propagation;

	if (!name || !name[0])
		return 0;
	for (int i = 0; propagations[i].name; i++)
		if (str_equal(propagations[i].name, name)) {
			lowering->plan->mounts.root_propagation = propagations[i].flags;
			return 0;
		}
	(void)spec_fail(err, spec_origin(lowering, "linux.rootfsPropagation"), "unknown value '%s'",
			name);
	return fail_remedy(err, "write one of 'shared', 'slave', 'private', 'unbindable'");
}

static int lower_paths(const struct lowering *lowering, const struct strings *from,
		       const char *name, struct plan_mounts *mounts, struct error *err)
{
	for (size_t i = 0; i < from->n; i++) {
		const char *origin = spec_origin(lowering, "linux.%s[%zu]", name, i);
		const char *path;
		TRY(spec_container_path(lowering, from->items[i], origin, &path, err));
		if (str_equal(name, "maskedPaths"))
			*arena_push(lowering->arena, &mounts->masked) = path;
		else
			*arena_push(lowering->arena, &mounts->read_only) = path;
	}
	return 0;
}

int spec_lower_root(const struct lowering *lowering, struct error *err)
{
	const struct spec_platform *platform = &lowering->spec->platform;
	struct plan_mounts *mounts = &lowering->plan->mounts;

	mounts->root = bundle_path(lowering, lowering->spec->root.path);
	mounts->root_read_only = lowering->spec->root.readonly;
	if (platform->mount_label && platform->mount_label[0])
		mounts->label = platform->mount_label;
	TRY(lower_propagation(lowering, err));
	TRY(lower_paths(lowering, &platform->masked_paths, "maskedPaths", mounts, err));
	return lower_paths(lowering, &platform->readonly_paths, "readonlyPaths", mounts, err);
}

/* Words of mount(8) that speak to other programs than the kernel. */
static bool is_for_others(const char *option)
{
	static const char *const words[] = { "auto", "noauto", "nouser", "_netdev" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_equal(option, words[i]))
			return true;
	return str_starts(option, "x-") || str_starts(option, "X-") ||
	       str_starts(option, "comment=");
}

/*
 * Everything that is no word of the table goes to the file system: "key=value" as a string, a bare
 * word as a flag.
 */
static int lower_options(const struct lowering *lowering, const struct strings *options,
			 struct plan_mount *mount, struct mount_flags *flags, struct error *err)
{
	size_t size = (options->n + MOUNT_SUPERBLOCK_NAMES + 1) * sizeof(const char *);
	struct strings data = { arena_alloc(lowering->arena, size), 0 };
	struct strings superblock = { arena_alloc(lowering->arena, size), 0 };

	for (size_t i = 0; i < options->n; i++) {
		const char *option = options->items[i];
		bool is_map = str_starts(option, "idmap=") || str_starts(option, "ridmap=");
		if (is_map) {
			TRY(mount_maps_read(lowering, strchr(option, '=') + 1, mount, err));
			option = option[0] == 'r' ? "ridmap" : "idmap";
		}
		if (!option[0] || is_for_others(option) || mount_option_apply(option, mount, flags))
			continue;
		struct strings *list = strchr(option, '=') ? &data : &superblock;
		list->items[list->n++] = option;
	}
	mount_superblock_names(flags, &superblock);
	mount->data = data.items;
	mount->superblock = superblock.items;
	return 0;
}

/* Where there is nothing beneath, the recursive words speak of the mount itself. */
static void attributes_join(struct plan_mount *mount)
{
	if (mount->kind == PLAN_MOUNT_REMOUNT || mount->is_recursive)
		return;
	mount_attributes_change(&mount->set, &mount->clear, mount->set_recursive,
				mount->clear_recursive);
	mount->set_recursive = mount->clear_recursive = 0;
}

static enum plan_mount_kind mount_kind(const struct spec_mount *from,
				       const struct mount_flags *flags)
{
	if (flags->is_remount)
		return PLAN_MOUNT_REMOUNT;
	if (flags->is_bind || str_equal(from->type, "bind"))
		return PLAN_MOUNT_BIND;
	if (str_equal(from->type, "cgroup") || str_equal(from->type, "cgroup2"))
		return PLAN_MOUNT_CGROUP;
	return PLAN_MOUNT_FILESYSTEM;
}

static int lower_bind(const struct lowering *lowering, const struct spec_mount *from,
		      struct plan_mount *mount, struct error *err)
{
	if (!from->source || !from->source[0])
		return spec_fail(err, mount->origin, "the bind mount on '%s' has no source",
				 mount->target);
	mount->source = bundle_path(lowering, from->source);
	/* A bind mount has no file system to give them to; the kernel overlooks them, too. */
	const char **nothing = arena_alloc(lowering->arena, sizeof(*nothing));
	mount->data = nothing;
	mount->superblock = nothing;
	return 0;
}

static int lower_filesystem(const struct lowering *lowering, const struct spec_mount *from,
			    struct plan_mount *mount, struct error *err)
{
	if (!from->type || !from->type[0] || str_equal(from->type, "none")) {
		(void)spec_fail(err, mount->origin, "the mount on '%s' has no type", mount->target);
		return fail_remedy(err, "give it a type, or the option 'bind' or 'rbind'");
	}
	mount->type = mount->kind == PLAN_MOUNT_CGROUP ? "cgroup2" : from->type;
	mount->source = from->source;
	if (mount->copy_up && !str_equal(from->type, "tmpfs"))
		return spec_fail(err, mount->origin,
				 "only a tmpfs takes the option 'tmpcopyup', not '%s'", from->type);

	/* A block device must not be written to either, as recovering a journal would. */
	if (from->source && from->source[0] == '/' && mount->set & MOUNT_ATTR_RDONLY) {
		size_t n = 0;
		while (mount->superblock[n])
			n++;
		const char **superblock = arena_alloc(lowering->arena,
						      (n + 2) * sizeof(*superblock));
		memcpy(superblock, mount->superblock, n * sizeof(*superblock));
		superblock[n] = "ro";
		mount->superblock = superblock;
	}
	return 0;
}

/* config.md, Mounts: taken from "/", and deprecated. */
static void warn_relative(const struct lowering *lowering, const char *destination,
			  const struct plan_mount *mount)
{
	*arena_push(lowering->arena, &lowering->plan->degradations) = (struct plan_degradation){
		.what = arena_printf(lowering->arena,
				     "the destination '%s' is relative, which is deprecated: it is "
				     "taken as '%s'",
				     destination, mount->target),
		.origin = mount->origin,
		.is_warning = true,
	};
}

static int lower_mount(const struct lowering *lowering, const struct spec_mount *from,
		       struct plan_mount *mount, struct error *err)
{
	struct mount_flags flags = {};

	if (!from->destination[0])
		return spec_fail(err, mount->origin, "the destination is empty");
	mount->target = path_clean(lowering->arena, from->destination);
	if (from->destination[0] != '/')
		warn_relative(lowering, from->destination, mount);
	TRY(lower_options(lowering, &from->options, mount, &flags, err));
	mount->kind = mount_kind(from, &flags);
	attributes_join(mount);
	if (str_equal(mount->target, "/") && mount->kind != PLAN_MOUNT_REMOUNT)
		return spec_fail(err, mount->origin, "nothing can be mounted on the root itself");
	mount->is_engine_file = is_engine_file(mount->target);
	TRY(mount_idmap_lower(lowering, from, mount, err));

	switch (mount->kind) {
	case PLAN_MOUNT_BIND: return lower_bind(lowering, from, mount, err);
	case PLAN_MOUNT_FILESYSTEM:
	case PLAN_MOUNT_CGROUP: return lower_filesystem(lowering, from, mount, err);
	case PLAN_MOUNT_REMOUNT: break;
	}
	return 0;
}

int spec_lower_mounts(const struct lowering *lowering, struct error *err)
{
	const struct spec_mount *items = lowering->spec->mounts.items;

	for (size_t i = 0; i < lowering->spec->mounts.n; i++) {
		struct plan_mount mount = { .origin = spec_origin(lowering, "mounts[%zu]", i) };
		TRY(lower_mount(lowering, &items[i], &mount, err));
		*arena_push(lowering->arena, &lowering->plan->mounts.rows) = mount;
	}
	return 0;
}
