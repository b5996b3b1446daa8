/* SPDX-License-Identifier: Apache-2.0 */
/* `linux.resources` as written: the tables of its sections. */
#include "spec/lower.h"

#define AT(member) offsetof(struct spec_device_rule, member)
static const struct field rule_rows[] = {
	{ "allow", FIELD_BOOL, AT(allow), .required = true },
	{ "type", FIELD_STRING, AT(type) },
	{ "major", FIELD_I64, AT(major), AT(has_major), .min = -1, .max = INT64_MAX },
	{ "minor", FIELD_I64, AT(minor), AT(has_minor), .min = -1, .max = INT64_MAX },
	{ "access", FIELD_STRING, AT(access) },
	{},
};
#undef AT
static const struct fields rule_fields = { "devices", sizeof(struct spec_device_rule), rule_rows };

#define AT(member) offsetof(struct spec_memory, member)
static const struct field memory_rows[] = {
	{ "limit", FIELD_I64, AT(limit), .min = -1, .max = INT64_MAX },
	{ "reservation", FIELD_I64, AT(reservation), .min = -1, .max = INT64_MAX },
	{ "swap", FIELD_I64, AT(swap), .min = -1, .max = INT64_MAX },
	{ "disableOOMKiller", FIELD_BOOL, AT(disables_oom_killer) },
	{ "kernel", FIELD_I64, AT(kernel), .min = -1, .max = INT64_MAX },
	{ "kernelTCP", FIELD_I64, AT(kernel_tcp), .min = -1, .max = INT64_MAX },
	{ "useHierarchy", FIELD_BOOL, AT(uses_hierarchy), AT(has_hierarchy) },
	{ "checkBeforeUpdate", FIELD_BOOL, AT(checks_before_update) },
	{ "swappiness", FIELD_U64, AT(swappiness), AT(has_swappiness), .max = 100 },
	{},
};
#undef AT
static const struct fields memory_fields = { "memory", sizeof(struct spec_memory), memory_rows };

#define AT(member) offsetof(struct spec_cpu, member)
static const struct field cpu_rows[] = {
	{ "shares", FIELD_U64, AT(shares) },
	{ "quota", FIELD_I64, AT(quota) },
	{ "burst", FIELD_U64, AT(burst), AT(has_burst) },
	{ "period", FIELD_U64, AT(period) },
	{ "realtimeRuntime", FIELD_I64, AT(realtime_runtime) },
	{ "realtimePeriod", FIELD_U64, AT(realtime_period) },
	{ "cpus", FIELD_STRING, AT(cpus) },
	{ "mems", FIELD_STRING, AT(mems) },
	{ "idle", FIELD_I64, AT(idle), AT(has_idle), .min = 0, .max = 1 },
	{},
};
#undef AT
static const struct fields cpu_fields = { "cpu", sizeof(struct spec_cpu), cpu_rows };

#define AT(member) offsetof(struct spec_weight, member)
static const struct field weight_rows[] = {
	{ "major", FIELD_U32, AT(major), .required = true },
	{ "minor", FIELD_U32, AT(minor), .required = true },
	{ "weight", FIELD_U32, AT(weight) },
	{ "leafWeight", FIELD_U32, AT(leaf_weight) },
	{},
};
#undef AT
static const struct fields weight_fields = { "weightDevice", sizeof(struct spec_weight),
					     weight_rows };

static const struct field throttle_rows[] = {
	{ "major", FIELD_U32, offsetof(struct spec_throttle, major), .required = true },
	{ "minor", FIELD_U32, offsetof(struct spec_throttle, minor), .required = true },
	{ "rate", FIELD_U64, offsetof(struct spec_throttle, rate), .required = true },
	{},
};
static const struct fields throttle_fields = { "throttleDevice", sizeof(struct spec_throttle),
					       throttle_rows };

#define AT(member) offsetof(struct spec_block_io, member)
static const struct field block_io_rows[] = {
	{ "weight", FIELD_U32, AT(weight) },
	{ "leafWeight", FIELD_U32, AT(leaf_weight) },
	{ "weightDevice", FIELD_OBJECTS, AT(weights), .object = &weight_fields },
	{ "throttleReadBpsDevice", FIELD_OBJECTS, AT(read_bytes), .object = &throttle_fields },
	{ "throttleWriteBpsDevice", FIELD_OBJECTS, AT(write_bytes), .object = &throttle_fields },
	{ "throttleReadIOPSDevice", FIELD_OBJECTS, AT(read_ios), .object = &throttle_fields },
	{ "throttleWriteIOPSDevice", FIELD_OBJECTS, AT(write_ios), .object = &throttle_fields },
	{},
};
#undef AT
static const struct fields block_io_fields = { "blockIO", sizeof(struct spec_block_io),
					       block_io_rows };

static const struct field huge_page_rows[] = {
	{ "pageSize", FIELD_STRING, offsetof(struct spec_huge_page, size), .required = true },
	{ "limit", FIELD_U64, offsetof(struct spec_huge_page, limit), .required = true },
	{},
};
static const struct fields huge_page_fields = { "hugepageLimits", sizeof(struct spec_huge_page),
						huge_page_rows };

#define AT(member) offsetof(struct spec_pids, member)
static const struct field pids_rows[] = {
	{ "limit", FIELD_I64, AT(limit), AT(has_limit) },
	{},
};
#undef AT
static const struct fields pids_fields = { "pids", sizeof(struct spec_pids), pids_rows };

static const struct field network_rows[] = {
	{ "classID", FIELD_U32, offsetof(struct spec_network_class, class_id) },
	{ "priorities", FIELD_JSON, offsetof(struct spec_network_class, priorities) },
	{},
};
static const struct fields network_fields = { "network", sizeof(struct spec_network_class),
					      network_rows };

#define AT(member) offsetof(struct spec_resources, member)
static const struct field resources_rows[] = {
	{ "devices", FIELD_OBJECTS, AT(devices), .object = &rule_fields },
	{ "memory", FIELD_OBJECT, AT(memory), .object = &memory_fields },
	{ "cpu", FIELD_OBJECT, AT(cpu), .object = &cpu_fields },
	{ "blockIO", FIELD_OBJECT, AT(block_io), .object = &block_io_fields },
	{ "hugepageLimits", FIELD_OBJECTS, AT(huge_pages), .object = &huge_page_fields },
	{ "pids", FIELD_OBJECT, AT(pids), .object = &pids_fields },
	{ "network", FIELD_OBJECT, AT(network), .object = &network_fields },
	{ "rdma", FIELD_JSON, AT(rdma) },
	{ "unified", FIELD_STRING_MAP, AT(unified) },
	{},
};
#undef AT
const struct fields spec_resources_fields = { "resources", sizeof(struct spec_resources),
					      resources_rows };
