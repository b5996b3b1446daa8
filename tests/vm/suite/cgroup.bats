# SPDX-License-Identifier: Apache-2.0
# Plain bundles without an engine, on real cgroup controllers: limits, devices, list, ps, pause, resume.
# Users: root

load helper

setup() {
	mark_start
	bundle=$BATS_TEST_TMPDIR/bundle
	mkdir -p "$bundle/rootfs"/{bin,dev,proc,sys,tmp,etc}
	cp /bin/busybox "$bundle/rootfs/bin/"
	for applet in sh sleep cat dd mknod true; do
		ln -s busybox "$bundle/rootfs/bin/$applet"
	done
	(cd "$bundle" && "$R" spec)
	id=mxc-test-$BATS_TEST_NUMBER
	change '.process.terminal = false | .process.args = ["/bin/sleep", "1000"] | .root.readonly = false
		| .mounts |= map(select(.type != "cgroup"))'
}

teardown() {
	local problem=''
	"$R" delete --force "$id" > /dev/null 2>&1 || true
	# The parent that cgroupsPath named is its author's.
	rmdir /sys/fs/cgroup/mxc-test 2>/dev/null || true
	teardown_check
}

# Changes the bundle's configuration by a jq program.
change() {
	jq "$@" "$bundle/config.json" > "$bundle/config.json.new"
	mv "$bundle/config.json.new" "$bundle/config.json"
}

# start fs|systemd: creates and starts the container; its cgroup's directory is in $cgroup.
start() {
	local manager=() path
	if [[ $1 == systemd ]]; then
		manager=(--systemd-cgroup)
		path=system.slice:mxc:test-$BATS_TEST_NUMBER
		id=mxc-test-$BATS_TEST_NUMBER
	else
		path=/mxc-test/$id
	fi
	change --arg path "$path" '.linux.cgroupsPath = $path'
	"$R" "${manager[@]}" create --bundle "$bundle" --pid-file "$BATS_TEST_TMPDIR/pid" "$id" < /dev/null > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- ||
		{ cat "$BATS_TEST_TMPDIR/out"; return 1; }
	"$R" start "$id"
	pid=$(cat "$BATS_TEST_TMPDIR/pid")
	cgroup=$(cgroup_of "$pid")
	if [[ $1 == systemd ]]; then
		[[ $cgroup == */system.slice/mxc-test-$BATS_TEST_NUMBER.scope* ]]
		cgroup=/sys/fs/cgroup/system.slice/mxc-test-$BATS_TEST_NUMBER.scope
	else
		expect "$cgroup" "/sys/fs/cgroup/mxc-test/$id"
	fi
}

holds() {
	expect "$1: $(cat "$cgroup/$1")" "$1: $2"
}

# The file's line that begins with $2.
holds_line() {
	grep -qxF -- "$2" "$cgroup/$1" || { echo "$1 has no line '$2':"; cat "$cgroup/$1"; return 1; }
}

limits_change() {
	disk=$(lsblk -dno MAJ:MIN /dev/vda | xargs)
	change --argjson major "${disk%:*}" --argjson minor "${disk#*:}" '.linux.resources += {
		"memory": { "limit": 67108864, "reservation": 33554432, "swap": 100663296 },
		"cpu": { "shares": 2048, "quota": 20000, "period": 50000, "cpus": "0", "mems": "0" },
		"pids": { "limit": 12 },
		"blockIO": { "throttleReadBpsDevice": [{ "major": $major, "minor": $minor, "rate": 1048576 }],
		             "throttleWriteIOPSDevice": [{ "major": $major, "minor": $minor, "rate": 77 }] },
		"hugepageLimits": [{ "pageSize": "2MB", "limit": 4194304 }],
		"unified": { "memory.high": "50331648", "cgroup.max.depth": "5" } }'
}

limits_hold() {
	holds memory.max 67108864
	holds memory.low 33554432
	holds memory.high 50331648
	holds cpu.max "20000 50000"
	(( $(cat "$cgroup/cpu.weight") > 39 ))
	holds cpuset.cpus 0
	holds cpuset.mems 0
	holds pids.max 12
	# crun 1.21 gives systemd the sum of memory and swap, and of these nothing.
	if [[ $R != crun || $cgroup != *.scope ]]; then
		holds memory.swap.max 33554432
		holds_line io.max "$disk rbps=1048576 wbps=max riops=max wiops=77"
		holds hugetlb.2MB.max 4194304
		holds cgroup.max.depth 5
	fi
}

@test "every limit reaches the cgroup by the fs manager" {
	limits_change
	start fs
	limits_hold
	run -0 "$R" delete --force "$id"
	[[ ! -d $cgroup ]]
}

@test "every limit reaches the scope by systemd, which knows those it has properties for" {
	limits_change
	start systemd
	limits_hold
	unit=${cgroup##*/}
	expect "$(systemctl show --property MemoryMax --value "$unit")" 67108864
	expect "$(systemctl show --property TasksMax --value "$unit")" 12
	expect "$(systemctl show --property CPUQuotaPerSecUSec --value "$unit")" 400ms
	expect "$(systemctl show --property Delegate --value "$unit")" yes
	# What systemd was told survives a reload of its units.
	systemctl daemon-reload
	holds memory.max 67108864
	holds pids.max 12
	run -0 "$R" delete --force "$id"
	eventually 5 test ! -d "$cgroup"
}

@test "a memory limit kills, by the fs manager" {
	change '.linux.resources.memory = { "limit": 33554432, "swap": 33554432 } |
		.process.args = ["/bin/dd", "if=/dev/zero", "of=/dev/null", "bs=100M", "count=1"] | .linux.cgroupsPath = "/mxc-test/oom"'
	run -137 "$R" run --bundle "$bundle" "$id"
}

@test "a pids limit makes fork fail, by systemd" {
	change '.linux.resources.pids = { "limit": 5 } | .linux.cgroupsPath = "system.slice:mxc:test-forks" |
		.process.args = ["/bin/sh", "-c", "for i in 1 2 3 4 5 6 7; do sleep 1 & done; wait"]'
	run "$R" --systemd-cgroup run --bundle "$bundle" "$id"
	(( status != 0 ))
	expect_match "$output" 'Resource temporarily unavailable'
}

@test "update changes the limits of a running container" {
	has_verb update
	start fs
	echo '{"memory":{"limit":134217728},"pids":{"limit":9},"cpu":{"quota":30000,"period":100000}}' | "$R" update --resources - "$id"
	holds memory.max 134217728
	holds pids.max 9
	holds cpu.max "30000 100000"
}

@test "the device filter refuses what is not allowed and lets pass what is" {
	disk=$(lsblk -dno MAJ:MIN /dev/vda | xargs)
	change '.process.capabilities |= map_values(. + ["CAP_MKNOD"]) | .process.args = ["/bin/sh", "-c",
		"mknod /dev/disk b '"${disk/:/ }"' && (cat /dev/disk | dd bs=1 count=1 2>/dev/null; true); mknod /dev/fuse c 10 229 && (: < /dev/fuse) && echo fuse is open; : < /dev/zero && echo zero is open"] |
		.linux.resources.devices = [{ "allow": false, "access": "rwm" }, { "allow": true, "type": "c", "major": 10, "minor": 229, "access": "r" },
			{ "allow": true, "type": "b", "access": "m" }, { "allow": true, "type": "c", "access": "m" }]'
	for manager in fs systemd; do
		option=()
		path=/mxc-test/devices
		if [[ $manager == systemd ]]; then
			option=(--systemd-cgroup)
			path=system.slice:mxc:test-devices
		fi
		change --arg path "$path" '.linux.cgroupsPath = $path'
		run "$R" "${option[@]}" run --bundle "$bundle" "$id"
		expect_match "$output" "cat: can't open '/dev/disk': Operation not permitted"
		expect_match "$output" 'fuse is open'
		expect_match "$output" 'zero is open'
		rm -f "$bundle/rootfs/dev/"*
	done
}

@test "a device may be read but not written when its rule says so" {
	change '.process.capabilities |= map_values(. + ["CAP_MKNOD"]) | .process.args = ["/bin/sh", "-c",
		"mknod /dev/fuse c 10 229; (: < /dev/fuse) && echo read; (: >> /dev/fuse) || true"] | .linux.cgroupsPath = "/mxc-test/ro" |
		.linux.resources.devices = [{ "allow": false, "access": "rwm" }, { "allow": true, "type": "c", "major": 10, "minor": 229, "access": "rm" }]'
	run -0 "$R" run --bundle "$bundle" "$id"
	expect_match "$output" '^read'
	expect_match "$output" "can't create /dev/fuse: Operation not permitted"
}

@test "list, ps, state, pause, resume, exec and kill, by the fs manager" {
	verbs fs
}

@test "list, ps, state, pause, resume, exec and kill, by systemd" {
	verbs systemd
}

verbs() {
	start "$1"
	run -0 "$R" list
	expect_match "$output" "$id.*running"
	run -0 "$R" list --format json
	jq -e --arg id "$id" --argjson pid "$pid" '.[] | select(.id == $id) | .pid == $pid and .status == "running"' <<< "$output"
	run -0 "$R" ps --format json "$id"
	expect "$(jq -c . <<< "$output")" "[$pid]"
	run -0 "$R" ps "$id"
	expect_match "$output" "$pid"

	run -0 "$R" pause "$id"
	grep -q '^frozen 1' "$(cgroup_of "$pid")/cgroup.events"
	expect "$("$R" state "$id" | jq -r .status)" paused
	run -0 "$R" resume "$id"
	grep -q '^frozen 0' "$(cgroup_of "$pid")/cgroup.events"
	expect "$("$R" state "$id" | jq -r .status)" running

	run -0 "$R" exec "$id" /bin/cat /proc/self/cgroup
	expect "$output" "0::/"
	# Its standard streams are the caller's: "run" would wait for them to close.
	"$R" exec -d --pid-file "$BATS_TEST_TMPDIR/exec" "$id" /bin/sleep 500 < /dev/null > /dev/null 2>&1 3>&-
	expect "$(cgroup_of "$(cat "$BATS_TEST_TMPDIR/exec")")" "$(cgroup_of "$pid")"
	expect "$("$R" ps --format json "$id" | jq length)" 2

	run -0 "$R" kill "$id" KILL
	eventually 5 bash -c '[[ $("$0" state "$1" | jq -r .status) == stopped ]]' "$R" "$id"
	run -0 "$R" delete "$id"
	eventually 5 test ! -d "$cgroup"
}
