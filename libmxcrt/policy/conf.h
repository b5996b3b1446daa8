/* SPDX-License-Identifier: Apache-2.0 */
/* mxc.conf: what the administrator decides for every container of a host. */
#pragma once

#include "base/fields.h"

#include <stdbool.h>

struct arena;
struct error;

struct conf_audit {
	struct strings sinks; /* "file", "journal" */
	const char *file;     /* absolute */
	bool sync;
	bool has_sinks, has_file, has_sync; /* behind: offset 0 means no such member */
};
struct conf {
	const char *default_profile; /* NULL = none */
	struct conf_audit audit;
};
/* Read one file over *inout: what it says replaces what was there. Errors are ERROR_CONFIG about
 * NAME and the JSON path. */
int conf_read(struct arena *arena, const char *name, const char *bytes, size_t n,
	      struct conf *inout, struct error *err);
