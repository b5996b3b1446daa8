/* SPDX-License-Identifier: Apache-2.0 */
/* Read config.json, the profile and the host's facts; compile. */
#include "lifecycle/load.h"

#include "apply/probe.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/log.h"
#include "base/str.h"
#include "lifecycle/protect.h"
#include "lifecycle/runtime.h"
#include "plan/host.h"
#include "plan/plan.h"
#include "state/record.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>

#define SAVED_CONFIG  "config.json"
#define SAVED_PROFILE "profile.json"
enum { CONFIG_LIMIT = 16 << 20, PROFILE_LIMIT = 1 << 20 };

/* A profile is found by name in the administrator's directory, then in the vendor's: never by a
 * path that an annotation names. */
static int profile_read(struct mxcrt *rt, const char *name, struct loaded *loaded,
			struct error *err)
{
	static const char *const directories[] = { MXC_SYSCONFDIR "/profiles",
						   MXC_DATADIR "/profiles" };
	char *text;

	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		const char *path = arena_printf(&rt->arena, "%s/%s.json", directories[i], name);
		if (file_read(&rt->arena, AT_FDCWD, path, PROFILE_LIMIT, &text, &loaded->profile_n,
			      err) == 0) {
			loaded->profile = text;
			return 0;
		}
		if (err->sys_errno != ENOENT)
			return -1;
		*err = (struct error){};
	}
	return fail_policy(err, "annotation io.mxc.profile",
			   "put NAME.json into " MXC_SYSCONFDIR
			   "/profiles, or name one of " MXC_DATADIR "/profiles",
			   "there is no profile '%s'", name);
}

/* What config.json asks for and cannot have is a warning (config.md, Linux process); what a policy
 * gets from another layer is in the audit. */
static void degradations_log(const struct plan *plan)
{
	for (size_t i = 0; i < plan->degradations.n; i++) {
		const struct plan_degradation *degradation = &plan->degradations.items[i];
		if (degradation->is_warning)
			log_warning("%s (%s), going on", degradation->what, degradation->origin);
		else
			log_info("%s (%s)", degradation->what, degradation->origin);
	}
}

static int plan_compile(struct mxcrt *rt, const struct spec_request *request,
			const struct spec_exec *exec, struct loaded *loaded, struct error *err)
{
	struct host host;
	struct compile_request compile_request = {
		.spec = loaded->spec,
		.spec_request = *request,
		.exec = exec,
		.policy = { .annotations = spec_annotations(loaded->spec),
			    .profile_name = loaded->profile_name,
			    .profile_text = loaded->profile,
			    .profile_n = loaded->profile_n },
		.host = &host,
	};

	loaded->is_governed = policy_is_asked(&compile_request.policy);
	TRY(host_probe(loaded->is_governed, &host, err));
	TRY(compile(&rt->arena, &compile_request, &loaded->plan, err));
	if (!exec)
		degradations_log(loaded->plan);
	return 0;
}

static struct spec_request request_for(const struct mxcrt *rt, const char *id, const char *bundle)
{
	return (struct spec_request){
		.id = id,
		.bundle = bundle,
		.is_rootless = rt->is_rootless,
		.use_systemd_cgroup = rt->options.cgroup_manager == MXCRT_CGROUP_SYSTEMD,
		.use_no_cgroup = rt->options.cgroup_manager == MXCRT_CGROUP_DISABLED,
	};
}

int load_bundle(struct mxcrt *rt, const char *id, const struct mxcrt_create_options *options,
		struct loaded *ret, struct error *err)
{
	const char *name = options->config ? options->config : "config.json";
	char path[PATH_MAX];
	char *bytes;

	ret->id = id;
	if (!realpath(options->bundle ? options->bundle : ".", path))
		return fail_sys(err, "bundle '%s'", options->bundle ? options->bundle : ".");
	ret->bundle = arena_strdup(&rt->arena, path);

	autofd bundle = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (bundle < 0)
		return fail_sys(err, "open the bundle '%s'", path);
	TRY(file_read(&rt->arena, bundle, name, CONFIG_LIMIT, &bytes, &ret->config_n, err));
	ret->config = bytes;
	TRY(protect_early(rt, bytes, ret->config_n, err));
	TRY(spec_read(&rt->arena, arena_printf(&rt->arena, "%s/%s", path, name), bytes,
		      ret->config_n, &ret->spec, err));

	TRY(runtime_conf(rt, err));
	TRY(policy_profile_wanted(spec_annotations(ret->spec), rt->conf.default_profile,
				  &ret->profile_name, err));
	ret->is_governed = ret->profile_name != NULL;
	if (ret->profile_name)
		TRY(profile_read(rt, ret->profile_name, ret, err));

	struct spec_request request = request_for(rt, id, ret->bundle);
	request.no_pivot = options->no_pivot;
	request.no_new_keyring = options->no_new_keyring;
	request.preserve_fds = options->preserve_fds;
	request.has_console_socket = options->console_socket != NULL;
	return plan_compile(rt, &request, NULL, ret, err);
}

/* The directory is new and ours: nothing is replaced, and nobody reads before the record says that
 * it is whole. */
static int document_save(const struct state *state, const char *name, const char *bytes, size_t n,
			 struct error *err)
{
	autofd fd = openat(state->directory, name,
			   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 || write_all(fd, bytes, n) < 0)
		return fail_sys(err, "save '%s' in the state directory", name);
	return 0;
}

int load_save(const struct state *state, const struct loaded *loaded, struct error *err)
{
	TRY(document_save(state, SAVED_CONFIG, loaded->config, loaded->config_n, err));
	if (loaded->profile)
		TRY(document_save(state, SAVED_PROFILE, loaded->profile, loaded->profile_n, err));
	return 0;
}

/* The documents in the state directory; config.json's bytes are not yet read as such. */
static int saved_read(struct mxcrt *rt, const struct state *state, const struct record *record,
		      struct loaded *ret, struct error *err)
{
	char *bytes;

	ret->id = record->id;
	ret->bundle = record->bundle;
	TRY(file_read(&rt->arena, state->directory, SAVED_CONFIG, CONFIG_LIMIT, &bytes,
		      &ret->config_n, err));
	ret->config = bytes;
	if (!record->profile || !record->profile[0])
		return 0;
	ret->profile_name = record->profile;
	TRY(file_read(&rt->arena, state->directory, SAVED_PROFILE, PROFILE_LIMIT, &bytes,
		      &ret->profile_n, err));
	ret->profile = bytes;
	return 0;
}

static struct spec_request request_saved(const struct mxcrt *rt, const struct record *record)
{
	struct spec_request request = request_for(rt, record->id, record->bundle);

	request.use_systemd_cgroup = record->uses_systemd;
	request.no_pivot = record->no_pivot;
	return request;
}

int load_saved(struct mxcrt *rt, const struct state *state, const struct record *record,
	       const struct spec_exec *exec, struct loaded *ret, struct error *err)
{
	struct spec_request request = request_saved(rt, record);

	TRY(saved_read(rt, state, record, ret, err));
	if (exec)
		TRY(protect_early(rt, ret->config, ret->config_n, err));
	TRY(spec_read(&rt->arena, SAVED_CONFIG, ret->config, ret->config_n, &ret->spec, err));
	return plan_compile(rt, &request, exec, ret, err);
}

static int lower_alone(struct mxcrt *rt, const struct spec *spec,
		       const struct spec_request *request, const struct plan **ret_plan,
		       struct error *err)
{
	struct plan *plan = arena_alloc(&rt->arena, sizeof(*plan));
	plan->arena = &rt->arena;

	TRY(spec_lower(spec, request, plan, err));
	*ret_plan = plan;
	return 0;
}

int load_changed(struct mxcrt *rt, const struct state *state, const struct record *record,
		 const struct json *asked, struct change *ret, struct error *err)
{
	struct spec_request request = request_saved(rt, record);
	struct text changed = { .arena = &rt->arena };
	struct loaded *loaded = &ret->loaded;
	const struct spec *was;

	request.joins_cgroup = true;
	/* It exists, whatever manager this caller would have chosen. */
	request.use_no_cgroup = false;
	TRY(saved_read(rt, state, record, loaded, err));
	TRY(spec_read(&rt->arena, SAVED_CONFIG, loaded->config, loaded->config_n, &was, err));
	TRY(spec_update_merge(&rt->arena, loaded->config, loaded->config_n, asked, &changed, err));
	ret->config = loaded->config;
	ret->config_n = loaded->config_n;
	loaded->config = changed.data;
	loaded->config_n = changed.n;
	TRY(spec_read(&rt->arena, SAVED_CONFIG, changed.data, changed.n, &loaded->spec, err));
	TRY(lower_alone(rt, was, &request, &ret->was, err));
	TRY(lower_alone(rt, loaded->spec, &request, &ret->asked, err));
	return plan_compile(rt, &request, NULL, loaded, err);
}

int load_resave(const struct state *state, const char *config, size_t n, struct error *err)
{
	return file_replace(state->directory, SAVED_CONFIG, config, n, 0600, err);
}
