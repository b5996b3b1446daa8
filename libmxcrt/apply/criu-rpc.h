/* SPDX-License-Identifier: Apache-2.0 */
/* What is said to CRIU and what it says: its protocol buffers (CRIU's images/rpc.proto), as far as
 * they are used here. Only computes. */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct text;

/* criu_req_type */
enum criu_call {
	CRIU_DUMP = 1,
	CRIU_RESTORE = 2,
	CRIU_PRE_DUMP = 4,
	CRIU_NOTIFY = 6,
	CRIU_FEATURES = 9,
	CRIU_VERSION = 10,
};
/* criu_cg_mode */
enum criu_cgroups {
	CRIU_CGROUPS_IGNORE = 0,
	CRIU_CGROUPS_SOFT = 3,
	CRIU_CGROUPS_FULL = 4,
	CRIU_CGROUPS_STRICT = 5,
};
enum criu_network_lock { CRIU_LOCK_DEFAULT = 0, CRIU_LOCK_NFTABLES = 2 };

/* At dump: the mount point, and the name to keep of it; at restore: the name, and what is mounted
 * there. */
struct criu_mount {
	const char *key, *value;
};
/* FD, as CRIU's process has it, stands for the object that the images call KEY. */
struct criu_inherit {
	const char *key;
	int fd;
};
struct criu_join {
	const char *kind, *path;
};

/* criu_opts. What is 0, NULL or empty is not sent, unless said otherwise. */
struct criu_options {
	int images;                /* descriptor in this process, always sent */
	int work;                  /* the same; 0 = the images' directory */
	unsigned pid;              /* dump: of the tree's root */
	unsigned lock;             /* enum criu_network_lock */
	unsigned empty_namespaces; /* CLONE_NEW* */
	unsigned log_level;
	bool leave_running, ext_unix_sk, tcp_established, tcp_skip_in_flight, tcp_close;
	bool evasive_devices, shell_job, file_locks, notify, track_memory, auto_dedup, link_remap;
	bool manages_cgroups, is_sibling, orphan_terminal, external_sharing, external_masters;
	bool has_cgroups_mode;
	unsigned cgroups_mode; /* enum criu_cgroups, sent with has_cgroups_mode */
	const char *log_file, *root, *parent_images, *freeze_cgroup, *config_file;
	const char *lsm_profile, *lsm_mount_context;
	const char *cgroup_root; /* in cgroup2 */
	ARRAY(struct criu_mount) mounts;
	ARRAY(const char *) external;
	ARRAY(struct criu_inherit) inherited;
	ARRAY(struct criu_join) joined;
};

/* A whole request. OPTIONS NULL: none. KEEP: the connection takes another request afterwards (only
 * for CRIU_VERSION and CRIU_FEATURES). */
void criu_encode(struct text *out, enum criu_call call, const struct criu_options *options,
		 bool keep);
/* The answer to a notification. */
void criu_encode_answer(struct text *out, bool is_fine);

/* criu_resp. */
struct criu_reply {
	unsigned call;
	bool is_success;
	int pid;             /* restore, and notifications that tell it; else 0 */
	const char *script;  /* notification: its name; else "" */
	int number;          /* cr_errno */
	const char *message; /* cr_errmsg, "" = none */
	unsigned version;    /* 30171 = 3.17.1 */
	bool tracks_memory;
};
/* ERROR_HOST for anything that is no such message; the strings are in the arena. */
int criu_decode(struct arena *arena, const void *bytes, size_t n, struct criu_reply *ret,
		struct error *err);
