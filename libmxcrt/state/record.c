/* SPDX-License-Identifier: Apache-2.0 */
/* The record as JSON lines, the last whole one counts; written and read by the same rows. */
#include "state/record.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/json.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A container writes few lines; a file of nothing else but broken ones is not searched for ever. */
enum { RECORD_LIMIT = 1 << 20, LINES_TRIED = 16 };

const char *const status_names[] = {
	[STATUS_CREATING] = "creating", [STATUS_CREATED] = "created", [STATUS_RUNNING] = "running",
	[STATUS_PAUSED] = "paused",     [STATUS_STOPPED] = "stopped",
};

#define AT(member) offsetof(struct record, member)
/* clang-format off */
static const struct field rows[] = {
	{ "id",             FIELD_STRING, AT(id), .required = true },
	{ "bundle",         FIELD_STRING, AT(bundle), .required = true },
	{ "created",        FIELD_STRING, AT(created) },
	{ "pid",            FIELD_I64,    AT(pid), .min = 0, .max = INT32_MAX },
	{ "pid_start",      FIELD_U64,    AT(pid_start), .max = UINT64_MAX },
	{ "is_created",     FIELD_BOOL,   AT(is_created) },
	{ "cgroup",         FIELD_STRING, AT(cgroup) },
	{ "scope",          FIELD_STRING, AT(scope) },
	{ "resctrl_group",  FIELD_STRING, AT(resctrl_group) },
	{ "resctrl_monitor", FIELD_STRING, AT(resctrl_monitor) },
	{ "console_socket", FIELD_STRING, AT(console_socket) },
	{ "is_rootless",    FIELD_BOOL,   AT(is_rootless) },
	{ "uses_systemd",   FIELD_BOOL,   AT(uses_systemd) },
	{ "no_pivot",       FIELD_BOOL,   AT(no_pivot) },
	{ "profile",        FIELD_STRING, AT(profile) },
	{ "policy_sha256",  FIELD_STRING, AT(policy_sha256) },
	{ "agent_id",       FIELD_STRING, AT(agent_id) },
	{ "agent_source",   FIELD_STRING, AT(agent_source) },
	{ "agent_name",     FIELD_STRING, AT(agent_name) },
	{ "agent_version",  FIELD_STRING, AT(agent_version) },
	{ "agent_model",    FIELD_STRING, AT(agent_model) },
	{ "agent_session",  FIELD_STRING, AT(agent_session) },
	{ "agent_instance", FIELD_STRING, AT(agent_instance) },
	{ "agent_on_behalf_of", FIELD_STRING, AT(agent_on_behalf_of) },
	{ "agent_correlation_id", FIELD_STRING, AT(agent_correlation_id) },
	{ "engine",         FIELD_STRING, AT(engine) },
	{ "rootfs",         FIELD_STRING, AT(rootfs) },
	{ "cgroup_id",      FIELD_U64,    AT(cgroup_id), .max = UINT64_MAX },
	{ "audit_file",     FIELD_STRING, AT(audit_file) },
	{ "is_audited",     FIELD_BOOL,   AT(is_audited) },
	{ "is_checkpointed", FIELD_BOOL,  AT(is_checkpointed) },
	{ "has_poststart",  FIELD_BOOL,   AT(has_poststart) },
	{ "has_poststop",   FIELD_BOOL,   AT(has_poststop) },
	{ "timeout_ms",     FIELD_U64,    AT(timeout_ms), .max = UINT64_MAX },
	{},
};
/* clang-format on */
static const struct fields record_fields = { "record", sizeof(struct record), rows };

static void write_member(struct text *out, const struct field *row, const char *member)
{
	/* The table above uses these four types only; anything else would be a row that is read but
	 * never written. */
	if (row->type == FIELD_STRING)
		json_add_string(out, row->key, *(const char *const *)(const void *)member);
	else if (row->type == FIELD_BOOL)
		json_add_bool(out, row->key, *(const bool *)(const void *)member);
	else if (row->type == FIELD_I64)
		json_add_int(out, row->key, *(const int64_t *)(const void *)member);
	else
		json_add_uint(out, row->key, *(const uint64_t *)(const void *)member);
}

/* All of a line or nothing: what a full disk leaves of it would be taken for a writer that is not
 * done. */
static int line_append(int fd, const struct text *line, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fail_sys(err, "look at the state record");
	ssize_t n = write(fd, line->data, line->n);
	if (n == (ssize_t)line->n)
		return 0;
	int saved = n < 0 ? errno : ENOSPC;
	if (n > 0 && ftruncate(fd, st.st_size) < 0)
		saved = errno;
	errno = saved;
	return fail_sys(err, "write the state record");
}

/*
 * Appended in one call: a reader sees the line whole or not at all. Replacing the file by rename
 * would do the same, but file systems that guard such a rename by writing the new file to disk at
 * once (ext4) would make it the slowest step of a start.
 */
int record_write(const struct state *state, const struct record *record, struct error *err)
{
	autoarena arena = {};
	struct text out = { .arena = &arena };
	autofd fd = openat(state->directory, RECORD_FILE,
			   O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return fail_sys(err, "open the state record");
	json_open(&out, NULL, '{');
	for (const struct field *row = rows; row->key; row++)
		write_member(&out, row, (const char *)record + row->offset);
	json_close(&out, '}');
	text_add(&out, "\n");
	return line_append(fd, &out, err);
}

/* The last line that ends; NULL when there is none. */
static const char *line_last(const char *bytes, size_t n, size_t *ret_n)
{
	const char *end = n > 0 ? memrchr(bytes, '\n', n) : NULL;

	if (!end)
		return NULL;
	const char *before = end > bytes ? memrchr(bytes, '\n', (size_t)(end - bytes)) : NULL;
	const char *begin = before ? before + 1 : bytes;
	*ret_n = (size_t)(end - begin);
	return begin;
}

static int line_read(struct arena *arena, const char *id, const char *line, size_t n,
		     struct record *ret_record, struct error *err)
{
	static const struct json_limits limits = { .bytes = RECORD_LIMIT,
						   .depth = 8,
						   .values = 1000 };
	struct field_context context = { .arena = arena,
					 .document = "state record",
					 .null_is_absent = true };
	struct record record = {};
	struct json *root;

	TRY(json_read(arena, RECORD_FILE, line, n, &limits, &root, err));
	TRY(fields_read(&context, &record_fields, root, "", &record, err));
	if (!str_equal(record.id, id))
		return fail(err, ERROR_CONFIG, "it is the record of '%.64s'", record.id);
	*ret_record = record;
	return 0;
}

static int damaged(const struct state *state, struct error *err)
{
	struct error cause = *err;

	*err = (struct error){};
	(void)fail(err, ERROR_HOST, "the state record of container '%s' is damaged: %.200s",
		   state->id, cause.text);
	(void)fail_code(err, "damaged_record");
	return fail_remedy(err, "remove what is left of it with delete --force");
}

/* ENOENT: no create got so far, or a delete is through. */
static int without_record(const struct state *state, struct error *err)
{
	struct stat st;

	*err = (struct error){};
	if (fstat(state->directory, &st) == 0 && st.st_nlink > 0)
		return 0;
	(void)fail(err, ERROR_CONFIG, "container '%s' does not exist", state->id);
	return fail_code(err, "stale_id");
}

int record_read(struct arena *arena, const struct state *state, struct record *ret_record,
		struct error *err)
{
	struct error first = {};
	char *bytes;
	size_t n = 0, line_n;

	*ret_record = (struct record){ .id = state->id, .bundle = "" };
	if (file_read(arena, state->directory, RECORD_FILE, RECORD_LIMIT, &bytes, &n, err) < 0) {
		if (err->sys_errno == ENOENT)
			return without_record(state, err);
		return err->kind == ERROR_CONFIG ? damaged(state, err) : -1;
	}
	/* What a crash of the machine did to the end leaves the lines before it true. */
	for (unsigned tries = 0; tries < LINES_TRIED; tries++) {
		const char *line = line_last(bytes, n, &line_n);
		if (!line && tries == 0)
			return 0;
		if (!line)
			break;
		if (line_read(arena, state->id, line, line_n, ret_record, err) == 0) {
			*err = (struct error){};
			return 0;
		}
		if (tries == 0)
			first = *err;
		*err = (struct error){};
		n = (size_t)(line - bytes);
	}
	*err = first;
	return damaged(state, err);
}
