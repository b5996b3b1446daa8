/* SPDX-License-Identifier: Apache-2.0 */
/* config.json's masked and read-only paths. */
#pragma once

struct error;
struct handles;
struct plan;

/*
 * Init, after pivot. Missing paths are fine; what is covered is the object that was looked at,
 * whatever its path leads to later.
 */
int masks_apply(const struct plan *plan, struct handles *handles, struct error *err);
