/* SPDX-License-Identifier: Apache-2.0 */
/* The directories of the images, and the options that are CRIU's own. */
#include "lifecycle/images.h"

#include "base/error.h"
#include "base/fd.h"
#include "base/str.h"
#include "lifecycle/runtime.h"
#include "plan/checkpoint.h"
#include "plan/namespaces.h"
#include "plan/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Enough that a failure can be understood from the log. */
enum { LOG_LEVEL = 4 };

#define DEFAULT_PATH "checkpoint"
/* Ours, and where it is not there the one that other runtimes read. */
#define CRIU_CONFIG       "/etc/criu/mxc-runtime.conf"
#define CRIU_CONFIG_OTHER "/etc/criu/runc.conf"
#define CRIU_ANNOTATION   "org.criu.config"

static const struct {
	const char *name;
	enum criu_cgroups mode;
} cgroup_modes[] = {
	{ "soft", CRIU_CGROUPS_SOFT },
	{ "full", CRIU_CGROUPS_FULL },
	{ "strict", CRIU_CGROUPS_STRICT },
	{ "ignore", CRIU_CGROUPS_IGNORE },
	{},
};

static int unsupported(const char *option, const char *remedy, struct error *err)
{
	(void)fail(err, ERROR_CONFIG, "%s is not supported", option);
	(void)fail_field(err, "%s", option);
	return fail_remedy(err, "%s", remedy);
}

int images_check(const struct mxcrt *rt, const char *verb, const struct mxcrt_image_options *asked,
		 struct error *err)
{
	if (asked->lazy_pages)
		return unsupported("--lazy-pages", "leave it out: all memory goes at once", err);
	if (asked->page_server)
		return unsupported("--page-server",
				   "write to --image-path, and copy that directory", err);
	if (rt->is_root)
		return 0;
	(void)fail(err, ERROR_HOST, "%s needs root of the host", verb);
	(void)fail_code(err, "backend_unavailable");
	return fail_remedy(err, "run it as root; criu cannot save or make a user's namespaces");
}

static int directory_open(const char *path, bool create, struct error *err)
{
	if (create && mkdir(path, 0700) < 0 && errno != EEXIST)
		return fail_sys(err, "make the directory '%s'", path);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? fail_sys(err, "open the directory '%s'", path) : fd;
}

/* CRIU follows it from the images' directory, and says nothing clear where it leads nowhere. */
static int parent_check(const struct images *images, const char *parent, struct error *err)
{
	struct stat st;

	if (parent[0] == '/') {
		(void)fail(err, ERROR_CONFIG, "--parent-path '%s' is not relative", parent);
		return fail_remedy(err, "give it as seen from --image-path, like '../before'");
	}
	if (fstatat(images->directory, parent, &st, 0) < 0 || !S_ISDIR(st.st_mode)) {
		(void)fail_sys(err, "--parent-path '%s' is no directory", parent);
		return fail_remedy(err, "give it as seen from --image-path, like '../before'");
	}
	return 0;
}

static int cgroups_lower(const char *mode, struct criu_options *options, struct error *err)
{
	options->manages_cgroups = true;
	options->has_cgroups_mode = true;
	options->cgroups_mode = CRIU_CGROUPS_SOFT;
	if (!mode || !*mode)
		return 0;
	for (size_t i = 0; cgroup_modes[i].name; i++) {
		if (!str_equal(cgroup_modes[i].name, mode))
			continue;
		options->cgroups_mode = cgroup_modes[i].mode;
		options->manages_cgroups = cgroup_modes[i].mode != CRIU_CGROUPS_IGNORE;
		return 0;
	}
	return fail(err, ERROR_CONFIG,
		    "--manage-cgroups-mode does not know '%s'; it is soft, full, strict or ignore",
		    mode);
}

static int empty_lower(const char *const *empty, struct criu_options *options, struct error *err)
{
	const struct namespace_info *network = &namespace_infos[NAMESPACE_NETWORK];

	for (; empty && *empty; empty++) {
		if (!str_equal(*empty, network->name))
			return fail(err, ERROR_CONFIG,
				    "--empty-ns does not know '%s'; criu can leave only the "
				    "network namespace empty",
				    *empty);
		options->empty_namespaces |= (unsigned)network->clone_flag;
	}
	return 0;
}

static const char *config_file(const struct plan *plan)
{
	const char *named = plan_annotation(plan, CRIU_ANNOTATION);

	/* An empty one asks for none. */
	if (named)
		return *named ? named : NULL;
	return access(CRIU_CONFIG, F_OK) == 0 ? CRIU_CONFIG : CRIU_CONFIG_OTHER;
}

static void flags_lower(const struct mxcrt_image_options *asked, struct criu_options *options)
{
	options->ext_unix_sk = asked->ext_unix_sk;
	options->tcp_established = asked->tcp_established;
	options->tcp_skip_in_flight = asked->tcp_skip_in_flight;
	options->tcp_close = asked->tcp_close;
	options->shell_job = asked->shell_job;
	options->file_locks = asked->file_locks;
	options->auto_dedup = asked->auto_dedup;
	options->link_remap = asked->link_remap;
	options->lsm_profile = asked->lsm_profile;
	options->lsm_mount_context = asked->lsm_mount_context;
}

/* CRIU stops the container's connections by a firewall; it asks iptables unless told otherwise. */
static bool has_iptables(void)
{
	static const char *const places[] = { "/usr/sbin/iptables-restore",
					      "/sbin/iptables-restore",
					      "/usr/local/sbin/iptables-restore",
					      "/usr/bin/iptables-restore" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (access(places[i], X_OK) == 0)
			return true;
	return false;
}

int images_open(struct mxcrt *rt, const struct images_open *how, struct images *images,
		struct criu_options *options, struct error *err)
{
	const struct mxcrt_image_options *asked = how->asked;
	const char *path = asked->image_path ? asked->image_path : DEFAULT_PATH;
	const char *work = asked->work_path && *asked->work_path ? asked->work_path : NULL;

	images->directory = TRY(directory_open(path, how->create, err));
	if (work)
		images->work = TRY(directory_open(work, true, err));
	images->log = arena_printf(&rt->arena, "%s/%s", work ? work : path, how->log);
	if (asked->parent_path && *asked->parent_path) {
		TRY(parent_check(images, asked->parent_path, err));
		options->parent_images = asked->parent_path;
		options->track_memory = true;
	}
	flags_lower(asked, options);
	TRY(cgroups_lower(asked->manage_cgroups_mode, options, err));
	TRY(empty_lower(asked->empty_ns, options, err));
	options->images = images->directory;
	options->work = work ? images->work : 0;
	options->log_file = how->log;
	options->log_level = LOG_LEVEL;
	options->config_file = config_file(how->plan);
	options->lock = has_iptables() ? CRIU_LOCK_DEFAULT : CRIU_LOCK_NFTABLES;
	options->notify = true;
	/* The other end of the container's terminal is the engine's. */
	options->orphan_terminal = true;
	/* A bind mount may follow the host's mounts. */
	options->external_sharing = true;
	options->external_masters = true;
	return 0;
}

void images_close(struct images *images)
{
	fd_close(&images->directory);
	fd_close(&images->work);
}
