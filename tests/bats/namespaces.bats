# SPDX-License-Identifier: Apache-2.0
# The eight namespaces: made, joined by path, or the caller's.
load ../lib/container

teardown_more() {
	[[ ! ${HOLDER:-} ]] || kill -KILL "$HOLDER" 2>/dev/null || true
}

own_namespaces() {
	readlink /proc/self/ns/{cgroup,ipc,mnt,net,pid,uts,user}
}

@test "each namespace that config.json lists is the container's own" {
	bundle -- /bin/probe readlink /proc/self/ns/cgroup -- readlink /proc/self/ns/ipc -- readlink /proc/self/ns/mnt -- \
		readlink /proc/self/ns/net -- readlink /proc/self/ns/pid -- readlink /proc/self/ns/uts
	run -0 mxc-runtime run agent
	local line
	for line in $(own_namespaces | grep -v user); do
		refute_line "$line"
	done
}

@test "a namespace that config.json does not list is the caller's" {
	needs root
	bundle --no-net --jq 'del(.hostname) | .linux.namespaces |= map(select(.type != "ipc" and .type != "uts")) | .mounts |= map(select(.type != "mqueue"))' -- \
		/bin/probe readlink /proc/self/ns/ipc -- readlink /proc/self/ns/net -- readlink /proc/self/ns/uts -- readlink /proc/self/ns/user
	run -0 mxc-runtime run agent
	local kind
	for kind in ipc net uts user; do
		assert_line "$(readlink "/proc/self/ns/$kind")"
	done
}

@test "a namespace with a path is joined" {
	needs root
	unshare --net --ipc --uts sleep 60 3>&- &
	HOLDER=$!
	eventually other_namespace "$HOLDER" net
	bundle --jq "del(.hostname) | .linux.namespaces |= map(if IN(.type; \"network\", \"ipc\", \"uts\")
		then .path = \"/proc/$HOLDER/ns/\" + ({ network: \"net\" }[.type] // .type) else . end)" -- \
		/bin/probe readlink /proc/self/ns/net -- readlink /proc/self/ns/ipc -- readlink /proc/self/ns/uts
	local kind
	run -0 mxc-runtime run agent
	for kind in net ipc uts; do
		assert_line "$(readlink "/proc/$HOLDER/ns/$kind")"
	done
}

other_namespace() {
	[[ $(readlink "/proc/$1/ns/$2") != "$(readlink "/proc/self/ns/$2")" ]]
}

@test "a pid namespace with a path is joined" {
	needs root
	bundle --name first -- /bin/probe sleep 60
	start_container first
	local pid
	pid=$(pid_of first)
	bundle --name second --jq ".linux.namespaces |= map(if .type == \"pid\" then .path = \"/proc/$pid/ns/pid\" else . end)" -- \
		/bin/probe readlink /proc/self/ns/pid -- signal 1 0
	run -0 mxc-runtime run second
	assert_line "$(readlink "/proc/$pid/ns/pid")"
	mxc-runtime delete --force first
}

@test "a namespace path of the wrong kind is an error" {
	needs root
	bundle --jq '.linux.namespaces |= map(if .type == "network" then .path = "/proc/self/ns/uts" else . end)' -- /bin/probe exit 0
	run mxc-runtime run agent
	[[ $status -ne 0 ]]
}

@test "a namespace path that does not exist is an error that names it" {
	bundle --jq '.linux.namespaces |= map(if .type == "network" then .path = "/nonesuch/net" else . end)' -- /bin/probe exit 0
	run mxc-runtime run agent
	[[ $status -ne 0 ]]
	assert_match nonesuch
}

@test "a namespace that is listed twice is an error" {
	needs mxc
	bundle --jq '.linux.namespaces += [{ type: "ipc" }]' -- /bin/probe exit 0
	run mxc-runtime run agent
	assert_refusal config.json namespaces
}

@test "user and group ids are mapped as config.json says" {
	needs root
	bundle --jq '.linux.namespaces += [{ type: "user" }]
		| .linux.uidMappings = [{ containerID: 0, hostID: 200000, size: 1000 }, { containerID: 5000, hostID: 300000, size: 10 }]
		| .linux.gidMappings = [{ containerID: 0, hostID: 400000, size: 1000 }]' -- /bin/probe cat /proc/self/uid_map -- cat /proc/self/gid_map -- id
	chown -R 200000:400000 "$ROOTFS"
	run -0 mxc-runtime run agent
	assert_match "0 +200000 +1000"
	assert_match "5000 +300000 +10"
	assert_match "0 +400000 +1000"
	assert_line "id: 0 0 0 0"
}

@test "a user namespace without mappings is an error" {
	needs root
	bundle --jq '.linux.namespaces += [{ type: "user" }]' -- /bin/probe exit 0
	run mxc-runtime run agent
	[[ $status -ne 0 ]]
}

@test "a process in a user namespace may run as any mapped user" {
	needs root
	bundle --jq '.linux.namespaces += [{ type: "user" }] | .process.user = { uid: 33, gid: 44, additionalGids: [55] }
		| .linux.uidMappings = [{ containerID: 0, hostID: 200000, size: 1000 }] | .linux.gidMappings = [{ containerID: 0, hostID: 200000, size: 1000 }]' -- \
		/bin/probe id
	chown -R 200000:200000 "$ROOTFS"
	run -0 mxc-runtime run agent
	assert_match "id: 33 33 44 44 .*55"
}

@test "a time namespace has the offsets of config.json" {
	bundle --jq '.linux.namespaces += [{ type: "time" }] | .linux.timeOffsets = { monotonic: { secs: 1000 }, boottime: { secs: 2000 } }' -- \
		/bin/probe cat /proc/self/timens_offsets
	run -0 mxc-runtime run agent
	assert_match "monotonic +1000 +0"
	assert_match "boottime +2000 +0"
}

@test "the container's network has a loopback that is up, and nothing else" {
	bundle -- /bin/probe interfaces -- connect 127.0.0.1 9
	run mxc-runtime run agent
	assert_line "interface: lo"
	assert_equal "$(grep -c interface: <<< "$output")" 1
	[[ $output == *"connect 127.0.0.1 9: Connection refused"* ]]
}

@test "the container's processes do not see the host's" {
	bundle -- /bin/probe listdir /proc
	run -0 mxc-runtime run agent
	assert_equal "$(grep -cE '^[0-9]+$' <<< "$output")" 1
}

@test "the caller's mounts do not change" {
	bundle --jq '.mounts += [{ destination: "/work", type: "tmpfs", source: "tmpfs" }]' -- /bin/probe sleep 60
	start_container agent
	assert_equal "$(mounts_now)" "$MOUNTS"
	mxc-runtime delete --force agent
}

@test "nothing is set in a namespace whose path leads back to the runtime's own" {
	needs mxc
	needs root
	local name before
	name=$(uname -n)
	before=$(cat /proc/sys/kernel/shmmni /proc/sys/net/ipv4/ip_unprivileged_port_start)
	bundle --jq '.hostname = "elsewhere" | .linux.namespaces |= map(if .type == "uts" then .path = "/proc/self/ns/uts" else . end)' -- /bin/probe exit 0
	run mxc-runtime run agent
	assert_refusal hostname uts
	config 'del(.hostname) | .linux.sysctl = { "kernel.shmmni": "1234" } | .linux.namespaces |= map(if .type == "ipc" then .path = "/proc/self/ns/ipc" else . end)'
	run mxc-runtime run agent
	assert_refusal kernel.shmmni ipc
	config '.linux.sysctl = { "net.ipv4.ip_unprivileged_port_start": "80" } | .linux.namespaces |= map(if .type == "network" then .path = "/proc/self/ns/net" else . end)'
	run mxc-runtime run agent
	assert_refusal net.ipv4.ip_unprivileged_port_start network
	assert_equal "$(uname -n)" "$name"
	assert_equal "$(cat /proc/sys/kernel/shmmni /proc/sys/net/ipv4/ip_unprivileged_port_start)" "$before"
}

@test "a path of each kind of namespace must lead to one of that kind" {
	needs mxc
	needs root
	local type file
	while read -r type file; do
		bundle --jq "del(.hostname) | .linux.namespaces |= map(select(.type != \"$type\")) + [{ type: \"$type\", path: \"/proc/self/ns/$file\" }]" -- /bin/probe exit 0
		run mxc-runtime run agent
		assert_refusal "$type" "$file" linux.namespaces
	done <<- END
		pid net
		network uts
		mount uts
		ipc net
		uts ipc
		user net
		cgroup net
		time net
	END
}

@test "a clock that has no offset, or none to be set, is an error" {
	needs mxc
	bundle --jq '.linux.namespaces += [{ type: "time" }] | .linux.timeOffsets = { realtime: { secs: 1 } }' -- /bin/probe exit 0
	run mxc-runtime run agent
	assert_refusal linux.timeOffsets realtime
	config '.linux.timeOffsets = { boottime: { secs: -999999999 } }'
	run mxc-runtime run agent
	assert_refusal "time namespace"
	config '.linux.timeOffsets = { boottime: { secs: -1, nanosecs: 500000000 } } | .process.args = ["/bin/probe", "cat", "/proc/self/timens_offsets"]'
	run -0 mxc-runtime run agent
	assert_match "boottime +-1 +500000000"
	config '.linux.namespaces |= map(select(.type != "time"))'
	run mxc-runtime run agent
	assert_refusal linux.timeOffsets
}
