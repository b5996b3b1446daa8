# SPDX-License-Identifier: Apache-2.0
# What the guest's bats files share: the runtime and user under test, engine calls, and checks.

bats_require_minimum_version 1.5.0

R=${MXC_VM_RUNTIME:-mxc-runtime}
WHO=${MXC_VM_USER:-root}
IMAGE=localhost/box
RESULTS=${MXC_VM_RESULTS:-/tmp}

if [[ $WHO == root ]]; then
	STATE=/run/$R
	RUNDIR=/run/containers/storage
else
	STATE=/run/user/1000/$R
	RUNDIR=/run/user/1000/containers
fi

# Without bats' own descriptor, which what stays behind (conmon) would hold open.
pod() {
	touch "$BATS_TEST_TMPDIR/used" 2>/dev/null || true
	podman --runtime "$R" "$@" 3>&-
}

# pod_run NAME [OPTION...] IMAGE COMMAND...: a container under the coding profile, as the manual shows it.
pod_run() {
	local network=(--network none)
	# A pod has the network of its containers.
	[[ " $* " != *" --pod "* ]] || network=()
	pod run --name "$1" --annotation io.mxc.profile=coding "${network[@]}" -v ws:/workspace -w /workspace "${@:2}"
}

# The same volumes without a policy: to prepare and to look.
plain_run() {
	pod run --rm --network none -v ws:/workspace -v other:/other "$IMAGE" sh -c "$1"
}

# up NAME [OPTION...] IMAGE COMMAND...: the same, detached; leaves $cid, $pid and $scope, the scope's directory.
up() {
	cid=$(pod_run "$1" -d "${@:2}") || { echo "podman run failed: $cid"; return 1; }
	pid=$(cat "$RUNDIR/overlay-containers/$cid/userdata/pidfile")
	scope=$(cgroup_of "$pid")
	# The runtime may have put the processes into a cgroup beneath its scope.
	while [[ $scope != *.scope && $scope == /sys/fs/cgroup/*/* ]]; do
		scope=${scope%/*}
	done
}

# The cgroup directory of a process.
cgroup_of() {
	echo "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$1/cgroup")"
}

logs_have() {
	pod logs "$1" 2>&1 | grep -q -- "$2"
}

# systemctl of the manager that owns the containers of the user under test.
manager() {
	if [[ $WHO == root ]]; then
		systemctl "$@"
	else
		systemctl --user "$@"
	fi
}

only_mxc() {
	[[ $R == mxc-runtime ]] || skip "only mxc-runtime promises it"
}

has_verb() {
	"$R" --help 2>&1 | grep -qwE "^[[:space:]]+$1" || skip "$R has no verb '$1'"
}

# eventually SECONDS COMMAND...: until it succeeds, at most so long.
eventually() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		(( SECONDS < end )) || return 1
		sleep 0.3
	done
}

expect() {
	if [[ $1 != "$2" ]]; then
		printf 'expected: %s\n     got: %s\n' "$2" "$1"
		return 1
	fi
}

expect_match() {
	if ! [[ $1 =~ $2 ]]; then
		printf 'expected a match of: %s\n                got: %s\n' "$2" "$1"
		return 1
	fi
}

# try_all COMMAND...: runs "COMMAND SCRIPT", a shell script with every command of standard input in a
# subshell of its own. A line is "EXPECTED<TAB>COMMAND": "ok", or what the error message must match.
try_all() {
	local expected command script='set -f;' number=0 outcome failed=0
	local -a all_expected all_commands
	while IFS=$'\t' read -r expected command; do
		all_expected+=("$expected")
		all_commands+=("$command")
		script+="out=\$( ($command) 2>&1 ); echo \"@$number \$?\" \$out;"
		number=$((number + 1))
	done
	(( number ))
	run -0 "$@" "$script"
	while (( number-- )); do
		outcome=$(sed -n "s/^@$number //p" <<< "$output")
		expected=${all_expected[number]}
		if [[ $expected == ok && $outcome == "0"* ]]; then
			continue
		fi
		if [[ $expected != ok && $outcome != "0"* && $outcome =~ $expected ]]; then
			continue
		fi
		printf 'command: %s\nexpected: %s\n     got: %s\n' "${all_commands[number]}" "$expected" "$outcome"
		failed=1
	done
	(( ! failed ))
}

# What a container may leave nowhere: state, cgroups, mounts, processes. Only this user's: the other
# one's suite runs at the same time.
leftovers() {
	local entry uid=0 cgroups=(/sys/fs/cgroup/{mxc-test,system.slice,machine.slice})
	if [[ $WHO != root ]]; then
		uid=1000
		cgroups=(/sys/fs/cgroup/user.slice/user-1000.slice)
	fi
	for entry in "$STATE"/*/; do
		[[ ! -d $entry ]] || echo "state left: $entry"
	done
	find "${cgroups[@]}" -type d \( -name 'libpod-*.scope' -o -name 'mxc-test*' -o -name '*libpod_pod_*' \) \
		-printf 'cgroup left: %p\n' 2>/dev/null
	if [[ $WHO == root ]]; then
		sed -nE '\#/overlay/[^/]+/merged|/mxc-runtime/|/rootfs#s/^/mount left: /p' /proc/self/mountinfo
	fi
	pgrep -a -u "$uid" -x "conmon|$R" | sed 's/^/process left: /'
}

nothing_left() {
	leftovers > "$BATS_TEST_TMPDIR/left"
	[[ ! -s $BATS_TEST_TMPDIR/left ]]
}

mark_start() {
	date '+%F %T.%6N' > "$BATS_TEST_TMPDIR/start"
}

# Removes every container, demands that nothing stays, and keeps the journal of a failure.
pod_teardown() {
	local problem=''
	[[ -e $BATS_TEST_TMPDIR/used ]] || return 0
	pod rm -fa -t 0 > "$BATS_TEST_TMPDIR/rm" 2>&1 || { cat "$BATS_TEST_TMPDIR/rm"; problem=1; }
	teardown_check
}

# Ends a teardown; $problem is set when something went wrong before.
teardown_check() {
	eventually 10 nothing_left || { tail -n 20 "$BATS_TEST_TMPDIR/left"; problem=1; }
	if [[ $problem || ! ${BATS_TEST_COMPLETED:-} ]]; then
		journal_keep
	fi
	[[ ! $problem ]]
}

journal_keep() {
	local name
	name=$(basename "$BATS_TEST_FILENAME" .bats)-$BATS_TEST_NUMBER-$WHO
	journalctl --no-pager -o short-monotonic --since "$(cat "$BATS_TEST_TMPDIR/start")" > "$RESULTS/journal/$name" 2>&1
}
