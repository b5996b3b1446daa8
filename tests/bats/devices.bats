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

@test "type u is a character device, p a pipe, and the mode is exactly fileMode" {
	needs root
	umask 077
	bundle --jq '.linux.devices = [
			{ path: "/dev/raw", type: "u", major: 1, minor: 5, fileMode: 438 },
			{ path: "/dev/bare", type: "c", major: 1, minor: 7 },
			{ path: "/dev/pipe", type: "p", fileMode: 432, uid: 3, gid: 4 }
		]' -- /bin/probe stat /dev/raw -- stat /dev/bare -- stat /dev/pipe
	chmod -R go+rX "$BUNDLE"
	run -0 mxc-runtime run agent
	assert_match "stat: /dev/raw c 0666 0 0 [0-9]+ 1:5"
	assert_match "stat: /dev/bare c 0666 0 0 [0-9]+ 1:7"
	assert_match "stat: /dev/pipe p 0660 3 4"
}

@test "a device may be anywhere, its directories are made" {
	bundle --writable --jq '.linux.devices = [{ path: "/opt/deep/zero", type: "c", major: 1, minor: 5, fileMode: 438 }]' -- \
		/bin/probe read /opt/deep/zero -- stat /opt/deep/zero
	run -0 mxc-runtime run agent
	assert_match "stat: /opt/deep/zero c 0666 [0-9]+ [0-9]+ 0 1:5"
}

@test "a node of the image that is the device is given its mode and owner" {
	needs root
	needs mxc
	bundle --writable --jq '.linux.devices = [
			{ path: "/work/null", type: "c", major: 1, minor: 3, fileMode: 384, uid: 5, gid: 6 },
			{ path: "/work/zero", type: "c", major: 1, minor: 5 }
		]' -- /bin/probe stat /work/null -- stat /work/zero
	mknod -m 666 "$ROOTFS/work/null" c 1 3
	mknod -m 640 "$ROOTFS/work/zero" c 1 5
	run -0 mxc-runtime run agent
	assert_match "stat: /work/null c 0600 5 6 0 1:3"
	assert_match "stat: /work/zero c 0640 0 0 0 1:5"
}

@test "a file of the image that is not the device is an error that names it" {
	needs mxc
	local make
	bundle --writable --jq '.linux.devices = [{ path: "/work/device", type: "c", major: 1, minor: 3 }]' -- /bin/probe exit 0
	for make in "cp config.json" "mkdir" "mkfifo" "ln -s /dev/null"; do
		$make "$ROOTFS/work/device"
		run mxc-runtime run agent
		[[ $status -eq 1 ]] || fail "$make: accepted"
		assert_match "/work/device.*linux.devices\[0\]"
		rm -r "$ROOTFS/work/device"
	done
	! rootless || return 0
	mknod "$ROOTFS/work/device" c 1 5
	run mxc-runtime run agent
	[[ $status -eq 1 ]]
	assert_match "/work/device.*linux.devices\[0\]"
}

@test "two devices on one path, and another in the place of a default one, are errors" {
	needs mxc
	bundle --jq '.linux.devices = [{ path: "/dev/x", type: "c", major: 1, minor: 3 }, { path: "/dev/./x", type: "c", major: 1, minor: 5 }]' -- /bin/probe exit 0
	run mxc-runtime run agent
	assert_refusal "linux.devices[1]" /dev/x
	config '.linux.devices = [{ path: "/dev/null", type: "c", major: 1, minor: 5 }]'
	run mxc-runtime run agent
	assert_refusal /dev/null "linux.devices[0]"
}

@test "a default device that config.json lists has the mode of config.json" {
	needs root
	bundle --jq '.linux.devices = [{ path: "/dev/null", type: "c", major: 1, minor: 3, fileMode: 384 }]' -- /bin/probe stat /dev/null -- stat /dev/zero
	run -0 mxc-runtime run agent
	assert_match "stat: /dev/null c 0600 0 0 0 1:3"
	assert_match "stat: /dev/zero c 0666 0 0 0 1:5"
}

@test "on a /dev of the host nothing is made, and what config.json lists must be there" {
	needs root
	needs mxc
	local host=$BATS_TEST_TMPDIR/hostdev
	mkdir "$host"
	mknod -m 640 "$host/zero" c 1 5
	bundle --jq '.mounts |= map(select(.destination | startswith("/dev") | not))
		| .linux.devices = [{ path: "/dev/zero", type: "c", major: 1, minor: 5, fileMode: 438 }]' -- /bin/probe stat /dev/zero -- listdir /dev
	config --arg host "$host" '.mounts += [{ destination: "/dev", source: $host, options: ["rbind"] }] | .linux.maskedPaths = []'
	run -0 mxc-runtime run agent
	assert_match "stat: /dev/zero c 0640 0 0 0 1:5"
	config '.linux.devices += [{ path: "/dev/deep/full", type: "c", major: 1, minor: 7 }]'
	run mxc-runtime run agent
	[[ $status -eq 1 ]]
	assert_match "/dev/deep/full.*linux.devices\[1\]"
	assert_equal "$(ls "$host")" zero
}

@test "the links of /dev do not take the place of what the image has" {
	needs mxc
	bundle --writable --jq '.mounts |= map(select(.destination | startswith("/dev") | not))' -- /bin/probe readlink /dev/fd -- cat /dev/stdin
	ln -s /elsewhere "$ROOTFS/dev/fd"
	echo own > "$ROOTFS/dev/stdin"
	run -0 mxc-runtime run agent
	assert_line /elsewhere
	assert_line own
}
