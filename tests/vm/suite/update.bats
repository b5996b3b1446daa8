# SPDX-License-Identifier: Apache-2.0
# The verb update on real cgroup controllers: by its options, as engines send it, by both managers, within a policy.
# Users: root agent

load helper

setup() {
	mark_start
	id=mxc-test-update-$BATS_TEST_NUMBER
	if [[ $WHO == root ]]; then
		bundle=$BATS_TEST_TMPDIR/bundle
		mkdir -p "$bundle/rootfs"/{bin,dev,proc,sys,tmp,etc}
		cp /bin/busybox "$bundle/rootfs/bin/"
		ln -s busybox "$bundle/rootfs/bin/sleep"
		(cd "$bundle" && "$R" spec)
		change '.process.terminal = false | .process.args = ["/bin/sleep", "1000"] | .mounts |= map(select(.type != "cgroup"))'
	fi
}

teardown() {
	[[ $WHO != root ]] || "$R" delete --force "$id" > /dev/null 2>&1 || true
	rmdir /sys/fs/cgroup/mxc-test 2>/dev/null || true
	pod_teardown
}

change() {
	jq "$@" "$bundle/config.json" > "$bundle/config.json.new"
	mv "$bundle/config.json.new" "$bundle/config.json"
}

# start fs|systemd: the bundle's container; its cgroup's directory is in $cgroup.
start() {
	local manager=() path=/mxc-test/$id
	cgroup=/sys/fs/cgroup$path
	if [[ $1 == systemd ]]; then
		manager=(--systemd-cgroup)
		path=system.slice:mxc:test-update-$BATS_TEST_NUMBER
		unit=mxc-test-update-$BATS_TEST_NUMBER.scope
		cgroup=/sys/fs/cgroup/system.slice/$unit
	fi
	change --arg path "$path" '.linux.cgroupsPath = $path'
	"$R" "${manager[@]}" create --bundle "$bundle" "$id" < /dev/null > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- ||
		{ cat "$BATS_TEST_TMPDIR/out"; return 1; }
	"$R" start "$id"
	[[ -d $cgroup ]]
}

holds() {
	expect "$1: $(cat "$cgroup/$1")" "$1: $2"
}

options_work() {
	change '.linux.resources += { "memory": { "limit": 67108864, "swap": 100663296 }, "cpu": { "quota": 20000, "period": 50000 }, "pids": { "limit": 12 },
		"unified": { "memory.high": "50331648" } }'
	start "$1"
	run -0 "$R" update --memory 80M --memory-reservation 16777216 --pids-limit 33 --cpu-quota 30000 --cpu-shares 2048 \
		--cpuset-cpus 0 --cpuset-mems 0 --blkio-weight 500 "$id"
	holds memory.max 83886080
	holds memory.low 16777216
	# Memory and swap together stay as they were, and so does what was not mentioned.
	holds memory.swap.max 16777216
	holds memory.high 50331648
	holds pids.max 33
	holds cpu.max "30000 50000"
	holds cpuset.cpus 0
	(( $(cat "$cgroup/cpu.weight") > 39 ))
	run -0 "$R" update --cpu-period 100000 "$id"
	holds cpu.max "30000 100000"
	run -0 "$R" update --cpu-burst 10000 "$id"
	holds cpu.max.burst 10000
	# A burst above the new quota goes down first.
	run -0 "$R" update --cpu-quota 5000 --cpu-burst 1000 "$id"
	holds cpu.max "5000 100000"
	run -0 "$R" update --memory -1 --pids-limit -1 --cpu-quota -1 "$id"
	holds memory.max max
	holds memory.swap.max max
	holds pids.max max
	holds cpu.max "max 100000"
}

@test "every option reaches the cgroup, and the next one sees it, by the fs manager" {
	[[ $WHO == root ]] || skip root
	only_mxc
	options_work fs
	run -0 "$R" update --cpu-idle 1 "$id"
	holds cpu.idle 1
	run -0 "$R" update --cpu-idle 0 --cpu-shares 1024 "$id"
	holds cpu.idle 0
}

@test "every option reaches the scope, and systemd keeps it" {
	[[ $WHO == root ]] || skip root
	only_mxc
	options_work systemd
	expect "$(systemctl show --property MemoryMax,TasksMax,CPUQuotaPerSecUSec --value "$unit" | xargs)" "infinity infinity infinity"
	run -0 "$R" update --memory 90M --pids-limit 44 "$id"
	systemctl daemon-reload
	holds memory.max 94371840
	holds pids.max 44
	expect "$(systemctl show --property MemoryMax,TasksMax --value "$unit" | xargs)" "94371840 44"
	expect "$(systemctl show --property MemoryHigh --value "$unit")" 50331648
}

@test "containerd's document works: all sections, zeros, devices as they were" {
	[[ $WHO == root ]] || skip root
	only_mxc
	start fs
	run -0 "$R" update --resources - "$id" <<< "$(jq -c '.linux.resources * { "memory": { "limit": 134217728, "swap": 134217728, "reservation": 0 },
		"cpu": { "shares": 512, "quota": 30000, "period": 100000, "cpus": "", "mems": "" }, "pids": { "limit": 9 },
		"blockIO": { "weight": 0 }, "unified": { "memory.oom.group": "1" } }' "$bundle/config.json")"
	holds memory.max 134217728
	holds memory.swap.max 0
	holds pids.max 9
	holds cpu.max "30000 100000"
	holds memory.oom.group 1
}

@test "an update that the kernel refuses in one file changes none" {
	[[ $WHO == root ]] || skip root
	only_mxc
	change '.linux.resources += { "memory": { "limit": 67108864 }, "pids": { "limit": 12 } }'
	for manager in fs systemd; do
		start "$manager"
		run -1 "$R" update --memory 80M --pids-limit 20 --cpuset-cpus 4095 "$id"
		expect_match "$output" 'cpuset.cpus|AllowedCPUs'
		run -1 "$R" update --memory 80M --resources - "$id" <<< '{ "pids": { "limit": 20 }, "unified": { "cpu.weight": "0" } }'
		expect_match "$output" 'cpu.weight'
		holds memory.max 67108864
		holds pids.max 12
		"$R" delete --force "$id"
	done
}

@test "checkBeforeUpdate refuses a limit below what is in use" {
	[[ $WHO == root ]] || skip root
	only_mxc
	change '.linux.resources.memory = { "limit": 134217728, "checkBeforeUpdate": true } |
		.process.args = ["/bin/busybox", "sh", "-c", "head -c 40000000 /dev/zero > /dev/shm/f; sleep 1000"]'
	start fs
	used() { (( $(cat "$cgroup/memory.current") > 40000000 )); }
	eventually 20 used
	run -1 "$R" update --memory 20M "$id"
	expect_match "$output" 'in use.*memory.limit.*checkBeforeUpdate'
	holds memory.max 134217728
	run -0 "$R" update --memory 100M "$id"
	holds memory.max 104857600
}

@test "a policy's limits are the most an update gets" {
	[[ $WHO == root ]] || skip root
	only_mxc
	change '.annotations = { "io.mxc.policy": "{\"resources\":{\"memory\":\"128M\",\"cpus\":0.5,\"pids\":20}}" } |
		.linux.resources += { "memory": { "limit": 536870912 } }'
	start fs
	holds memory.max 134217728
	run -1 "$R" update --memory 256M "$id"
	expect_match "$output" 'policy resources.memory'
	run -1 "$R" update --memory -1 "$id"
	run -1 "$R" update --pids-limit 21 --memory 64M "$id"
	expect_match "$output" 'policy resources.pids'
	run -1 "$R" update --cpu-quota 60000 "$id"
	expect_match "$output" 'policy resources.cpus'
	run -1 "$R" update --cpu-quota 30000 --cpu-period 50000 "$id"
	run -1 "$R" update --resources - "$id" <<< '{ "unified": { "memory.max": "256M" } }'
	run -1 "$R" update --resources - "$id" <<< '{ "unified": { "pids.max": "max" } }'
	holds memory.max 134217728
	holds pids.max 20
	holds cpu.max "50000 100000"
	run -0 "$R" update --memory 64M --pids-limit 20 --cpu-quota 25000 "$id"
	holds memory.max 67108864
	holds cpu.max "25000 100000"
	# All of config.json, sent along by an engine, asks for nothing new.
	run -0 "$R" update --resources - "$id" <<< '{ "memory": { "limit": 67108864 }, "pids": { "limit": 10 } }'
	holds pids.max 10
}

@test "podman update changes memory, processors and pids, of a running container" {
	cid=$(pod run -d --name changed --network none --memory 64m --pids-limit 30 "$IMAGE" sleep 1000)
	cgroup=$(cgroup_of "$(cat "$RUNDIR/overlay-containers/$cid/userdata/pidfile")")
	while [[ $cgroup != *.scope && $cgroup == /sys/fs/cgroup/*/* ]]; do
		cgroup=${cgroup%/*}
	done
	holds memory.max 67108864
	run -0 pod update --memory 100m --pids-limit 55 --cpus 0.5 changed
	holds memory.max 104857600
	holds pids.max 55
	holds cpu.max "50000 100000"
	run -0 pod exec changed true
	manager daemon-reload
	holds memory.max 104857600
	run -0 pod update --cpus 0.25 changed
	holds cpu.max "25000 100000"
	holds memory.max 104857600
	run -0 pod rm -f -t 0 changed
}
