/* SPDX-License-Identifier: Apache-2.0 */
/* The policy's rows as objects of the container's tree: where each really is, and which intent
 * holds there. */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct error;
struct handles;
struct plan;
struct plan_access;

/* From lax to strict. PIN: stays what and where it is, no more; it says nothing about what lies
 * beneath. */
enum access_mode { ACCESS_NONE, ACCESS_PIN, ACCESS_WRITE, ACCESS_READ, ACCESS_NOTHING };

struct access_object {
	mode_t mode;
	uint64_t device, inode, mount;
	uint32_t links;
};
struct access_node {
	const char *path;              /* of the object itself: no link on the way */
	const struct plan_access *row; /* whose wish it is */
	enum access_mode mode;
	bool is_missing; /* path is the first component that does not exist, fd the directory before
			    it */
	bool is_partial; /* more components are missing below it */
	bool executes;
	bool is_pinned; /* a PIN fell on the same path */
	int fd;         /* O_PATH of the object, or -1 */
	int tree;       /* detached clone, or -1 */
	struct access_object object;
};
struct access_link {
	const char *path;
	const struct plan_access *row;
};

struct access_mount {
	uint64_t id, parent;
	const char *device; /* "8:1", of the superblock */
	const char *root;   /* path within that file system */
	const char *path;   /* agent's view; NULL = not of the container */
};

struct access_view {
	struct arena *arena;
	const struct plan *plan;
	struct handles *handles;
	struct access_object root;
	ARRAY(struct access_node)
	nodes; /* sorted by path_compare, one per path, after access_nodes_merge */
	ARRAY(struct access_link) links;   /* symbolic links that led to them */
	ARRAY(struct access_mount) mounts; /* after access_mounts_read */
};

/* Every row that exists, and every denied one that does not. */
int access_nodes_find(struct access_view *view, struct error *err);
/* One node per path; one intent per object: the strictest of those that name it. */
void access_nodes_merge(struct access_view *view);
void access_nodes_close(struct access_view *view);
/* The node above PATH that decides for it (not one at PATH itself unless OR_AT), or NULL where only
 * the base decides. */
const struct access_node *access_nodes_above(const struct access_view *view, const char *path,
					     bool or_at);
enum access_mode access_mode_at(const struct access_view *view, const char *path);
/* O_PATH of PATH through no link, beneath the container's root, and what it is. -1 with errno. */
int access_open(const struct access_view *view, const char *path, struct access_object *ret_object);
int access_look(int fd, struct access_object *ret_object);
bool access_is_same(const struct access_object *a, const struct access_object *b);

/* Mounts of the container, from the kernel. */
int access_mounts_read(struct access_view *view, struct error *err);
/* Adds nodes for the other paths that lead to what is denied or read-only: bind mounts of the same
 * tree. */
int access_aliases_add(struct access_view *view, struct error *err);
/* Where PATH, an object on MOUNT, is on the host; false = nowhere that outlives the container. */
bool access_host_path(const struct access_view *view, uint64_t mount, const char *path,
		      const char **ret_base, const char **ret_rest);

/* Writable trees are cloned while they are writable, everything is made read-only, then the nodes
 * are attached. */
int access_trees_clone(struct access_view *view, struct error *err);
int access_trees_attach(struct access_view *view, struct error *err);
