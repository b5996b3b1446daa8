# SPDX-License-Identifier: Apache-2.0
# What every bats file loads: the runtime under test, bundles, and the proof that a test left nothing behind.

bats_require_minimum_version 1.5.0
. "${BASH_SOURCE[0]%/*}/assert.bash"
. "${BASH_SOURCE[0]%/*}/bundle.bash"

STATE=$BATS_TEST_TMPDIR/state
CONFIG=$BATS_TEST_TMPDIR/mxc.conf
AUDIT=$BATS_TEST_TMPDIR/audit.jsonl

# The runtime as the tests call it: state and audit trail are the test's own.
mxc-runtime() {
	local options=(--root "$STATE")
	[[ $MXC_TEST_KIND != mxc ]] || options+=(--config "$CONFIG")
	"$MXC_RUNTIME" "${options[@]}" "$@" 3>&-
}

# For commands that leave a process behind: bats would wait until that closes the output.
detached() {
	local status=0
	"$@" < /dev/null > "$BATS_TEST_TMPDIR/output" 2>&1 3>&- || status=$?
	cat "$BATS_TEST_TMPDIR/output"
	return "$status"
}

# What the container that "detached" started has printed since.
said() {
	cat "$BATS_TEST_TMPDIR/output"
}

# Creates and starts: detached, and awaited until state says so.
start_container() {
	detached mxc-runtime create "$@"
	mxc-runtime start "${@: -1}"
}

status_of() {
	mxc-runtime state "$1" | jq -r .status
}

has_status() {
	[[ $(status_of "$1") == "$2" ]]
}

pid_of() {
	mxc-runtime state "$1" | jq -r .pid
}

# Tries a command until it succeeds, for five seconds.
eventually() {
	local i
	for (( i = 0; i < 100; i++ )); do
		! "$@" > /dev/null 2>&1 || return 0
		sleep 0.05
	done
	echo "not within five seconds: $*"
	return 1
}

rootless() {
	[[ $MXC_TEST_MODE == rootless ]]
}

# Leaves the test out, with the name of what is missing.
needs() {
	case $1 in
	mxc) [[ $MXC_TEST_KIND == mxc ]] || skip "only mxc-runtime promises this" ;;
	root) ! rootless || skip "root" ;;
	rootless) rootless || skip "rootless" ;;
	busybox) [[ -x /bin/busybox ]] || skip "busybox-static" ;;
	*) command -v "$1" > /dev/null || skip "$1" ;;
	esac
}

mounts_now() {
	cut -d ' ' -f 4- /proc/self/mountinfo
}

groups_now() {
	find /sys/fs/cgroup -mindepth 1 -type d | sort
}

# Everything the tests start stays in their own cgroup tree, whatever it does to its session or parent.
processes_now() {
	local file pid name
	while read -r file; do
		cat "$file" 2>/dev/null || true
	done < <(find /sys/fs/cgroup -name cgroup.procs) | while read -r pid; do
		name=$( { tr '\0' ' ' < "/proc/$pid/cmdline"; } 2>/dev/null) || continue
		# The harness itself: bats, its pipes and timers.
		[[ ! $name || $name == *bats* || $name == "sleep "* || $name =~ ^(bash|awk|cat|tr|find|sort|tee|cut|comm|mktemp)\  ]] ||
			echo "$pid $name"
	done
}

nothing_but() {
	[[ ! $(comm -13 <(sort <<< "$2") <("$1" | sort)) ]]
}

setup() {
	umask 022
	MOUNTS=$(mounts_now)
	GROUPS_BEFORE=$(groups_now)
	PROCESSES=$(processes_now)
	jq -n --arg file "$AUDIT" '{ audit: { sinks: ["file"], file: $file } }' > "$CONFIG"
	cd "$BATS_TEST_TMPDIR"
	if declare -F setup_more > /dev/null; then
		setup_more
	fi
}

# Containers that a failed test left are removed, so that the next one starts clean; a test that passed must leave none.
teardown() {
	local id left=()
	if declare -F teardown_more > /dev/null; then
		teardown_more
	fi
	if [[ -d $STATE ]]; then
		while read -r id; do
			left+=("$id")
			mxc-runtime delete --force "$id" > /dev/null 2>&1 || true
		done < <(mxc-runtime list -q 2>/dev/null)
	fi
	cd /
	if [[ ! ${BATS_TEST_COMPLETED:-} ]]; then
		echo "--- output:"; echo "${output:-}"
		return 0
	fi
	[[ ! ${left[*]} ]] || { echo "containers left: ${left[*]}"; return 1; }
	nothing_left
}

# No mount, cgroup, process or state: of this test's containers.
nothing_left() {
	eventually nothing_but processes_now "$PROCESSES" || { echo "processes left:"; processes_now; return 1; }
	eventually nothing_but groups_now "$GROUPS_BEFORE" || { echo "cgroups left:"; groups_now; return 1; }
	nothing_but mounts_now "$MOUNTS" || { echo "mounts left:"; mounts_now; return 1; }
	no_state || { echo "state left:"; find "$STATE"; return 1; }
}

# What begins with a dot, and the cache of filters by their digest, is shared by all containers and may stay; nothing that belongs to one.
no_state() {
	[[ ! -d $STATE || ! $(find "$STATE" -mindepth 1 -maxdepth 1 ! -name '.*' ! -name 'seccomp@*') ]]
}

# The last audit event of a kind, as JSON.
audit_event() {
	jq -c --arg event "$1" 'select(.event == $event)' "$AUDIT" | tail -n 1
}
