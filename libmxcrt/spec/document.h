/* SPDX-License-Identifier: Apache-2.0 */
/* config.json as read: one struct per section, in the words of OCI; private to spec/. */
#pragma once

#include "base/fields.h"
#include "plan/hooks.h"

#include <stdbool.h>
#include <stdint.h>

struct spec_ids {
	uint32_t *items;
	size_t n;
};
struct spec_id_map {
	uint32_t container, host, size;
};

struct spec_root {
	const char *path;
	bool readonly;
};

struct spec_capabilities {
	struct strings bounding, effective, inheritable, permitted, ambient;
};
struct spec_rlimit {
	const char *type;
	uint64_t soft, hard;
};
struct spec_scheduler {
	int policy;
	int64_t nice, priority;
	struct strings flags;
	uint64_t runtime, deadline, period;
};
struct spec_io_priority {
	int class;
	int64_t priority;
};
struct spec_affinity {
	const char *initial, *final;
};
struct spec_user {
	uint32_t uid, gid;
	bool has_umask;
	uint32_t umask;
	struct spec_ids additional_gids;
};
struct spec_console_size {
	uint64_t height, width;
};
struct spec_process {
	bool terminal, has_terminal;
	const struct json *console_size; /* struct spec_console_size, where there is a terminal */
	const char *cwd;
	struct strings env, args;
	struct spec_user user;
	struct objects rlimits; /* struct spec_rlimit */
	const char *apparmor_profile, *selinux_label;
	struct spec_capabilities *capabilities;
	bool no_new_privileges;
	bool has_oom;
	int64_t oom;
	struct spec_scheduler *scheduler;
	struct spec_io_priority *io_priority;
	struct spec_affinity affinity;
};

struct spec_mount {
	const char *destination, *source, *type;
	struct strings options;
	struct objects uid_maps, gid_maps; /* struct spec_id_map */
};

struct spec_hook {
	const char *path;
	struct strings args, env;
	uint32_t timeout;
};
struct spec_hooks {
	struct objects of[HOOK_KINDS]; /* struct spec_hook */
};

struct spec_namespace {
	int kind;
	const char *path;
};
struct spec_device {
	const char *type, *path;
	bool has_major, has_minor;
	uint32_t major, minor;
	bool has_mode, has_uid, has_gid;
	uint32_t mode, uid, gid;
};
struct spec_time_offset {
	int64_t seconds;
	uint32_t nanoseconds;
};

struct spec_seccomp_arg {
	uint32_t index;
	uint64_t value, value_two;
	int op;
};
struct spec_seccomp_call {
	struct strings names;
	int action;
	bool has_errno;
	uint32_t errno_value;
	struct objects args; /* struct spec_seccomp_arg */
};
struct spec_seccomp {
	int default_action;
	bool has_ret;
	uint32_t default_ret;
	struct strings architectures, flags;
	const char *listener_path, *listener_metadata;
	struct objects calls; /* struct spec_seccomp_call */
};

struct spec_device_rule {
	bool allow;
	const char *type;
	int64_t major, minor;
	const char *access;
	bool has_major, has_minor;
};
struct spec_memory {
	int64_t limit, reservation, swap, kernel, kernel_tcp;
	bool disables_oom_killer, checks_before_update;
	bool has_hierarchy, uses_hierarchy;
	bool has_swappiness;
	uint64_t swappiness;
};
struct spec_cpu {
	uint64_t shares, burst, period, realtime_period;
	int64_t quota, realtime_runtime, idle;
	bool has_idle, has_burst;
	const char *cpus, *mems;
};
struct spec_weight {
	uint32_t major, minor, weight, leaf_weight;
};
struct spec_throttle {
	uint32_t major, minor;
	uint64_t rate;
};
struct spec_block_io {
	uint32_t weight, leaf_weight;
	struct objects weights;                                      /* struct spec_weight */
	struct objects read_bytes, write_bytes, read_ios, write_ios; /* struct spec_throttle */
};
struct spec_huge_page {
	const char *size;
	uint64_t limit;
};
struct spec_pids {
	int64_t limit;
	bool has_limit;
};
struct spec_network_class {
	uint32_t class_id;
	const struct json *priorities;
};
struct spec_resources {
	struct objects devices; /* struct spec_device_rule */
	struct spec_memory memory;
	struct spec_cpu cpu;
	struct spec_block_io block_io;
	struct objects huge_pages; /* struct spec_huge_page */
	struct spec_pids pids;
	struct spec_network_class network;
	const struct json *rdma;
	struct string_map unified;
};

struct spec_resctrl {
	const char *group, *cache, *bandwidth;
	struct strings schemata;
	bool is_monitored;
};

struct spec_platform {
	struct objects namespaces;         /* struct spec_namespace */
	struct objects uid_maps, gid_maps; /* struct spec_id_map */
	const struct json *time_offsets;
	struct objects devices; /* struct spec_device */
	const char *cgroups_path;
	struct spec_resources resources;
	struct spec_resctrl *resctrl;
	const char *rootfs_propagation;
	struct spec_seccomp *seccomp;
	struct string_map sysctl;
	struct strings masked_paths, readonly_paths;
	const char *mount_label;
	struct spec_personality *personality;
	struct spec_memory_policy *memory_policy;
	const struct json *net_devices;
};
struct spec_memory_policy {
	int mode;
	const char *nodes;
	struct strings flags;
};
struct spec_personality {
	int domain;
	struct strings flags;
};

struct spec {
	const char *document; /* "config.json" */
	const char *oci_version;
	struct spec_root root;
	struct spec_process *process;
	struct objects mounts; /* struct spec_mount */
	const char *hostname, *domainname;
	struct spec_hooks hooks;
	struct string_map annotations;
	struct spec_platform platform; /* `linux`; all zero when absent */
};

/* The tables of the sections, each beside the function that lowers it. */
extern const struct fields spec_process_fields;
extern const struct fields spec_scheduler_fields;
extern const struct fields spec_io_fields;
extern const struct fields spec_affinity_fields;
extern const struct fields spec_memory_policy_fields;
extern const struct fields spec_mount_fields;
extern const struct fields spec_hooks_fields;
extern const struct fields spec_platform_fields;
extern const struct fields spec_device_fields;
extern const struct fields spec_resources_fields;
extern const struct fields spec_resctrl_fields;
extern const struct fields spec_seccomp_fields;
extern const struct fields spec_id_map_fields;

/* A document's outermost value; NAME for the message. */
int spec_check_object(const struct json *root, const char *name, struct error *err);
/* Readers of what a table row alone cannot say. */
int spec_read_ids(const struct field_context *context, const struct json *value, const char *path,
		  void *target, struct error *err);
