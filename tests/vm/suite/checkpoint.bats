# SPDX-License-Identifier: Apache-2.0
# The verbs checkpoint and restore with the real CRIU, on plain bundles and under podman.
# Users: root

load helper

setup() {
	mark_start
	only_mxc
	work=$BATS_TEST_TMPDIR
	bundle=$work/bundle
	mkdir -p "$bundle/rootfs"/{bin,dev,proc,sys,tmp,etc,run,var,data} "$work/data"
	ln -s ../run "$bundle/rootfs/var/run"
	cp /bin/busybox "$bundle/rootfs/bin/"
	for applet in sh sleep cat dd mknod true nc; do
		ln -s busybox "$bundle/rootfs/bin/$applet"
	done
	(cd "$bundle" && "$R" spec)
	id=mxc-test-$BATS_TEST_NUMBER
	change '.process.terminal = false | .root.readonly = false'
	counts 'i=0; while :; do i=$((i + 1)); echo $i > /tmp/count; sleep 0.1; done'
}

teardown() {
	local problem=''
	"$R" delete --force "$id" > /dev/null 2>&1 || true
	pod rm -fa -t 0 > /dev/null 2>&1 || true
	# The parent that cgroupsPath named is its author's.
	rmdir /sys/fs/cgroup/mxc-test 2>/dev/null || true
	ip netns delete "$id" 2>/dev/null || true
	# CRIU's own account of a failure.
	if [[ ! ${BATS_TEST_COMPLETED:-} ]]; then
		find "$work" /var/lib/containers/storage/overlay-containers \( -name dump.log -o -name restore.log \) -print \
			-exec tail -n 25 {} \; 2>/dev/null
	fi
	teardown_check
}

# Changes the bundle's configuration by a jq program.
change() {
	jq "$@" "$bundle/config.json" > "$bundle/config.json.new"
	mv "$bundle/config.json.new" "$bundle/config.json"
}

# The program of the container.
counts() {
	change --arg script "$1" '.process.args = ["/bin/sh", "-c", $script]'
}

up_plain() {
	"$R" "$@" run --detach --bundle "$bundle" "$id" < /dev/null >> "$work/out" 2>&1 3>&- || { cat "$work/out"; return 1; }
	eventually 30 test -s "$bundle/rootfs/tmp/count"
}

# Output is appended: CRIU demands that a file which is not has the size it had.
save() {
	"$R" checkpoint --image-path "$work/images" --work-path "$work/logs" "$@" "$id"
}

back() {
	"$R" restore --detach --bundle "$bundle" --image-path "$work/images" --work-path "$work/logs" \
		--pid-file "$work/pid" "$@" "$id" < /dev/null >> "$work/out" 2>&1 3>&- || { cat "$work/out"; return 1; }
}

count() {
	cat "$bundle/rootfs/tmp/count"
}

exceeds() {
	(( $(count) > $1 ))
}

has_status() {
	expect "$("$R" state "$id" | jq -r .status)" "$1"
}

inside() {
	"$R" exec "$id" "$@" < /dev/null 3>&-
}

@test "checkpoint stops a counter, restore lets it count on" {
	up_plain
	eventually 20 exceeds 5
	run -1 back
	expect_match "$output" 'already exists'
	save
	has_status stopped
	before=$(count)
	[[ -s $work/logs/dump.log && -s $work/images/inventory.img ]]
	# Everything that could tell its state to a new process is gone.
	sleep 1
	expect "$(count)" "$before"
	# Its name is free for the restored one.
	rm "$bundle/rootfs/tmp/count"
	back
	has_status running
	expect "$("$R" state "$id" | jq -r .pid)" "$(cat "$work/pid")"
	eventually 20 test -s "$bundle/rootfs/tmp/count"
	(( $(count) >= before ))
	eventually 20 exceeds $((before + 5))
	[[ -s $work/logs/restore.log ]]
	# In its own namespaces, and a further process in the same.
	for kind in pid net ipc uts mnt cgroup; do
		[[ $(readlink "/proc/$(cat "$work/pid")/ns/$kind") != $(readlink "/proc/self/ns/$kind") ]]
	done
	run -0 inside /bin/cat /proc/1/comm
	expect "$output" sh
	run -0 "$R" kill "$id" KILL
	eventually 10 has_status stopped
	run -0 "$R" delete "$id"
}

@test "checkpoint --leave-running, and of a paused container" {
	up_plain
	save --leave-running
	has_status running
	before=$(count)
	eventually 20 exceeds $((before + 3))
	"$R" pause "$id"
	before=$(count)
	save
	has_status stopped
	run -0 "$R" delete "$id"
	back
	# Where it was frozen it may still be.
	"$R" resume "$id" || true
	eventually 20 exceeds $((before + 3))
}

@test "checkpoint --pre-dump, then what has changed since" {
	up_plain
	run -0 "$R" checkpoint --pre-dump --image-path "$work/before" --work-path "$work/logs" "$id"
	has_status running
	save --parent-path ../before
	[[ -L $work/images/parent ]]
	before=$(count)
	back
	eventually 20 exceeds $((before + 3))
}

@test "restore in the foreground reconnects the output and returns the exit status" {
	counts 'trap "exit 7" TERM; i=0; while :; do i=$((i + 1)); echo $i; echo $i > /tmp/count; sleep 0.1; done'
	"$R" run --detach --bundle "$bundle" "$id" < /dev/null 2>&1 3>&- | cat > "$work/first" 3>&- &
	eventually 30 test -s "$bundle/rootfs/tmp/count"
	save
	wait $!
	expect_match "$(jq -r '.[1]' "$work/images/descriptors.json")" '^pipe:\[[0-9]+\]$'
	before=$(tail -n 1 "$work/first")
	(
		status=0
		"$R" restore --bundle "$bundle" --image-path "$work/images" "$id" < /dev/null 2> "$work/errors" || status=$?
		echo "status $status"
	) 3>&- | cat > "$work/second" 3>&- &
	eventually 20 exceeds $((before + 5))
	"$R" kill "$id" TERM
	wait $!
	expect "$(head -n 1 "$work/second")" $((before + 1))
	expect "$(tail -n 1 "$work/second")" "status 7"
	[[ ! -s $work/errors ]] || { cat "$work/errors"; false; }
	run ! "$R" state "$id"
}

@test "bind mounts come back from their sources, masked and read-only paths stay so" {
	echo host > "$work/file"
	change --arg data "$work/data" --arg file "$work/file" '.mounts += [
		{destination: "/data", type: "bind", source: $data, options: ["rbind", "rw"]},
		{destination: "/var/run/secret", type: "bind", source: $file, options: ["bind", "ro"]},
		{destination: "/dev/shm/box", type: "tmpfs", source: "tmpfs", options: ["size=1m"]}]'
	counts 'exec 7>>/data/log; echo kept > /dev/shm/box/file; i=0
		while :; do i=$((i + 1)); echo $i >&7; echo $i > /tmp/count; sleep 0.1; done'
	up_plain
	save
	before=$(count)
	back
	eventually 20 exceeds $((before + 3))
	eventually 10 test "$(tail -n 1 "$work/data/log")" -gt "$before"
	echo new > "$work/file"
	run -0 inside /bin/cat /run/secret /dev/shm/box/file
	expect "$output" $'new\nkept'
	run ! inside /bin/sh -c 'echo bad > /run/secret'
	expect_match "$output" 'Read-only'
	run -0 inside /bin/sh -c 'cat /proc/keys /proc/timer_list; for dir in /proc/acpi /sys/firmware; do [ ! -d $dir ] || echo $dir/*; done'
	expect_match "$output" '^(/proc/acpi/\*)?.?(/sys/firmware/\*)?$'
	run ! inside /bin/sh -c 'echo 1 > /proc/sys/kernel/sysrq'
	# No mount of the restore is left on the host.
	run ! grep -F "$work" /proc/self/mountinfo
	run ! grep -F "/run/$R/" /proc/self/mountinfo
}

# Programs of the guest, by a bind mount: busybox has no flock, and its nc gives up when a select is interrupted.
with_usr() {
	ln -s usr/lib usr/lib64 "$bundle/rootfs/"
	mkdir "$bundle/rootfs/usr"
	change '.mounts += [{destination: "/usr", type: "bind", source: "/usr", options: ["bind", "ro"]}]'
}

@test "an established connection within the container goes on, when asked" {
	with_usr
	cat > "$bundle/rootfs/etc/tcp.pl" <<-'END'
		use IO::Socket::INET;
		$server = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 7000, Listen => 1) or die;
		if (!fork) {
			$client = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => 7000) or die;
			$client->autoflush(1);
			for (;;) { $i++; print $client "$i\n"; select(undef, undef, undef, 0.1); }
		}
		$peer = $server->accept;
		while (<$peer>) { open(F, ">/tmp/count"); print F $_; close F; }
	END
	change '.process.args = ["/usr/bin/perl", "/etc/tcp.pl"]'
	up_plain
	run ! save --leave-running
	expect_match "$output" 'criu could not save the container: .*--tcp-established.*dump.log'
	has_status running
	before=$(count)
	eventually 20 exceeds "$before"
	save --tcp-established
	before=$(count)
	back --tcp-established
	eventually 20 exceeds $((before + 5))
}

@test "file locks are kept, when asked" {
	with_usr
	counts '/usr/bin/flock /tmp/lock sh -c "echo 1 > /tmp/count; exec sleep 1000"'
	up_plain
	run ! save --leave-running
	expect_match "$output" 'criu could not save the container.*dump.log'
	save --file-locks
	run -0 flock -n "$bundle/rootfs/tmp/lock" true
	back --file-locks
	run -1 flock -n "$bundle/rootfs/tmp/lock" true
}

@test "limits and device filter are in force before what is restored runs" {
	change --arg path "/mxc-test/$id" '.linux.cgroupsPath = $path
		| .linux.resources = {memory: {limit: 67108864}, pids: {limit: 50}, cpu: {shares: 512},
		devices: [{allow: false, access: "rwm"}]} | .process.capabilities |= map_values(. + ["CAP_MKNOD"])'
	up_plain
	save
	"$R" delete "$id"
	[[ ! -d /sys/fs/cgroup/mxc-test/$id ]]
	change '.linux.resources.memory.limit = 50331648'
	back
	cgroup=/sys/fs/cgroup/mxc-test/$id
	expect "$(cat "$cgroup/memory.max" "$cgroup/pids.max")" $'50331648\n50'
	grep -qx "$(cat "$work/pid")" "$cgroup/cgroup.procs"
	run ! inside /bin/sh -c 'mknod /dev/disk b 254 0 && cat /dev/disk'
	expect_match "$output" 'not permitted'
	run -0 inside /bin/sh -c 'echo x > /dev/null'
}

@test "restore into a scope of systemd" {
	change --arg path "system.slice:mxc:test-$BATS_TEST_NUMBER" '.linux.cgroupsPath = $path
		| .linux.resources.pids = {limit: 40}'
	up_plain --systemd-cgroup
	save
	"$R" delete "$id"
	"$R" --systemd-cgroup restore --detach --bundle "$bundle" --image-path "$work/images" --pid-file "$work/pid" "$id" \
		< /dev/null >> "$work/out" 2>&1 3>&-
	expect_match "$(cgroup_of "$(cat "$work/pid")")" "/system.slice/mxc-test-$BATS_TEST_NUMBER.scope"
	expect "$(cat "/sys/fs/cgroup/system.slice/mxc-test-$BATS_TEST_NUMBER.scope/pids.max")" 40
	before=$(count)
	eventually 20 exceeds "$before"
}

@test "a network namespace that was given is joined again" {
	ip netns add "$id"
	change --arg path "/run/netns/$id" '.linux.namespaces |= map(if .type == "network" then .path = $path else . end)'
	up_plain
	save
	back
	expect "$(readlink "/proc/$(cat "$work/pid")/ns/net")" "net:[$(stat -L -c %i "/run/netns/$id")]"
	before=$(count)
	eventually 20 exceeds "$before"
}

@test "images with more rights than config.json gives do not run" {
	up_plain
	save --leave-running
	"$R" delete --force "$id"
	cp "$bundle/config.json" "$work/wide.json"
	refuses() {
		rm -f "$bundle/rootfs/tmp/count"
		run ! back
		expect_match "$output" "$1"
		sleep 0.5
		[[ ! -e $bundle/rootfs/tmp/count ]]
		run ! "$R" state "$id"
	}
	change '.process.capabilities |= map_values([])'
	refuses 'process.capabilities.bounding'
	cp "$work/wide.json" "$bundle/config.json"
	change '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["kexec_load"], action: "SCMP_ACT_ERRNO"}]}'
	refuses 'linux.seccomp'
	cp "$work/wide.json" "$bundle/config.json"
	change '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	refuses 'user namespace'
	cp "$work/wide.json" "$bundle/config.json"
	back
	eventually 20 test -s "$bundle/rootfs/tmp/count"
}

@test "seccomp filters and no_new_privs are what they were" {
	change '.process.noNewPrivileges = true
		| .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["unlink", "unlinkat"], action: "SCMP_ACT_ERRNO", errnoRet: 95}]}'
	counts 'i=0; while :; do i=$((i + 1)); echo $i > /tmp/count; busybox unlink /tmp/x 2> /tmp/refusal; sleep 0.1; done'
	ln -s busybox "$bundle/rootfs/bin/busybox-unlink"
	up_plain
	save
	back
	# Not before: a process may have it open, and CRIU wants such a file as it was.
	: > "$bundle/rootfs/tmp/refusal"
	eventually 20 grep -q 'not supported' "$bundle/rootfs/tmp/refusal"
	run -0 grep -E '^(NoNewPrivs|Seccomp):' "/proc/$(cat "$work/pid")/status"
	expect "$output" $'NoNewPrivs:\t1\nSeccomp:\t2'
}

@test "podman container checkpoint and restore, with a volume and a log" {
	pod run -d --name box -v keep:/keep "$IMAGE" sh -c 'i=0; while :; do i=$((i + 1)); echo $i; echo $i > /keep/count; sleep 0.2; done' > /dev/null
	eventually 30 logs_have box 3
	run -0 pod container checkpoint box
	run -0 pod inspect --format '{{.State.Status}} {{.State.Checkpointed}}' box
	expect "$output" "exited true"
	before=$(pod logs box | tail -n 1)
	run -0 pod container restore box
	run -0 pod inspect --format '{{.State.Status}} {{.State.Restored}}' box
	expect "$output" "running true"
	eventually 30 logs_have box "$((before + 3))"
	expect "$(pod logs box | sed -n "$((before + 1))p")" "$((before + 1))"
	run -0 pod exec box cat /keep/count
	run -0 pod rm -f -t 0 box
	run -0 pod volume rm keep
}

@test "podman container checkpoint --export, restore --import under another name" {
	pod run -d --name origin "$IMAGE" sh -c 'i=0; while :; do i=$((i + 1)); echo $i; sleep 0.2; done' > /dev/null
	eventually 30 logs_have origin 3
	run -0 pod container checkpoint --export "$work/archive.tar.gz" --compress gzip --leave-running origin
	run -0 pod rm -f -t 0 origin
	run -0 pod container restore --import "$work/archive.tar.gz" --name copy
	eventually 30 logs_have copy '[0-9]'
	run -0 pod inspect --format '{{.State.Status}}' copy
	expect "$output" running
}

@test "podman checkpoints and restores a container with a terminal" {
	pod run -dt --name screen "$IMAGE" sh -c 'stty -echo; i=0; while :; do i=$((i + 1)); echo "line $i"; sleep 0.2; done' > /dev/null
	eventually 30 logs_have screen 'line 3'
	run -0 pod container checkpoint screen
	run -0 pod container restore screen
	before=$(pod logs screen | wc -l)
	grows() {
		(( $(pod logs screen | wc -l) > before + 3 ))
	}
	eventually 30 grows
	run -0 pod exec screen sh -c 'test -t 0 < /proc/1/fd/0 && echo terminal'
	expect "$output" terminal
}

@test "a container under a policy is not checkpointed, and the audit says so" {
	up guarded "$IMAGE" sleep 1000
	run ! pod container checkpoint guarded
	expect_match "$output" 'Landlock'
	run -0 pod inspect --format '{{.State.Status}}' guarded
	expect "$output" running
	run ! "$R" checkpoint --image-path "$work/images" "$cid"
	expect_match "$output" 'annotation io.mxc.*stop this container'
	[[ ! -e $work/images ]]
	event=$(grep -h '"container.checkpoint"' /var/log/mxc/audit.jsonl | tail -n 1)
	expect "$(jq -r '.outcome, .container.id' <<< "$event")" $'failure\n'"$cid"
}
