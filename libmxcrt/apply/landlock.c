/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock: the ruleset from paths as the agent sees them, and the point of no return. */
#include "apply/landlock.h"

#include "apply/step.h"
#include "apply/walk.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's interface, all of it: the headers of distributions stop at ABI 2. */
struct ruleset_attr {
	uint64_t handled_access_fs, handled_access_net, scoped;
};
struct path_beneath_attr {
	uint64_t allowed_access;
	int32_t parent_fd;
} __attribute__((packed));
enum { RULE_PATH_BENEATH = 1, CREATE_RULESET_VERSION = 1, CREATE_RULESET_ERRATA = 2 };

/* EXECUTE, WRITE_FILE, READ_FILE, TRUNCATE, IOCTL_DEV: all that a rule on something other than a
 * directory may carry. */
enum { FILE_RIGHTS = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15, RESOLVE_UNIX = 1 << 16 };

static long create_ruleset(const struct ruleset_attr *attr, size_t size, uint32_t flags)
{
	return syscall(SYS_landlock_create_ruleset, attr, size, flags);
}

struct landlock_abi landlock_abi(void)
{
	long abi = create_ruleset(NULL, 0, CREATE_RULESET_VERSION);
	if (abi < 1)
		return (struct landlock_abi){};
	long errata = create_ruleset(NULL, 0, CREATE_RULESET_ERRATA);
	return (struct landlock_abi){ .abi = (int)abi,
				      .errata = errata > 0 ? (uint32_t)errata : 0 };
}

/* How much of the structure each ABI knows; a kernel refuses bytes beyond only when they are not
 * zero. */
static size_t ruleset_size(const struct plan_landlock *landlock)
{
	if (landlock->scoped)
		return sizeof(struct ruleset_attr);
	if (landlock->handled_net)
		return offsetof(struct ruleset_attr, scoped);
	return offsetof(struct ruleset_attr, handled_access_net);
}

struct ruleset {
	int fd, root;
	bool is_exec;
	const struct plan_filesystem *filesystem;
	const struct plan_landlock_rule *rule; /* being added */
};

static int grant(const struct ruleset *ruleset, int object, mode_t type, const char *path,
		 struct error *err)
{
	struct path_beneath_attr attr = { .allowed_access = ruleset->rule->rights,
					  .parent_fd = object };
	if (!S_ISDIR(type))
		attr.allowed_access &= FILE_RIGHTS | (S_ISSOCK(type) ? RESOLVE_UNIX : 0);
	if (!attr.allowed_access)
		return 0;
	if (syscall(SYS_landlock_add_rule, ruleset->fd, RULE_PATH_BENEATH, &attr, 0) < 0)
		return fail_sys(err, "landlock rule on '%s'", path);
	return 0;
}

static bool is_hole(const struct plan_landlock_rule *rule, const char *path)
{
	for (size_t i = 0; i < rule->holes.n; i++)
		if (str_equal(rule->holes.items[i], path))
			return true;
	return false;
}

static bool has_hole_beneath(const struct plan_landlock_rule *rule, const char *path)
{
	for (size_t i = 0; i < rule->holes.n; i++)
		if (path_is_beneath(rule->holes.items[i], path))
			return true;
	return false;
}

static int grant_around_holes(const struct ruleset *ruleset, int directory, const char *path,
			      struct error *err);

static int grant_entry(const struct ruleset *ruleset, int directory, const struct dirent *entry,
		       const char *path, struct error *err)
{
	/* A link grants nothing: what it leads to is granted, or not, where it really is. */
	if (entry->d_type == DT_LNK || is_hole(ruleset->rule, path))
		return 0;
	autofd object = openat(directory, entry->d_name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (object < 0 && errno == ENOENT)
		return 0;
	struct stat st;
	if (object < 0 || fstat(object, &st) < 0)
		return fail_sys(err, "landlock rule on '%s'", path);
	if (S_ISLNK(st.st_mode))
		return 0;
	if (S_ISDIR(st.st_mode) && has_hole_beneath(ruleset->rule, path))
		return grant_around_holes(ruleset, object, path, err);
	return grant(ruleset, object, st.st_mode, path, err);
}

/* To everything in DIRECTORY, at PATH, but the way to the holes, which is walked in turn. */
static int grant_around_holes(const struct ruleset *ruleset, int directory, const char *path,
			      struct error *err)
{
	autofd readable = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	autodir entries = readable < 0 ? NULL : fdopendir(readable);
	if (!entries)
		return fail_sys(err, "list '%s' for landlock rules", path);
	(void)fd_take(&readable); /* the stream closes it */

	for (;;) {
		errno = 0;
		const struct dirent *entry = readdir(entries);
		if (!entry && errno != 0)
			return fail_sys(err, "list '%s' for landlock rules", path);
		if (!entry)
			return 0;
		if (str_equal(entry->d_name, ".") || str_equal(entry->d_name, ".."))
			continue;
		autoarena arena = {};
		TRY(grant_entry(ruleset, directory, entry, path_join(&arena, path, entry->d_name),
				err));
	}
}

/*
 * A link on a mount that is not read-only may be the agent's work: an exec that followed it would
 * be given rights on what the agent chose. At create no agent has run yet.
 */
static int link_is_trusted(void *context, int link, const char *path, struct error *err)
{
	bool *is_bent = context;
	struct statvfs fs;
	if (fstatvfs(link, &fs) < 0)
		return fail_sys(err, "look up '%s'", path);
	if (fs.f_flag & ST_RDONLY)
		return 0;
	*is_bent = true;
	return fail(err, ERROR_POLICY, "'%s' is a link in a writable tree", path);
}

/* -1 with errno, as open_in_root; ELOOP for what is not to be followed. */
static int rule_open_again(int root, const char *path)
{
	autoarena arena = {};
	struct error err = {};
	bool is_bent = false;
	__attribute__((cleanup(walk_close))) struct walk walk = {
		.arena = &arena,
		.root = root,
		.on_link = link_is_trusted,
		.context = &is_bent,
		.fd = -1,
	};
	if (walk_run(&walk, path, &err) < 0) {
		errno = is_bent || !err.sys_errno ? ELOOP : err.sys_errno;
		return -1;
	}
	if (walk.is_missing || walk.is_blocked) {
		errno = ENOENT;
		return -1;
	}
	return fd_take(&walk.fd);
}

/* A grant within a denied tree that access_apply withheld, because its object is denied by another
 * name, is not there any more. */
static bool is_within_denied(const struct plan_filesystem *filesystem, const char *path)
{
	for (size_t i = 0; i < filesystem->rows.n; i++) {
		const struct plan_access *row = &filesystem->rows.items[i];
		if (row->intent == ACCESS_DENY && path_is_beneath(path, row->path))
			return true;
	}
	return false;
}

static int rule_add(const struct ruleset *ruleset, struct error *err)
{
	const struct plan_landlock_rule *rule = ruleset->rule;
	autofd object = ruleset->is_exec ? rule_open_again(ruleset->root, rule->path)
					 : open_in_root(ruleset->root, rule->path, 0);
	/* What the agent removed or bent since the create gives an exec less than the first process
	 * had, never more. */
	bool may_miss = rule->is_optional || ruleset->is_exec ||
			is_within_denied(ruleset->filesystem, rule->path);
	if (object < 0 && may_miss && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
		return 0;
	struct stat st;
	if (object < 0 || fstat(object, &st) < 0)
		return fail_sys(err, "landlock rule on '%s'", rule->path);
	if (S_ISDIR(st.st_mode) && rule->holes.n > 0)
		return grant_around_holes(ruleset, object, rule->path, err);
	return grant(ruleset, object, st.st_mode, rule->path, err);
}

int landlock_prepare(const struct plan *plan, struct handles *handles, struct error *err)
{
	const struct plan_landlock *landlock = &plan->landlock;
	if (!landlock->is_active)
		return 0;
	struct ruleset_attr attr = { landlock->handled_fs, landlock->handled_net,
				     landlock->scoped };
	autofd fd = (int)create_ruleset(&attr, ruleset_size(landlock), 0);
	if (fd < 0)
		return fail_sys(err, "make a landlock ruleset");
	autofd root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return fail_sys(err, "open '/'");

	for (size_t i = 0; i < landlock->rules.n; i++) {
		struct ruleset ruleset = {
			.fd = fd,
			.root = root,
			.is_exec = plan->is_exec,
			.filesystem = &plan->filesystem,
			.rule = &landlock->rules.items[i],
		};
		if (rule_add(&ruleset, err) < 0)
			return fail_field(err, "%s", ruleset.rule->origin);
	}
	handles->landlock = fd_take(&fd);
	return 0;
}

int landlock_enter(const struct plan *plan, struct handles *handles, struct error *err)
{
	if (!plan->landlock.is_active)
		return 0;
	if (syscall(SYS_landlock_restrict_self, handles->landlock, plan->landlock.restrict_flags) <
	    0)
		return fail_sys(err, "enter the landlock domain");
	fd_close(&handles->landlock);
	return 0;
}
