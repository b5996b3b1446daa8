/* SPDX-License-Identifier: Apache-2.0 */
/* The forms that an agent's id may have. */
#pragma once

/* NULL when ID is right, else what is wrong with it. */
const char *agent_id_problem(const char *id);
