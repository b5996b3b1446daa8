/* SPDX-License-Identifier: Apache-2.0 */
/* The pieces of a printed plan: one line per item, words that cannot break it. */
#pragma once

#include <stdint.h>

struct plan;
struct text;

/* A blank and TEXT, quoted as in JSON where it is empty or could be taken for something else. */
void print_word(struct text *out, const char *text);
/* " KEY TEXT", nothing when TEXT is NULL. */
void print_pair(struct text *out, const char *key, const char *text);
/* " KEY a b c" of a NULL-terminated list, nothing when it is NULL. */
void print_list(struct text *out, const char *key, const char *const *list);
/* " (ORIGIN)" when there is one, and the end of the line. */
void print_end(struct text *out, const char *origin);

/*
 * " a,b,c" for the bits of FLAGS by index of NAMES (N of them); bits without a name as a number; "
 * none" for 0.
 */
void print_bits(struct text *out, const char *const *names, unsigned n, uint64_t flags);

/* "KEY 0 1000 1, 1 100000 65536", nothing without maps. */
struct plan_id_maps;
void print_id_maps(struct text *out, const char *key, const struct plan_id_maps *maps);

void plan_print_mounts(const struct plan *plan, struct text *out);
void plan_print_cgroup(const struct plan *plan, struct text *out);
void plan_print_seccomp(const struct plan *plan, struct text *out);
void plan_print_policy(const struct plan *plan, struct text *out);
