/* SPDX-License-Identifier: Apache-2.0 */
/* Decoding and checking UTF-8 (RFC 3629). */
#include "base/utf8.h"

#include <string.h>

/* By the first byte: the length, and the smallest character that needs that many bytes. */
static const struct {
	unsigned char mask, lead;
	unsigned char length;
	uint32_t smallest;
} forms[] = {
	{ 0x80, 0x00, 1, 0x0 },
	{ 0xe0, 0xc0, 2, 0x80 },
	{ 0xf0, 0xe0, 3, 0x800 },
	{ 0xf8, 0xf0, 4, 0x10000 },
	{},
};

size_t utf8_decode(const unsigned char *bytes, size_t n, uint32_t *ret_character)
{
	size_t form = 0;
	while (forms[form].length && (bytes[0] & forms[form].mask) != forms[form].lead)
		form++;
	size_t length = forms[form].length;
	if (length == 0 || length > n)
		return 0;

	uint32_t character = bytes[0] & (unsigned char)~forms[form].mask;
	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		character = character << 6 | (bytes[i] & 0x3f);
	}
	if (character < forms[form].smallest || character > 0x10ffff ||
	    (character & 0xfffff800) == 0xd800)
		return 0;
	*ret_character = character;
	return length;
}

size_t utf8_valid(const unsigned char *bytes, size_t n)
{
	size_t at = 0;
	while (at < n) {
		/* Documents are nearly all ASCII: eight bytes at a time. */
		uint64_t word;
		if (n - at >= sizeof(word)) {
			memcpy(&word, bytes + at, sizeof(word));
			if ((word & 0x8080808080808080) == 0) {
				at += sizeof(word);
				continue;
			}
		}
		uint32_t character;
		size_t length = utf8_decode(bytes + at, n - at, &character);
		if (length == 0)
			break;
		at += length;
	}
	return at;
}

bool utf8_is_visible(uint32_t character)
{
	/* clang-format off */
	static const struct { uint32_t first, last; } hidden[] = {
		{ 0x0000, 0x001f }, { 0x007f, 0x009f },
		{ 0x061c, 0x061c }, { 0x200e, 0x200f }, { 0x202a, 0x202e }, { 0x2066, 0x2069 },
		{ 0x2028, 0x2029 },
		{ 0xfeff, 0xfeff },
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (character >= hidden[i].first && character <= hidden[i].last)
			return false;
	return true;
}
