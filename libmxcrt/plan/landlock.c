/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock rules from what may be reached. */
#include "plan/landlock.h"

#include "base/path.h"
#include "base/str.h"
#include "plan/plan.h"

enum {
	ABI_SCOPES = 6,
	ABI_LOG_FLAGS = 7,
	RIGHTS_TO_READ = LANDLOCK_READ_FILE | LANDLOCK_READ_DIR,
	RIGHTS_OF_DEVICE = LANDLOCK_READ_FILE | LANDLOCK_WRITE_FILE | LANDLOCK_TRUNCATE,
	RIGHTS_OF_TERMINAL = RIGHTS_OF_DEVICE | LANDLOCK_READ_DIR | LANDLOCK_IOCTL_DEV,
	/* Never with a writable tree: programs come from exec, device nodes from the engine,
	   commands only to granted devices. */
	RIGHTS_NOT_WRITABLE = LANDLOCK_EXECUTE | LANDLOCK_MAKE_CHAR | LANDLOCK_MAKE_BLOCK |
			      LANDLOCK_IOCTL_DEV,
};

uint64_t landlock_rights_of(int abi)
{
	static const struct {
		int abi;
		uint64_t last;
	} rows[] = {
		{ 9, LANDLOCK_RESOLVE_UNIX }, { 5, LANDLOCK_IOCTL_DEV }, { 3, LANDLOCK_TRUNCATE },
		{ 2, LANDLOCK_REFER },        { 1, LANDLOCK_MAKE_SYM },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (abi >= rows[i].abi)
			return (rows[i].last << 1) - 1;
	return 0;
}

/* A tree that gets rights, as long as one rule or several: what is beneath it may have less. */
struct grant {
	const char *path;
	uint64_t rights;
	bool is_base;   /* a tree of the base: what rows say of a subtree goes first */
	bool has_holes; /* nothing new appears in the tree, so that granting to siblings instead
			   loses nothing */
	bool is_optional;
	const char *origin;
};

/* A path below /dev that is named by a row, other than the shared memory and message queue file
 * systems: a device. */
static bool is_device(const char *path)
{
	return path_is_beneath(path, "/dev") && !str_equal(path, "/dev") &&
	       !path_is_beneath(path, "/dev/shm") && !path_is_beneath(path, "/dev/mqueue");
}

static uint64_t row_rights(const struct plan *plan, const struct plan_access *row)
{
	const struct plan_filesystem *filesystem = &plan->filesystem;
	uint64_t rights = 0;
	switch (row->intent) {
	case ACCESS_DENY: return 0;
	case ACCESS_READ_ONLY:
		rights = RIGHTS_TO_READ;
		if (filesystem->exec_base && plan_path_is_base(plan, row->path))
			rights |= LANDLOCK_EXECUTE;
		break;
	case ACCESS_READ_WRITE:
		rights = plan->landlock.handled_fs & ~(uint64_t)RIGHTS_NOT_WRITABLE;
		if (filesystem->exec_writable)
			rights |= LANDLOCK_EXECUTE;
		if (is_device(row->path))
			rights |= LANDLOCK_IOCTL_DEV;
		break;
	}
	return rights & plan->landlock.handled_fs;
}

/* Mounts alone carry what is stricter beneath a tree in which files come and go. */
static bool row_has_holes(const struct plan *plan, const struct plan_access *row)
{
	return row->intent == ACCESS_READ_ONLY && !plan_path_is_volume(plan, row->path);
}

/* In the kernel's own trees entries come and go: granting to those that are there now loses others.
 */
static bool is_dynamic(const char *path)
{
	static const char *const trees[] = { "/proc", "/sys" };
	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++)
		if (path_is_beneath(path, trees[i]) && !str_equal(path, trees[i]))
			return true;
	return false;
}

/* What ROW takes away of RIGHT from a grant above it. A tree to execute from yields to a denial
 * only. */
static bool row_excludes(const struct plan *plan, const struct grant *grant,
			 const struct plan_access *row, uint64_t right)
{
	if (is_dynamic(row->path) || (right == LANDLOCK_EXECUTE && is_device(row->path)))
		return false;
	if (!grant->is_base && right == LANDLOCK_EXECUTE)
		return row->intent == ACCESS_DENY;
	return !(row_rights(plan, row) & right);
}

static void hole_add(struct plan *plan, struct plan_landlock_rule *rule, const char *path)
{
	*arena_push(plan->arena, &rule->holes) = path;
}

/* The subtrees of GRANT that RIGHT must not reach. The rows are sorted. */
static void holes_find(struct plan *plan, const struct grant *grant, uint64_t right,
		       struct plan_landlock_rule *rule)
{
	const char *settled = NULL; /* a subtree in which nothing is left to decide */
	/* The directories on the way to a hole must be listed, and listing reaches all that is
	 * beneath: mounts carry it. */
	if (!grant->has_holes || right == LANDLOCK_READ_DIR)
		return;

	for (size_t i = 0; i < plan->filesystem.rows.n; i++) {
		const struct plan_access *row = &plan->filesystem.rows.items[i];
		if (!path_is_beneath(row->path, grant->path) || str_equal(row->path, grant->path))
			continue;
		if (settled && path_is_beneath(row->path, settled))
			continue;
		bool excludes = row_excludes(plan, grant, row, right);
		if (excludes)
			hole_add(plan, rule, row->path);
		/* Where the row's own rule grants without holes, a hole further down would be
		 * filled by it. */
		bool fills = (row_rights(plan, row) & right) && !row_has_holes(plan, row);
		if (excludes || fills)
			settled = row->path;
	}
}

static bool holes_equal(const struct plan_landlock_rule *a, const struct plan_landlock_rule *b)
{
	if (a->holes.n != b->holes.n)
		return false;
	for (size_t i = 0; i < a->holes.n; i++)
		if (!str_equal(a->holes.items[i], b->holes.items[i]))
			return false;
	return true;
}

/* Join RULE to one of the same grant, whose rules begin at FIRST, or make it one of its own. */
static void rule_add(struct plan *plan, size_t first, const struct plan_landlock_rule *rule)
{
	for (size_t i = first; i < plan->landlock.rules.n; i++) {
		struct plan_landlock_rule *other = &plan->landlock.rules.items[i];
		if (holes_equal(other, rule)) {
			other->rights |= rule->rights;
			return;
		}
	}
	*arena_push(plan->arena, &plan->landlock.rules) = *rule;
}

/* One rule for all rights that have the same holes. */
static void grant_add(struct plan *plan, const struct grant *grant)
{
	uint64_t left = grant->rights & plan->landlock.handled_fs;
	size_t first = plan->landlock.rules.n;
	for (uint64_t right = 1; left >= right; right <<= 1) {
		if (!(left & right))
			continue;
		struct plan_landlock_rule rule = { .path = grant->path,
						   .rights = right,
						   .is_optional = grant->is_optional,
						   .origin = grant->origin };
		holes_find(plan, grant, right, &rule);
		rule_add(plan, first, &rule);
	}
}

static void base_add(struct plan *plan)
{
	const struct plan_filesystem *filesystem = &plan->filesystem;
	for (const char *const *tree = plan_base_trees(filesystem->base); *tree; tree++) {
		/* A row above or at a tree of the base decides instead. */
		const struct plan_access *row = plan_access_of(filesystem, *tree);
		if (row && row->intent != ACCESS_READ_ONLY)
			continue;
		bool is_whole = str_equal(*tree, "/");
		grant_add(plan, &(struct grant){
					.path = *tree,
					.rights = RIGHTS_TO_READ |
						  (filesystem->exec_base ? LANDLOCK_EXECUTE : 0U),
					.is_base = true,
					.has_holes = true,
					.is_optional = !is_whole,
					.origin = "filesystem.base" });
	}
}

/* A row above ROW grants all of RIGHTS to the whole of its tree: a rule for this one would add
 * nothing. */
static bool row_is_covered(const struct plan *plan, const struct plan_access *row, uint64_t rights)
{
	for (const struct plan_access *above = plan->filesystem.rows.items; above < row; above++)
		if (path_is_beneath(row->path, above->path) && !row_has_holes(plan, above) &&
		    !(rights & ~row_rights(plan, above)))
			return true;
	return false;
}

static void rows_add(struct plan *plan)
{
	for (size_t i = 0; i < plan->filesystem.rows.n; i++) {
		const struct plan_access *row = &plan->filesystem.rows.items[i];
		if (row->intent == ACCESS_DENY || row_is_covered(plan, row, row_rights(plan, row)))
			continue;
		grant_add(plan, &(struct grant){ .path = row->path,
						 .rights = row_rights(plan, row),
						 .is_base = true,
						 .has_holes = row_has_holes(plan, row),
						 .is_optional = row->is_optional,
						 .origin = row->origin });
	}
}

static void exec_paths_add(struct plan *plan)
{
	for (size_t i = 0; i < plan->filesystem.exec_paths.n; i++) {
		const struct plan_exec_path *path = &plan->filesystem.exec_paths.items[i];
		grant_add(plan, &(struct grant){ .path = path->path,
						 .rights = LANDLOCK_EXECUTE,
						 .has_holes = true,
						 .is_optional = path->is_optional,
						 .origin = path->origin });
	}
}

/* The nodes that programs take for granted; a row above them that denies goes first. */
static void devices_add(struct plan *plan)
{
	static const struct {
		const char *path;
		uint64_t rights;
	} devices[] = {
		{ "/dev/full", RIGHTS_OF_DEVICE },
		{ "/dev/null", RIGHTS_OF_DEVICE },
		{ "/dev/random", RIGHTS_OF_DEVICE },
		{ "/dev/urandom", RIGHTS_OF_DEVICE },
		{ "/dev/zero", RIGHTS_OF_DEVICE },
		{ "/dev/console", RIGHTS_OF_TERMINAL & ~LANDLOCK_READ_DIR },
		{ "/dev/ptmx", RIGHTS_OF_TERMINAL & ~LANDLOCK_READ_DIR },
		{ "/dev/pts", RIGHTS_OF_TERMINAL },
		{ "/dev/tty", RIGHTS_OF_TERMINAL & ~LANDLOCK_READ_DIR },
	};
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		const struct plan_access *row = plan_access_of(&plan->filesystem, devices[i].path);
		if (row && row->intent == ACCESS_DENY)
			continue;
		grant_add(plan, &(struct grant){ .path = devices[i].path,
						 .rights = devices[i].rights,
						 .is_optional = true,
						 .origin = "standard devices" });
	}
}

void plan_landlock_derive(struct plan *plan, int abi)
{
	struct plan_landlock *landlock = &plan->landlock;
	landlock->is_active = true;
	landlock->abi = abi;
	landlock->handled_fs = landlock_rights_of(abi);
	landlock->scoped = abi >= ABI_SCOPES ? LANDLOCK_ABSTRACT_SOCKETS | LANDLOCK_SIGNALS : 0;
	/* Otherwise the kernel says nothing of what a program does after execve. */
	landlock->restrict_flags = abi >= ABI_LOG_FLAGS ? LANDLOCK_LOG_NEW_EXEC : 0;

	base_add(plan);
	rows_add(plan);
	exec_paths_add(plan);
	devices_add(plan);
}
