/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes the JSON reader: no bytes break it; what parses equals itself written and parsed again. */
#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "property violated: %s\n", what);
	abort();
}

static bool is_equal(const struct json *a, const struct json *b)
{
	if (a->type != b->type || a->n != b->n || a->boolean != b->boolean)
		return false;
	if (a->is_integer != b->is_integer || a->is_negative != b->is_negative ||
	    a->magnitude != b->magnitude)
		return false;
	if (!str_equal(a->text, b->text))
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (a->type == JSON_OBJECT && !str_equal(a->keys[i], b->keys[i]))
			return false;
		if ((a->type == JSON_OBJECT || a->type == JSON_ARRAY) &&
		    !is_equal(&a->items[i], &b->items[i]))
			return false;
	}
	return true;
}

/* What every reader of the tree relies on. */
static void tree_check(const struct json *value, size_t depth)
{
	require(depth <= json_default_limits.depth, "no tree is deeper than the limit");
	if (value->type == JSON_STRING) {
		require(strlen(value->text) == value->n, "a string has no NUL inside");
		require(utf8_valid((const unsigned char *)value->text, value->n) == value->n,
			"a string is UTF-8");
	}
	if (value->type == JSON_NUMBER && value->is_integer)
		require(!strpbrk(value->text, ".eE"), "an integer has no fraction and no exponent");
	if (value->type != JSON_ARRAY && value->type != JSON_OBJECT)
		return;
	for (size_t i = 0; i < value->n; i++) {
		if (value->type == JSON_OBJECT)
			require(json_get(value, value->keys[i]) == &value->items[i],
				"no key stands twice");
		tree_check(&value->items[i], depth + 1);
	}
}

static void round_trip(struct arena *arena, const struct json *root)
{
	struct text written = { .arena = arena }, again = { .arena = arena };
	struct json *copy;
	struct error err;

	json_write(&written, root);
	for (size_t i = 0; i < written.n; i++)
		require((unsigned char)written.data[i] >= 0x20 && written.data[i] != 0x7f,
			"no control character is written");
	require(json_read(arena, "copy", written.data, written.n, NULL, &copy, &err) == 0,
		"what is written parses");
	require(is_equal(root, copy), "what is written is the same");
	json_write(&again, copy);
	require(strcmp(written.data, again.data) == 0, "writing is stable");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	autoarena arena = {};
	struct error err;
	struct json *root = NULL;
	char line[4096];

	/* Pairs of keys are compared below; a wide object would only make that slow. */
	if (n > 1 << 16)
		return 0;
	if (json_read(&arena, "fuzz", (const char *)bytes, n, NULL, &root, &err) < 0) {
		require(root == NULL, "a failure leaves the result alone");
		require(err.kind == ERROR_CONFIG, "the document is to blame");
		require(strncmp(err.text, "fuzz:", 5) == 0, "the error names the document");
		error_format(&err, line, sizeof(line));
		for (const char *at = line; *at; at++)
			require((unsigned char)*at >= 0x20 && *at != 0x7f,
				"an error shows no control character");
		return 0;
	}
	tree_check(root, 0);
	round_trip(&arena, root);
	return 0;
}
