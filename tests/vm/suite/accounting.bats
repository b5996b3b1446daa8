# SPDX-License-Identifier: Apache-2.0
# What systemd and the cgroup say of a container started by podman: its scope, its limits and that they bite.
# Users: root agent

load helper

setup() {
	mark_start
}

teardown() {
	pod_teardown
}

property() {
	manager show --property "$2" --value "$1"
}

is_gone() {
	[[ $(property "$1" LoadState) == not-found ]]
}

@test "a container is a delegated scope of its user's systemd, with its processes in it" {
	up scope "$IMAGE" sleep 1000
	unit=libpod-$cid.scope
	expect "$(property "$unit" ActiveState)" active
	expect "$(property "$unit" Delegate)" yes
	expect "${scope##*/}" "$unit"
	expect "/sys/fs/cgroup$(property "$unit" ControlGroup)" "$scope"
	run -0 manager status --no-pager "$unit"
	expect_match "$output" 'Tasks: [1-9]'
	expect_match "$output" 'Memory: [1-9]'
	expect_match "$output" 'sleep 1000'
	run -0 pod rm -f -t 0 scope
	eventually 5 is_gone "$unit"
}

@test "the scope accounts for CPU, memory, tasks, IO and IP" {
	only_mxc
	up counted "$IMAGE" sleep 1000
	unit=libpod-$cid.scope
	for kind in CPU Memory Tasks IO IP; do
		expect "$kind $(property "$unit" "${kind}Accounting")" "$kind yes"
	done
	run -0 manager status --no-pager "$unit"
	expect_match "$output" 'CPU: '
	if [[ $WHO == root ]]; then
		expect_match "$output" 'IP: '
		expect_match "$output" 'IO: '
	fi
}

@test "--memory is in the scope, and kills what exceeds it" {
	up small --memory 64m --memory-swap 64m "$IMAGE" sleep 1000
	expect "$(cat "$scope/memory.max")" 67108864
	# crun 1.21 gives systemd the sum of memory and swap.
	[[ $R == crun ]] || expect "$(cat "$scope/memory.swap.max")" 0
	expect "$(property "libpod-$cid.scope" MemoryMax)" 67108864
	run -137 pod exec small dd if=/dev/zero of=/dev/null bs=200M count=1
	grep -q '^oom_kill [1-9]' "$scope/memory.events"
}

@test "a container whose init runs out of memory is reported as OOM-killed" {
	# conmon reads the scope's memory.events while systemd, seeing it empty, removes it: a race of
	# theirs, whatever the runtime, which a busy machine may lose.
	for attempt in 1 2 3; do
		run -137 pod_run "burst$attempt" --memory 64m --memory-swap 64m "$IMAGE" dd if=/dev/zero of=/dev/null bs=200M count=1
		run -0 pod inspect --format '{{.State.OOMKilled}} {{.State.ExitCode}}' "burst$attempt"
		[[ $output != "true 137" ]] || return 0
	done
	expect "$output" "true 137"
}

@test "--pids-limit is in the scope, and fork fails beyond it" {
	up few --pids-limit 8 "$IMAGE" sleep 1000
	expect "$(cat "$scope/pids.max")" 8
	expect "$(property "libpod-$cid.scope" TasksMax)" 8
	run pod exec few sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do sleep 2 & done; wait'
	(( status != 0 ))
	expect_match "$output" 'fork.*Resource temporarily unavailable'
	grep -q '^max [1-9]' "$scope/pids.events"
}

@test "--cpus, --cpu-shares and --cpuset-cpus are in the scope" {
	up slow --cpus 0.5 --cpu-shares 512 --cpuset-cpus 1 "$IMAGE" sleep 1000
	expect "$(cat "$scope/cpu.max")" "50000 100000"
	expect "$(cat "$scope/cpuset.cpus.effective")" 1
	(( $(cat "$scope/cpu.weight") < 100 ))
	run -0 pod exec slow grep Cpus_allowed_list /proc/self/status
	expect_match "$output" '[[:space:]]1$'
}

@test "podman update changes the limits of a running container" {
	has_verb update
	up growing --memory 64m "$IMAGE" sleep 1000
	run -0 pod update --memory 128m --pids-limit 20 growing
	expect "$(cat "$scope/memory.max")" 134217728
	expect "$(cat "$scope/pids.max")" 20
}

@test "policy resources lower the engine's limits and never raise them" {
	only_mxc
	up lower --memory 128m --pids-limit 50 --annotation io.mxc.resources.memory=64M --annotation io.mxc.resources.pids=100 \
		"$IMAGE" sleep 1000
	expect "$(cat "$scope/memory.max")" 67108864
	expect "$(cat "$scope/pids.max")" 50
}

@test "process.timeout ends the whole container" {
	only_mxc
	run pod_run hasty --annotation io.mxc.process.timeout=3000 "$IMAGE" sh -c 'trap "" TERM; sleep 1000 & while :; do sleep 1; done'
	(( status != 0 ))
	run -0 pod inspect --format '{{.State.Status}}' hasty
	expect "$output" exited
}
