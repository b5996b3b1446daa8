# SPDX-License-Identifier: Apache-2.0
# Mounts: kinds, options, propagation, and that no link of the image leads one astray.
load ../lib/container

setup_more() {
	VOLUME=$BATS_TEST_TMPDIR/volume
	mkdir -p "$VOLUME/sub"
	echo content > "$VOLUME/file"
}

# mount_entry DESTINATION TYPE SOURCE OPTION...
mount_entry() {
	jq -cn '{ destination: $ARGS.positional[0], type: $ARGS.positional[1], source: $ARGS.positional[2], options: $ARGS.positional[3:] }' --args "$@"
}

with_mount() {
	local entry
	entry=$(mount_entry "$@")
	config --argjson entry "$entry" '.mounts += [$entry]'
}

@test "a bind mount shows the host's directory, and writes go there" {
	bundle -- /bin/probe cat /work/file -- create /work/new hello
	with_mount /work bind "$VOLUME" bind rw
	run -0 mxc-runtime run agent
	assert_line content
	assert_equal "$(cat "$VOLUME/new")" hello
}

@test "a bind mount of a single file" {
	bundle -- /bin/probe cat /etc/passwd
	with_mount /etc/passwd bind "$VOLUME/file" bind ro
	run -0 mxc-runtime run agent
	assert_line content
}

@test "a read-only bind mount refuses writes" {
	bundle -- /bin/probe '!' write /work/file -- '!' create /work/new -- mount-flags /work
	with_mount /work bind "$VOLUME" bind ro nosuid nodev noexec
	run -0 mxc-runtime run agent
	probe_said "write /work/file" EROFS
	probe_said "create /work/new" EROFS
	assert_match "flags: /work ro nosuid nodev noexec"
}

@test "a bind mount with noexec runs nothing" {
	cp "$MXC_TEST_WORK/probe" "$VOLUME/true"
	bundle -- /bin/probe '!' exec /work/true
	with_mount /work bind "$VOLUME" bind noexec
	run -0 mxc-runtime run agent
	probe_said "exec /work/true" EACCES
}

@test "rbind brings the mounts beneath along, bind does not" {
	needs root
	mount -t tmpfs tmpfs "$VOLUME/sub"
	touch "$VOLUME/sub/deep"
	bundle -- /bin/probe '!' read /work/sub/deep
	with_mount /work none "$VOLUME" bind
	run -0 mxc-runtime run agent
	probe_said "read /work/sub/deep" ENOENT
	config '.mounts[-1].options = ["rbind"]'
	run -0 mxc-runtime run agent
	umount "$VOLUME/sub"
	probe_said "read /work/sub/deep" ok
}

@test "rro makes the mounts beneath read-only too" {
	needs root
	mount -t tmpfs tmpfs "$VOLUME/sub"
	bundle -- /bin/probe '!' create /work/sub/new -- '!' create /work/new
	with_mount /work none "$VOLUME" rbind rro
	run mxc-runtime run agent
	umount "$VOLUME/sub"
	probe_said "create /work/sub/new" EROFS
	probe_said "create /work/new" EROFS
}

@test "a tmpfs has the size and mode of its options" {
	bundle -- /bin/probe stat /work -- create /work/new -- mount-flags /work
	with_mount /work tmpfs tmpfs nosuid nodev noexec mode=1750 size=64k
	run -0 mxc-runtime run agent
	assert_match "stat: /work d 1750 0 0"
	assert_match "flags: /work nosuid nodev noexec"
}

@test "the usual file systems are there" {
	bundle -- /bin/probe cat /proc/self/mountinfo
	run -0 mxc-runtime run agent
	assert_match " / /proc [^-]* - proc "
	assert_match " /dev [^-]* - tmpfs "
	assert_match " / /dev/pts [^-]* - devpts "
	assert_match " /dev/shm [^-]* - tmpfs "
	assert_match " /dev/mqueue [^-]* - mqueue "
	assert_match " / /sys [^-]* - sysfs "
	assert_match " / /sys/fs/cgroup [^-]* - cgroup2 "
}

@test "sysfs and the cgroup tree are read-only" {
	bundle -- /bin/probe '!' mkdir /sys/fs/cgroup/new -- '!' open-write /sys/kernel/uevent_helper -- mount-flags /sys -- mount-flags /sys/fs/cgroup
	run -0 mxc-runtime run agent
	probe_said "mkdir /sys/fs/cgroup/new" "EROFS|EACCES"
	assert_match "flags: /sys ro"
	assert_match "flags: /sys/fs/cgroup ro"
}

@test "an overlay is mounted with its layers" {
	needs root
	mkdir -p low up work
	echo lower > low/file
	bundle -- /bin/probe cat /work/file -- create /work/new
	with_mount /work overlay overlay "lowerdir=$BATS_TEST_TMPDIR/low" "upperdir=$BATS_TEST_TMPDIR/up" "workdir=$BATS_TEST_TMPDIR/work"
	run -0 mxc-runtime run agent
	assert_line lower
	[[ -e $BATS_TEST_TMPDIR/up/new ]]
}

@test "the mount point is made when the image lacks it" {
	bundle --writable -- /bin/probe cat /made/for/it/file
	with_mount /made/for/it bind "$VOLUME" bind
	run -0 mxc-runtime run agent
	assert_line content
}

@test "mounts are made in the order of config.json, the later over the earlier" {
	mkdir "$BATS_TEST_TMPDIR/second"
	echo second > "$BATS_TEST_TMPDIR/second/file"
	bundle -- /bin/probe cat /work/file
	with_mount /work bind "$VOLUME" bind
	with_mount /work bind "$BATS_TEST_TMPDIR/second" bind
	run -0 mxc-runtime run agent
	assert_line second
}

@test "a bind source that does not exist is an error that names it" {
	bundle -- /bin/probe exit 0
	with_mount /work bind "$BATS_TEST_TMPDIR/nonesuch" bind
	run mxc-runtime run agent
	[[ $status -ne 0 ]]
	assert_match nonesuch
}

@test "a file system that does not exist is an error that names it" {
	needs root
	needs mxc
	bundle -- /bin/probe exit 0
	with_mount /work nonesuchfs none
	run mxc-runtime run agent
	[[ $status -ne 0 ]]
	assert_match nonesuchfs
}

@test "a relative bind source is relative to the bundle" {
	bundle -- /bin/probe cat /work/file
	mkdir "$BUNDLE/data"
	echo near > "$BUNDLE/data/file"
	with_mount /work bind data bind
	run -0 mxc-runtime run --bundle "$BUNDLE" agent
	assert_line near
}

@test "a link in the image leads a mount to a place inside, never to the host" {
	mkdir -p "$BATS_TEST_TMPDIR/outside"
	bundle --writable -- /bin/probe cat /proc/self/mountinfo
	ln -s "$BATS_TEST_TMPDIR/outside" "$ROOTFS/link"
	ln -s ../../../../../../../../tmp "$ROOTFS/up"
	with_mount /link/deep bind "$VOLUME" bind
	with_mount /up/deep bind "$VOLUME" bind
	run mxc-runtime run agent
	[[ ! -e $BATS_TEST_TMPDIR/outside/deep && ! -e /tmp/deep ]]
	if [[ $status -eq 0 ]]; then
		assert_match " /tmp/deep "
	fi
}

@test "a destination with dots stays inside" {
	bundle --writable -- /bin/probe cat /proc/self/mountinfo
	with_mount /../../../../../../escaped bind "$VOLUME" bind
	run mxc-runtime run agent
	[[ ! -e /escaped && ! -e $BATS_TEST_TMPDIR/escaped ]]
}

@test "a linked /dev of the image does not put devices on the host" {
	mkdir "$BATS_TEST_TMPDIR/outside"
	bundle --writable -- /bin/probe exit 0
	rmdir "$ROOTFS/dev"
	ln -s "$BATS_TEST_TMPDIR/outside" "$ROOTFS/dev"
	run mxc-runtime run agent
	assert_equal "$(ls "$BATS_TEST_TMPDIR/outside")" ""
}

@test "a linked /proc of the image is refused, or mounted inside" {
	bundle --writable -- /bin/probe exit 0
	rmdir "$ROOTFS/proc"
	ln -s "$BATS_TEST_TMPDIR/volume/sub" "$ROOTFS/proc"
	run mxc-runtime run agent
	assert_equal "$(ls "$VOLUME/sub")" ""
}

@test "nothing is mounted on the host while the names of the image change" {
	needs mxc
	mkdir "$BATS_TEST_TMPDIR/outside"
	bundle --writable -- /bin/probe exit 0
	mkdir -p "$ROOTFS/a"
	ln -s "$BATS_TEST_TMPDIR/outside" "$ROOTFS/b"
	with_mount /a/inner bind "$VOLUME" bind
	"$MXC_TEST_WORK/probe" race "$ROOTFS/a" "$ROOTFS/b" 4000 > /dev/null 3>&- &
	local job=$! i
	for (( i = 0; i < 40; i++ )); do
		run mxc-runtime run agent
	done
	kill "$job" 2>/dev/null || true
	wait "$job" || true
	assert_equal "$(ls "$BATS_TEST_TMPDIR/outside")" ""
}

@test "a mount inside the container does not reach the host" {
	bundle --jq '.process.capabilities = (["CAP_SYS_ADMIN"] | { bounding: ., effective: ., permitted: . })' -- /bin/probe mount tmpfs /work tmpfs -- sleep 60
	start_container agent
	eventually grep -q "mount tmpfs /work tmpfs: ok" "$BATS_TEST_TMPDIR/output"
	assert_equal "$(mounts_now)" "$MOUNTS"
	mxc-runtime delete --force agent
}

@test "rootfsPropagation is what config.json says" {
	needs root
	bundle -- /bin/probe cat /proc/self/mountinfo
	config '.linux.rootfsPropagation = "private"'
	run -0 mxc-runtime run agent
	refute_match " / / [^-]*(shared|master):"
	config '.linux.rootfsPropagation = "shared"'
	run -0 mxc-runtime run agent
	assert_match " / [^-]*shared:"
}

@test "propagation of a volume: rslave sees the host's later mounts, private does not" {
	needs root
	mount --bind "$VOLUME" "$VOLUME"
	mount --make-shared "$VOLUME"
	bundle --jq '.linux.rootfsPropagation = "rslave"' -- /bin/probe sleep 60
	with_mount /work none "$VOLUME" rbind rslave
	with_mount /home none "$VOLUME" rbind rprivate
	start_container agent
	mount -t tmpfs tmpfs "$VOLUME/sub"
	touch "$VOLUME/sub/later"
	run mxc-runtime exec agent /bin/probe '!' stat /work/sub/later -- '!' stat /home/sub/later
	umount "$VOLUME/sub"
	mxc-runtime delete --force agent
	umount "$VOLUME"
	probe_said "stat /work/sub/later" ok
	probe_said "stat /home/sub/later" ENOENT
}

@test "the root is read-only when config.json says so" {
	bundle -- /bin/probe '!' create /new -- '!' write /etc/passwd
	run -0 mxc-runtime run agent
	probe_said "create /new" EROFS
	probe_said "write /etc/passwd" EROFS
}

@test "the old root cannot be reached" {
	bundle --jq '.process.capabilities = (["CAP_SYS_ADMIN", "CAP_SYS_CHROOT", "CAP_DAC_READ_SEARCH"] | { bounding: ., effective: ., permitted: . })' -- \
		/bin/probe '!' read "$BATS_TEST_TMPDIR/mxc.conf" -- '!' read ../../../../../../../../"$BATS_TEST_TMPDIR/mxc.conf" -- cat /proc/self/mountinfo -- '!' umount /
	run mxc-runtime run agent
	probe_said "read $BATS_TEST_TMPDIR/mxc.conf" ENOENT
	probe_said "read ../../../../../../../../$BATS_TEST_TMPDIR/mxc.conf" ENOENT
	refute_match " /sys/fs/cgroup/cpu "
}

@test "masked paths show nothing" {
	bundle --jq '.linux.maskedPaths += ["/etc/secret", "/work", "/nonesuch"]' -- \
		/bin/probe cat /etc/secret -- listdir /work -- '!' create /work/new -- cat /proc/kcore
	touch "$ROOTFS/work/hidden"
	run mxc-runtime run agent
	refute_line secret
	refute_line hidden
	probe_said "create /work/new" EROFS
	[[ ! -e $ROOTFS/nonesuch ]]
}

@test "read-only paths can be read and not written" {
	bundle --writable --jq '.linux.readonlyPaths += ["/etc"]' -- /bin/probe '!' write /etc/secret -- cat /etc/secret -- create /work/new -- '!' write /proc/sys/kernel/hostname
	run -0 mxc-runtime run agent
	probe_said "write /etc/secret" EROFS
	probe_said "create /work/new" ok
	probe_said "write /proc/sys/kernel/hostname" "EROFS|EACCES"
	assert_line secret
}

@test "a masked path that the image makes a link is not followed to the host" {
	bundle --writable --jq '.linux.maskedPaths += ["/etc/link"] | .linux.readonlyPaths += ["/etc/link2"]' -- /bin/probe exit 0
	ln -s "$VOLUME/file" "$ROOTFS/etc/link"
	ln -s "$VOLUME" "$ROOTFS/etc/link2"
	run mxc-runtime run agent
	assert_equal "$(cat "$VOLUME/file")" content
}
