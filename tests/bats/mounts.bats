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

@test "a read-only tmpfs holds the mounts and devices of config.json, and nothing more" {
	bundle -- /bin/probe cat /work/in/file -- '!' create /work/new -- '!' create /dev/new -- write /dev/null -- mount-flags /dev
	with_mount /work tmpfs tmpfs ro mode=755
	with_mount /work/in bind "$VOLUME" bind
	config '.mounts |= map(if .destination == "/dev" then .options += ["ro"] else . end)'
	run -0 mxc-runtime run agent
	assert_line content
	probe_said "create /work/new" EROFS
	probe_said "create /dev/new" EROFS
	assert_match "flags: /dev ro"
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

# The line of the topmost mount at PLACE in the mountinfo that the container printed.
mount_line() {
	awk -v place="$1" '$5 == place { line = $0 } END { print line }' <<< "$output"
}

mount_attributes() {
	mount_line "$1" | cut -d ' ' -f 6
}

# peers of the mount, its masters, "unbindable": what stands before the dash.
mount_propagation() {
	mount_line "$1" | sed -E 's/^([^ ]+ ){6}//; s/ ?- .*//; s/:[0-9]+//g'
}

mount_superblock() {
	mount_line "$1" | sed 's/.* //'
}

# Lines of "options ; attributes that the mount has ; attributes that it has not": one mount of the filter each, all in one container.
options_table() {
	local filter=$1 place=$2 options has lacks word row=0
	local -a table wrong=()
	mapfile -t table
	config --arg table "$(printf '%s\n' "${table[@]%%;*}")" --arg source "$VOLUME" ".mounts += [\$table | split(\"\n\") | to_entries[] | . as \$row
		| (.value | split(\" \") | map(select(. != \"\"))) as \$words | $filter | .destination = \"/work/\(\$row.key)\"]"
	run -0 mxc-runtime run agent
	for options in "${table[@]}"; do
		IFS=';' read -r options has lacks <<< "$options"
		for word in $has; do
			[[ ",$(mount_attributes "/work/$row$place")," == *",$word,"* ]] || wrong+=("$options: has no $word: $(mount_line "/work/$row$place")")
		done
		for word in $lacks; do
			[[ ",$(mount_attributes "/work/$row$place")," != *",$word,"* ]] || wrong+=("$options: has $word: $(mount_line "/work/$row$place")")
		done
		row=$(( row + 1 ))
	done
	(( ${#wrong[@]} == 0 )) || fail "${wrong[@]}"
}

own_options='ro ; ro
rw ; rw ; ro
ro rw ; rw ; ro
rw ro ; ro
nosuid ; nosuid
nosuid suid ; rw ; nosuid
nodev ; nodev
nodev dev ; rw ; nodev
noexec ; noexec
noexec exec ; rw ; noexec
noatime ; noatime ; relatime
noatime atime ; relatime ; noatime
strictatime ; rw ; relatime noatime
strictatime nostrictatime ; relatime
noatime relatime ; relatime ; noatime
norelatime ; relatime ; noatime
nodiratime ; nodiratime
nodiratime diratime ; rw ; nodiratime
nosymfollow ; nosymfollow
nosymfollow symfollow ; rw ; nosymfollow
defaults ; rw relatime ; nosuid nodev noexec
ro nosuid nodev noexec noatime nodiratime ; ro nosuid nodev noexec noatime nodiratime ; relatime
iversion noiversion mand nomand silent loud ; rw ; nosuid'

@test "every attribute of mount(8) is the new file system's, the later word wins" {
	needs mxc
	bundle --writable -- /bin/probe cat /proc/self/mountinfo
	options_table '{ type: "tmpfs", source: "tmpfs", options: $words }' "" <<< "$own_options"
}

@test "every attribute of mount(8) is the bind mount's, the later word wins" {
	needs mxc
	needs root
	bundle --writable -- /bin/probe cat /proc/self/mountinfo
	options_table '{ type: "none", source: $source, options: (["bind"] + $words) }' "" <<< "$own_options"
}

@test "options of the file system are on its superblock: sync, dirsync, lazytime and back" {
	needs mxc
	bundle --writable -- /bin/probe cat /proc/self/mountinfo
	local options place
	for options in "sync dirsync lazytime" "sync lazytime async nolazytime" "ro"; do
		with_mount "/work/${options// /-}" tmpfs tmpfs $options
	done
	run -0 mxc-runtime run agent
	place=$(mount_superblock /work/sync-dirsync-lazytime)
	[[ ,$place, == *,sync,* && ,$place, == *,dirsync,* && ,$place, == *,lazytime,* ]] || fail "$place"
	place=$(mount_superblock /work/sync-lazytime-async-nolazytime)
	[[ ,$place, != *,sync,* && ,$place, != *,lazytime,* ]] || fail "$place"
}

# A tree of two mounts below the volume: "plain" and, with every attribute, "strict".
trees_mount() {
	mkdir "$VOLUME/plain" "$VOLUME/strict"
	mount -t tmpfs tmpfs "$VOLUME/plain"
	mount -t tmpfs tmpfs "$VOLUME/strict"
	mkdir "$VOLUME/plain/below" "$VOLUME/strict/below"
	mount -t tmpfs tmpfs "$VOLUME/plain/below"
	mount -t tmpfs tmpfs "$VOLUME/strict/below"
	mount -o remount,bind,ro,nosuid,nodev,noexec,noatime,nodiratime,nosymfollow "$VOLUME/strict/below"
	mount -o remount,bind,ro,nosuid,nodev,noexec,noatime,nodiratime,nosymfollow "$VOLUME/strict"
}

teardown_more() {
	local place
	for place in strict plain sub ''; do
		while mountpoint -q "$VOLUME/$place"; do
			umount -R "$VOLUME/$place" || break
		done
	done
	while mountpoint -q "$BATS_TEST_TMPDIR/bundle/rootfs"; do
		umount -R "$BATS_TEST_TMPDIR/bundle/rootfs" || break
	done
}

@test "the recursive attributes hold of the mounts beneath too" {
	needs mxc
	needs root
	trees_mount
	local table='rro ; ro
rnosuid ; nosuid
rnodev ; nodev
rnoexec ; noexec
rnoatime ; noatime ; relatime
rnodiratime ; nodiratime
rnosymfollow ; nosymfollow
rstrictatime ; rw ; relatime noatime
rstrictatime rnostrictatime ; relatime
rnoatime rrelatime ; relatime ; noatime
rro rw ; ro
ro rrw ; rw ; ro'
	bundle --writable -- /bin/probe cat /proc/self/mountinfo
	options_table '{ source: "\($source)/plain", options: (["rbind"] + $words) }' "" <<< "$table"
	bundle --writable -- /bin/probe cat /proc/self/mountinfo
	options_table '{ source: "\($source)/plain", options: (["rbind"] + $words) }' /below <<< "$table"
}

@test "the recursive attributes are taken from the mounts beneath too" {
	needs mxc
	needs root
	trees_mount
	local table='rrw ; rw ; ro
rsuid ; ro ; nosuid
rdev ; ro ; nodev
rexec ; ro ; noexec
ratime ; relatime ; noatime
rrelatime ; relatime ; noatime
rstrictatime ; ro ; noatime relatime
rdiratime ; ro ; nodiratime
rsymfollow ; ro ; nosymfollow
rnorelatime ; ro'
	bundle --writable -- /bin/probe cat /proc/self/mountinfo
	options_table '{ source: "\($source)/strict", options: (["rbind"] + $words) }' "" <<< "$table"
	bundle --writable -- /bin/probe cat /proc/self/mountinfo
	options_table '{ source: "\($source)/strict", options: (["rbind"] + $words) }' /below <<< "$table"
}

@test "an attribute that is not recursive leaves the mounts beneath alone" {
	needs root
	trees_mount
	bundle --writable -- /bin/probe cat /proc/self/mountinfo
	options_table '{ source: "\($source)/plain", options: (["rbind"] + $words) }' /below <<< 'ro nosuid nodev noexec noatime nodiratime nosymfollow ; rw relatime ; ro nosuid nodev noexec nodiratime nosymfollow'
}

@test "nosymfollow keeps links from being followed" {
	ln -s file "$VOLUME/link"
	bundle -- /bin/probe '!' read /work/link -- read /work/file -- readlink /work/link
	with_mount /work bind "$VOLUME" bind nosymfollow
	run -0 mxc-runtime run agent
	probe_said "read /work/link" ELOOP
	probe_said "read /work/file" ok
}

@test "the propagation of a mount is what its options say, of those beneath with an r before it" {
	needs mxc
	needs root
	mount --bind "$VOLUME" "$VOLUME"
	mount --make-shared "$VOLUME"
	mount -t tmpfs tmpfs "$VOLUME/sub"
	mount --make-shared "$VOLUME/sub"
	bundle --writable -- /bin/probe cat /proc/self/mountinfo
	local word
	for word in default private rprivate slave rslave shared rshared unbindable runbindable; do
		with_mount "/home/$word" none "$VOLUME" rbind "${word/default/rw}"
	done
	with_mount /home/new tmpfs tmpfs shared
	run -0 mxc-runtime run agent
	assert_equal "$(mount_propagation /home/default)" master
	assert_equal "$(mount_propagation /home/private)" ""
	assert_equal "$(mount_propagation /home/private/sub)" master
	assert_equal "$(mount_propagation /home/rprivate/sub)" ""
	assert_equal "$(mount_propagation /home/slave)" master
	assert_equal "$(mount_propagation /home/rslave/sub)" master
	assert_equal "$(mount_propagation /home/shared)" "shared master"
	assert_equal "$(mount_propagation /home/shared/sub)" master
	assert_equal "$(mount_propagation /home/rshared/sub)" "shared master"
	assert_equal "$(mount_propagation /home/unbindable)" unbindable
	assert_equal "$(mount_propagation /home/unbindable/sub)" master
	assert_equal "$(mount_propagation /home/runbindable/sub)" unbindable
	assert_equal "$(mount_propagation /home/new)" shared
}

@test "each rootfsPropagation is the root's, and an unknown one an error" {
	needs mxc
	needs root
	local value
	bundle -- /bin/probe cat /proc/self/mountinfo
	for value in shared slave private unbindable rshared rslave rprivate runbindable; do
		config --arg value "$value" '.linux.rootfsPropagation = $value'
		run -0 mxc-runtime run agent
		case $value in
		*shared) [[ $(mount_propagation /) == shared* ]] ;;
		*slave|*private) [[ $(mount_propagation /) != *shared* ]] ;;
		*unbindable) assert_equal "$(mount_propagation /)" unbindable ;;
		esac || fail "$value: $(mount_line /)"
	done
	config '.linux.rootfsPropagation = "everywhere"'
	run mxc-runtime run agent
	[[ $status -ne 0 ]]
	assert_match rootfsPropagation
}

@test "a slave root sees what is mounted in it on the host, a private one does not" {
	needs mxc
	needs root
	local value
	for value in slave private; do
		bundle --writable --jq ".linux.rootfsPropagation = \"$value\"" -- /bin/probe sleep 60
		mount --bind "$ROOTFS" "$ROOTFS"
		mount --make-shared "$ROOTFS"
		start_container "$value"
		mount -t tmpfs tmpfs "$ROOTFS/work"
		touch "$ROOTFS/work/later"
		run mxc-runtime exec "$value" /bin/probe '!' stat /work/later
		if [[ $value == slave ]]; then probe_said "stat /work/later" ok; else probe_said "stat /work/later" ENOENT; fi
		mxc-runtime delete --force "$value"
		umount -R "$ROOTFS"
	done
}

# A tree whose files belong to host ids, on a file system that can map them, with another mounted in it.
mapped_volume() {
	mount -t tmpfs tmpfs "$VOLUME"
	mkdir "$VOLUME/sub"
	mount -t tmpfs tmpfs "$VOLUME/sub"
	touch "$VOLUME/root" "$VOLUME/sub/root" "$VOLUME/five"
	chown 5:6 "$VOLUME/five"
}

id_maps='{ uidMappings: [{ containerID: 0, hostID: 1000, size: 100 }], gidMappings: [{ containerID: 0, hostID: 2000, size: 100 }] }'

@test "an id-mapped mount shows its files by the maps of the mount" {
	needs root
	mapped_volume
	bundle --writable -- /bin/probe stat /work/idmap/five -- stat /work/idmap/sub/root -- stat /work/ridmap/sub/root -- stat /work/bare/root
	with_mount /work/idmap none "$VOLUME" rbind idmap
	with_mount /work/ridmap none "$VOLUME" rbind ridmap
	with_mount /work/bare none "$VOLUME" bind
	config ".mounts[-3:][] += $id_maps"
	run -0 mxc-runtime run agent
	assert_match "stat: /work/idmap/five f 0644 1005 2006"
	assert_match "stat: /work/idmap/sub/root f 0644 0 0"
	assert_match "stat: /work/ridmap/sub/root f 0644 1000 2000"
	assert_match "stat: /work/bare/root f 0644 1000 2000"
	assert_equal "$(stat -c %u:%g "$VOLUME/five")" 5:6
}

@test "an id-mapped mount without maps of its own takes those of the container's user namespace" {
	needs root
	mapped_volume
	bundle --writable --jq '.linux.namespaces += [{ type: "user" }]
		| .linux.uidMappings = [{ containerID: 0, hostID: 200000, size: 1000 }]
		| .linux.gidMappings = [{ containerID: 0, hostID: 200000, size: 1000 }]' -- \
		/bin/probe stat /work/root -- stat /work/five -- create /work/new -- stat /plain/root -- stat /option/five
	mkdir "$ROOTFS"/{plain,option}
	chown -R 200000:200000 "$ROOTFS"
	with_mount /work bind "$VOLUME" bind idmap
	with_mount /plain bind "$VOLUME" bind
	with_mount /option bind "$VOLUME" bind "idmap=uids=@5-7-1;gids=6-200009-1"
	run -0 mxc-runtime run agent
	assert_match "stat: /work/root f 0644 0 0"
	assert_match "stat: /work/five f 0644 5 6"
	assert_match "stat: /plain/root f 0644 65534 65534"
	assert_equal "$(stat -c %u:%g "$VOLUME/new")" 0:0
	[[ $MXC_TEST_KIND != mxc ]] || assert_match "stat: /option/five f 0644 7 9"
}

@test "an id-mapped mount takes the maps of a user namespace that is joined" {
	needs root
	needs mxc
	mapped_volume
	unshare --user sleep 60 3>&- &
	local pid=$!
	eventually grep -q sleep "/proc/$pid/cmdline"
	eventually test ! "/proc/$pid/ns/user" -ef /proc/self/ns/user
	echo "0 200000 1000" > "/proc/$pid/uid_map"
	echo "0 200000 1000" > "/proc/$pid/gid_map"
	bundle --writable --jq ".linux.namespaces += [{ type: \"user\", path: \"/proc/$pid/ns/user\" }]" -- /bin/probe stat /work/five
	chown -R 200000:200000 "$ROOTFS"
	with_mount /work bind "$VOLUME" bind idmap
	run mxc-runtime run agent
	kill "$pid"
	wait "$pid" || true
	assert_match "stat: /work/five f 0644 5 6"
}

@test "id maps without what they need are errors: one of the two, no user namespace, no bind mount" {
	needs mxc
	local entry
	bundle -- /bin/probe exit 0
	cp config.json config.json.good
	for entry in '{ options: ["bind", "idmap"], uidMappings: [{ containerID: 0, hostID: 1, size: 1 }] } % uidMappings' \
		'{ options: ["bind", "idmap"], gidMappings: [{ containerID: 0, hostID: 1, size: 1 }] } % gidMappings' \
		"{ type: \"tmpfs\" } + $id_maps % bind" '{ options: ["bind", "idmap=uids=1;gids=1"] } % uids=1'; do
		config ".mounts += [{ destination: \"/work\", source: \"$VOLUME\" } + ${entry%% % *}]"
		run mxc-runtime run agent
		assert_refusal "mounts[7]" "${entry##* % }"
		cp config.json.good config.json
	done
	! rootless || return 0
	with_mount /work bind "$VOLUME" rbind ridmap
	run mxc-runtime run agent
	assert_refusal "mounts[7]" "user namespace"
}

@test "a relative destination is taken from the root, with a warning" {
	needs mxc
	bundle --writable -- /bin/probe cat /work/here/file
	with_mount work/here bind "$VOLUME" bind
	run -0 mxc-runtime run agent
	assert_line content
	assert_match "work/here.*relative"
}

@test "tmpcopyup starts a tmpfs with what it covers, and leaves the image alone" {
	bundle -- /bin/probe cat /etc/secret -- create /etc/new -- write /etc/secret changed -- readlink /etc/link -- stat /etc/deep
	mkdir -m 1750 "$ROOTFS/etc/deep"
	ln -s secret "$ROOTFS/etc/link"
	with_mount /etc tmpfs tmpfs rw tmpcopyup
	run -0 mxc-runtime run agent
	assert_line secret
	assert_match "stat: /etc/deep d 1750 0 0"
	[[ ! -e $ROOTFS/etc/new ]]
	assert_equal "$(cat "$ROOTFS/etc/secret")" secret
}

@test "a tmpfs has the mode of the directory that it covers, unless an option says another" {
	bundle --writable -- /bin/probe stat /etc/plain -- stat /etc/copied -- stat /etc/said -- stat /etc/new
	mkdir -m 1750 "$ROOTFS/etc/plain" "$ROOTFS/etc/copied" "$ROOTFS/etc/said"
	with_mount /etc/plain tmpfs tmpfs
	with_mount /etc/copied tmpfs tmpfs tmpcopyup
	with_mount /etc/said tmpfs tmpfs tmpcopyup mode=0711
	with_mount /etc/new tmpfs tmpfs
	run -0 mxc-runtime run agent
	assert_match "stat: /etc/plain d 1750 0 0"
	assert_match "stat: /etc/copied d 1750 0 0"
	assert_match "stat: /etc/said d 0711 0 0"
	assert_match "stat: /etc/new d 1777 0 0"
}

@test "a read-only tmpfs with tmpcopyup is filled first" {
	bundle -- /bin/probe cat /etc/secret -- '!' create /etc/new
	with_mount /etc tmpfs tmpfs ro tmpcopyup
	run -0 mxc-runtime run agent
	assert_line secret
	probe_said "create /etc/new" EROFS
}

@test "an option that nobody knows is the file system's, which says so" {
	needs mxc
	bundle -- /bin/probe exit 0
	with_mount /work tmpfs tmpfs nonesuch
	run mxc-runtime run agent
	assert_refusal "mounts[7]" nonesuch
	config '.mounts[-1].options = ["size=many"]'
	run mxc-runtime run agent
	assert_refusal "mounts[7]" size=many
}

@test "words of mount(8) for other programs are passed over" {
	needs mxc
	bundle -- /bin/probe create /work/new
	with_mount /work tmpfs tmpfs auto noauto nouser _netdev x-systemd.automount comment=none
	run -0 mxc-runtime run agent
}

@test "a remount changes what is mounted there, and is an error where nothing is" {
	needs mxc
	bundle -- /bin/probe '!' create /work/new -- cat /work/file -- mount-flags /work
	with_mount /work bind "$VOLUME" bind nosuid
	with_mount /work none none remount bind ro nosuid noexec
	run -0 mxc-runtime run agent
	probe_said "create /work/new" EROFS
	assert_match "flags: /work ro nosuid.* noexec"
	config '.mounts[-1].destination = "/etc"'
	run mxc-runtime run agent
	[[ $status -ne 0 ]]
}

@test "a mount over a link is on what the link leads to, made when it is missing" {
	bundle --writable -- /bin/probe cat /etc/resolv.conf -- readlink /etc/resolv.conf -- cat /run/made/resolv.conf
	ln -s ../run/made/resolv.conf "$ROOTFS/etc/resolv.conf"
	with_mount /etc/resolv.conf bind "$VOLUME/file" bind
	run -0 mxc-runtime run agent
	assert_equal "$(grep -c '^content$' <<< "$output")" 2
	assert_line ../run/made/resolv.conf
}

@test "a directory cannot be mounted on a file, nor a file on a directory" {
	bundle -- /bin/probe exit 0
	with_mount /etc/secret bind "$VOLUME" bind
	run mxc-runtime run agent
	[[ $status -ne 0 ]]
	assert_match /etc/secret
	config --arg file "$VOLUME/file" '.mounts[-1] += { destination: "/work", source: $file }'
	run mxc-runtime run agent
	[[ $status -ne 0 ]]
	assert_match /work
}

@test "a bind mount is one by its option, whatever its type" {
	bundle -- /bin/probe cat /work/file
	with_mount /work nonesuchfs "$VOLUME" rbind
	run -0 mxc-runtime run agent
	assert_line content
	config 'del(.mounts[-1].type)'
	run -0 mxc-runtime run agent
	assert_line content
}

@test "the root may be absolute, relative to the bundle, or a link" {
	bundle -- /bin/probe exit 7
	run -7 mxc-runtime run agent
	config --arg root "$ROOTFS" '.root.path = $root'
	run -7 mxc-runtime run agent
	ln -s rootfs "$BUNDLE/link"
	config '.root.path = "./link"'
	cd /
	run -7 mxc-runtime run --bundle "$BUNDLE" agent
}

@test "a root that is not there, or is no directory, is an error that names it" {
	bundle -- /bin/probe exit 0
	config '.root.path = "nonesuch"'
	run mxc-runtime run agent
	[[ $status -ne 0 ]]
	assert_match nonesuch
	config '.root.path = "config.json"'
	run mxc-runtime run agent
	[[ $status -ne 0 ]]
	assert_match config.json
}

@test "a read-only root leaves its volumes writable, a writable one can be written" {
	bundle -- /bin/probe create /work/new -- '!' create /etc/new
	with_mount /work bind "$VOLUME" bind
	run -0 mxc-runtime run agent
	probe_said "create /etc/new" EROFS
	rm "$VOLUME/new"
	config '.root.readonly = false'
	run -0 mxc-runtime run agent
	probe_said "create /etc/new" ok
	config 'del(.root.readonly)'
	rm "$ROOTFS/etc/new" "$VOLUME/new"
	run -0 mxc-runtime run agent
	probe_said "create /etc/new" ok
}

@test "masked and read-only paths must be absolute" {
	local field
	bundle -- /bin/probe exit 0
	needs mxc
	cp config.json config.json.good
	for field in maskedPaths readonlyPaths; do
		config --arg field "$field" '.linux[$field] = ["proc/sys"]'
		run mxc-runtime run agent
		assert_refusal "linux.$field[0]" "not absolute"
		cp config.json.good config.json
	done
}

@test "a mount label without SELinux is refused" {
	needs mxc
	[[ ! -e /sys/fs/selinux/enforce ]] || skip "a host without SELinux"
	bundle --jq '.linux.mountLabel = "system_u:object_r:container_file_t:s0"' -- /bin/probe exit 0
	run mxc-runtime run agent
	assert_refusal linux.mountLabel SELinux
}
