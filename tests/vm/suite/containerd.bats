# SPDX-License-Identifier: Apache-2.0
# containerd: by ctr with --runc-binary, and through the CRI as the kubelet calls it, with contrib/kubernetes' snippet.
# Users: root

load helper
load engines

setup_file() {
	containerd_start
	containerd_image default
	containerd_image k8s.io
	mkfifo "$BATS_FILE_TMPDIR/in" "$BATS_FILE_TMPDIR/out"
	python3 "$BATS_TEST_DIRNAME/cri.py" /run/containerd/containerd.sock "$BATS_FILE_TMPDIR"/{in,out} \
		2> "$BATS_FILE_TMPDIR/cri.log" < /dev/null > /dev/null 3>&- &
}

teardown_file() {
	echo > "$BATS_FILE_TMPDIR/in"
	daemon_stop mxc-containerd
}

setup() {
	mark_start
	id=mxc-ctr-$BATS_TEST_NUMBER
}

teardown() {
	ctr task kill -s KILL "$id" > /dev/null 2>&1 || true
	ctr task rm -f "$id" > /dev/null 2>&1 || true
	ctr container rm "$id" > /dev/null 2>&1 || true
	if [[ $BATS_TEST_DESCRIPTION == CRI* ]]; then
		pods_remove
	fi
	engine_teardown
}

# --- ctr ---

# ctr_run ID [OPTION...] -- COMMAND...: a container of the suite's image.
ctr_run() {
	local name=$1 options=()
	shift
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	ctr run --runc-binary "$(command -v "$R")" "${options[@]}" localhost/box:latest "$name" "$@" 3>&-
}

is_task() {
	ctr task ls | grep -qE "^$1 +[0-9]+ +$2"
}

@test "ctr run returns the exit status, with a policy too, and shows a refusal as we wrote it" {
	run -3 ctr_run "$id" --rm -- sh -c 'echo said; exit 3'
	expect "$output" said
	only_mxc
	run -0 ctr_run "$id" --rm --annotation io.mxc.profile=locked-down -- sh -c \
		'echo x > /tmp/x; grep -E "^(Seccomp|NoNewPrivs):" /proc/self/status'
	expect_match "$output" 'Read-only file system|Permission denied'
	expect_match "$output" 'NoNewPrivs:.1'
	expect_match "$output" 'Seccomp:.2'
	run ctr_run "$id" --rm --annotation io.mxc.filesystem.readonlyPaths=/no/such -- true
	(( status != 0 ))
	expect_match "$output" 'annotation io.mxc.filesystem.readonlyPaths'
	run ctr_run "$id" --rm -- /no/such/program
	(( status != 0 ))
	expect_match "$output" '/no/such/program'
}

ctr_life() {
	ctr_run "$id" -d "$@" -- sh -c 'trap "exit 5" TERM; while :; do sleep 0.1; done'
	is_task "$id" RUNNING
	run -7 ctr task exec --exec-id e1 "$id" sh -c 'echo in; exit 7'
	expect "$output" in
	run -0 ctr task exec --exec-id e2 --user 1000:1000 --cwd /tmp "$id" sh -c 'id -u; pwd'
	expect "$output" $'1000\n/tmp'
	run -0 ctr task ps "$id"
	expect_match "$output" '[0-9]+'
	run -0 ctr task metrics --format json "$id"
	(( $(jq '.memory.usage' <<< "$output") > 0 ))
	(( $(jq '.pids.current' <<< "$output") > 0 ))
	run -0 ctr task pause "$id"
	is_task "$id" PAUSED
	run -0 ctr task resume "$id"
	is_task "$id" RUNNING
	run -0 ctr task kill -s TERM "$id"
	eventually 10 is_task "$id" STOPPED
	run -0 ctr task rm "$id"
	expect_match "$output" 'exit code 5'
	run -0 ctr container rm "$id"
}

@test "ctr task exec, ps, metrics, pause, resume, kill and rm, by the fs manager" {
	ctr_life --memory-limit 67108864
}

@test "ctr task exec, ps, metrics, pause, resume, kill and rm, by systemd" {
	# ctr names no cgroup for systemd.
	ctr_life --runc-systemd-cgroup --cgroup "system.slice:mxc:ctr-$BATS_TEST_NUMBER"
}

@test "ctr run -t gives a terminal, and task exec -t another" {
	run -0 script -qec "ctr run --rm -t --runc-binary $(command -v "$R") localhost/box:latest $id sh -c 'tty; test -t 1 && echo terminal'" /dev/null
	expect_match "$output" '/dev/(pts/0|console)'
	expect_match "$output" 'terminal'
}

# --- the CRI ---

# cri METHOD [JSON]: one call; fails, with its message, when the call does.
cri() {
	local result
	printf '%s %s\n' "$1" "${2:-{\}}" > "$BATS_FILE_TMPDIR/in"
	result=$(cat "$BATS_FILE_TMPDIR/out")
	if jq -e .error > /dev/null <<< "$result"; then
		jq -r '.error | "\(.code): \(.message)"' <<< "$result"
		return 1
	fi
	echo "$result"
}

# pod_create HANDLER [ANNOTATIONS]: runs a pod; leaves $pod, and in $sandbox its configuration.
pod_create() {
	local parent=/kubepods/pod-$BATS_TEST_NUMBER
	[[ $1 != mxc ]] || parent=/kubepods.slice/kubepods-pod$BATS_TEST_NUMBER.slice
	logs=$BATS_TEST_TMPDIR/logs
	sandbox=$(jq -nc --arg name "pod$BATS_TEST_NUMBER" --arg logs "$logs" --arg parent "$parent" --arg pid "${POD_PID:-CONTAINER}" \
		--argjson annotations "${2:-{\}}" '{ $annotations, hostname: $name, log_directory: $logs,
			metadata: { $name, uid: $name, namespace: "default" }, labels: { test: "mxc" },
			linux: { cgroup_parent: $parent, security_context: { namespace_options: { pid: $pid } } } }')
	cri RunPodSandbox "$(jq -nc --argjson config "$sandbox" --arg handler "$1" '{ $config, runtime_handler: $handler }')" > "$BATS_TEST_TMPDIR/pod" ||
		{ cat "$BATS_TEST_TMPDIR/pod"; return 1; }
	pod=$(jq -r .pod_sandbox_id "$BATS_TEST_TMPDIR/pod")
}

# container NAME SCRIPT [JQ-PROGRAM]: creates one in the pod; leaves $container.
container() {
	mkdir -p "$BATS_TEST_TMPDIR/workspace"
	cri CreateContainer "$(jq -nc --arg pod "$pod" --argjson sandbox "$sandbox" --arg name "$1" --arg script "$2" \
		--arg workspace "$BATS_TEST_TMPDIR/workspace" '{ pod_sandbox_id: $pod, sandbox_config: $sandbox, config: {
			metadata: { $name }, image: { image: "localhost/box:latest" }, command: ["sh", "-c", $script],
			working_dir: "/workspace", log_path: "\($name).log", envs: [{ key: "WORD", value: "there" }],
			mounts: [{ container_path: "/workspace", host_path: $workspace }],
			linux: { resources: { memory_limit_in_bytes: 134217728, cpu_shares: 512, cpu_period: 100000, cpu_quota: 50000 },
				security_context: { namespace_options: $sandbox.linux.security_context.namespace_options } } } }
			| '"${3:-.}")" > "$BATS_TEST_TMPDIR/container" || { cat "$BATS_TEST_TMPDIR/container"; return 1; }
	container=$(jq -r .container_id "$BATS_TEST_TMPDIR/container")
}

container_start() {
	cri StartContainer "{\"container_id\": \"$container\"}"
}

# exec_sync COMMAND...: in the container, with its output and status.
exec_sync() {
	local result
	result=$(cri ExecSync "$(jq -nc --arg id "$container" '{ container_id: $id, timeout: 60, cmd: $ARGS.positional }' --args -- "$@")") ||
		{ echo "$result"; return 200; }
	jq -r '(.stdout // "" | @base64d), (.stderr // "" | @base64d) | rtrimstr("\n") | select(. != "")' <<< "$result"
	return "$(jq -r '.exit_code // 0' <<< "$result")"
}

container_ended() {
	expect "$(container_status '"\(.status.reason) \(.status.exit_code)"')" "$1"
}

container_status() {
	cri ContainerStatus "{\"container_id\": \"$container\"}" | jq -r "$1"
}

container_is() {
	[[ $(container_status .status.state) == "CONTAINER_$1" ]]
}

# What the kubelet does at the end, for whatever a test leaves.
pods_remove() {
	local left
	for left in $(cri ListPodSandbox | jq -r '.items[]?.id'); do
		cri StopPodSandbox "{\"pod_sandbox_id\": \"$left\"}" > /dev/null
		cri RemovePodSandbox "{\"pod_sandbox_id\": \"$left\"}" > /dev/null
	done
	find /sys/fs/cgroup/kubepods* -depth -type d -exec rmdir {} + 2>/dev/null || true
	systemctl stop 'kubepods*.slice' 2>/dev/null || true
}

audit_of() {
	jq -r --arg id "$1" "select(.container.id == \$id and .event == \"container.create\") | $2" /var/log/mxc/audit.jsonl
}

cgroup_holds() {
	expect "$1: $(cat "$cgroup/$1")" "$1: $2"
}

# The directory of a container's cgroup, as the engine named it.
container_cgroup() {
	cgroup=$(find /sys/fs/cgroup -type d \( -name "cri-containerd-$container.scope" -o -name "$container" \) -print -quit)
	[[ $cgroup ]]
}

@test "CRI: a pod's annotations govern its container, by systemd, through its whole life" {
	pod_create mxc '{ "io.mxc.profile": "coding", "io.mxc.filesystem.deniedPaths": "/opt/secret", "io.mxc.agent.id": "spiffe://example.org/agent/coder",
		"io.mxc.resources.memory": "96M" }'
	run -0 cri PodSandboxStatus "{\"pod_sandbox_id\": \"$pod\"}"
	expect "$(jq -r '.status | "\(.state // "SANDBOX_READY") \(.runtime_handler)"' <<< "$output")" "SANDBOX_READY mxc"
	container agent 'echo started $WORD; echo oops >&2; trap "exit 4" TERM; while :; do sleep 0.1; done'
	run -0 container_start
	container_is RUNNING
	container_cgroup
	[[ $cgroup == */kubepods.slice/kubepods-pod*.slice/cri-containerd-*.scope ]]

	if [[ $R == mxc-runtime ]]; then
		expect "$(audit_of "$pod" '"\(.policy.profile) \(.policy.layers.seccomp.profile)"')" "pause strict"
		expect "$(audit_of "$container" '"\(.policy.profile) \(.policy.layers.seccomp.profile) \(.agent.id)"')" \
			"coding agent spiffe://example.org/agent/coder"
		cgroup_holds memory.max 100663296
		run -0 exec_sync sh -c 'cat /opt/secret/key; echo x > /etc/x; echo x > /workspace/x && cat /workspace/x; ip -o link | wc -l'
		expect_match "$output" "can't open '/opt/secret/key': Permission denied"
		expect_match "$output" "can't create /etc/x: (Read-only file system|Permission denied)"
		expect_match "$output" $'x\n1'
	fi
	run -7 exec_sync sh -c 'hostname; exit 7'
	expect "$output" "pod$BATS_TEST_NUMBER"

	cgroup_holds cpu.max "50000 100000"
	run -0 cri UpdateContainerResources "{\"container_id\": \"$container\", \"linux\": { \"memory_limit_in_bytes\": 67108864, \"cpu_period\": 100000, \"cpu_quota\": 30000 }}"
	cgroup_holds memory.max 67108864
	cgroup_holds cpu.max "30000 100000"
	run -0 cri ContainerStats "{\"container_id\": \"$container\"}"
	(( $(jq -r '.stats.memory.working_set_bytes.value' <<< "$output") > 0 ))
	(( $(jq -r '.stats.cpu.usage_core_nano_seconds.value' <<< "$output") > 0 ))
	run -0 cri ListPodSandboxStats
	expect "$(jq -r '.stats[0].attributes.id' <<< "$output")" "$pod"

	run -0 cri StopContainer "{\"container_id\": \"$container\", \"timeout\": 20}"
	expect "$(container_status '"\(.status.state) \(.status.exit_code)"')" "CONTAINER_EXITED 4"
	run -0 cut -d ' ' -f 2- "$logs/agent.log"
	expect_match "$output" 'stdout F started there'
	expect_match "$output" 'stderr F oops'
	run -0 cri RemoveContainer "{\"container_id\": \"$container\"}"
	run -0 cri StopPodSandbox "{\"pod_sandbox_id\": \"$pod\"}"
	run -0 cri RemovePodSandbox "{\"pod_sandbox_id\": \"$pod\"}"
	[[ ! -d $cgroup ]]
}

@test "CRI: a refused policy is told to the kubelet in our words, and leaves nothing" {
	only_mxc
	pod_create mxc '{ "io.mxc.policy": "{\"filesystem\":{\"readonlyPaths\":[\"/no/such/path\"]}}" }'
	container agent true
	run -1 container_start
	expect_match "$output" 'policy filesystem.readonlyPaths\[0\]'
	expect_match "$output" '/no/such/path'
}

@test "CRI: one container's annotation narrows that container alone; exec streams" {
	only_mxc
	pod_create mxc '{ "io.mxc.profile": "coding", "io.mxc.container.helper.filesystem.readwritePaths": "[]",
		"io.mxc.container.helper.filesystem.readonlyPaths": "/workspace", "io.mxc.container.helper.exec.paths": "@base" }'
	container helper 'sleep 1000'
	run -0 container_start
	run exec_sync sh -c 'echo x > /workspace/x'
	expect_match "$output" "can't create /workspace/x: (Read-only file system|Permission denied)"
	container agent 'sleep 1000'
	run -0 container_start
	run -0 exec_sync sh -c 'echo x > /workspace/x'

	url=$(cri Exec "$(jq -nc --arg id "$container" '{ container_id: $id, stdin: true, stdout: true, stderr: true,
		cmd: ["sh", "-c", "read line; echo got $line; echo bad >&2; exit 9"] }')" | jq -r .url)
	run -0 cri Stream "$(jq -nc --arg url "$url" '{ $url, stdin: "hello\n" }')"
	expect "$(jq -c '[.stdout, .stderr, .status.details.causes[0].message]' <<< "$output")" '["got hello\n","bad\n","9"]'
	url=$(cri Exec "$(jq -nc --arg id "$container" '{ container_id: $id, stdin: true, stdout: true, tty: true,
		cmd: ["sh", "-c", "tty; test -t 0 && echo terminal"] }')" | jq -r .url)
	run -0 cri Stream "$(jq -nc --arg url "$url" '{ $url }')"
	expect "$(jq -r .stdout <<< "$output")" $'/dev/pts/0\r\nterminal\r'
}

@test "CRI: a pod without a policy, by the fs manager, its containers in one pid namespace" {
	POD_PID=POD pod_create mxc-cgroupfs
	container one 'echo $$; trap "" TERM; while :; do sleep 0.1; done' '.config.linux.security_context.readonly_rootfs = true |
		.config.linux.security_context.run_as_user = { value: 1000 } | .config.linux.security_context.no_new_privs = true'
	run -0 container_start
	container_cgroup
	[[ $cgroup == /sys/fs/cgroup/kubepods/pod-*/"$container" ]]
	cgroup_holds memory.max 134217728
	run -1 exec_sync sh -c 'id -u; ps -o args | grep -c "[s]leep 100000"; echo x > /etc/x'
	expect_match "$output" $'1000\n1\n'
	expect_match "$output" "can't create /etc/x: Read-only file system"
	# Ignores TERM: killed, when its time is over.
	run -0 cri StopContainer "{\"container_id\": \"$container\", \"timeout\": 1}"
	expect "$(container_status '"\(.status.state) \(.status.exit_code)"')" "CONTAINER_EXITED 137"
	container oom 'dd if=/dev/zero of=/dev/null bs=200M count=1'
	run -0 container_start
	eventually 20 container_is EXITED
	# The shim hears of the end and of its reason by two ways.
	eventually 20 container_ended "OOMKilled 137"
}
