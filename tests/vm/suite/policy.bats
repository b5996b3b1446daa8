# SPDX-License-Identifier: Apache-2.0
# The agent policy under podman: what is granted works, what is not fails as the manual says, exec too.
# Users: root agent

load helper

setup_file() {
	only_mxc
}

setup() {
	mark_start
}

teardown() {
	pod_teardown
}

readonly denied='Permission denied'
readonly unwritable='Permission denied|Read-only file system'
readonly unprivileged='[Pp]ermission denied|Operation not permitted'

attacks() {
	cat <<-END
		ok	echo data > /workspace/f && mkdir -p /workspace/d && mv /workspace/f /workspace/d/f && rm -r /workspace/d
		ok	cp /bin/busybox /workspace/busybox && /workspace/busybox true && rm /workspace/busybox
		ok	cat /srv/data/readme
		ok	ls /opt | grep -qx secret
		$unwritable	echo x > /etc/x
		$unwritable	echo x >> /etc/passwd
		$unwritable	: > /etc/passwd
		$unwritable	mkdir /srv/new
		$unwritable	rm /srv/data/readme
		$unwritable	mv /srv/data/readme /srv/data/other
		$unwritable|Invalid cross-device link|Operation not permitted	ln /srv/data/readme /workspace/readme
		$unwritable	ln -s /etc/passwd /srv/data/link
		$unwritable	echo x > /root/x
		$unprivileged	mknod /workspace/disk b 254 0
		$unwritable	echo 1 > /proc/sys/kernel/ns_last_pid
		$unwritable|can't create	echo x > /sys/kernel/x
		$unwritable	echo 1 > /proc/sysrq-trigger
		$denied	cat /opt/secret/key
		$denied	ls /opt/secret
		$denied	cat /proc/self/root/opt/secret/key
		$denied	ln -s /opt/secret/key /workspace/alias; cat /workspace/alias; e=\$?; rm -f /workspace/alias; exit \$e
		$unwritable|busy	rmdir /opt/secret
		$unprivileged	mount -t tmpfs none /workspace
		$unprivileged|Invalid argument	umount /opt/secret
		$unprivileged	mount -o remount,rw /
		$unprivileged	unshare -U true
		$unprivileged	unshare -m true
		$unprivileged	chroot / true
	END
}

@test "what the policy grants works and what it does not is refused, in the container" {
	attacks | try_all pod_run init --annotation io.mxc.filesystem.deniedPaths=/opt/secret "$IMAGE" sh -c
}

@test "exec is not weaker, privileged exec neither" {
	up cell --annotation io.mxc.filesystem.deniedPaths=/opt/secret "$IMAGE" sleep 1000
	attacks | try_all pod exec cell sh -c
	attacks | try_all pod exec --privileged cell sh -c
	run -0 pod exec cell grep -E '^(CapEff|CapPrm|CapBnd|CapAmb|NoNewPrivs|Seccomp):' /proc/self/status
	# The profile allows CAP_CHOWN and CAP_FOWNER, for files of the workspace, and nothing else.
	expect "$(tr -d '\t' <<< "$output" | sort | xargs)" \
		"CapAmb:0000000000000000 CapBnd:0000000000000009 CapEff:0000000000000009 CapPrm:0000000000000009 NoNewPrivs:1 Seccomp:2"
}

@test "a denied path that does not exist cannot be made, and its placeholder goes at delete" {
	try_all pod_run cell --annotation io.mxc.filesystem.deniedPaths=/workspace/.env "$IMAGE" sh -c <<-END
		ok	echo x > /workspace/e
		$denied	cat /workspace/.env
		$unwritable|busy	echo TOKEN=1 > /workspace/.env
		$unwritable|busy	rm /workspace/.env
		$unwritable|busy	mv /workspace/e /workspace/.env
		ok	rm /workspace/e
	END
	run -0 pod rm -f -t 0 cell
	run -0 plain_run 'ls -A /workspace'
	[[ $output != *.env* ]]
}

@test "the coding profile keeps git hooks and git configuration from the agent" {
	plain_run 'mkdir -p /workspace/.git/hooks /workspace/.git/objects && echo x > /workspace/.git/config'
	try_all pod_run cell "$IMAGE" sh -c <<-END
		ok	echo data > /workspace/.git/objects/x
		ok	cat /workspace/.git/config
		$unwritable	echo evil > /workspace/.git/hooks/pre-commit
		$unwritable	echo evil >> /workspace/.git/config
		$unwritable|busy	mv /workspace/.git/hooks /workspace/.git/old
		$unwritable|busy	rm -r /workspace/.git/config
	END
	run -0 pod rm -f -t 0 cell
	plain_run 'rm -rf /workspace/.git'
}

@test "a volume that no grant covers is denied" {
	plain_run 'echo x > /other/x'
	try_all pod_run cell -v other:/other "$IMAGE" sh -c <<-END
		$denied	cat /other/x
		$denied	ls /other
		$unwritable	echo y > /other/y
	END
}

@test "the most specific path wins: ro in rw, rw in ro" {
	plain_run 'mkdir -p /workspace/locked/open && echo x > /workspace/locked/x'
	try_all pod_run cell --annotation io.mxc.filesystem.readwritePaths=/workspace,/workspace/locked/open \
		--annotation io.mxc.filesystem.readonlyPaths=/workspace/locked "$IMAGE" sh -c <<-END
		ok	cat /workspace/locked/x
		ok	echo y > /workspace/locked/open/y && rm /workspace/locked/open/y
		$unwritable	echo y > /workspace/locked/x
		$unwritable	rm /workspace/locked/x
	END
	plain_run 'rm -rf /workspace/locked'
}

@test "a program outside exec.paths does not start" {
	try_all pod_run cell --annotation io.mxc.exec.paths=@base "$IMAGE" sh -c <<-END
		ok	cp /bin/busybox /workspace/busybox
		$denied	/workspace/busybox true
		ok	rm /workspace/busybox
	END
}

@test "the network is denied: no interface but lo, and an engine's network is refused" {
	run -0 pod_run cell "$IMAGE" sh -c 'tail -n +3 /proc/net/dev | cut -d : -f 1'
	expect "$(xargs <<< "$output")" lo
	[[ $WHO == root ]] || return 0
	run pod run --name net --annotation io.mxc.profile=coding -v ws:/workspace -w /workspace "$IMAGE" true
	(( status != 0 ))
	expect_match "$output" 'network'
}

refused_events() {
	(( $(journalctl --no-pager -o json --since "$(cat "$BATS_TEST_TMPDIR/start")" _UID="$(id -u)" |
		grep -c 'policy\.refused') >= $1 ))
}

@test "bad policies are refused with the field's name, an event, and nothing left" {
	local count=0
	while IFS=$'\t' read -r annotation pattern; do
		run pod run --rm --network none --annotation "$annotation" -v ws:/workspace "$IMAGE" true
		(( status != 0 )) || { echo "accepted: $annotation"; return 1; }
		expect_match "$output" "$pattern" || { echo "for $annotation"; return 1; }
		count=$((count + 1))
	done <<-'END'
		io.mxc.profile=no-such-profile	no-such-profile
		io.mxc.profile=../../etc/passwd	profile
		io.mxc.filesytem.readonlyPaths=/x	filesystem
		io.mxc.policy={"filesystem":{"readwritePaths":["relative"]}}	readwritePaths\[0\]
		io.mxc.policy={"filesystem":{"readonlyPaths":["/no/such/path"]}}	readonlyPaths\[0\]
		io.mxc.policy={"network":{"egress":{"default":"allow"}}}	network
		io.mxc.policy={"ui":{"disable":false}}	ui
		io.mxc.policy={	policy
	END
	eventually 5 refused_events "$count"
}

@test "profile locked-down leaves nothing writable" {
	run -0 pod run --rm --network none --annotation io.mxc.profile=locked-down -v ws:/workspace "$IMAGE" sh -c \
		'cat /srv/data/readme; for d in / /etc /tmp /workspace /var/tmp /root; do (echo x > $d/x) 2>/dev/null && echo "wrote $d"; done; true'
	expect "$output" "read me"
}
