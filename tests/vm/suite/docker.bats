# SPDX-License-Identifier: Apache-2.0
# docker's daemon with contrib/docker's runtime.
# Users: root

load helper
load engines

setup_file() {
	mkdir -p /etc/docker
	sed "s,/usr/bin/mxc-runtime,$(command -v "$R")," /mnt/contrib/docker/daemon.json > /etc/docker/daemon.json
	daemon_start mxc-dockerd dockerd --bridge none --iptables=false --ip6tables=false --log-driver json-file --storage-driver overlay2
	eventually 90 docker version > /dev/null 2>&1
	docker import --change 'CMD ["sh"]' "$BATS_SUITE_TMPDIR/image.tar" box > /dev/null
}

teardown_file() {
	daemon_stop mxc-dockerd
}

setup() {
	mark_start
}

teardown() {
	docker ps -aq | xargs -r docker rm -f > /dev/null
	engine_teardown
}

# docker_run OPTION... IMAGE COMMAND...: without a network, as a policy of today wants it.
docker_run() {
	docker run --runtime mxc --network none "$@" 3>&-
}

inspect() {
	docker inspect --format "$2" "$1"
}

is() {
	[[ $(inspect "$1" "$2") == "$3" ]]
}

logged() {
	docker logs "$1" 2>&1 | grep -q -- "$2"
}

@test "docker knows the runtime, and runs a plain container with it" {
	run -0 docker info --format '{{range $k, $v := .Runtimes}}{{$k}} {{end}}{{.CgroupDriver}} {{.CgroupVersion}}'
	expect_match "$output" 'mxc .*systemd 2'
	run -3 docker_run --rm -i --env WORD=there --user 1000:1000 --workdir /tmp --hostname tower --read-only --tmpfs /scratch --init \
		--cap-drop ALL --security-opt no-new-privileges --ulimit nofile=77 --sysctl net.ipv4.ip_unprivileged_port_start=0 --device /dev/fuse box \
		sh -c 'read line; echo $line $WORD $(id -u):$(id -g) $(pwd) $(hostname) $(ulimit -n); cat /proc/sys/net/ipv4/ip_unprivileged_port_start
			test -c /dev/fuse && touch /scratch/x && ! touch /x; grep -E "^(CapBnd|NoNewPrivs)" /proc/self/status; exit 3' <<< hello
	expect_match "$output" $'hello there 1000:1000 /tmp tower 77\n0\n'
	expect_match "$output" 'touch: /x: Read-only file system'
	expect_match "$output" 'CapBnd:.0000000000000000'
	expect_match "$output" 'NoNewPrivs:.1'
	run -127 docker_run --rm box /no/such/program
	run -126 docker_run --rm box /etc/passwd
}

@test "docker exec, logs, stats, top, update, pause, stop and start work on one container" {
	docker_run -d --name busy --memory 64m --memory-swap 64m --cpus 0.5 --pids-limit 50 box \
		sh -c 'echo started; echo oops >&2; trap "echo bye; exit 5" TERM; while :; do sleep 0.1; done'
	eventually 20 logged busy started
	scope=$(cgroup_of "$(inspect busy '{{.State.Pid}}')")
	scope=${scope%.scope*}.scope
	[[ $scope == */system.slice/docker-*.scope ]]
	expect "$(cat "$scope"/memory.max "$scope"/pids.max "$scope"/cpu.max | xargs)" "67108864 50 50000 100000"
	run -7 docker exec -i --env A=b --user 1000 --workdir /tmp busy sh -c 'read line; echo $line $A $(id -u) $(pwd); exit 7' <<< in
	expect "$output" "in b 1000 /tmp"
	run -0 script -qec "docker exec -it busy sh -c 'tty; test -t 0 && echo terminal'" /dev/null
	expect_match "$output" '/dev/pts/0'
	expect_match "$output" 'terminal'
	run -0 docker top busy -o pid,args
	expect_match "$output" 'sleep 0.1|echo started'
	run -0 docker stats --no-stream --format '{{.Name}} {{.PIDs}} {{.MemUsage}}' busy
	expect_match "$output" '^busy [1-9][0-9]* [0-9.]+[KM]iB / 64MiB'
	run -0 docker update --memory 128m --memory-swap 128m --pids-limit 20 --cpus 0.3 busy
	expect "$(cat "$scope"/memory.max "$scope"/pids.max "$scope"/cpu.max | xargs)" "134217728 20 30000 100000"
	run -0 docker pause busy
	expect "$(inspect busy '{{.State.Status}}')" paused
	run -0 docker unpause busy
	run -0 docker stop -t 20 busy
	expect "$(inspect busy '{{.State.Status}} {{.State.ExitCode}}')" "exited 5"
	run -0 docker logs busy
	# Of two pipes docker may read the later first.
	expect "$(sort <<< "$output")" $'bye\noops\nstarted'
	run -0 docker start busy
	run -0 docker kill -s KILL busy
	eventually 10 is busy '{{.State.Status}} {{.State.ExitCode}}' "exited 137"
	run -0 docker rm busy
}

@test "docker's health checks run" {
	docker_run -d --name ill --health-cmd 'test -e /tmp/ok' --health-interval 1s --health-timeout 20s --health-retries 1 box sleep 1000
	eventually 30 is ill '{{.State.Health.Status}}' unhealthy
	run -0 docker exec ill touch /tmp/ok
	eventually 30 is ill '{{.State.Health.Status}}' healthy
}

@test "docker reports a container that runs out of memory" {
	run -137 docker_run --name greedy --memory 64m --memory-swap 64m box dd if=/dev/zero of=/dev/null bs=200M count=1
	expect "$(inspect greedy '{{.State.OOMKilled}}')" true
}

@test "docker run --annotation brings a policy, which exec keeps, and shows a refusal as we wrote it" {
	only_mxc
	mkdir "$BATS_TEST_TMPDIR/workspace"
	docker_run -d --name cell --annotation io.mxc.profile=coding --annotation io.mxc.filesystem.deniedPaths=/opt/secret \
		-v "$BATS_TEST_TMPDIR/workspace:/workspace" -w /workspace box sleep 1000
	try_all docker exec --privileged cell sh -c <<-'END'
		ok	echo x > /workspace/x
		Permission denied	cat /opt/secret/key
		Permission denied|Read-only file system	echo x > /etc/x
		[Pp]ermission denied|Operation not permitted	mount -t tmpfs none /workspace
	END
	run docker_run --rm --annotation io.mxc.filesystem.readonlyPaths=/no/such box true
	(( status != 0 ))
	expect_match "$output" 'annotation io.mxc.filesystem.readonlyPaths'
	expect_match "$output" '/no/such'
}
