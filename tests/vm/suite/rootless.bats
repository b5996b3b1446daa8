# SPDX-License-Identifier: Apache-2.0
# A user without root, by podman and by hand: id maps, the user's systemd, delegated cgroups, containers within containers.
# Users: agent

load helper

setup() {
	mark_start
}

teardown() {
	local problem=''
	"$R" delete --force "$id" > /dev/null 2>&1 || true
	pod_teardown
}

id=mxc-test-rootless

# A bundle as "spec --rootless" makes it, with busybox in it; the working directory.
bundle_make() {
	mkdir -p "$BATS_TEST_TMPDIR/bundle/rootfs"/{bin,dev,proc,sys,tmp,etc}
	cd "$BATS_TEST_TMPDIR/bundle"
	cp /bin/busybox rootfs/bin/
	ln -sf busybox rootfs/bin/sh
	"$R" spec --rootless
	change '.process.terminal = false | .process.args = ["/bin/busybox", "sleep", "1000"] | .mounts |= map(select(.type != "cgroup"))'
}

change() {
	jq "$@" config.json > config.json.new
	mv config.json.new config.json
}

# up_by_hand OPTION...: creates and starts it; $cgroup is its directory.
up_by_hand() {
	"$R" "$@" create --pid-file "$BATS_TEST_TMPDIR/pid" "$id" < /dev/null > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- ||
		{ cat "$BATS_TEST_TMPDIR/out"; return 1; }
	"$R" "$@" start "$id"
	cgroup=$(cgroup_of "$(cat "$BATS_TEST_TMPDIR/pid")")
}

@test "podman maps ids as asked: keep-id, uidmap, auto" {
	run -0 pod run --rm --network none --userns keep-id "$IMAGE" sh -c 'id -u; id -g'
	expect "$output" $'1000\n1000'
	run -0 pod run --rm --network none --uidmap 0:1:1000 --gidmap 0:1:1000 "$IMAGE" sh -c 'cat /proc/self/uid_map'
	expect_match "$output" '0 +1 +1000'
	run -0 pod run --rm --network none --userns keep-id:uid=33,gid=44 --group-add 55 "$IMAGE" id
	expect_match "$output" 'uid=33.* gid=44.*55'
}

@test "podman's limits hold in the user's scope" {
	pod run -d --name limits --network none --memory 64m --pids-limit 50 --cpus 0.5 --cpuset-cpus 0 "$IMAGE" sleep 1000
	cid=$(pod inspect --format '{{.Id}}' limits)
	scope=$(cgroup_of "$(cat "$RUNDIR/overlay-containers/$cid/userdata/pidfile")")
	scope=${scope%.scope*}.scope
	expect_match "$scope" 'user@1000.service'
	expect "$(cat "$scope/memory.max" "$scope/pids.max" "$scope/cpu.max" "$scope/cpuset.cpus")" $'67108864\n50\n50000 100000\n0'
}

@test "podman runs with the cgroupfs manager, and without cgroups" {
	run -0 pod --cgroup-manager cgroupfs run --rm --network none "$IMAGE" echo by cgroupfs
	expect_match "$output" 'by cgroupfs'
	run -0 pod run --rm --network none --cgroups disabled "$IMAGE" echo without
	expect "$output" without
}

@test "ranges of ids are mapped by the helpers without an engine" {
	bundle_make
	change '.linux.uidMappings += [{ containerID: 1, hostID: 100000, size: 65536 }] | .linux.gidMappings += [{ containerID: 1, hostID: 100000, size: 65536 }]
		| .process.user = { uid: 33, gid: 44, additionalGids: [55] } | .process.args = ["/bin/busybox", "id"]'
	run -0 "$R" run "$id"
	expect_match "$output" 'uid=33 gid=44 groups=.*55'
}

@test "limits are kept by the user's systemd, whichever way leads to it" {
	bundle_make
	change '.linux.resources = { memory: { limit: 67108864 }, pids: { limit: 12 }, cpu: { cpus: "0" } }'
	local way
	for way in XDG_RUNTIME_DIR=/run/user/1000 DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus NONE=; do
		R="env -u XDG_RUNTIME_DIR -u DBUS_SESSION_BUS_ADDRESS $way mxc-runtime --root /run/user/1000/mxc-runtime"
		run_env="$R"
		$run_env --systemd-cgroup create --pid-file "$BATS_TEST_TMPDIR/pid" "$id" < /dev/null > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- ||
			{ echo "$way"; cat "$BATS_TEST_TMPDIR/out"; R=mxc-runtime; return 1; }
		cgroup=$(cgroup_of "$(cat "$BATS_TEST_TMPDIR/pid")")
		expect_match "$cgroup" 'user@1000.service/user.slice/mxc-.*\.scope'
		expect "$(cat "$cgroup/memory.max" "$cgroup/pids.max" "$cgroup/cpuset.cpus")" $'67108864\n12\n0'
		$run_env delete --force "$id"
		R=mxc-runtime
	done
}

@test "root of podman's user namespace asks the user's systemd too" {
	only_mxc
	bundle_make
	change '.linux.namespaces |= map(select(.type != "user")) | del(.linux.uidMappings, .linux.gidMappings) | .linux.resources = { pids: { limit: 12 } }
		| .process.args = ["/bin/busybox", "cat", "/proc/self/cgroup", "/proc/self/uid_map"]'
	change '.linux.namespaces |= map(select(.type != "cgroup"))'
	run -0 podman unshare "$R" --root "$BATS_TEST_TMPDIR/state" --systemd-cgroup run "$id"
	expect_match "$output" 'user@1000.service/user.slice/mxc-'
}

@test "limits are kept by the runtime in a delegated part of the tree" {
	only_mxc
	bundle_make
	change '.linux.resources = { memory: { limit: 67108864 }, pids: { limit: 12 } } | del(.linux.cgroupsPath)
		| .linux.namespaces |= map(select(.type != "cgroup")) | .process.args = ["/bin/busybox", "cat", "/proc/self/cgroup"]'
	run -0 systemd-run --user --scope --quiet -p Delegate=yes "$R" run "$id"
	expect_match "$output" 'user@1000.service/.*mxc-'
}

@test "a limit whose controller is not delegated is refused with the controller and the remedy" {
	only_mxc
	bundle_make
	change '.linux.resources = { hugepageLimits: [{ pageSize: "2MB", limit: 4194304 }] }'
	run -1 "$R" --systemd-cgroup run "$id"
	expect_match "$output" "controller 'hugetlb'"
	expect_match "$output" 'linux.resources.hugepageLimits'
	expect_match "$output" 'Delegate='
	run -1 systemd-run --user --scope --quiet -p Delegate=yes "$R" run "$id"
	expect_match "$output" "controller 'hugetlb'"
	expect_match "$output" 'Delegate='
}

@test "exec enters a container that is created only" {
	bundle_make
	"$R" create "$id" < /dev/null > /dev/null 2>&1 3>&-
	run -0 "$R" exec "$id" /bin/busybox id -u
	expect "$output" 0
	"$R" start "$id"
	run -0 "$R" exec "$id" /bin/busybox id -u
}

# A container of podman's that has the guest's programs, to run a runtime in.
outer() {
	pod run --rm --network none -v /usr:/usr:ro -v /usr/lib:/lib:ro -v /usr/lib64:/lib64:ro -v "$PWD:/inner" -w /inner "$@"
}

inner_make() {
	bundle_make
	change '.linux.uidMappings[].hostID = 0 | .linux.gidMappings[].hostID = 0 | .process.args = ["/bin/busybox", "sh", "-c", "echo inside; id -u"]
		| .linux.namespaces |= map(select(.type != "network")) | .hostname = "inner"'
	inner="/usr/local/bin/$R"
	[[ -x $inner ]] || inner=$(command -v "$R")
}

@test "a container runs in podman's privileged container" {
	inner_make
	run -0 outer --privileged "$IMAGE" "$inner" --root /run/st run nested
	expect_match "$output" $'inside\n0'
}

@test "a container runs in podman's unprivileged container that shows its proc" {
	only_mxc
	inner_make
	# podman's filter allows no host name to be set without CAP_SYS_ADMIN.
	run -0 outer --security-opt unmask=ALL --security-opt seccomp=unconfined "$IMAGE" "$inner" --root /run/st run nested
	expect_match "$output" $'inside\n0'
}

@test "in podman's ordinary container the masked proc is named with the way out" {
	only_mxc
	inner_make
	run -1 outer "$IMAGE" "$inner" --root /run/st run nested
	expect_match "$output" 'masked.*unmask=ALL'
}

@test "podman runs in podman's container" {
	only_mxc
	mkdir -p "$BATS_TEST_TMPDIR/in"
	cd "$BATS_TEST_TMPDIR/in"
	cp "$BATS_SUITE_TMPDIR/image.tar" .
	cat > script <<-'END'
		set -e
		p="podman --root /store --runroot /runroot --storage-driver vfs --cgroup-manager cgroupfs --events-backend file --runtime mxc-runtime"
		$p import -q /inner/image.tar box > /dev/null
		$p run --rm --network none --cgroups disabled localhost/box:latest echo twice inside
	END
	run -0 outer --privileged -v /etc/containers:/etc/containers:ro --tmpfs /store --tmpfs /runroot --tmpfs /run \
		--env PATH=/usr/local/bin:/usr/bin:/usr/sbin:/bin "$IMAGE" sh /inner/script
	expect_match "$output" 'twice inside'
}
