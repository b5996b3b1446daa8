# SPDX-License-Identifier: Apache-2.0
# When, where and with which memory the processes run: scheduler, ioPriority, execCPUAffinity, memoryPolicy.
load ../lib/container

setup_more() {
	needs mxc
}

# scheduled SCHEDULER-JSON LINE: the process says so of itself.
scheduled() {
	config --argjson scheduler "$1" '.process.scheduler = $scheduler'
	run -0 mxc-runtime run agent
	assert_match "scheduler: $2"
}

@test "each scheduling policy that the kernel has is the process's" {
	needs root
	bundle -- /bin/probe scheduler
	scheduled '{ "policy": "SCHED_OTHER", "nice": 7 }' '0 7 0 0x0 '
	scheduled '{ "policy": "SCHED_OTHER" }' '0 0 0 0x0 '
	scheduled '{ "policy": "SCHED_BATCH", "nice": -5 }' '3 -5 0 0x0 '
	scheduled '{ "policy": "SCHED_IDLE" }' '5 0 0 0x0 '
	scheduled '{ "policy": "SCHED_FIFO", "priority": 11 }' '1 0 11 0x0 '
	scheduled '{ "policy": "SCHED_RR", "priority": 12, "flags": ["SCHED_FLAG_RESET_ON_FORK"] }' '2 0 12 0x1 '
	scheduled '{ "policy": "SCHED_DEADLINE", "runtime": 1000000, "deadline": 20000000, "period": 30000000,
		"flags": ["SCHED_FLAG_RESET_ON_FORK", "SCHED_FLAG_RECLAIM", "SCHED_FLAG_DL_OVERRUN"] }' '6 0 0 0x7 1000000 20000000 30000000'
}

@test "flags that keep policy or parameters keep them" {
	needs root
	bundle -- /bin/probe scheduler
	scheduled '{ "policy": "SCHED_BATCH", "nice": 3, "flags": ["SCHED_FLAG_KEEP_PARAMS"] }' '0 0 0 0x0 '
	scheduled '{ "policy": "SCHED_OTHER", "nice": 3, "flags": ["SCHED_FLAG_KEEP_POLICY"] }' '0 3 0 0x0 '
}

@test "a policy or flag that this kernel does not have is an error" {
	bundle --jq '.process.scheduler = { policy: "SCHED_ISO" }' -- /bin/probe exit 0
	run mxc-runtime run agent
	assert_refusal process.scheduler
	[[ ! -e /proc/sys/kernel/sched_util_clamp_min ]] || return 0
	config '.process.scheduler = { policy: "SCHED_OTHER", flags: ["SCHED_FLAG_UTIL_CLAMP_MIN"] }'
	run mxc-runtime run agent
	assert_refusal process.scheduler
}

@test "a scheduler that the user may not have is an error, never ignored" {
	needs rootless
	bundle --jq '.process.scheduler = { policy: "SCHED_FIFO", priority: 1 }' -- /bin/probe exit 0
	run mxc-runtime run agent
	assert_refusal process.scheduler
	config '.process.scheduler = { policy: "SCHED_OTHER", nice: 5 } | .process.args = ["/bin/probe", "scheduler"]'
	run -0 mxc-runtime run agent
	assert_match 'scheduler: 0 5 0 '
}

@test "a further process has the container's scheduler, or its own" {
	bundle --jq '.process.scheduler = { policy: "SCHED_BATCH", nice: 4 } | .process.ioPriority = { class: "IOPRIO_CLASS_BE", priority: 6 }' -- /bin/probe sleep 60
	start_container agent
	run -0 mxc-runtime exec agent /bin/probe scheduler -- io-priority
	assert_match 'scheduler: 3 4 0 '
	assert_line 'io-priority: 2 6'
	jq -n '{ user: { uid: 0, gid: 0 }, cwd: "/", args: ["/bin/probe", "scheduler", "--", "io-priority"],
		scheduler: { policy: "SCHED_OTHER", nice: 9 }, ioPriority: { class: "IOPRIO_CLASS_IDLE", priority: 0 } }' > process.json
	run -0 mxc-runtime exec --process process.json agent
	assert_match 'scheduler: 0 9 0 '
	assert_line 'io-priority: 3 0'
	mxc-runtime delete --force agent
}

@test "each class of I/O priority is the process's and its children's" {
	bundle -- /bin/probe io-priority -- exec /bin/probe io-priority
	local class number
	while read -r class number; do
		[[ $class != RT ]] || ! rootless || continue
		config --arg class "IOPRIO_CLASS_$class" '.process.ioPriority = { class: $class, priority: 3 }'
		run -0 mxc-runtime run agent
		assert_equal "$(grep -c "io-priority: $number 3" <<< "$output")" 2
	done <<- END
		RT 1
		BE 2
		IDLE 3
	END
}

@test "an I/O priority that the user may not have is an error" {
	needs rootless
	bundle --jq '.process.ioPriority = { class: "IOPRIO_CLASS_RT", priority: 3 }' -- /bin/probe exit 0
	run mxc-runtime run agent
	assert_refusal process.ioPriority
}

@test "execCPUAffinity is a further process's, and not the first one's" {
	(( $(nproc) > 1 )) || skip "one CPU"
	bundle --jq '.process.execCPUAffinity = { final: "1" }' -- /bin/probe cpus -- sleep 60
	start_container agent
	eventually eval 'said | grep -q Cpus_allowed_list'
	said | grep -qP "Cpus_allowed_list:\t0-$(( $(nproc) - 1 ))$"
	run -0 mxc-runtime exec agent /bin/probe cpus
	assert_line $'Cpus_allowed_list:\t1'
	jq -n '{ user: { uid: 0, gid: 0 }, cwd: "/", args: ["/bin/probe", "cpus"], execCPUAffinity: { initial: "0-1", final: "0" } }' > process.json
	run -0 mxc-runtime exec --process process.json agent
	assert_line $'Cpus_allowed_list:\t0'
	jq '.execCPUAffinity = { initial: "1" }' process.json > other.json
	run -0 mxc-runtime exec --process other.json agent
	assert_line $'Cpus_allowed_list:\t1'
	mxc-runtime delete --force agent
}

@test "the initial affinity is the runtime's before it makes the process" {
	needs root
	(( $(nproc) > 1 )) || skip "one CPU"
	bundle --jq '.process.execCPUAffinity = { initial: "1", final: "0" }' -- /bin/probe sleep 60
	start_container agent
	run -0 strace -f -qq -e trace=sched_setaffinity,clone3 -o "$BATS_TEST_TMPDIR/trace" "$MXC_RUNTIME" --root "$STATE" exec agent /bin/probe exit 0
	[[ $(grep -oE 'sched_setaffinity\(0, 8, \[[0-9]|clone3' "$BATS_TEST_TMPDIR/trace" | tr '\n' ' ') == 'sched_setaffinity(0, 8, [1 clone3 sched_setaffinity(0, 8, [0 ' ]] || fail "$(< "$BATS_TEST_TMPDIR/trace")"
	mxc-runtime delete --force agent
}

@test "CPUs that are not there, or are none, are an error" {
	bundle --jq '.process.execCPUAffinity = { final: "8000" }' -- /bin/probe sleep 60
	start_container agent
	run mxc-runtime exec agent /bin/probe exit 0
	[[ $status -ne 0 ]]
	assert_match "8000.*process.execCPUAffinity.final"
	jq -n '{ user: { uid: 0, gid: 0 }, cwd: "/", args: ["/bin/probe", "cpus"], execCPUAffinity: { initial: "8000" } }' > process.json
	run mxc-runtime exec --process process.json agent
	[[ $status -ne 0 ]]
	assert_match "8000.*execCPUAffinity.initial"
	mxc-runtime delete --force agent
	local list
	for list in x 0- 3-1 -1 8192 0:3; do
		config --arg list "$list" '.process.execCPUAffinity = { initial: $list }'
		run mxc-runtime run agent
		assert_refusal process.execCPUAffinity.initial
	done
}

@test "the memory policy is that of the first process and of all others" {
	[[ -d /sys/devices/system/node ]] || skip "NUMA"
	bundle -- /bin/probe memory-policy -- sleep 60
	local mode nodes flags want
	while read -r mode nodes flags want; do
		config --arg mode "MPOL_$mode" --arg nodes "${nodes#-}" --arg flags "${flags#-}" \
			'.linux.memoryPolicy = { mode: $mode, nodes: $nodes, flags: ($flags | split(",")) } | .process.args = ["/bin/probe", "memory-policy"]'
		run -0 mxc-runtime run agent
		assert_line "memory-policy: $want"
	done <<- END
		DEFAULT             - - 0x0 0x0
		BIND                0 - 0x2 0x1
		INTERLEAVE          0 - 0x3 0x1
		PREFERRED           0 - 0x1 0x1
		PREFERRED_MANY      0 - 0x5 0x1
		WEIGHTED_INTERLEAVE 0 - 0x6 0x1
		LOCAL               - - 0x4 0x0
		BIND                0 MPOL_F_STATIC_NODES 0x8002 0x1
		BIND                0 MPOL_F_RELATIVE_NODES 0x4002 0x1
		BIND                0 MPOL_F_NUMA_BALANCING 0x2002 0x1
	END
	config '.linux.memoryPolicy = { mode: "MPOL_BIND", nodes: "0" } | .process.args = ["/bin/probe", "sleep", "60"]'
	start_container agent
	run -0 mxc-runtime exec agent /bin/probe memory-policy
	assert_line "memory-policy: 0x2 0x1"
	mxc-runtime delete --force agent
}

@test "a memory policy that cannot be is an error" {
	[[ -d /sys/devices/system/node ]] || skip "NUMA"
	bundle --jq '.linux.memoryPolicy = { mode: "MPOL_BIND", nodes: "1000" }' -- /bin/probe exit 0
	run mxc-runtime run agent
	assert_refusal linux.memoryPolicy 1000
	config '.linux.memoryPolicy = { mode: "MPOL_BIND" }'
	run mxc-runtime run agent
	assert_refusal linux.memoryPolicy node
}

@test "a kernel without NUMA is said to be one" {
	needs root
	bundle --jq '.linux.memoryPolicy = { mode: "MPOL_LOCAL" }' -- /bin/probe exit 0
	run strace -f -qq -e trace=set_mempolicy -e inject=set_mempolicy:error=ENOSYS -o /dev/null "$MXC_RUNTIME" --root "$STATE" run agent
	assert_refusal linux.memoryPolicy NUMA
}
