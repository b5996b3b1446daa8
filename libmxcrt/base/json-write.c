/* SPDX-License-Identifier: Apache-2.0 */
/* JSON out: escaping, values, and builders for objects on one line. */
#include "base/json.h"

#include "base/str.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <string.h>

/* How many bytes at AT need no escape. */
static size_t plain_run(const unsigned char *at, size_t n)
{
	size_t i = 0;
	while (i < n && at[i] >= 0x20 && at[i] < 0x7f && at[i] != '"' && at[i] != '\\')
		i++;
	return i;
}

static void string_write(struct text *out, const char *text, size_t n)
{
	text_add_n(out, "\"", 1);
	for (const unsigned char *at = (const unsigned char *)text, *end = at + n; at < end;) {
		size_t plain = plain_run(at, (size_t)(end - at));
		text_add_n(out, (const char *)at, plain);
		at += plain;
		if (at == end)
			break;

		uint32_t character;
		size_t length = utf8_decode(at, (size_t)(end - at), &character);
		if (length == 0) {
			text_add(out, "\\ufffd");
			length = 1;
		} else if (character == '"' || character == '\\') {
			text_printf(out, "\\%c", (char)character);
		} else if (!utf8_is_visible(character)) {
			/* A terminal obeys some of these, a reader is deceived by others. */
			text_printf(out, "\\u%04" PRIx32, character);
		} else {
			text_add_n(out, (const char *)at, length);
		}
		at += length;
	}
	text_add_n(out, "\"", 1);
}

void json_write_string(struct text *out, const char *text)
{
	string_write(out, text, strlen(text));
}

/* A comma, but not at the start nor after an opening bracket, a colon or a finished line. */
static void separate(struct text *out)
{
	if (out->n > 0 && !strchr("{[:,\n", out->data[out->n - 1]))
		text_add_n(out, ",", 1);
}

void json_key(struct text *out, const char *key)
{
	separate(out);
	json_write_string(out, key);
	text_add_n(out, ":", 1);
}

/* In arrays there is no key. */
static void begin(struct text *out, const char *key)
{
	if (key)
		json_key(out, key);
	else
		separate(out);
}

static void number_write(struct text *out, const struct json *value)
{
	if (value->text)
		text_add(out, value->text);
	else
		text_printf(out, "%s%" PRIu64, value->is_negative ? "-" : "", value->magnitude);
}

void json_write(struct text *out, const struct json *value)
{
	switch (value->type) {
	case JSON_NULL: text_add(out, "null"); break;
	case JSON_BOOL: text_add(out, value->boolean ? "true" : "false"); break;
	case JSON_NUMBER: number_write(out, value); break;
	case JSON_STRING: string_write(out, value->text, value->n); break;
	case JSON_ARRAY:
		text_add(out, "[");
		for (size_t i = 0; i < value->n; i++) {
			separate(out);
			json_write(out, &value->items[i]);
		}
		text_add(out, "]");
		break;
	case JSON_OBJECT:
		text_add(out, "{");
		for (size_t i = 0; i < value->n; i++) {
			json_key(out, value->keys[i]);
			json_write(out, &value->items[i]);
		}
		text_add(out, "}");
		break;
	}
}

void json_add_string(struct text *out, const char *key, const char *value)
{
	if (!value)
		return;
	begin(out, key);
	json_write_string(out, value);
}

void json_add_int(struct text *out, const char *key, int64_t value)
{
	begin(out, key);
	text_printf(out, "%" PRId64, value);
}

void json_add_uint(struct text *out, const char *key, uint64_t value)
{
	begin(out, key);
	text_printf(out, "%" PRIu64, value);
}

void json_add_bool(struct text *out, const char *key, bool value)
{
	begin(out, key);
	text_add(out, value ? "true" : "false");
}

void json_open(struct text *out, const char *key, char bracket)
{
	begin(out, key);
	text_add_n(out, &bracket, 1);
}

void json_close(struct text *out, char bracket)
{
	text_add_n(out, &bracket, 1);
}
