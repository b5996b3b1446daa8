# SPDX-License-Identifier: Apache-2.0
# Makes bundles: a root filesystem with the probe in it, and the config.json that "spec" of the OCI runtimes prints.

# The default config.json, for root; written here, so that the tests trust no runtime for it.
default_config() {
	jq -n '
		["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"] as $caps |
		{
			ociVersion: "1.0.2",
			process: {
				terminal: false,
				user: { uid: 0, gid: 0 },
				args: ["/bin/probe"],
				env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
				cwd: "/",
				capabilities: { bounding: $caps, effective: $caps, permitted: $caps },
				rlimits: [{ type: "RLIMIT_NOFILE", hard: 1024, soft: 1024 }],
				noNewPrivileges: true
			},
			root: { path: "rootfs", readonly: true },
			hostname: "agent",
			mounts: [
				{ destination: "/proc", type: "proc", source: "proc" },
				{ destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "strictatime", "mode=755", "size=65536k"] },
				{ destination: "/dev/pts", type: "devpts", source: "devpts", options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"] },
				{ destination: "/dev/shm", type: "tmpfs", source: "shm", options: ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"] },
				{ destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] },
				{ destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
				{ destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["nosuid", "noexec", "nodev", "relatime", "ro"] }
			],
			linux: {
				resources: { devices: [{ allow: false, access: "rwm" }] },
				namespaces: ["pid", "network", "ipc", "uts", "mount", "cgroup"] | map({ type: . }),
				maskedPaths: ["/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
					"/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/proc/scsi"],
				readonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
			}
		}'
}

# What an engine changes when the user is not root: a user namespace with the user as its root, and no limits.
rootless_filter='
	.linux.namespaces += [{ type: "user" }]
	| .linux.uidMappings = [{ containerID: 0, hostID: ($uid | tonumber), size: 1 }]
	| .linux.gidMappings = [{ containerID: 0, hostID: ($gid | tonumber), size: 1 }]
	| del(.linux.resources)
	| (.mounts[] | select(.type == "devpts").options) -= ["gid=5"]'

# Without a network namespace of its own sysfs cannot be mounted in a user namespace.
no_net_filter='
	.linux.namespaces |= map(select(.type != "network"))
	| if any(.linux.namespaces[]; .type == "user")
		then .mounts |= map(if .type == "sysfs" then { destination: "/sys", type: "none", source: "/sys", options: ["rbind", "ro", "nosuid", "noexec", "nodev"] }
			elif .type == "cgroup" then empty else . end)
		else . end'

rootfs_make() {
	mkdir -p "$1"/{bin,dev,etc,proc,sys,tmp,work,workspace,data,ref,var,home}
	chmod 1777 "$1/tmp"
	cp "$MXC_TEST_WORK/probe" "$1/bin/probe"
	ln -sf probe "$1/bin/true"
	printf 'root:x:0:0:root:/:/bin/probe\n' > "$1/etc/passwd"
	printf 'root:x:0:\n' > "$1/etc/group"
	printf 'secret\n' > "$1/etc/secret"
	if [[ -x /bin/busybox ]]; then
		cp /bin/busybox "$1/bin/busybox"
		ln -sf busybox "$1/bin/sh"
	fi
}

# bundle [OPTION...] -- ARG...: a bundle in the test's directory, which becomes the working directory.
#
#   --policy JSON         annotation io.mxc.policy        --annotation KEY=VALUE
#   --writable            the root filesystem is not read-only, as engines have it
#   --rootless            a user namespace, also when root runs it (always for the rootless pass)
#   --no-net              no network namespace            --jq FILTER   over config.json, in order
#   --name NAME           the directory's name            --set-id      cgroupsPath /NAME
bundle() {
	local name=bundle filter='.' net=1 user='' annotations='{}' rest='.'
	while (( $# )); do
		case $1 in
		--policy) annotations=$(jq -c --argjson value "$2" '."io.mxc.policy" = ($value | tojson)' <<< "$annotations"); shift ;;
		--annotation) annotations=$(jq -c --arg key "${2%%=*}" --arg value "${2#*=}" '.[$key] = $value' <<< "$annotations"); shift ;;
		--writable) rest+=" | .root.readonly = false" ;;
		--rootless) user=1 ;;
		--no-net) net='' ;;
		--jq) rest+=" | ($2)"; shift ;;
		--name) name=$2; shift ;;
		--set-id) rest+=" | .linux.cgroupsPath = \"/$name\"" ;;
		--) shift; break ;;
		*) echo "bundle: unknown option '$1'" >&2; return 2 ;;
		esac
		shift
	done
	[[ ! $user ]] && ! rootless || filter+=" | $rootless_filter"
	[[ $net ]] || filter+=" | $no_net_filter"
	BUNDLE=$BATS_TEST_TMPDIR/$name
	ROOTFS=$BUNDLE/rootfs
	rm -rf "$BUNDLE"
	mkdir -p "$BUNDLE"
	rootfs_make "$ROOTFS"
	cd "$BUNDLE"
	default_config | jq --arg uid "$(id -u)" --arg gid "$(id -g)" --argjson annotations "$annotations" \
		"$filter | if \$annotations == {} then . else .annotations = \$annotations end
		| .process.args = (if \$ARGS.positional == [] then .process.args else \$ARGS.positional end) | $rest" \
		--args -- "$@" > config.json
}

# Changes the config.json of the current bundle.
config() {
	jq "$@" < config.json > config.json.new
	mv config.json.new config.json
}
