/* SPDX-License-Identifier: Apache-2.0 */
/* One number for a whole plan: what the audit stamps on every event. */
#include "base/sha256.h"
#include "base/str.h"
#include "plan/plan.h"

#include <string.h>

void plan_digest(const struct plan *plan, char ret_hex[65])
{
	autoarena arena = {};
	struct text text = { .arena = &arena };
	unsigned char digest[32];
	struct sha256 hash;

	plan_print(plan, &text);
	sha256_begin(&hash);
	sha256_add(&hash, text.data, text.n);
	sha256_end(&hash, digest);
	sha256_hex(digest, sizeof(digest), ret_hex);
}
