# SPDX-License-Identifier: Apache-2.0
# linux.netDevices: interfaces of the runtime's network become the container's, and come back when it comes to nothing.
load ../lib/container

# The runtime's network is one that the test made, so that nothing of the host's is touched.
setup_more() {
	needs mxc
	needs root
	unshare --net sleep 120 3>&- &
	HOLDER=$!
	eventually other_network
	here ip link set lo up
	here ip link add mxc0 type veth peer name peer0
	here ip addr add 192.0.2.10/24 dev mxc0
	here ip addr add 198.51.100.7/32 dev mxc0
	here ip -6 addr add 2001:db8::10/64 dev mxc0 nodad
	here ip addr add 169.254.3.4/16 dev mxc0 scope link
	here ip -6 addr add 2001:db8::99/64 dev mxc0 nodad valid_lft 600 preferred_lft 600
	here ip link set mxc0 mtu 1400 address 02:00:00:00:00:10 up
	here ip link set peer0 up
}

teardown_more() {
	[[ ! ${HOLDER:-} ]] || kill -KILL "$HOLDER" 2>/dev/null || true
}

other_network() {
	[[ $(readlink "/proc/$HOLDER/ns/net") != "$(readlink /proc/self/ns/net)" ]]
}

here() {
	nsenter --net="/proc/$HOLDER/ns/net" "$@"
}

# The runtime, in the test's network.
mxc() {
	here "$MXC_RUNTIME" --root "$STATE" --config "$CONFIG" "$@" 3>&-
}

begin() {
	detached mxc create agent
	mxc start agent
}

inside() {
	nsenter --net="/proc/$(pid_of agent)/ns/net" "$@"
}

# "NAME FLAGS…" of one interface, as JSON, in the network that the command enters.
link_of() {
	"$1" ip -j addr show dev "$2" | jq -c '.[0]'
}

lasting() {
	jq -r '[.addr_info[] | select(.scope == "global" and .valid_life_time == 4294967295) | "\(.local)/\(.prefixlen)"] | sort | join(" ")'
}

bundle_with() {
	bundle --jq ".linux.netDevices = $1" -- /bin/probe sleep 60
}

@test "a device is moved with its lasting global addresses, and is up" {
	bundle_with '{ mxc0: {} }'
	begin
	run ! here ip link show dev mxc0
	local link
	link=$(link_of inside mxc0)
	assert_equal "$(lasting <<< "$link")" "192.0.2.10/24 198.51.100.7/32 2001:db8::10/64"
	jq -e '.mtu == 1400 and .address == "02:00:00:00:00:10" and (.flags | index("UP"))' <<< "$link"
	jq -e '[.addr_info[].local] | (index("169.254.3.4") or index("2001:db8::99")) | not' <<< "$link"
	mxc delete --force agent
}

@test "a device is renamed inside" {
	bundle_with '{ mxc0: { name: "eth0" } }'
	begin
	assert_equal "$(link_of inside eth0 | lasting)" "192.0.2.10/24 198.51.100.7/32 2001:db8::10/64"
	run ! inside ip link show dev mxc0
	mxc delete --force agent
}

@test "a name that ends in %d gets a number that is free" {
	here ip link add mxc1 type veth peer name peer1
	bundle_with '{ mxc0: { name: "eth%d" }, mxc1: { name: "eth%d" } }'
	begin
	assert_equal "$(inside ip -j link | jq -r '[.[].ifname] | sort | join(" ")')" "eth0 eth1 lo"
	mxc delete --force agent
}

@test "the container hears through the device what is sent to it" {
	needs busybox
	here ip addr add 192.0.2.1/24 dev peer0
	bundle_with '{ mxc0: { name: "eth0" } }'
	begin
	here ping -c 1 -W 5 192.0.2.10 || here /bin/busybox ping -c 1 -W 5 192.0.2.10
	mxc delete --force agent
}

@test "hooks of createRuntime see the device inside" {
	bundle_with '{ mxc0: { name: "eth0" } }'
	printf '#!/bin/sh\npid=$(jq .pid)\nnsenter --net=/proc/$pid/ns/net ip -o link show dev eth0 > %s/hook\n' "$BATS_TEST_TMPDIR" > hook.sh
	chmod +x hook.sh
	config --arg path "$PWD/hook.sh" '.hooks.createRuntime = [{ path: $path, env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"] }]'
	begin
	grep -q eth0 "$BATS_TEST_TMPDIR/hook"
	mxc delete --force agent
}

@test "a network namespace given by its path gets the device too, whether free numbers match or not" {
	unshare --net sleep 60 3>&- &
	local other=$! i
	eventually eval '[[ $(readlink /proc/'"$other"'/ns/net) != $(readlink /proc/self/ns/net) ]]'
	for (( i = 0; i < 6; i++ )); do
		nsenter --net="/proc/$other/ns/net" ip link add "br$i" type bridge
	done
	bundle_with '{ mxc0: { name: "eth0" } }'
	config ".linux.namespaces |= map(if .type == \"network\" then .path = \"/proc/$other/ns/net\" else . end)"
	begin
	assert_equal "$(link_of inside eth0 | lasting)" "192.0.2.10/24 198.51.100.7/32 2001:db8::10/64"
	mxc delete --force agent
	kill -KILL "$other"
}

@test "a user namespace of the container's own changes nothing" {
	bundle_with '{ mxc0: {} }'
	config '.linux.namespaces += [{ type: "user" }] | .linux.uidMappings = [{ containerID: 0, hostID: 200000, size: 1000 }]
		| .linux.gidMappings = .linux.uidMappings'
	chown -R 200000:200000 "$ROOTFS"
	begin
	assert_equal "$(link_of inside mxc0 | lasting)" "192.0.2.10/24 198.51.100.7/32 2001:db8::10/64"
	mxc delete --force agent
}

# What came back is what was there: name, state, addresses that last.
unmoved() {
	assert_equal "$(link_of here mxc0 | jq -c '{ ifindex, mtu, address, up: (.flags | index("UP") != null) }')" "$BEFORE"
	assert_equal "$(link_of here mxc0 | lasting)" "192.0.2.10/24 198.51.100.7/32 2001:db8::10/64"
}

# refused_moving DEVICES WORD...: nothing is moved, or it is back.
refused_moving() {
	BEFORE=$(link_of here mxc0 | jq -c '{ ifindex, mtu, address, up: (.flags | index("UP") != null) }')
	bundle_with "$1"
	shift
	run mxc run agent
	assert_refusal "$@"
	unmoved
	no_state
}

@test "a device that is not there is an error that names it" {
	refused_moving '{ mxc0: {}, nonesuch0: {} }' nonesuch0 'config.json linux.netDevices.nonesuch0'
}

@test "a name that is taken inside is an error" {
	here ip link add mxc1 type veth peer name peer1
	refused_moving '{ mxc0: {}, mxc1: { name: "mxc0" } }' 'linux.netDevices.mxc1' mxc0
	bundle_with '{ mxc0: { name: "tunl9" } }'
	unshare --net sleep 60 3>&- &
	local other=$!
	eventually eval '[[ $(readlink /proc/'"$other"'/ns/net) != $(readlink /proc/self/ns/net) ]]'
	nsenter --net="/proc/$other/ns/net" ip link add tunl9 type bridge
	config ".linux.namespaces |= map(if .type == \"network\" then .path = \"/proc/$other/ns/net\" else . end)"
	run mxc run agent
	assert_refusal tunl9 already %d
	unmoved
	kill -KILL "$other"
}

@test "a device that cannot leave its network is an error, and what was moved before it comes back" {
	here ip link add br0 type bridge
	refused_moving '{ mxc0: {}, lo: {} }' loopback
}

@test "a failing hook brings the device back" {
	BEFORE=$(link_of here mxc0 | jq -c '{ ifindex, mtu, address, up: (.flags | index("UP") != null) }')
	bundle_with '{ mxc0: { name: "eth0" } }'
	config '.hooks.createRuntime = [{ path: "/bin/false" }]'
	run mxc run agent
	[[ $status -eq 1 ]]
	unmoved
	run mxc create agent
	[[ $status -eq 1 ]]
	unmoved
}

@test "a program that is not there brings the device back" {
	BEFORE=$(link_of here mxc0 | jq -c '{ ifindex, mtu, address, up: (.flags | index("UP") != null) }')
	bundle_with '{ mxc0: { name: "eth0" } }'
	config '.process.args = ["/nonesuch"]'
	run mxc create agent
	[[ $status -ne 0 ]]
	unmoved
}

@test "without a network namespace, or with the runtime's own, it is an error" {
	BEFORE=$(link_of here mxc0 | jq -c '{ ifindex, mtu, address, up: (.flags | index("UP") != null) }')
	bundle --no-net --jq '.linux.netDevices = { mxc0: {} }' -- /bin/probe exit 0
	run mxc run agent
	assert_refusal linux.netDevices 'network namespace'
	bundle_with '{ mxc0: {} }'
	config ".linux.namespaces |= map(if .type == \"network\" then .path = \"/proc/$HOLDER/ns/net\" else . end)"
	run mxc run agent
	assert_refusal linux.netDevices "runtime's own"
	unmoved
}

@test "a policy that grants no network refuses devices" {
	BEFORE=$(link_of here mxc0 | jq -c '{ ifindex, mtu, address, up: (.flags | index("UP") != null) }')
	bundle --policy '{}' --jq '.linux.netDevices = { mxc0: {} }' -- /bin/probe exit 0
	run mxc run agent
	assert_refusal mxc0 linux.netDevices network.egress
	unmoved
}
