# SPDX-License-Identifier: Apache-2.0
# Device nodes, the device filter, links in /dev.
load ../lib/container

@test "the default devices are there and work" {
	bundle -- /bin/probe read /dev/zero -- read /dev/urandom -- read /dev/random -- open-write /dev/null -- '!' write /dev/full -- stat /dev/null -- stat /dev/tty
	run -0 mxc-runtime run agent
	assert_line "probe: write /dev/full: No space left on device"
	assert_match "stat: /dev/null c 0666 [0-9]+ [0-9]+ 0 1:3"
	assert_match "stat: /dev/tty c 0666 [0-9]+ [0-9]+ 0 5:0"
}

@test "the links of /dev are there" {
	bundle -- /bin/probe readlink /dev/fd -- readlink /dev/stdin -- readlink /dev/stdout -- readlink /dev/stderr -- readlink /dev/ptmx
	run -0 mxc-runtime run agent
	assert_line /proc/self/fd
	assert_line /proc/self/fd/0
	assert_line /proc/self/fd/1
	assert_line /proc/self/fd/2
	assert_match "(^|
)(/dev/)?pts/ptmx"
}

@test "nothing else is in /dev" {
	bundle -- /bin/probe listdir /dev
	run -0 mxc-runtime run agent
	local name
	for name in $(grep -v ' ' <<< "$output"); do
		[[ " console core fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero " == *" $name "* ]] || fail "unexpected: /dev/$name"
	done
}

@test "devices of config.json have their numbers, mode and owner" {
	needs root
	bundle --jq '.linux.devices = [{ path: "/dev/mine", type: "c", major: 1, minor: 5, fileMode: 416, uid: 0, gid: 8 }, { path: "/dev/deep/pipe", type: "p" }]
		| .linux.resources.devices += [{ allow: true, type: "c", major: 1, minor: 5, access: "rwm" }]' -- \
		/bin/probe stat /dev/mine -- read /dev/mine -- stat /dev/deep/pipe
	run -0 mxc-runtime run agent
	assert_match "stat: /dev/mine c 0640 0 8 0 1:5"
	assert_match "stat: /dev/deep/pipe p "
}

@test "a device that the filter does not allow cannot be opened or made" {
	needs root
	bundle --jq '.linux.devices = [{ path: "/dev/forbidden", type: "c", major: 1, minor: 11, fileMode: 438 }]
		| .process.capabilities = (["CAP_MKNOD", "CAP_DAC_OVERRIDE"] | { bounding: ., effective: ., permitted: . })' -- \
		/bin/probe '!' read /dev/forbidden -- '!' mknod /dev/shm/disk b 8 0 -- read /dev/zero
	run -0 mxc-runtime run agent
	probe_said "read /dev/forbidden" EPERM
	probe_said "mknod /dev/shm/disk b 8 0" "EPERM|ok"
}

@test "a device that the filter allows by class and number can be opened" {
	needs root
	bundle --jq '.linux.devices = [{ path: "/dev/kmsg2", type: "c", major: 1, minor: 11, fileMode: 438 }]
		| .linux.resources.devices += [{ allow: true, type: "c", major: 1, minor: 11, access: "r" }]' -- \
		/bin/probe '!' open-write /dev/kmsg2
	run -0 mxc-runtime run agent
	probe_said "open-write /dev/kmsg2" EPERM
}

@test "a device with a path out of the root is refused, or made inside" {
	needs root
	bundle --writable --jq '.linux.devices = [{ path: "/../../../../../../../tmp/escaped-device", type: "c", major: 1, minor: 3 }]' -- /bin/probe exit 0
	run mxc-runtime run agent
	[[ ! -e /tmp/escaped-device ]]
}
