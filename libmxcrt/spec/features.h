/* SPDX-License-Identifier: Apache-2.0 */
/* What `features` prints: the runtime's abilities (features.md of the runtime specification), from
 * the tables that read config.json. */
#pragma once

struct text;

/* One line of JSON without newline. */
void spec_print_features(struct text *out);
