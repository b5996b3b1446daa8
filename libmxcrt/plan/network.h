/* SPDX-License-Identifier: Apache-2.0 */
/* The container's network: all that config.json gives, or nothing but loopback. */
#pragma once

#include <stdbool.h>

struct plan_network {
	bool loopback_up;   /* a network namespace we made: bring lo up */
	bool only_loopback; /* policy: any other interface refuses the container */
	const char *origin; /* "policy network.egress.default" */
};
