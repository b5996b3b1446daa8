/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of the audit file: a directory of its own, events, and the file's lines as they are. */
#pragma once

#include "test.h"

#include "audit/audit.h"
#include "base/arena.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINES_MAX = 32 };

struct chain {
	struct arena arena;
	char directory[32];
	struct audit_config config;
	struct text said; /* by audit_verify */
	struct error err;
	char *lines[LINES_MAX];
	size_t n;
};

static inline void chain_begin(struct chain *chain)
{
	*chain = (struct chain){ .directory = "/tmp/mxc-test-XXXXXX" };
	expect(mkdtemp(chain->directory) != NULL);
	chain->config.to_file = true;
	chain->config.file = arena_printf(&chain->arena, "%s/audit.jsonl", chain->directory);
	chain->said.arena = &chain->arena;
}

static inline void chain_end(struct chain *chain)
{
	static const char *const names[] = { "", ".1", ".2", "-old" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)remove(arena_printf(&chain->arena, "%s%s", chain->config.file, names[i]));
	expect_int(rmdir(chain->directory), 0);
	arena_free(&chain->arena);
}

static inline int chain_emit(struct chain *chain, const char *id)
{
	struct audit_event event = { .event = "container.start", .container = { .id = id } };
	return audit_emit(&chain->arena, &chain->config, &event, &chain->err);
}

/* N records, whose containers are "c1", "c2" … */
static inline void chain_grow(struct chain *chain, int n)
{
	for (int i = 1; i <= n; i++)
		expect_ok(chain_emit(chain, arena_printf(&chain->arena, "c%d", i)), &chain->err);
}

static inline char *chain_text(struct chain *chain)
{
	char *bytes = NULL;
	expect_ok(file_read(&chain->arena, AT_FDCWD, chain->config.file, 64 << 20, &bytes, NULL,
			    &chain->err),
		  &chain->err);
	return bytes;
}

static inline void chain_put(struct chain *chain, const char *bytes, size_t n, int flags)
{
	autofd fd = open(chain->config.file, O_WRONLY | O_CREAT | flags | O_CLOEXEC, 0640);
	expect(fd >= 0);
	expect_int(write_all(fd, bytes, n), 0);
}

static inline void chain_load(struct chain *chain)
{
	char **lines = str_split(&chain->arena, chain_text(chain), '\n');
	for (chain->n = 0; lines[chain->n] && lines[chain->n][0]; chain->n++) {
		expect(chain->n < LINES_MAX);
		chain->lines[chain->n] = lines[chain->n];
	}
}

static inline void chain_store(struct chain *chain)
{
	struct text out = { .arena = &chain->arena };
	for (size_t i = 0; i < chain->n; i++)
		text_printf(&out, "%s\n", chain->lines[i]);
	chain_put(chain, out.data, out.n, O_TRUNC);
}

static inline int chain_verify(struct chain *chain)
{
	chain->said.n = 0;
	return audit_verify(&chain->arena, chain->config.file, &chain->said, &chain->err);
}

/* What the verifier says behind the file's name. */
#define expect_verdict(chain, verdict, sentence)                                               \
	do {                                                                                   \
		expect_int(chain_verify(chain), verdict);                                      \
		expect_text((chain)->said.data, arena_printf(&(chain)->arena, "%s: %s\n",      \
							     (chain)->config.file, sentence)); \
	} while (0)
