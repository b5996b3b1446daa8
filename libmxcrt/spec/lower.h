/* SPDX-License-Identifier: Apache-2.0 */
/* Lowering: the sections of config.json become items of the plan, each with its origin. */
#pragma once

#include "base/arena.h"
#include "plan/ids.h"
#include "spec/document.h"
#include "spec/spec.h"

struct plan;
struct plan_mount;

struct lowering {
	const struct spec *spec;
	const struct spec_request *request;
	struct plan *plan;
	struct arena *arena;
};

/* ERROR_CONFIG about the item at ORIGIN ("config.json mounts[3]"). */
int spec_fail(struct error *err, const char *origin, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* "config.json linux.devices[2]". */
const char *spec_origin(const struct lowering *lowering, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A path of the agent's view in normal form; a relative one is an error. */
int spec_container_path(const struct lowering *lowering, const char *path, const char *origin,
			const char **ret_path, struct error *err);
int spec_lower_id_maps(const struct lowering *lowering, const struct objects *maps,
		       const char *origin, struct plan_id_maps *ret_maps, struct error *err);

/* What a first process and a further one have in common: all that the policy decides by. */
int spec_lower_common(const struct lowering *lowering, struct error *err);

int spec_lower_namespaces(const struct lowering *lowering, struct error *err);
int spec_lower_kernel(const struct lowering *lowering, struct error *err);
int spec_lower_root(const struct lowering *lowering, struct error *err);
int spec_lower_mounts(const struct lowering *lowering, struct error *err);
int spec_lower_devices(const struct lowering *lowering, struct error *err);
int spec_lower_cgroup(const struct lowering *lowering, struct error *err);
/* Behind the process and the namespaces: whose the cgroup is. */
void spec_lower_cgroup_owner(const struct lowering *lowering);
/* After the identity: the group may be named after the container. */
int spec_lower_resctrl(const struct lowering *lowering, struct error *err);
int spec_lower_resources(const struct lowering *lowering, struct error *err);
int spec_lower_device_rules(const struct lowering *lowering, struct error *err);
int spec_lower_network(const struct lowering *lowering, struct error *err);
int spec_lower_hooks(const struct lowering *lowering, struct error *err);
int spec_lower_seccomp(const struct lowering *lowering, struct error *err);

/*
 * PROCESS was read from a document; ORIGIN is what its members are named with: "config.json
 * process.".
 */
int spec_lower_process(const struct lowering *lowering, const struct spec_process *process,
		       const char *origin, struct error *err);
void spec_lower_capabilities(const struct lowering *lowering,
			     const struct spec_capabilities *capabilities, const char *origin);
int spec_lower_scheduling(const struct lowering *lowering, const struct spec_process *process,
			  const char *origin, struct error *err);
/* Where the processes and their memory are: execCPUAffinity, linux.memoryPolicy. */
int spec_lower_placement(const struct lowering *lowering, const struct spec_process *process,
			 const char *origin, struct error *err);
/* A NULL-terminated copy in which of several settings of a variable only the last is left. */
int spec_environment(struct arena *arena, const struct strings *env, const char *origin,
		     const char ***ret_env, struct error *err);

/* What the options of one mount say beside the attributes in its struct plan_mount. */
struct mount_flags {
	bool is_bind, is_remount;
	unsigned superblock; /* see mount_superblock_names */
};
/*
 * A later word wins: what is set is no longer cleared, and the other way round, but for the field
 * of access times.
 */
void mount_attributes_change(uint64_t *set, uint64_t *clear, uint64_t added, uint64_t removed);
/* The maps of MOUNT, which is lowered but for them: those of uidMappings, of its options, or none
 * where the container's user namespace has them. */
int mount_idmap_lower(const struct lowering *lowering, const struct spec_mount *from,
		      struct plan_mount *mount, struct error *err);
/* The maps written in the option itself ("uids=0-1000-10;gids=0-1000-10"). */
int mount_maps_read(const struct lowering *lowering, const char *text, struct plan_mount *mount,
		    struct error *err);
/* One word of the mount option table; false when it is none. A later word wins. */
bool mount_option_apply(const char *option, struct plan_mount *mount, struct mount_flags *flags);
/* Appends the fsconfig(2) names of the superblock flags: at most MOUNT_SUPERBLOCK_NAMES items. */
enum { MOUNT_SUPERBLOCK_NAMES = 3 };
void mount_superblock_names(const struct mount_flags *flags, struct strings *names);
