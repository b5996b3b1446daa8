/* SPDX-License-Identifier: Apache-2.0 */
/* Strict UTF-8: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The character at BYTES (n > 0 are there): how many bytes it has, 0 when it is not UTF-8. */
size_t utf8_decode(const unsigned char *bytes, size_t n, uint32_t *ret_character);
/* How many of the n bytes are whole characters; n when all is well. */
size_t utf8_valid(const unsigned char *bytes, size_t n);
/* Neither a control character (C0, DEL, C1), a line or paragraph separator, a sign that turns the
 * direction of writing, nor a byte order mark: what it shows is what it says. */
bool utf8_is_visible(uint32_t character);
