/* SPDX-License-Identifier: Apache-2.0 */
/* The abilities of this runtime as the specification's features object. */
#include "spec/features.h"

#include "base/json.h"
#include "base/str.h"
#include "plan/caps.h"
#include "plan/hooks.h"
#include "plan/namespaces.h"
#include "spec/spec.h"

/* The annotations that change what is done; one that ends with '.' stands for all that begin so. */
static const char *const heeded[] = {
	"io.mxc.",
	/* which of a pod's containers it is, and so which part of the pod's policy is its own */
	"io.kubernetes.container.name",
	"io.kubernetes.cri-o.ContainerName",
	"io.kubernetes.cri-o.ContainerType",
	"io.kubernetes.cri.container-name",
	"io.kubernetes.cri.container-type",
	/* CRIU's configuration file, at checkpoint and restore */
	"org.criu.config",
};

static void add_words(struct text *out, const char *key, const char *(*word)(size_t))
{
	json_open(out, key, '[');
	for (size_t i = 0; word(i); i++)
		json_add_string(out, NULL, word(i));
	json_close(out, ']');
}

static void add_enabled(struct text *out, const char *key, bool enabled)
{
	json_open(out, key, '{');
	json_add_bool(out, "enabled", enabled);
	json_close(out, '}');
}

static void add_seccomp(struct text *out)
{
	json_open(out, "seccomp", '{');
	json_add_bool(out, "enabled", true);
	add_words(out, "actions", spec_seccomp_action);
	add_words(out, "operators", spec_seccomp_operator);
	add_words(out, "archs", spec_seccomp_architecture);
	add_words(out, "knownFlags", spec_seccomp_flag);
	add_words(out, "supportedFlags", spec_seccomp_flag);
	json_close(out, '}');
}

static void add_linux(struct text *out)
{
	json_open(out, "linux", '{');
	json_open(out, "namespaces", '[');
	for (int kind = 0; kind < NAMESPACE_KINDS; kind++)
		json_add_string(out, NULL, namespace_infos[kind].name);
	json_close(out, ']');
	json_open(out, "capabilities", '[');
	for (int number = 0; capability_name(number); number++)
		json_add_string(out, NULL, capability_name(number));
	json_close(out, ']');

	json_open(out, "cgroup", '{');
	json_add_bool(out, "v1", false);
	json_add_bool(out, "v2", true);
	json_add_bool(out, "systemd", true);
	json_add_bool(out, "systemdUser", true);
	json_add_bool(out, "rdma", true);
	json_close(out, '}');
	add_seccomp(out);
	add_enabled(out, "apparmor", true);
	add_enabled(out, "selinux", true);
	json_open(out, "memoryPolicy", '{');
	add_words(out, "modes", spec_memory_mode);
	add_words(out, "flags", spec_memory_flag);
	json_close(out, '}');
	json_open(out, "intelRdt", '{');
	json_add_bool(out, "enabled", true);
	json_add_bool(out, "schemata", true);
	json_add_bool(out, "monitoring", true);
	json_close(out, '}');
	json_open(out, "mountExtensions", '{');
	add_enabled(out, "idmap", true);
	json_close(out, '}');
	add_enabled(out, "netDevices", true);
	json_close(out, '}');
}

void spec_print_features(struct text *out)
{
	json_open(out, NULL, '{');
	json_add_string(out, "ociVersionMin", "1.0.0");
	json_add_string(out, "ociVersionMax", "1.3.0");
	json_open(out, "hooks", '[');
	for (int kind = 0; kind < HOOK_KINDS; kind++)
		json_add_string(out, NULL, hook_kind_names[kind]);
	json_close(out, ']');
	add_words(out, "mountOptions", spec_mount_option);
	add_linux(out);
	json_open(out, "annotations", '{');
	json_add_string(out, "io.mxc.runtime.version", PACKAGE_VERSION);
	json_close(out, '}');
	json_open(out, "potentiallyUnsafeConfigAnnotations", '[');
	for (size_t i = 0; i < sizeof(heeded) / sizeof(heeded[0]); i++)
		json_add_string(out, NULL, heeded[i]);
	json_close(out, ']');
	json_close(out, '}');
}
