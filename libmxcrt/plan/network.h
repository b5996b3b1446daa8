/* SPDX-License-Identifier: Apache-2.0 */
/* The container's network: all that config.json gives, or nothing but loopback. */
#pragma once

#include "base/arena.h"

#include <stdbool.h>

/* An interface of the runtime's network that becomes the container's. */
struct plan_net_device {
	const char *name;
	const char *inside; /* its name in the container; "%d" at the end: a number that is free */
	const char *origin;
};

struct plan_network {
	bool loopback_up;   /* a network namespace we made: bring lo up */
	bool only_loopback; /* policy: any other interface refuses the container */
	ARRAY(struct plan_net_device) devices;
	const char *origin; /* "policy network.egress.default" */
};
