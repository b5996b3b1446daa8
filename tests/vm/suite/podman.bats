# SPDX-License-Identifier: Apache-2.0
# podman's everyday commands, each on a container under the coding profile.
# Users: root agent

load helper

setup() {
	mark_start
}

teardown() {
	[[ $BATS_TEST_DESCRIPTION != @(pods|"podman kube")* ]] || pod pod rm -fa -t 0 > /dev/null 2>&1 || true
	pod_teardown
}

@test "podman run prints what the container prints and returns its exit status" {
	run -3 pod_run once --rm "$IMAGE" sh -c 'pwd; id -u; exit 3'
	expect "$output" $'/workspace\n0'
}

@test "podman run reports a program that is not there with 127, one that cannot run with 126" {
	run -127 pod_run missing --rm "$IMAGE" /no/such/program
	run -126 pod_run unfit --rm "$IMAGE" /etc/passwd
}

@test "podman run passes input, environment and user" {
	run -0 pod_run input --rm -i --env WORD=there --user 1000:1000 "$IMAGE" \
		sh -c 'read line; echo $line $WORD $(id -u):$(id -g)' <<< hello
	expect "$output" "hello there 1000:1000"
}

@test "podman exec, logs, inspect, stats, top, stop and rm work on one container" {
	up busy "$IMAGE" sh -c 'echo started; trap "echo bye; exit 5" TERM; while :; do sleep 0.1; done'
	eventually 20 logs_have busy started

	run -7 pod exec --env A=b busy sh -c 'echo $A; exit 7'
	expect "$output" b
	run -0 pod exec --user 1000 --workdir /tmp busy sh -c 'id -u; pwd'
	expect "$output" $'1000\n/tmp'
	run -0 pod exec -i busy cat <<< through
	expect "$output" through
	run -0 pod exec -d busy sh -c 'echo detached > /workspace/detached'
	eventually 10 pod exec busy test -s /workspace/detached

	run -0 pod inspect --format '{{.State.Status}} {{.OCIRuntime}} {{.State.Running}}' busy
	expect "$output" "running $R true"
	run -0 pod stats --no-stream --format '{{.Name}} {{.PIDs}} {{.MemUsage}}' busy
	expect_match "$output" '^busy [1-9][0-9]* [0-9.]+.?B / '
	run -0 pod top busy pid args
	expect_match "$output" 'echo started'

	run -0 pod stop -t 20 busy
	run -0 pod inspect --format '{{.State.Status}} {{.State.ExitCode}}' busy
	expect "$output" "exited 5"
	run -0 pod logs busy
	expect "$output" $'started\nbye'
	run -0 pod rm busy
}

@test "podman start runs a stopped container again, podman restart too" {
	pod_run again "$IMAGE" sh -c 'echo x >> /workspace/again'
	run -0 pod start -a again
	run -0 pod restart -t 0 again
	run -0 pod wait again
	run -0 pod_run reader --rm "$IMAGE" cat /workspace/again
	expect "$output" $'x\nx\nx'
	pod_run cleaner --rm "$IMAGE" rm /workspace/again
}

@test "podman kill delivers any signal, podman rm -f ends what ignores TERM" {
	up deaf "$IMAGE" sh -c 'trap "echo usr1" USR1; trap "" TERM; echo up; while :; do sleep 0.1; done'
	eventually 20 logs_have deaf up
	run -0 pod kill -s USR1 deaf
	eventually 10 logs_have deaf usr1
	run -0 pod kill deaf
	run -0 pod wait deaf
	expect "$output" 137
	run -0 pod start deaf
	run -0 pod rm -f -t 0 deaf
	eventually 5 nothing_left
}

@test "podman run -it gives a terminal of the right size, podman exec -it too" {
	run -0 script -qec "stty rows 33 cols 99; podman --runtime $R run --rm -it --annotation io.mxc.profile=coding \
		--network none -v ws:/workspace -w /workspace $IMAGE sh -c 'tty; sleep 1; stty size; test -t 1 && echo terminal'" /dev/null
	expect_match "$output" '/dev/(pts/0|console)'
	expect_match "$output" '33 99'
	expect_match "$output" 'terminal'

	up tty "$IMAGE" sleep 1000
	run -0 script -qec "podman --runtime $R exec -it tty sh -c 'tty; test -t 0 && echo terminal'" /dev/null
	expect_match "$output" '/dev/pts/'
	expect_match "$output" 'terminal'
}

@test "podman attach reaches a detached terminal" {
	up screen -it "$IMAGE" sh -c 'read line; echo "got $line"'
	run -0 script -qec "(sleep 3; echo hello) | podman --runtime $R attach --sig-proxy=false screen" /dev/null
	run -0 pod wait screen
	run -0 pod logs screen
	expect_match "$output" 'got hello'
}

@test "podman pause and unpause freeze and thaw" {
	up ice "$IMAGE" sleep 1000
	run -0 pod pause ice
	run -0 pod inspect --format '{{.State.Status}}' ice
	expect "$output" paused
	grep -q '^frozen 1' "$(cgroup_of "$pid")/cgroup.events"
	run -0 pod unpause ice
	run -0 pod exec ice true
}

@test "podman create makes a container that waits for podman start" {
	run -0 pod create --name later --annotation io.mxc.profile=coding --network none -v ws:/workspace -w /workspace "$IMAGE" echo now
	run -0 pod init later
	run -0 pod inspect --format '{{.State.Status}}' later
	expect "$output" initialized
	run -0 pod start -a later
	expect "$output" now
}

is_healthy() {
	[[ $(pod inspect --format '{{.State.Health.Status}}' "$1") == healthy ]]
}

@test "healthchecks run, by hand and by their timer" {
	up ill --health-cmd 'test -e /workspace/ok' --health-interval 3s --health-retries 1 "$IMAGE" \
		sh -c 'rm -f /workspace/ok; sleep 1000'
	run -1 pod healthcheck run ill
	run -0 pod exec ill touch /workspace/ok
	eventually 30 is_healthy ill
}

@test "pods share what pods share, and stop together" {
	run -0 pod pod create --name den --network none --share ipc,net,uts,pid --hostname den
	up one --pod den "$IMAGE" sleep 1000
	run -0 pod_run two --pod den "$IMAGE" sh -c 'hostname; ps -o args; for n in ipc net uts pid; do readlink /proc/self/ns/$n; done'
	expect_match "$output" '^den'
	expect_match "$output" 'sleep 1000'
	for ns in ipc net uts pid; do
		expect_match "$output" "$(readlink "/proc/$pid/ns/$ns" | tr '[]' ..)"
	done
	run -0 pod pod stop -t 0 den
	run -0 pod pod inspect --format '{{.State}}' den
	expect "$output" Exited
	run -0 pod pod rm -f den
}

@test "a plain container, without any annotation of ours, runs" {
	run -0 pod run --rm --network none -v ws:/workspace "$IMAGE" sh -c 'echo x > /tmp/x && cat /tmp/x && hostname > /dev/null'
	expect "$output" x
}

@test "podman run's options reach the container" {
	echo treasure | pod secret create word - > /dev/null
	run -4 pod run --rm -i --network none --init --read-only --read-only-tmpfs=false --tmpfs /scratch:size=1m --cap-drop all --cap-add chown,setuid \
		--security-opt no-new-privileges --security-opt mask=/proc/uptime --ulimit nofile=77:88 --device /dev/zero:/dev/nil:r \
		--sysctl net.ipv4.ip_unprivileged_port_start=7 --hostname tower --add-host there:10.0.0.1 --secret word,target=/run/word --shm-size 1m \
		--group-add 7 --umask 027 --oom-score-adj 300 --mount type=volume,source=other,target=/other,readonly --env A=b "$IMAGE" sh -s <<-'END'
			echo "host $(hostname) $(grep -c there /etc/hosts)"
			echo "ids $(id -G) $(umask) $(ulimit -n) $(cat /proc/self/oom_score_adj)"
			echo "proc $(cat /proc/sys/net/ipv4/ip_unprivileged_port_start) $(wc -c < /proc/uptime) $(cat /proc/1/comm)"
			echo "files $(cat /run/word) $(head -c 3 /dev/nil | wc -c) $(stat -f -c %b /scratch) $(stat -f -c %b /dev/shm)"
			for file in /x /other/x /tmp/x; do (: > $file) 2> /dev/null && echo "wrote $file"; done
			touch /scratch/x && grep -E '^(CapBnd|NoNewPrivs)' /proc/self/status | xargs
			exit 4
		END
	pod secret rm word > /dev/null
	expect "$output" "host tower 1
ids 0 7 0027 77 300
proc 7 0 podman-init
files treasure 3 256 256
CapBnd: 0000000000000081 NoNewPrivs: 1"
}

@test "podman run maps users, and shares the namespaces it is told to" {
	if [[ $WHO == root ]]; then
		run -0 pod run --rm --network none --uidmap 0:200000:1000 --gidmap 0:300000:1000 -v ws:/workspace:idmap "$IMAGE" sh -c \
			'echo $(cat /proc/self/uid_map /proc/self/gid_map); id -u; echo x > /workspace/mapped && stat -c %u:%g /workspace/mapped'
		expect "$(xargs <<< "$output")" "0 200000 1000 0 300000 1000 0 0:0"
		run -0 plain_run 'stat -c %u:%g /workspace/mapped; rm /workspace/mapped'
		expect "$output" 0:0
	else
		run -0 pod run --rm --network none --userns keep-id "$IMAGE" sh -c 'id -u; grep -c . /proc/self/uid_map'
		expect "$output" $'1000\n3'
	fi
	up holder "$IMAGE" sleep 1000
	run -0 pod run --rm --pid container:holder --ipc host --uts host --network container:holder "$IMAGE" sh -c \
		'ps -o args | grep -c "[s]leep 1000"; hostname; for n in ipc net; do readlink /proc/self/ns/$n; done'
	expect "$output" "1
$(hostname)
$(readlink /proc/self/ns/ipc "/proc/$pid/ns/net")"
	run -0 pod run --rm --pid host --network none --cgroupns host "$IMAGE" sh -c 'cat /proc/1/comm /proc/self/cgroup'
	expect_match "$output" $'^systemd\n0::/.*libpod-'
}

@test "podman events and inspect tell of a container's life" {
	pod_run told "$IMAGE" sh -c 'exit 6' || true
	run -0 pod events --stream=false --since 5m --filter container=told --format '{{.Status}} {{.ContainerExitCode}}'
	expect_match "$output" 'create'
	expect_match "$output" 'start'
	expect_match "$output" 'died 6'
	run -0 pod inspect --format '{{index .Config.Annotations "io.mxc.profile"}} {{.State.ExitCode}}' told
	expect "$output" "coding 6"
}

@test "podman kube play brings a pod's annotations to the runtime" {
	only_mxc
	cat > "$BATS_TEST_TMPDIR/pod.yaml" <<-END
		apiVersion: v1
		kind: Pod
		metadata:
		  name: kube
		  annotations: { io.mxc.profile: locked-down, io.mxc.agent.id: "spiffe://example.org/agent/kube" }
		spec:
		  containers:
		    - { name: agent, image: $IMAGE, imagePullPolicy: Never, command: [sh, -c, "sleep 1000"] }
	END
	run -0 pod kube play --network none "$BATS_TEST_TMPDIR/pod.yaml"
	run pod exec kube-agent sh -c 'echo x > /tmp/x'
	expect_match "$output" 'Read-only file system|Permission denied'
	run -0 pod pod rm -f -t 0 kube
}

@test "podman system tells of the runtime without complaint" {
	run -0 pod info --format '{{.Host.OCIRuntime.Name}} {{.Host.CgroupManager}} {{.Host.CgroupsVersion}}'
	expect "$output" "$R systemd v2"
}
