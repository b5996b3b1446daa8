/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs that only print or check: spec, features, audit verify. */
#include "audit/audit.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "lifecycle/runtime.h"
#include "spec/features.h"
#include "spec/spec.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int spec_write(const char *directory, const struct text *text, struct error *err)
{
	autofd parent = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0)
		return fail_sys(err, "open the directory '%s'", directory);
	autofd file = openat(parent, "config.json", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (file < 0) {
		if (errno == EEXIST)
			(void)fail_remedy(err, "remove it first");
		return fail_sys(err, "make 'config.json' in '%s'", directory);
	}
	if (write_all(file, text->data, text->n) < 0)
		return fail_sys(err, "write 'config.json'");
	return 0;
}

int mxcrt_spec(struct mxcrt *rt, const char *directory, bool rootless, const char **ret_text)
{
	struct text out = { .arena = &rt->arena };
	struct error err = {};

	spec_print_default(rootless, geteuid(), getegid(), &out);
	*ret_text = out.data;
	return runtime_result(rt, directory ? spec_write(directory, &out, &err) : 0, &err);
}

int mxcrt_features(struct mxcrt *rt, const char **ret_text)
{
	struct text out = { .arena = &rt->arena };
	struct error err = {};

	spec_print_features(&out);
	text_add(&out, "\n");
	*ret_text = out.data;
	return runtime_result(rt, 0, &err);
}

static int verify(struct mxcrt *rt, const char *file, struct text *out, struct error *err)
{
	struct audit_config config = { .file = file };

	if (!file)
		TRY(runtime_audit_config(rt, &config, err));
	return audit_verify(&rt->arena, config.file, out, err);
}

int mxcrt_audit_verify(struct mxcrt *rt, const char *file, const char **ret_text)
{
	struct text out = { .arena = &rt->arena };
	struct error err = {};
	int result = verify(rt, file, &out, &err);

	if (result >= 0)
		*ret_text = out.data;
	return runtime_result(rt, result, &err);
}
