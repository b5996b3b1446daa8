/* SPDX-License-Identifier: Apache-2.0 */
/* The config.json to begin with, as `spec` prints it. */
#include "base/json.h"
#include "base/str.h"
#include "plan/oci-state.h"
#include "spec/spec.h"

static void add_strings(struct text *out, const char *key, const char *const *items)
{
	json_open(out, key, '[');
	for (; *items; items++)
		json_add_string(out, NULL, *items);
	json_close(out, ']');
}

static void add_process(struct text *out)
{
	static const char *const args[] = { "sh", NULL };
	static const char *const env[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"TERM=xterm",
		NULL,
	};
	static const char *const caps[] = { "CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE",
					    NULL };
	static const char *const sets[] = { "bounding", "effective", "permitted", NULL };

	json_open(out, "process", '{');
	json_add_bool(out, "terminal", true);
	json_open(out, "user", '{');
	json_add_int(out, "uid", 0);
	json_add_int(out, "gid", 0);
	json_close(out, '}');
	add_strings(out, "args", args);
	add_strings(out, "env", env);
	json_add_string(out, "cwd", "/");
	json_open(out, "capabilities", '{');
	for (size_t i = 0; sets[i]; i++)
		add_strings(out, sets[i], caps);
	json_close(out, '}');
	json_open(out, "rlimits", '[');
	json_open(out, NULL, '{');
	json_add_string(out, "type", "RLIMIT_NOFILE");
	json_add_int(out, "hard", 1024);
	json_add_int(out, "soft", 1024);
	json_close(out, '}');
	json_close(out, ']');
	json_add_bool(out, "noNewPrivileges", true);
	json_close(out, '}');
}

struct default_mount {
	const char *destination, *type, *source, *options;
};

static void add_mounts(struct text *out, bool rootless)
{
	const struct default_mount mounts[] = {
		{ "/proc", "proc", "proc", "" },
		{ "/dev", "tmpfs", "tmpfs", "nosuid,strictatime,mode=755,size=65536k" },
		/* Group 5 (tty) has no id in a user namespace of one. */
		{ "/dev/pts", "devpts", "devpts",
		  rootless ? "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620"
			   : "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5" },
		{ "/dev/shm", "tmpfs", "shm", "nosuid,noexec,nodev,mode=1777,size=65536k" },
		{ "/dev/mqueue", "mqueue", "mqueue", "nosuid,noexec,nodev" },
		{ "/sys", rootless ? "none" : "sysfs", rootless ? "/sys" : "sysfs",
		  rootless ? "rbind,nosuid,noexec,nodev,ro" : "nosuid,noexec,nodev,ro" },
		{ "/sys/fs/cgroup", "cgroup", "cgroup", "nosuid,noexec,nodev,relatime,ro" },
	};

	json_open(out, "mounts", '[');
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		char **options = str_split(out->arena, mounts[i].options, ',');
		json_open(out, NULL, '{');
		json_add_string(out, "destination", mounts[i].destination);
		json_add_string(out, "type", mounts[i].type);
		json_add_string(out, "source", mounts[i].source);
		if (options[0]) {
			json_open(out, "options", '[');
			for (size_t option = 0; options[option]; option++)
				json_add_string(out, NULL, options[option]);
			json_close(out, ']');
		}
		json_close(out, '}');
	}
	json_close(out, ']');
}

static void add_map(struct text *out, const char *key, uint32_t host)
{
	json_open(out, key, '[');
	json_open(out, NULL, '{');
	json_add_int(out, "containerID", 0);
	json_add_int(out, "hostID", host);
	json_add_int(out, "size", 1);
	json_close(out, '}');
	json_close(out, ']');
}

static void add_resources(struct text *out)
{
	json_open(out, "resources", '{');
	json_open(out, "devices", '[');
	json_open(out, NULL, '{');
	json_add_bool(out, "allow", false);
	json_add_string(out, "access", "rwm");
	json_close(out, '}');
	json_close(out, ']');
	json_close(out, '}');
}

static void add_namespaces(struct text *out, bool rootless)
{
	/* A caller without rights keeps the network: nobody could give it another. */
	const char *const types[] = {
		"pid", rootless ? "user" : "network", "ipc", "uts", "mount", "cgroup",
	};

	json_open(out, "namespaces", '[');
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		json_open(out, NULL, '{');
		json_add_string(out, "type", types[i]);
		json_close(out, '}');
	}
	json_close(out, ']');
}

void spec_print_default(bool rootless, uint32_t uid, uint32_t gid, struct text *out)
{
	static const char *const masked[] = {
		"/proc/acpi",
		"/proc/asound",
		"/proc/kcore",
		"/proc/keys",
		"/proc/latency_stats",
		"/proc/timer_list",
		"/proc/timer_stats",
		"/proc/sched_debug",
		"/proc/scsi",
		"/sys/firmware",
		NULL,
	};
	static const char *const read_only[] = {
		"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger", NULL,
	};

	json_open(out, NULL, '{');
	json_add_string(out, "ociVersion", OCI_STATE_VERSION);
	add_process(out);
	json_open(out, "root", '{');
	json_add_string(out, "path", "rootfs");
	json_add_bool(out, "readonly", true);
	json_close(out, '}');
	json_add_string(out, "hostname", "mxc");
	add_mounts(out, rootless);
	json_open(out, "linux", '{');
	if (rootless) {
		add_map(out, "uidMappings", uid);
		add_map(out, "gidMappings", gid);
	} else {
		add_resources(out);
	}
	add_namespaces(out, rootless);
	add_strings(out, "maskedPaths", masked);
	add_strings(out, "readonlyPaths", read_only);
	json_close(out, '}');
	json_close(out, '}');
	text_add(out, "\n");
}
