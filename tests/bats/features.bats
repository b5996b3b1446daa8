# SPDX-License-Identifier: Apache-2.0
# What `features` says is held against its schema, and each single thing that it says is tried.
load ../lib/container

setup_more() {
	needs mxc
}

# hold SCHEMA: the output, against a JSON schema.
hold() {
	"$MXC_RUNTIME" features > features.json
	"$MXC_TEST_SOURCE/tests/oci/validate" "$1" < features.json
}

# items [REGEX]: "PATH<TAB>VALUE" of every leaf; places in arrays are left out.
items() {
	"$MXC_RUNTIME" features | jq -r 'paths(scalars) as $p | [($p | map(strings) | join(".")), (getpath($p) | tostring)] | @tsv' | grep -E "${1:-.}"
}

# try_all REGEX: every item whose path matches; one without a try here fails.
try_all() {
	# Once is enough: what differs for other users is in the suites of each.
	needs root
	local path value wrong=() n=0
	bundle -- /bin/probe exit 0
	mv config.json base.json
	while IFS=$'\t' read -r path value; do
		n=$(( n + 1 ))
		( set -e; try "$path" "$value" ) > "$BATS_TEST_TMPDIR/try" 2>&1 < /dev/null || wrong+=("--- $path $value" "$(tail -n 12 "$BATS_TEST_TMPDIR/try")")
	done < <(items "^($1)"$'\t')
	(( n > 0 )) || fail "nothing of: $1"
	(( ${#wrong[@]} == 0 )) || fail "${wrong[@]}"
}

# Paths with a test below, so that none is forgotten.
readonly tried='ociVersion(Min|Max) hooks mountOptions linux\.namespaces linux\.capabilities linux\.cgroup\..* linux\.seccomp\..* linux\.apparmor\..*
	linux\.selinux\..* linux\.memoryPolicy\..* linux\.intelRdt\..* linux\.mountExtensions\..* linux\.netDevices\..* annotations\..* potentiallyUnsafeConfigAnnotations'

# again [FILTER] -- ARG…: the config.json of this file's bundle, changed: far quicker than a bundle for each of some 200 items.
again() {
	local filter=.
	[[ $1 == -- ]] || { filter=$1; shift; }
	shift
	jq "$filter | .process.args = \$ARGS.positional" --args -- /bin/probe "$@" < base.json > config.json
}

runs() {
	run mxc-runtime run agent
	[[ $status -eq 0 ]] || fail "exit status $status"
}

# refuses_or_runs WORD…: where the machine lacks it, the refusal says what.
refuses_or_runs() {
	run mxc-runtime run agent
	[[ $status -eq 0 ]] || assert_refusal "$@"
}

try_option() {
	local mount='{ destination: "/work", type: "tmpfs", source: "tmpfs" }' more=
	mkdir -p "$BATS_TEST_TMPDIR/volume"
	case $1 in
	bind|rbind) mount='{ destination: "/work", type: "bind", source: "../volume" }' ;;
	remount) more='| .mounts[-1].options = [] | .mounts += [{ destination: "/work", type: "tmpfs", source: "tmpfs", options: ["remount", "ro"] }]' ;;
	idmap|ridmap)
		# mounts.bats has them with the maps of a mount's own.
		! rootless || return 0
		mount='{ destination: "/work", type: "bind", source: "../volume" }'
		more='| .mounts[-1].options += ["rbind"] | .linux.namespaces += [{ type: "user" }]
			| .linux.uidMappings = [{ containerID: 0, hostID: 0, size: 1000 }] | .linux.gidMappings = .linux.uidMappings' ;;
	esac
	again ".mounts += [$mount + { options: [\"$1\"] }] $more" -- exit 0
	runs
}

try_hook() {
	local file=$BATS_TEST_TMPDIR/hook
	printf '#!/bin/sh\n: > %s\n' "$file" > "$BATS_TEST_TMPDIR/hook.sh"
	chmod +x "$BATS_TEST_TMPDIR/hook.sh"
	case $1 in
	startContainer)
		again '.mounts += [{ destination: "/work", type: "bind", source: "..", options: ["bind"] }]' -- stat /work/hook
		config '.hooks.startContainer = [{ path: "/bin/probe", args: ["probe", "create", "/work/hook"] }]' ;;
	*)
		again -- exit 0
		config --arg name "$1" --arg path "$BATS_TEST_TMPDIR/hook.sh" '.hooks[$name] = [{ path: $path }]' ;;
	esac
	runs
	[[ -e $file ]]
	rm "$file"
}

try_namespace() {
	local file=$1
	case $1 in network) file=net ;; mount) file=mnt ;; esac
	again ".linux.namespaces |= (map(select(.type != \"$1\")) + [{ type: \"$1\" }])" -- readlink "/proc/self/ns/$file"
	[[ $1 != user ]] || rootless || config '.linux.uidMappings = [{ containerID: 0, hostID: 0, size: 1000 }] | .linux.gidMappings = .linux.uidMappings'
	runs
	refute_line "$(readlink "/proc/self/ns/$file")"
	assert_match "$file:\[[0-9]+\]"
}

try_capability() {
	again ".process.capabilities = { bounding: [\"$1\"] }" -- caps
	runs
	# A name that is not known is a warning, and left out.
	refute_match "$1"
}

try_seccomp() {
	local rule='{ names: ["mkdirat"], action: "SCMP_ACT_ERRNO" }'
	case $1 in
	enabled) [[ $2 == true ]] ;;
	actions)
		rule="{ names: [\"mkdirat\"], action: \"$2\" }"
		[[ $2 != SCMP_ACT_NOTIFY ]] || { seccomp_actions_notify; return; } ;;
	operators) rule="{ names: [\"mkdirat\"], action: \"SCMP_ACT_ERRNO\", args: [{ index: 2, value: 0, op: \"$2\" }] }" ;;
	archs|knownFlags|supportedFlags) ;;
	*) fail "no try of linux.seccomp.$1" ;;
	esac
	again ".linux.seccomp = { defaultAction: \"SCMP_ACT_ALLOW\", syscalls: [$rule] }" -- seccomp-status
	case $1 in
	archs) config --arg word "$2" '.linux.seccomp.architectures = [$word]' ;;
	*Flags) config --arg word "$2" '.linux.seccomp.flags = [$word]' ;;
	esac
	runs
	[[ $2 == SCMP_ACT_ALLOW ]] || assert_match "Seccomp:.2"
	config '.linux.seccomp |= (.architectures = ["SCMP_ARCH_NONESUCH"])'
	run mxc-runtime run agent
	assert_refusal SCMP_ARCH_NONESUCH
}

# seccomp.bats has the listener; here only that the word is known.
seccomp_actions_notify() {
	again '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/nonesuch/socket", syscalls: [{ names: ["mkdirat"], action: "SCMP_ACT_NOTIFY" }] }' -- exit 0
	run mxc-runtime run agent
	assert_refusal /nonesuch/socket
}

try_memory_policy() {
	again '.linux.memoryPolicy = { mode: "MPOL_BIND", nodes: "0" }' -- memory-policy
	case $1$2 in
	modesMPOL_DEFAULT|modesMPOL_LOCAL) config --arg mode "$2" '.linux.memoryPolicy = { mode: $mode }' ;;
	modes*) config --arg mode "$2" '.linux.memoryPolicy.mode = $mode' ;;
	flags*) config --arg flag "$2" '.linux.memoryPolicy.flags = [$flag]' ;;
	*) fail "no try of linux.memoryPolicy.$1" ;;
	esac
	refuses_or_runs linux.memoryPolicy
}

try_cgroup() {
	again -- cat /proc/self/cgroup
	case $1$2 in
	# Nothing of v1 is ever written: a setting that only v1 has is refused.
	v1false)
		config '.linux.resources.memory.swappiness = 1'
		run mxc-runtime run agent
		assert_refusal swappiness ;;
	v2true)
		runs
		assert_match $'(^|\n)0::/' ;;
	# The virtual machine has systemd, root's and the user's own.
	systemdtrue|systemdUsertrue)
		[[ ! -d /run/systemd/system ]] || return 0
		config 'del(.linux.resources)'
		run mxc-runtime --systemd-cgroup run agent
		[[ $status -eq 0 ]] || assert_refusal systemd ;;
	rdmatrue)
		config '.linux.resources.rdma = { mlx5_1: { hcaHandles: 3, hcaObjects: 10000 } }'
		refuses_or_runs rdma ;;
	*) fail "no try of linux.cgroup.$1 $2" ;;
	esac
}

try_label() {
	again -- exit 0
	config --arg key "$1" '.process[$key] = "mxc-nonesuch"'
	run mxc-runtime run agent
	assert_refusal "process.$1" mxc-nonesuch
}

try_intel_rdt() {
	again -- exit 0
	case $1$2 in
	enabledtrue) config '.linux.intelRdt = { closID: "mxc-nonesuch" }' ;;
	schematatrue) config '.linux.intelRdt = { closID: "mxc-nonesuch", schemata: ["L3:0=ff"] }' ;;
	monitoringtrue) config '.linux.intelRdt = { enableMonitoring: true }' ;;
	*) fail "no try of linux.intelRdt.$1 $2" ;;
	esac
	refuses_or_runs linux.intelRdt
}

try_net_devices() {
	again '.linux.netDevices = { mxcfeat0: { name: "eth0" } }' -- interfaces
	if rootless; then
		run mxc-runtime run agent
		assert_refusal linux.netDevices
		return
	fi
	run -0 unshare --net bash -c 'ip link add mxcfeat0 type veth peer name peer0 && exec "$@"' bash "$MXC_RUNTIME" --root "$STATE" --config "$CONFIG" run agent
	assert_line "interface: eth0"
}

try() {
	case $1 in
	ociVersion*)
		again ".ociVersion = \"$2\"" -- exit 0
		runs ;;
	hooks) try_hook "$2" ;;
	mountOptions) try_option "$2" ;;
	linux.namespaces) try_namespace "$2" ;;
	linux.capabilities) try_capability "$2" ;;
	linux.cgroup.*) try_cgroup "${1##*.}" "$2" ;;
	linux.seccomp.*) try_seccomp "${1##*.}" "$2" ;;
	linux.apparmor.enabled) try_label apparmorProfile ;;
	linux.selinux.enabled) try_label selinuxLabel ;;
	linux.memoryPolicy.*) try_memory_policy "${1##*.}" "$2" ;;
	linux.intelRdt.*) try_intel_rdt "${1##*.}" "$2" ;;
	linux.mountExtensions.idmap.enabled) try_option idmap ;;
	linux.netDevices.enabled) try_net_devices ;;
	annotations.io.mxc.runtime.version) [[ $("$MXC_RUNTIME" --version | head -n 1) == *"$2"* ]] ;;
	potentiallyUnsafeConfigAnnotations)
		local key=$2
		[[ $key != *. ]] || key+=nonesuch
		again ".annotations[\"$key\"] = \"x\"" -- exit 0
		run mxc-runtime run agent
		# An unknown word of the policy's own is refused, and so heeded.
		if [[ $2 == io.mxc. ]]; then assert_refusal io.mxc; else [[ $status -eq 0 ]]; fi ;;
	*) fail "nobody tries '$1'" ;;
	esac
}

@test "the output is what features.md describes, and no more" {
	hold "$MXC_TEST_SOURCE/tests/oci/features.schema.json"
	jq -e '.ociVersionMin == "1.0.0" and .ociVersionMax == "1.3.0"' features.json
	# The specification's own schema, where somebody has it.
	[[ ! ${MXC_OCI_SCHEMA:-} ]] || hold "$MXC_OCI_SCHEMA/features-schema.json"
}

@test "the schema is not passed by anything" {
	local change
	"$MXC_RUNTIME" features > features.json
	for change in 'del(.ociVersionMax)' '.extra = 1' '.linux.seccomp.actions += ["SCMP_ACT_NONESUCH"]' '.linux.netDevices.enabled = "yes"' '.hooks -= ["poststop"]'; do
		run ! "$MXC_TEST_SOURCE/tests/oci/validate" "$MXC_TEST_SOURCE/tests/oci/features.schema.json" < <(jq "$change" features.json)
	done
}

@test "nothing that features says goes untried" {
	local path
	while IFS=$'\t' read -r path _; do
		[[ $path =~ ^(${tried//[$' \n\t']/|})$ ]] || fail "nobody tries '$path'"
	done < <(items)
}

@test "versions and hooks are as features says" {
	try_all 'ociVersion(Min|Max)|hooks'
}

@test "mount options are as features says" {
	try_all mountOptions
	# Another word would be data of the file system, which refuses it.
	again '.mounts += [{ destination: "/work", type: "tmpfs", source: "tmpfs", options: ["nonesuch"] }]' -- exit 0
	run mxc-runtime run agent
	assert_refusal nonesuch
}

@test "namespaces and capabilities are as features says" {
	try_all 'linux\.namespaces|linux\.capabilities'
}

@test "seccomp is as features says" {
	try_all 'linux\.seccomp\..*'
}

@test "memory policies are as features says" {
	try_all 'linux\.memoryPolicy\..*'
}

@test "everything else is as features says" {
	try_all 'linux\.cgroup\..*|linux\.(apparmor|selinux|intelRdt|mountExtensions|netDevices)\..*|annotations\..*|potentiallyUnsafeConfigAnnotations'
}
