# SPDX-License-Identifier: Apache-2.0
# The cgroup: where it is, who is in it, what is written to it, and that it goes.
load ../lib/container

@test "the container is in the cgroup that cgroupsPath names, and sees it as the root" {
	bundle --jq '.linux.cgroupsPath = "/deep/er/agent"' -- /bin/probe cat /proc/self/cgroup -- sleep 60
	start_container agent
	assert_equal "$(sed -n 's/^0:://p' "/proc/$(pid_of agent)/cgroup")" /deep/er/agent
	eventually grep -q '^0::/$' "$BATS_TEST_TMPDIR/output"
	mxc-runtime delete --force agent
	rmdir /sys/fs/cgroup/deep/er /sys/fs/cgroup/deep 2>/dev/null || true
}

@test "without a cgroup namespace the container sees its path" {
	needs root
	bundle --set-id --jq '.linux.namespaces |= map(select(.type != "cgroup"))' -- /bin/probe cat /proc/self/cgroup
	run -0 mxc-runtime run agent
	assert_match "0::/bundle"
}

@test "two containers without a cgroupsPath do not share a cgroup" {
	needs root
	bundle -- /bin/probe sleep 60
	start_container one
	start_container two
	local one two
	one=$(sed -n 's/^0:://p' "/proc/$(pid_of one)/cgroup")
	two=$(sed -n 's/^0:://p' "/proc/$(pid_of two)/cgroup")
	[[ $one != "$two" && $one == *one* && $two == *two* ]]
	mxc-runtime delete --force one
	mxc-runtime delete --force two
}

@test "a cgroup path with dots does not leave the tree" {
	bundle --jq '.linux.cgroupsPath = "/../../escaped"' -- /bin/probe sleep 60
	run detached mxc-runtime create agent
	if [[ $status -eq 0 ]]; then
		[[ $(cat "/proc/$(pid_of agent)/cgroup") != *..* ]]
		mxc-runtime delete --force agent
	fi
}

@test "the unified section is written to the cgroup's files" {
	needs root
	bundle --set-id --jq '.linux.resources.unified = { "cgroup.max.depth": "3", "cgroup.max.descendants": "7" }' -- /bin/probe sleep 60
	start_container agent
	assert_equal "$(cat /sys/fs/cgroup/bundle/cgroup.max.depth)" 3
	assert_equal "$(cat /sys/fs/cgroup/bundle/cgroup.max.descendants)" 7
	mxc-runtime delete --force agent
}

@test "a unified key with a slash, or of a file that does not exist, is an error that names it" {
	needs root
	local key
	for key in ../cgroup.max.depth nonesuch.max; do
		bundle --set-id --name "b-${key//\//-}" --jq ".linux.resources.unified = { \"$key\": \"1\" }" -- /bin/probe exit 0
		run mxc-runtime run agent
		[[ $status -ne 0 ]]
		assert_match "${key#../}|nonesuch"
	done
}

@test "a unified key that is an act and no limit is refused" {
	needs root
	needs mxc
	local key
	for key in cgroup.procs cgroup.threads cgroup.kill cgroup.freeze; do
		bundle --set-id --name "b-$key" --jq ".linux.resources.unified = { \"$key\": \"1\" }" -- /bin/probe exit 0
		run -1 mxc-runtime run agent
		assert_match "unified\\[\"$key\"\\]"
	done
}

# The files that are the container's user's, of its cgroup.
owned() {
	find /sys/fs/cgroup/bundle -maxdepth 1 -user "$1" -printf '%P '
}

mapped='.linux.namespaces += [{ type: "user" }] | .process.user = { uid: 7, gid: 7 }
	| .linux.uidMappings = [{ containerID: 0, hostID: 200000, size: 1000 }] | .linux.gidMappings = .linux.uidMappings
	| (.mounts[] | select(.type == "devpts").options) -= ["gid=5"]'

@test "a writable cgroup belongs to the container's user: it, and the files for that" {
	needs mxc
	needs root
	bundle --set-id --jq "$mapped | (.mounts[] | select(.type == \"cgroup\").options) -= [\"ro\"]" -- \
		/bin/probe mkdir /sys/fs/cgroup/own -- '!' write /sys/fs/cgroup/cgroup.max.depth 5 -- print made -- sleep 60
	chown -R 200000:200000 rootfs
	start_container agent
	eventually grep -q made "$BATS_TEST_TMPDIR/output"
	local files
	files=$(owned 200007)
	[[ " $files" == *" cgroup.procs "* && $files != *max* && $files != *freeze* && $files != *kill* ]] || fail "owned: $files"
	assert_equal "$(stat -c %u /sys/fs/cgroup/bundle)" 200007
	mxc-runtime delete --force agent
}

@test "a read-only cgroup, or the host's view of it, stays root's" {
	needs mxc
	needs root
	bundle --set-id --jq "$mapped" -- /bin/probe sleep 60
	chown -R 200000:200000 rootfs
	start_container agent
	assert_equal "$(stat -c %u /sys/fs/cgroup/bundle)" 0
	mxc-runtime delete --force agent
	bundle --set-id --policy '{}' --jq "$mapped | (.mounts[] | select(.type == \"cgroup\").options) -= [\"ro\"]" -- /bin/probe sleep 60
	chown -R 200000:200000 rootfs
	start_container agent
	assert_equal "$(stat -c %u /sys/fs/cgroup/bundle)" 0
	mxc-runtime delete --force agent
}

@test "a limit whose controller this host does not have is refused, never ignored" {
	needs root
	! grep -qw memory /sys/fs/cgroup/cgroup.controllers || skip "a host without the memory controller"
	bundle --set-id --jq '.linux.resources.memory = { limit: 104857600 }' -- /bin/probe exit 0
	run mxc-runtime run agent
	[[ $status -ne 0 ]]
	assert_match memory
}

@test "the memory, cpu and pids limits are written where the controllers are" {
	needs root
	grep -qw memory /sys/fs/cgroup/cgroup.controllers || skip "the memory controller"
	bundle --set-id --jq '.linux.resources += { memory: { limit: 104857600 }, pids: { limit: 33 }, cpu: { quota: 50000, period: 100000, shares: 512 } }' -- /bin/probe sleep 60
	start_container agent
	assert_equal "$(cat /sys/fs/cgroup/bundle/memory.max)" 104857600
	assert_equal "$(cat /sys/fs/cgroup/bundle/pids.max)" 33
	assert_equal "$(cat /sys/fs/cgroup/bundle/cpu.max)" "50000 100000"
	mxc-runtime delete --force agent
}

@test "a cgroup that the container filled with its own is removed with it" {
	needs root
	bundle --set-id --jq '(.mounts[] | select(.type == "cgroup").options) |= map(select(. != "ro"))' -- \
		/bin/probe mkdir /sys/fs/cgroup/a -- mkdir /sys/fs/cgroup/a/b -- write /sys/fs/cgroup/a/b/cgroup.procs 0 -- sleep 60
	start_container agent
	eventually test -d /sys/fs/cgroup/bundle/a/b
	run -0 mxc-runtime delete --force agent
}

@test "a swarm of processes ends with the container" {
	needs busybox
	bundle --set-id --jq '.linux.namespaces |= map(select(.type != "pid"))' -- /bin/sh -c 'for i in $(busybox seq 30); do (busybox setsid busybox sleep 600 &) ; done; exec busybox sleep 600'
	rootless && skip "proc without a pid namespace"
	start_container agent
	run -0 mxc-runtime delete --force agent
}

@test "a class of service is refused where resctrl is not mounted" {
	needs mxc
	! grep -qw resctrl /proc/mounts || skip "a host without resctrl"
	bundle --jq '.linux.intelRdt = { closID: "gold" }' -- /bin/probe exit 0
	run -1 mxc-runtime run agent
	assert_match "no resctrl file system is mounted \\(.*config.json linux.intelRdt.closID\\); mount it"
}
