/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4): the digest of plans and policies, the links of the audit chain. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct sha256 {
	uint32_t state[8];
	uint64_t length;
	unsigned char block[64];
};
enum { SHA256_HEX = 65 };
void sha256_begin(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const void *bytes, size_t n);
void sha256_end(struct sha256 *hash, unsigned char digest[32]);
/* Lower-case hexadecimal with NUL. */
void sha256_hex(const void *bytes, size_t n, char ret_hex[SHA256_HEX]);
