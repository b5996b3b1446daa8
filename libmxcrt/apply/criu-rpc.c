/* SPDX-License-Identifier: Apache-2.0 */
/* CRIU's protocol buffers, as far as they are used: rows say which member has which number. */
#include "apply/criu-rpc.h"

#include "base/error.h"
#include "base/str.h"

#include <string.h>

/* The wire types of protocol buffers. */
enum wire { WIRE_NUMBER = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };
enum { NUMBER_BYTES = 10 };

/* criu_req */
enum { REQUEST_TYPE = 1, REQUEST_OPTIONS = 2, REQUEST_ANSWER = 3, REQUEST_KEEP = 4 };
enum { REQUEST_FEATURES = 5, FEATURE_MEMORY_TRACKING = 1 };
/* criu_opts: the members that are messages or repeated */
enum { OPTION_MOUNT = 23, OPTION_CGROUP_ROOT = 25, OPTION_INHERIT = 27 };
enum { OPTION_CGROUPS_MODE = 34, OPTION_EXTERNAL = 37, OPTION_JOIN = 39 };
enum { OPTION_IMAGES = 1 };
/* criu_resp */
enum { REPLY_TYPE = 1, REPLY_SUCCESS = 2, REPLY_RESTORE = 4, REPLY_NOTIFY = 5, REPLY_ERRNO = 7 };
enum { REPLY_FEATURES = 8, REPLY_MESSAGE = 9, REPLY_VERSION = 10 };

#define AT(member) offsetof(struct criu_options, member)
enum member_type { MEMBER_BOOL, MEMBER_UNSIGNED, MEMBER_STRING };
/* clang-format off */
static const struct {
	unsigned number;
	enum member_type type;
	size_t offset;
} members[] = {
	{ 2,  MEMBER_UNSIGNED, AT(pid) },
	{ 3,  MEMBER_BOOL,     AT(leave_running) },
	{ 4,  MEMBER_BOOL,     AT(ext_unix_sk) },
	{ 5,  MEMBER_BOOL,     AT(tcp_established) },
	{ 6,  MEMBER_BOOL,     AT(evasive_devices) },
	{ 7,  MEMBER_BOOL,     AT(shell_job) },
	{ 8,  MEMBER_BOOL,     AT(file_locks) },
	{ 9,  MEMBER_UNSIGNED, AT(log_level) },
	{ 10, MEMBER_STRING,   AT(log_file) },
	{ 12, MEMBER_BOOL,     AT(notify) },
	{ 13, MEMBER_STRING,   AT(root) },
	{ 14, MEMBER_STRING,   AT(parent_images) },
	{ 15, MEMBER_BOOL,     AT(track_memory) },
	{ 16, MEMBER_BOOL,     AT(auto_dedup) },
	{ 17, MEMBER_UNSIGNED, AT(work) },
	{ 18, MEMBER_BOOL,     AT(link_remap) },
	{ 24, MEMBER_BOOL,     AT(manages_cgroups) },
	{ 26, MEMBER_BOOL,     AT(is_sibling) },
	{ 29, MEMBER_BOOL,     AT(external_sharing) },
	{ 30, MEMBER_BOOL,     AT(external_masters) },
	{ 38, MEMBER_UNSIGNED, AT(empty_namespaces) },
	{ 44, MEMBER_STRING,   AT(freeze_cgroup) },
	{ 46, MEMBER_BOOL,     AT(tcp_skip_in_flight) },
	{ 50, MEMBER_BOOL,     AT(orphan_terminal) },
	{ 51, MEMBER_STRING,   AT(config_file) },
	{ 52, MEMBER_BOOL,     AT(tcp_close) },
	{ 53, MEMBER_STRING,   AT(lsm_profile) },
	{ 63, MEMBER_STRING,   AT(lsm_mount_context) },
	{ 64, MEMBER_UNSIGNED, AT(lock) },
	{},
};
/* clang-format on */

static void put_varint(struct text *out, uint64_t value)
{
	char bytes[NUMBER_BYTES];
	size_t n = 0;

	/* Seven bits a byte, the lowest first; the top bit says that more follow. */
	for (; value > 0x7f; value >>= 7)
		bytes[n++] = (char)(value | 0x80);
	bytes[n++] = (char)value;
	text_add_n(out, bytes, n);
}

static void put_number(struct text *out, unsigned number, uint64_t value)
{
	put_varint(out, (uint64_t)number << 3 | WIRE_NUMBER);
	put_varint(out, value);
}

static void put_bytes(struct text *out, unsigned number, const char *bytes, size_t n)
{
	put_varint(out, (uint64_t)number << 3 | WIRE_BYTES);
	put_varint(out, n);
	text_add_n(out, bytes, n);
}

static void put_string(struct text *out, unsigned number, const char *text)
{
	put_bytes(out, number, text, strlen(text));
}

/* A message of two members, 1 and 2: every repeated message here is one. */
static void put_pair(struct text *out, unsigned number, const char *one, const char *two)
{
	struct text pair = { .arena = out->arena };

	put_string(&pair, 1, one);
	put_string(&pair, 2, two);
	put_bytes(out, number, pair.data, pair.n);
}

static void put_members(struct text *out, const struct criu_options *options)
{
	for (size_t i = 0; members[i].number; i++) {
		const void *member = (const char *)options + members[i].offset;
		uint64_t value = 0;
		const char *text = NULL;

		switch (members[i].type) {
		case MEMBER_BOOL: value = *(const bool *)member; break;
		case MEMBER_UNSIGNED: value = *(const unsigned *)member; break;
		case MEMBER_STRING: text = *(const char *const *)member; break;
		}
		if (text)
			put_string(out, members[i].number, text);
		else if (value)
			put_number(out, members[i].number, value);
	}
}

static void put_lists(struct text *out, const struct criu_options *options)
{
	for (size_t i = 0; i < options->mounts.n; i++)
		put_pair(out, OPTION_MOUNT, options->mounts.items[i].key,
			 options->mounts.items[i].value);
	for (size_t i = 0; i < options->external.n; i++)
		put_string(out, OPTION_EXTERNAL, options->external.items[i]);
	for (size_t i = 0; i < options->joined.n; i++)
		put_pair(out, OPTION_JOIN, options->joined.items[i].kind,
			 options->joined.items[i].path);
	for (size_t i = 0; i < options->inherited.n; i++) {
		struct text pair = { .arena = out->arena };

		put_string(&pair, 1, options->inherited.items[i].key);
		put_number(&pair, 2, (unsigned)options->inherited.items[i].fd);
		put_bytes(out, OPTION_INHERIT, pair.data, pair.n);
	}
	/* cgroup2 is the hierarchy without a name. */
	if (options->cgroup_root)
		put_pair(out, OPTION_CGROUP_ROOT, "", options->cgroup_root);
}

void criu_encode(struct text *out, enum criu_call call, const struct criu_options *options,
		 bool keep)
{
	put_number(out, REQUEST_TYPE, call);
	if (options) {
		struct text inner = { .arena = out->arena };

		put_number(&inner, OPTION_IMAGES, (unsigned)options->images);
		put_members(&inner, options);
		if (options->has_cgroups_mode)
			put_number(&inner, OPTION_CGROUPS_MODE, options->cgroups_mode);
		put_lists(&inner, options);
		put_bytes(out, REQUEST_OPTIONS, inner.data, inner.n);
	}
	if (keep)
		put_number(out, REQUEST_KEEP, true);
	if (call == CRIU_FEATURES) {
		struct text features = { .arena = out->arena };

		put_number(&features, FEATURE_MEMORY_TRACKING, true);
		put_bytes(out, REQUEST_FEATURES, features.data, features.n);
	}
}

void criu_encode_answer(struct text *out, bool is_fine)
{
	put_number(out, REQUEST_TYPE, CRIU_NOTIFY);
	put_number(out, REQUEST_ANSWER, is_fine);
}

/* What is left of a message, and its member read last. */
struct reader {
	const unsigned char *at, *end;
	unsigned number;
	enum wire wire;
	uint64_t value;             /* WIRE_NUMBER */
	const unsigned char *bytes; /* WIRE_BYTES: n of them */
	size_t n;
};

static bool get_varint(struct reader *reader, uint64_t *ret)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64 && reader->at < reader->end; shift += 7) {
		unsigned char byte = *reader->at++;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			*ret = value;
			return true;
		}
	}
	return false;
}

/* 1: a member; 0: the end; -1: no message. */
static int get_member(struct reader *reader)
{
	uint64_t key, n = 0;

	if (reader->at == reader->end)
		return 0;
	if (!get_varint(reader, &key) || key >> 3 > UINT32_MAX)
		return -1;
	reader->number = (unsigned)(key >> 3);
	reader->wire = (enum wire)(key & 7);
	reader->value = 0;
	reader->bytes = reader->at;
	if (reader->wire == WIRE_NUMBER)
		return get_varint(reader, &reader->value) ? 1 : -1;
	if (reader->wire == WIRE_BYTES && !get_varint(reader, &n))
		return -1;
	if (reader->wire == WIRE_FIXED64 || reader->wire == WIRE_FIXED32)
		n = reader->wire == WIRE_FIXED64 ? 8 : 4;
	else if (reader->wire != WIRE_BYTES)
		return -1;
	if (n > (size_t)(reader->end - reader->at))
		return -1;
	reader->bytes = reader->at;
	reader->n = (size_t)n;
	reader->at += n;
	return 1;
}

static const char *get_text(struct arena *arena, const struct reader *reader)
{
	return reader->wire == WIRE_BYTES
		       ? arena_strndup(arena, (const char *)reader->bytes, reader->n)
		       : "";
}

/* The messages within a reply are small enough for one reading: which member means what depends on
 * the message that holds it, WITHIN. */
static int inner_decode(struct arena *arena, const struct reader *outer, struct criu_reply *reply)
{
	struct reader reader = { .at = outer->bytes, .end = outer->bytes + outer->n };
	unsigned within = outer->number;
	int got;

	if (outer->wire != WIRE_BYTES)
		return -1;
	while ((got = get_member(&reader)) > 0) {
		unsigned value = (unsigned)reader.value;

		if (within == REPLY_RESTORE && reader.number == 1)
			reply->pid = (int)value;
		else if (within == REPLY_NOTIFY && reader.number == 1)
			reply->script = get_text(arena, &reader);
		else if (within == REPLY_NOTIFY && reader.number == 2)
			reply->pid = (int)value;
		else if (within == REPLY_FEATURES && reader.number == FEATURE_MEMORY_TRACKING)
			reply->tracks_memory = value != 0;
		else if (within == REPLY_VERSION && reader.number == 1)
			reply->version += value * 10000;
		else if (within == REPLY_VERSION && reader.number == 2)
			reply->version += value * 100;
		else if (within == REPLY_VERSION && reader.number == 4)
			reply->version += value;
	}
	return got;
}

static int reply_decode(struct arena *arena, struct reader *reader, struct criu_reply *reply)
{
	int got;

	while ((got = get_member(reader)) > 0) {
		switch (reader->number) {
		case REPLY_TYPE: reply->call = (unsigned)reader->value; break;
		case REPLY_SUCCESS: reply->is_success = reader->value != 0; break;
		case REPLY_ERRNO: reply->number = (int)reader->value; break;
		case REPLY_MESSAGE: reply->message = get_text(arena, reader); break;
		case REPLY_RESTORE:
		case REPLY_NOTIFY:
		case REPLY_FEATURES:
		case REPLY_VERSION:
			if (inner_decode(arena, reader, reply) < 0)
				return -1;
			break;
		default: break; /* a newer CRIU may say more */
		}
	}
	return got;
}

int criu_decode(struct arena *arena, const void *bytes, size_t n, struct criu_reply *ret,
		struct error *err)
{
	struct criu_reply reply = { .script = "", .message = "" };
	struct reader reader = { .at = bytes, .end = (const unsigned char *)bytes + n };

	if (reply_decode(arena, &reader, &reply) < 0 || reply.call == 0)
		return fail(err, ERROR_HOST, "criu's answer is no message of its protocol");
	*ret = reply;
	return 0;
}
