/* SPDX-License-Identifier: Apache-2.0 */
/* Assembled filters kept beside the containers' records, by the digest of what they were made from:
 * libseccomp takes tens of milliseconds for an engine's profile, reading takes none. Shared by the
 * seccomp files of this room only. */
#pragma once

#include "base/sha256.h"

#include <stdbool.h>

struct arena;
struct plan_seccomp_config;
struct seccomp_program;

void seccomp_cache_key(const struct plan_seccomp_config *config, char ret_key[SHA256_HEX]);
/* STATE is handles->state. False when there is none that can be trusted. */
bool seccomp_cache_read(struct arena *arena, int state, const char *key,
			struct seccomp_program *ret_program);
/* A cache that cannot be written is slow, not wrong. */
void seccomp_cache_write(int state, const char *key, const struct seccomp_program *program);
