/* SPDX-License-Identifier: Apache-2.0 */
/* Assembled filters kept beside the containers' records, by the digest of what they were made from.
 */
#include "apply/seccomp-cache.h"

#include "apply/seccomp-config.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/log.h"
#include "base/str.h"
#include "plan/seccomp.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/filter.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Changes whenever the same document is assembled into something else. */
static const char format[] = "mxc seccomp 1\n";

struct header {
	char format[sizeof(format)];
	uint32_t architecture, n;
};

static void describe_rule(struct text *out, const struct plan_seccomp_rule *rule)
{
	text_printf(out, "rule %" PRIu32, rule->action);
	for (const char **name = rule->names; *name; name++)
		text_printf(out, " %s", *name);
	for (size_t i = 0; i < rule->args.n; i++) {
		const struct plan_seccomp_arg *arg = &rule->args.items[i];
		text_printf(out, " | %u %" PRIu64 " %" PRIu64 " %d", arg->index, arg->value,
			    arg->value_two, arg->op);
	}
	text_add(out, "\n");
}

void seccomp_cache_key(const struct plan_seccomp_config *config, char ret_key[SHA256_HEX])
{
	autoarena arena = {};
	struct text text = { .arena = &arena };

	text_add(&text, format);
	text_printf(&text, "default %" PRIu32 "\n", config->default_action);
	for (size_t i = 0; i < config->architectures.n; i++)
		text_printf(&text, "architecture %" PRIu32 "\n", config->architectures.items[i]);
	for (size_t i = 0; i < config->rules.n; i++)
		describe_rule(&text, &config->rules.items[i]);
	sha256_hex(text.data, text.n, ret_key);
}

/* '@' is in no container's id: the file is nobody's record. */
static const char *file_name(struct arena *arena, const char *key)
{
	return arena_printf(arena, ".seccomp@%s", key);
}

/* Only we may have written it. */
static bool is_ours(int fd, struct stat *ret_st)
{
	return fstat(fd, ret_st) == 0 && S_ISREG(ret_st->st_mode) && ret_st->st_uid == geteuid() &&
	       (ret_st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

bool seccomp_cache_read(struct arena *arena, int state, const char *key,
			struct seccomp_program *ret_program)
{
	struct header header;
	struct stat st;
	autofd fd = openat(state, arena_printf(arena, "../%s", file_name(arena, key)),
			   O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0 || !is_ours(fd, &st) || read_some(fd, &header, sizeof(header)) != sizeof(header))
		return false;
	size_t size = header.n * sizeof(*ret_program->code);
	if (memcmp(header.format, format, sizeof(format)) != 0 || header.n == 0 ||
	    header.n > BPF_MAXINSNS || st.st_size != (off_t)(sizeof(header) + size))
		return false;

	struct seccomp_instruction *code = arena_alloc(arena, size);
	if (read_some(fd, code, size) != (ssize_t)size)
		return false;
	*ret_program = (struct seccomp_program){ code, header.n, header.architecture };
	return true;
}

void seccomp_cache_write(int state, const char *key, const struct seccomp_program *program)
{
	autoarena arena = {};
	struct error err = {};
	struct header header = { .architecture = program->architecture, .n = (uint32_t)program->n };
	struct text bytes = { .arena = &arena };
	autofd root = openat(state, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return;
	memcpy(header.format, format, sizeof(format));
	text_add_n(&bytes, (const char *)&header, sizeof(header));
	text_add_n(&bytes, (const char *)program->code, program->n * sizeof(*program->code));
	if (file_replace(root, file_name(&arena, key), bytes.data, bytes.n, 0600, &err) < 0)
		log_debug("assembled seccomp filter is not kept: %s", err.text);
}
