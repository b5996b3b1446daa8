/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs state and list. */
#include "apply/proc.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "lifecycle/container.h"
#include "lifecycle/load.h"
#include "lifecycle/runtime.h"
#include "plan/oci-state.h"

#include <pwd.h>
#include <string.h>
#include <sys/stat.h>

enum { CONFIG_LIMIT = 16 << 20 };

static int64_t pid_shown(const struct container *container, enum status status)
{
	return status == STATUS_STOPPED || status == STATUS_CREATING ? 0 : container->record.pid;
}

/* Annotations are what was in config.json at create. */
static int annotations_read(struct mxcrt *rt, const struct container *container,
			    struct string_map *ret, struct error *err)
{
	const struct spec *spec;
	char *bytes;
	size_t n;

	TRY(file_read(&rt->arena, container->state.directory, "config.json", CONFIG_LIMIT, &bytes,
		      &n, err));
	TRY(spec_read(&rt->arena, "config.json", bytes, n, &spec, err));
	*ret = *spec_annotations(spec);
	return 0;
}

static void state_json(const struct container *container, enum status status,
		       const struct string_map *annotations, struct text *out)
{
	json_open(out, NULL, '{');
	json_add_string(out, "ociVersion", OCI_STATE_VERSION);
	json_add_string(out, "id", container->record.id);
	json_add_string(out, "status", status_names[status]);
	json_add_int(out, "pid", pid_shown(container, status));
	json_add_string(out, "bundle", container->record.bundle);
	json_add_string(out, "rootfs", container->record.rootfs);
	json_add_string(out, "created", container->record.created);
	json_open(out, "annotations", '{');
	for (size_t i = 0; i < annotations->n; i++)
		json_add_string(out, annotations->keys[i], annotations->values[i]);
	json_close(out, '}');
	json_close(out, '}');
	text_add(out, "\n");
}

static int state(struct mxcrt *rt, const char *id, struct text *out, struct error *err)
{
	autocontainer container = { .proc = -1, .pidfd = -1 };
	struct string_map annotations = {};

	TRY(container_open(rt, id, false, &container, err));
	enum status status = container_status(&container);
	if (status != STATUS_CREATING)
		TRY(annotations_read(rt, &container, &annotations, err));

	state_json(&container, status, &annotations, out);
	return 0;
}

int mxcrt_state(struct mxcrt *rt, const char *id, const char **ret_text)
{
	struct text out = { .arena = &rt->arena };
	struct error err = {};
	int result = state(rt, id, &out, &err);

	if (result == 0)
		*ret_text = out.data;
	return runtime_result(rt, result, &err);
}

/* What one list needs for all its containers. */
struct listing {
	struct mxcrt *rt;
	struct text *out;
	uid_t uid;         /* whose name is known */
	const char *owner; /* NULL = nobody's yet */
};

static const char *owner_name(struct listing *listing, const struct container *container)
{
	struct arena *arena = &listing->rt->arena;
	struct stat st = {};

	(void)fstat(container->state.directory, &st);
	if (listing->owner && listing->uid == st.st_uid)
		return listing->owner;
	const struct passwd *user = getpwuid(st.st_uid);
	listing->uid = st.st_uid;
	listing->owner = user ? arena_strdup(arena, user->pw_name)
			      : arena_printf(arena, "%u", st.st_uid);
	return listing->owner;
}

static void add_json(struct listing *listing, const struct container *container)
{
	enum status status = container_status(container);
	struct text *out = listing->out;

	json_open(out, NULL, '{');
	json_add_string(out, "ociVersion", OCI_STATE_VERSION);
	json_add_string(out, "id", container->record.id);
	json_add_int(out, "pid", pid_shown(container, status));
	json_add_string(out, "status", status_names[status]);
	json_add_string(out, "bundle", container->record.bundle);
	json_add_string(out, "rootfs", container->record.rootfs);
	json_add_string(out, "created", container->record.created);
	json_add_string(out, "owner", owner_name(listing, container));
	json_close(out, '}');
}

static void add_row(struct listing *listing, const struct container *container)
{
	enum status status = container_status(container);

	text_printf(listing->out, "%-24s %-8lld %-9s %-39s %-31s %s\n", container->record.id,
		    (long long)pid_shown(container, status), status_names[status],
		    container->record.bundle,
		    container->record.created ? container->record.created : "",
		    owner_name(listing, container));
}

/* Nobody shall miss a container that is there and cannot be told about. */
static void list_without(const struct error *why)
{
	char line[1024];

	if (!str_equal(why->code, "stale_id"))
		log_warning("%s, leaving it out", error_format(why, line, sizeof(line)));
}

static int list(struct mxcrt *rt, bool as_json, bool quiet, struct text *out, struct error *err)
{
	struct listing listing = { .rt = rt, .out = out };
	struct strings ids;

	TRY(runtime_root(rt, err));
	autofd proc = TRY(proc_open(err));
	TRY(state_ids(&rt->arena, rt->root, &ids, err));
	if (as_json)
		json_open(out, NULL, '[');
	else if (!quiet)
		text_printf(out, "%-24s %-8s %-9s %-39s %-31s %s\n", "ID", "PID", "STATUS",
			    "BUNDLE", "CREATED", "OWNER");
	for (size_t i = 0; i < ids.n; i++) {
		autocontainer container = { .proc = -1, .pidfd = -1 };
		struct error gone = {};
		/* It may have been deleted since it was listed, or be half made. */
		if (container_peek(rt, ids.items[i], proc, &container, &gone) < 0) {
			list_without(&gone);
			continue;
		}
		if (quiet)
			text_printf(out, "%s\n", container.record.id);
		else if (as_json)
			add_json(&listing, &container);
		else
			add_row(&listing, &container);
	}
	if (as_json) {
		json_close(out, ']');
		text_add(out, "\n");
	}
	return 0;
}

int mxcrt_list(struct mxcrt *rt, const char *format, bool quiet, const char **ret_text)
{
	struct text out = { .arena = &rt->arena };
	struct error err = {};

	text_add(&out, "");
	int result = list(rt, str_equal(format, "json") && !quiet, quiet, &out, &err);
	if (result == 0)
		*ret_text = out.data;
	return runtime_result(rt, result, &err);
}
