/* SPDX-License-Identifier: Apache-2.0 */
/* The handle: opened, asked why, closed. */
#include "lifecycle/runtime.h"

#include "audit/audit.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/log.h"
#include "base/str.h"
#include "state/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONF_LIMIT = 1 << 20, CONF_DROPINS = 100 };

static const char *copy(struct arena *arena, const char *text)
{
	return text ? arena_strdup(arena, text) : NULL;
}

/* Euid 0 is the host's root only where ids are not mapped: the initial namespace maps the whole
 * range onto itself. */
static bool is_host_root(void)
{
	char map[64] = "";
	autofd fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	unsigned inside, outside, size;

	if (geteuid() != 0 || fd < 0 || read_some(fd, map, sizeof(map) - 1) <= 0)
		return false;
	return sscanf(map, "%u %u %u", &inside, &outside, &size) == 3 && inside == 0 &&
	       outside == 0 && size == UINT32_MAX;
}

static int open_log(struct mxcrt *rt, struct error *err)
{
	const struct mxcrt_options *options = &rt->options;

	if (options->log) {
		rt->log = open(options->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
		if (rt->log < 0)
			return fail_sys(err, "open the log file '%s'", options->log);
	}
	log_set((enum log_level)options->log_level, (enum log_format)options->log_format, rt->log);
	return 0;
}

int mxcrt_open(const struct mxcrt_options *options, struct mxcrt **ret)
{
	static const struct mxcrt_options defaults;
	struct mxcrt *rt = calloc(1, sizeof(*rt));
	struct error err = {};

	if (!rt)
		return -1;
	rt->options = *(options ? options : &defaults);
	rt->options.root = copy(&rt->arena, rt->options.root);
	rt->options.config = copy(&rt->arena, rt->options.config);
	rt->options.log = copy(&rt->arena, rt->options.log);
	rt->options.rootless = copy(&rt->arena, rt->options.rootless);
	rt->root = -1;
	rt->log = -1;
	rt->is_root = is_host_root();
	rt->is_rootless = !rt->is_root;
	if (str_equal(rt->options.rootless, "true") || str_equal(rt->options.rootless, "false"))
		rt->is_rootless = str_equal(rt->options.rootless, "true");
	*ret = rt;
	return runtime_result(rt, open_log(rt, &err), &err);
}

void mxcrt_close(struct mxcrt *rt)
{
	if (!rt)
		return;
	fd_close(&rt->root);
	log_set(LOG_LEVEL_WARNING, LOG_FORMAT_TEXT, -1);
	fd_close(&rt->log);
	arena_free(&rt->arena);
	free(rt);
}

int runtime_result(struct mxcrt *rt, int result, const struct error *err)
{
	rt->error = result < 0 ? *err : (struct error){};
	return result;
}

const char *mxcrt_message(const struct mxcrt *rt)
{
	/* The buffer is the handle's own and not part of what const promises about its outcome. */
	struct mxcrt *mutable = (struct mxcrt *)(uintptr_t)rt;
	return error_format(&rt->error, mutable->message, sizeof(mutable->message));
}

const char *mxcrt_code(const struct mxcrt *rt)
{
	return error_code(&rt->error);
}

const char *mxcrt_field(const struct mxcrt *rt)
{
	return rt->error.field;
}

const char *mxcrt_remedy(const struct mxcrt *rt)
{
	return rt->error.remedy;
}

int mxcrt_fail(struct mxcrt *rt, const char *message)
{
	return fail(&rt->error, ERROR_CONFIG, "%s", message);
}

void mxcrt_report(const struct mxcrt *rt)
{
	log_failure(&rt->error);
}

const char *mxcrt_version(void)
{
	return PACKAGE_VERSION;
}

int runtime_root(struct mxcrt *rt, struct error *err)
{
	if (rt->root >= 0)
		return 0;
	return state_root_open(&rt->arena, rt->options.root, rt->is_root, &rt->root, err);
}

static int conf_file(struct mxcrt *rt, const char *path, bool may_miss, struct error *err)
{
	char *bytes;
	size_t n;

	if (file_read(&rt->arena, AT_FDCWD, path, CONF_LIMIT, &bytes, &n, err) < 0) {
		if (err->sys_errno != ENOENT || !may_miss)
			return -1;
		*err = (struct error){};
		return 0;
	}
	return conf_read(&rt->arena, path, bytes, n, &rt->conf, err);
}

static int is_json(const struct dirent *entry)
{
	return str_ends(entry->d_name, ".json");
}

static int conf_dropins(struct mxcrt *rt, const char *path, struct error *err)
{
	struct dirent **entries = NULL;
	int n = scandir(path, &entries, is_json, alphasort);
	int result = 0;

	/* What the administrator wrote and we cannot read may be what forbids this container. */
	if (n < 0)
		return errno == ENOENT ? 0 : fail_sys(err, "list '%s'", path);
	if (n > CONF_DROPINS)
		result = fail(err, ERROR_CONFIG, "more than %d files in '%s'", CONF_DROPINS, path);
	for (int i = 0; i < n; i++) {
		if (result == 0)
			result = conf_file(
				rt, arena_printf(&rt->arena, "%s/%s", path, entries[i]->d_name),
				false, err);
		free(entries[i]);
	}
	free(entries);
	return result;
}

int runtime_conf(struct mxcrt *rt, struct error *err)
{
	const char *path = rt->options.config ? rt->options.config : MXC_SYSCONFDIR "/mxc.conf";

	if (rt->has_conf)
		return 0;
	/* The installed place may be empty; a file that was named is there. */
	TRY(conf_file(rt, path, rt->options.config == NULL, err));
	TRY(conf_dropins(rt, arena_printf(&rt->arena, "%s.d", path), err));
	rt->has_conf = true;
	return 0;
}

static void audit_refine(const struct conf_audit *conf, struct audit_config *config)
{
	if (conf->has_sinks)
		config->to_file = config->to_journal = false;
	for (size_t i = 0; i < conf->sinks.n; i++) {
		if (str_equal(conf->sinks.items[i], "journal"))
			config->to_journal = true;
		else
			config->to_file = true;
	}
	if (conf->has_file)
		config->file = conf->file;
	if (conf->has_sync)
		config->sync = conf->sync;
}

int runtime_audit_config(struct mxcrt *rt, struct audit_config *ret_config, struct error *err)
{
	TRY(runtime_conf(rt, err));
	audit_config_default(&rt->arena, rt->is_root, ret_config);
	audit_refine(&rt->conf.audit, ret_config);
	return 0;
}
