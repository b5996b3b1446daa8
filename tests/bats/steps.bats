# SPDX-License-Identifier: Apache-2.0
# The runtime is killed between any two steps of create: what is left, "delete --force" removes completely.
load ../lib/container
load ../lib/agent

# The calls that change something; a kill before each of their occurrences.
CALLS=(mkdir mkdirat openat openat2 rename renameat renameat2 link linkat unlink unlinkat symlinkat mknodat write writev pwrite64 ftruncate fchmod fchown
	clone clone3 fork vfork unshare setns mount umount2 mount_setattr move_mount open_tree fsopen fsconfig fsmount pivot_root socket socketpair
	connect sendto sendmsg sendmmsg recvfrom recvmsg read ioctl bpf seccomp prctl wait4 waitid pidfd_open pidfd_send_signal flock fcntl close dup3 pipe2 execve)

setup_more() {
	needs strace
	volumes_make
	if [[ $MXC_TEST_KIND == mxc ]]; then
		# With something for each kind of step: a placeholder, a denial, a read-only path.
		agent --set-id --policy '{"filesystem":{"readwritePaths":["/workspace"],"readonlyPaths":["/workspace/.git"],
			"deniedPaths":["/workspace/.env","/workspace/.mcp.json","/workspace/conf/deep"]}}' -- /bin/probe sleep 600
	else
		agent --no-policy --set-id -- /bin/probe sleep 600
	fi
	LEFT=$(workspace_now)
}

# How often the runtime's first process makes each call during a create: rows "CALL COUNT".
calls_counted() {
	strace -qq -o "$BATS_TEST_TMPDIR/trace" "$MXC_RUNTIME" "${options[@]}" create agent < /dev/null > "$BATS_TEST_TMPDIR/output" 2>&1 3>&-
	mxc-runtime delete --force agent > /dev/null 2>&1
	local call
	for call in "${CALLS[@]}"; do
		echo "$call $(grep -c "^$call(" "$BATS_TEST_TMPDIR/trace")"
	done
}

# Every occurrence up to this many of a call, then a spread over the rest.
readonly EACH=12

occurrences() {
	local n
	for (( n = 1; n <= $1; n++ )); do
		if (( n <= EACH || (n - EACH) % ( ($1 - EACH) / EACH + 1 ) == 0 )); then
			echo "$n"
		fi
	done
}

leftovers() {
	nothing_left || return 1
	[[ $(workspace_now) == "$LEFT" ]] || { echo "in the workspace:"; diff <(workspace_now) <(echo "$LEFT"); return 1; }
}

kill_at_every_step() {
	local call count n wrong=() killed=0 status
	while read -r call count; do
		for n in $(occurrences "$count"); do
			status=0
			strace -qq -o /dev/null -e trace="$call" -e inject="$call:signal=KILL:when=$n" \
				"$MXC_RUNTIME" "${options[@]}" create agent < /dev/null > "$BATS_TEST_TMPDIR/output" 2>&1 3>&- || status=$?
			# The tracer ends as the runtime did.
			(( status != 137 )) || killed=$(( killed + 1 ))
			mxc-runtime delete --force agent > "$BATS_TEST_TMPDIR/deleted" 2>&1 || wrong+=("$call $n: delete: $(cat "$BATS_TEST_TMPDIR/deleted")")
			leftovers > "$BATS_TEST_TMPDIR/left" || wrong+=("$call $n: $(cat "$BATS_TEST_TMPDIR/left")")
			(( ${#wrong[@]} < 5 )) || break 2
		done
	done < <(calls_counted)
	echo "# killed at $killed places" >&3
	(( killed > 50 )) || fail "killed at $killed places only"
	(( ${#wrong[@]} == 0 )) || fail "${wrong[@]}"
}

@test "a create that is killed at any step leaves what delete --force removes" {
	needs mxc
	options=(--root "$STATE" --config "$CONFIG")
	BATS_TEST_TIMEOUT='' kill_at_every_step
}

@test "after a create that was killed the id can be used again" {
	needs mxc
	options=(--root "$STATE" --config "$CONFIG")
	local n
	for n in 1 2 3; do
		strace -qq -o /dev/null -e trace=clone3,clone -e "inject=clone3,clone:signal=KILL:when=$n" \
			"$MXC_RUNTIME" "${options[@]}" create agent < /dev/null > /dev/null 2>&1 3>&- || true
		mxc-runtime delete --force agent
		run -0 detached mxc-runtime create agent
		mxc-runtime delete --force agent
	done
}

@test "a create that was killed takes nobody else's cgroup along" {
	needs mxc
	needs root
	options=(--root "$STATE" --config "$CONFIG")
	config '.linux.cgroupsPath = "/claimed"'
	detached mxc-runtime create agent
	local n
	for n in 1 2 3 4 5 6; do
		strace -qq -o /dev/null -e trace=mkdirat,write -e "inject=mkdirat,write:signal=KILL:when=$n" \
			"$MXC_RUNTIME" "${options[@]}" create other < /dev/null > /dev/null 2>&1 3>&- || true
		mxc-runtime delete --force other
		[[ $(mxc-runtime state agent | jq -r .status) == created ]] || fail "killed at $n, and deleted with the other's cgroup"
	done
	mxc-runtime delete --force agent
}

@test "a delete that is killed is finished by the next" {
	needs mxc
	options=(--root "$STATE" --config "$CONFIG")
	local n call
	for call in unlinkat unlink rmdir kill pidfd_send_signal write umount2 openat; do
		for n in 1 2 3 5 8; do
			detached mxc-runtime create agent
			strace -qq -o /dev/null -e trace="$call" -e inject="$call:signal=KILL:when=$n" \
				"$MXC_RUNTIME" "${options[@]}" delete --force agent < /dev/null > /dev/null 2>&1 3>&- || true
			mxc-runtime delete --force agent
			leftovers || fail "$call $n"
		done
	done
}

@test "the init of a container whose create was killed does not run the program" {
	needs mxc
	options=(--root "$STATE" --config "$CONFIG")
	config '.process.args = ["/bin/probe", "create", "/workspace/ran"]'
	local call
	for call in sendto sendmsg write renameat2 renameat rename close; do
		strace -qq -o /dev/null -e trace="$call" -e inject="$call:signal=KILL:when=3" \
			"$MXC_RUNTIME" "${options[@]}" create agent < /dev/null > /dev/null 2>&1 3>&- || true
		sleep 0.1
		[[ ! -e $WORKSPACE/ran ]] || fail "$call: the program ran"
		mxc-runtime delete --force agent
	done
}
