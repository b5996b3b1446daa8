/* SPDX-License-Identifier: Apache-2.0 */
/* The five capability sets as bit masks: bit N is capability number N. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct plan_caps {
	bool is_set; /* false: nothing is changed (config.json has no capabilities: all sets empty,
			as OCI engines expect) */
	uint64_t bounding, effective, inheritable, permitted, ambient;
};
/* "CAP_SYS_ADMIN" (prefix and case optional) -> 21; -1 when unknown. */
int capability_number(const char *name);
const char *capability_name(int number); /* "CAP_SYS_ADMIN", NULL when unknown */
