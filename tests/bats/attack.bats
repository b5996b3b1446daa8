# SPDX-License-Identifier: Apache-2.0
# Attacks on the policy from inside: each fails with the errno that the manual promises, by the program and by exec.
load ../lib/container
load ../lib/agent

setup_more() {
	needs mxc
	volumes_make
}

@test "an agent does in its read-write paths what it likes" {
	agent
	attack <<-END
		ok create /workspace/new
		ok write /workspace/new
		ok rename /workspace/new /workspace/newer
		ok open-truncate /workspace/newer
		ok truncate /workspace/newer
		ok chmod /workspace/newer 0600
		ok link /workspace/newer /workspace/hard
		ok unlink /workspace/hard
		ok unlink /workspace/newer
		ok mkdir /workspace/dir
		ok create /workspace/dir/file
		ok rename /workspace/dir/file /workspace/moved
		ok unlink /workspace/moved
		ok rmdir /workspace/dir
		ok symlink file /workspace/link
		ok read /workspace/link
		ok unlink /workspace/link
		ok mknod /workspace/fifo p
		ok unlink /workspace/fifo
		ok tmpfile /workspace
		ok listdir /workspace
	END
}

@test "an agent reads and runs what the image holds" {
	agent
	attack <<-END
		ok read /etc/passwd
		ok listdir /etc
		ok listdir /
		ok exec /bin/true
		ok|EPERM execveat /bin/true
		ok clone
		ok read /dev/zero
		ok read /dev/urandom
		ok open-write /dev/null
		ok read /proc/self/status
		ok unix-listen inner
		ok unix-connect inner
	END
}

@test "an agent cannot write, create, rename, link, truncate or make nodes outside its read-write paths" {
	agent
	attack <<-END
		EACCES|EROFS write /etc/passwd
		EACCES|EROFS open-truncate /etc/passwd
		EACCES|EROFS truncate /etc/passwd
		EACCES|EROFS create /etc/new
		EACCES|EROFS create /new
		EACCES|EROFS create /bin/new
		EACCES|EROFS create /home/new
		EACCES|EROFS tmpfile /etc
		EACCES|EROFS unlink /etc/passwd
		EACCES|EROFS mkdir /etc/dir
		EACCES|EROFS rmdir /home
		EACCES|EROFS symlink /etc/passwd /etc/link
		EACCES|EROFS mknod /etc/fifo p
		EACCES|EROFS mknod /etc/sock s
		EACCES|EROFS mknod /etc/file f
		EACCES|EROFS create /dev/new
		EACCES|EROFS|EXDEV rename /etc/passwd /etc/renamed
		EACCES|EROFS|EXDEV exchange /etc/passwd /etc/group
		EACCES|EROFS|EXDEV rename /workspace/file /etc/file
		EACCES|EROFS|EXDEV rename /etc/passwd /workspace/passwd
		EACCES|EROFS|EXDEV link /etc/passwd /etc/hard
		EACCES|EROFS|EXDEV link /etc/passwd /workspace/hard
		EACCES|EROFS|EXDEV link /workspace/file /etc/hard
		EACCES|EPERM|EROFS unix-listen /etc/sock
	END
}

@test "an agent cannot make devices, not even in its read-write paths" {
	agent
	attack <<-END
		EPERM|EACCES mknod /workspace/disk b 8 0
		EPERM|EACCES mknod /workspace/null c 1 3
		EPERM|EACCES mknod /workspace/mem c 1 1
	END
}

@test "an agent reads its read-only paths and does not change them, beneath a read-write path too" {
	agent
	attack <<-END
		ok read /ref/file
		ok listdir /ref
		ok read /workspace/.git/config
		ok listdir /workspace/.git
		EACCES|EROFS write /ref/file
		EACCES|EROFS create /ref/new
		EACCES|EROFS unlink /ref/file
		EACCES|EROFS write /workspace/.git/config
		EACCES|EROFS open-truncate /workspace/.git/config
		EACCES|EROFS truncate /workspace/.git/config
		EACCES|EROFS create /workspace/.git/hooks/post-commit
		EACCES|EROFS unlink /workspace/.git/config
		EACCES|EROFS mkdir /workspace/.git/dir
		EACCES|EROFS|EPERM chmod /workspace/.git/config 0777
		EACCES|EROFS|EPERM utime /workspace/.git/config
		EACCES|EROFS|EXDEV rename /workspace/.git/config /workspace/.git/other
		EACCES|EROFS|EXDEV rename /workspace/.git/config /workspace/config
		EACCES|EROFS|EXDEV rename /workspace/file /workspace/.git/file
		EACCES|EROFS|EXDEV link /workspace/.git/config /workspace/config
		EACCES|EBUSY|EXDEV rename /workspace/.git /workspace/git
		EACCES|EBUSY|EXDEV exchange /workspace/.git /workspace/a
		EACCES|EBUSY rmdir /workspace/.git
	END
	assert_equal "$(cat "$WORKSPACE/.git/config")" config
}

@test "an agent cannot open a denied path, yet sees that it is there" {
	agent
	attack <<-END
		EACCES read /workspace/.env
		EACCES write /workspace/.env
		EACCES|EROFS open-truncate /workspace/.env
		EACCES opath-read /workspace/.env
		EACCES exec /workspace/.env
		EACCES listdir /workspace/secret
		EACCES read /workspace/secret/key
		EACCES create /workspace/secret/new
		EACCES unlink /workspace/secret/key
		EACCES rename /workspace/secret/key /workspace/key
		EACCES rename /workspace/file /workspace/secret/file
		EACCES read /workspace/a/b/inner
		EACCES listdir /workspace/a/b
		ok stat /workspace/.env
		ok stat /workspace/secret
		ok listdir /workspace
	END
	assert_line .env
	assert_line secret
	assert_equal "$(cat "$WORKSPACE/.env")" token
}

@test "an agent cannot remove, move, change or replace a denied path" {
	agent
	local before
	before=$(workspace_now)
	attack <<-END
		EACCES|EROFS truncate /workspace/.env
		EACCES|EROFS|EPERM chmod /workspace/.env 0777
		EACCES|EROFS|EPERM chmod /workspace/secret 0777
		EACCES|EROFS|EPERM chown /workspace/.env 0 0
		EACCES|EBUSY|EROFS unlink /workspace/.env
		EACCES|EBUSY|EROFS rmdir /workspace/secret
		EACCES|EBUSY|EROFS|EXDEV rename /workspace/.env /workspace/env
		EACCES|EBUSY|EROFS|EXDEV rename /workspace/secret /workspace/open
		EACCES|EBUSY|EROFS|EXDEV rename /workspace/file /workspace/.env
		EACCES|EBUSY|EROFS|EXDEV exchange /workspace/file /workspace/.env
		EACCES|EROFS|EXDEV link /workspace/.env /workspace/env
		EACCES read /workspace/.env
	END
	assert_equal "$(workspace_now)" "$before"
}

@test "an agent cannot reach a denied path by another name" {
	ln -s .env "$WORKSPACE/link"
	ln -s /proc/self/root/workspace/secret "$WORKSPACE/linked"
	agent
	attack <<-END
		EACCES read /workspace/link
		EACCES opath-read /workspace/link
		EACCES read /workspace/linked/key
		EACCES read /workspace/../workspace/.env
		EACCES read /workspace/./.env
		EACCES read //workspace//.env
		EACCES read /proc/self/root/workspace/.env
		EACCES read /proc/thread-self/root/workspace/.env
		EACCES read /proc/self/root/workspace/secret/key
		EACCES|ENOENT read /proc/1/root/workspace/.env
		EPERM open-by-handle /workspace
	END
}

@test "a hard link that a list names is as denied as the file, whatever list it is in" {
	ln "$WORKSPACE/.env" "$BATS_TEST_TMPDIR/ref/hard" || skip "hard links"
	agent --policy '{"filesystem":{"readwritePaths":["/workspace"],"readonlyPaths":["/ref/hard"],"deniedPaths":["/workspace/.env"]}}'
	attack <<-END
		EACCES read /workspace/.env
		EACCES read /ref/hard
	END
}

@test "a symbolic link that a list names is as denied as what it leads to" {
	ln -s .env "$WORKSPACE/link"
	agent --policy '{"filesystem":{"readwritePaths":["/workspace"],"deniedPaths":["/workspace/link"]}}'
	attack <<-END
		EACCES read /workspace/link
		EACCES read /workspace/.env
	END
}

@test "a second bind of the workspace does not show what is denied in the first" {
	agent --policy '{"filesystem":{"readwritePaths":["/workspace","/work"],"deniedPaths":["/workspace/.env"]}}' \
		--jq '.mounts += [{ destination: "/work", type: "bind", source: "../workspace", options: ["rbind", "rw"] }]' -- \
		/bin/probe '!' read /workspace/.env -- '!' read /work/.env
	run mxc-runtime run agent
	[[ $output != *"read /work/.env: ok"* ]]
	[[ $output != *"read /workspace/.env: ok"* ]]
}

@test "an agent cannot rename what is above a denied path out of the way" {
	agent
	attack <<-END
		EACCES|EBUSY|EXDEV|EPERM rename /workspace/a /workspace/z
		EACCES|EBUSY|EXDEV|EPERM exchange /workspace/a /workspace/.git
		EACCES|EBUSY|EXDEV|EPERM|EROFS rename /workspace /moved
		EACCES read /workspace/a/b/inner
	END
	[[ -f $WORKSPACE/a/b/inner && ! -e $WORKSPACE/z ]]
}

@test "an agent cannot rename what is above a read-only path out of the way" {
	mkdir -p "$WORKSPACE/deep/er/kept"
	agent --policy '{"filesystem":{"readwritePaths":["/workspace"],"readonlyPaths":["/workspace/deep/er/kept"]}}'
	attack <<-END
		EACCES|EBUSY|EXDEV|EPERM rename /workspace/deep /workspace/z
		EACCES|EBUSY|EXDEV|EPERM rename /workspace/deep/er /workspace/deep/z
		EACCES|EROFS create /workspace/deep/er/kept/new
		ok create /workspace/deep/er/new
		ok unlink /workspace/deep/er/new
	END
}

@test "a denied path that does not exist cannot come into being, and leaves no trace" {
	local before
	before=$(workspace_now)
	agent --policy '{"filesystem":{"readwritePaths":["/workspace"],"deniedPaths":["/workspace/.mcp.json","/workspace/conf/deep/hooks"]}}'
	attack <<-END
		EACCES write /workspace/.mcp.json
		EACCES read /workspace/.mcp.json
		EACCES|EEXIST create /workspace/.mcp.json
		EACCES|EEXIST mkdir /workspace/.mcp.json
		EACCES|EEXIST symlink file /workspace/.mcp.json
		EACCES|EBUSY|EROFS|EXDEV rename /workspace/file /workspace/.mcp.json
		EACCES|EBUSY|EROFS unlink /workspace/.mcp.json
		EACCES|EEXIST create /workspace/conf/deep/hooks
		EACCES|EBUSY|EXDEV|EPERM rename /workspace/conf /workspace/c
	END
	assert_equal "$(workspace_now)" "$before"
}

@test "the most specific path wins, in both directions, whatever the order" {
	mkdir -p "$WORKSPACE/secret/open/shut"
	echo inner > "$WORKSPACE/secret/open/file"
	echo shut > "$WORKSPACE/secret/open/shut/file"
	agent --policy '{"filesystem":{"deniedPaths":["/workspace/secret/open/shut","/workspace/secret"],"readonlyPaths":["/workspace/.git"],
		"readwritePaths":["/workspace/.git/hooks","/workspace/secret/open","/workspace"]}}'
	attack <<-END
		ok read /workspace/secret/open/file
		ok write /workspace/secret/open/file
		EACCES|ENOENT read /workspace/secret/key
		EACCES read /workspace/secret/open/shut/file
		EACCES|EROFS write /workspace/.git/config
		ok create /workspace/.git/hooks/x
		ok unlink /workspace/.git/hooks/x
	END
}

@test "the same path in two lists gets the strictest of them" {
	agent --policy '{"filesystem":{"readwritePaths":["/workspace","/workspace/.env","/ref"],"readonlyPaths":["/workspace/.env","/ref"],"deniedPaths":["/workspace/.env"]}}'
	attack <<-END
		EACCES read /workspace/.env
		ok read /ref/file
		EACCES|EROFS write /ref/file
	END
}

@test "a volume of the engine that no grant covers is denied" {
	agent
	attack <<-END
		EACCES read /data/file
		EACCES listdir /data
		EACCES|EROFS write /data/file
		EACCES|EROFS create /data/new
	END
}

@test "a grant does not make a read-only volume writable" {
	agent --jq '(.mounts[] | select(.destination == "/workspace").options) = ["rbind", "ro"]'
	attack <<-END
		ok read /workspace/file
		EROFS|EACCES write /workspace/file
		EROFS|EACCES create /workspace/new
		EACCES read /workspace/.env
	END
}

@test "an agent without any grant reads the image and writes nothing" {
	agent --policy '{}'
	attack <<-END
		ok read /etc/passwd
		EACCES|EROFS create /tmp/new
		EACCES read /workspace/file
		EACCES|EROFS create /workspace/new
	END
}

@test "with base none only what is granted can be opened" {
	agent --policy '{"filesystem":{"base":"none","readonlyPaths":["/bin"]},"exec":{"paths":["/bin"]}}'
	attack <<-END
		EACCES read /etc/passwd
		EACCES listdir /etc
		ok read /bin/probe
		ok exec /bin/true
	END
}

@test "a program that the agent could have written does not run" {
	# Where vm.memfd_noexec is not ours to set, anonymous memory is closed altogether.
	local memfd=ok
	! rootless || memfd='ok|EPERM'
	agent
	attack <<-END
		EACCES exec /workspace/true
		EACCES|EPERM execveat /workspace/true
		EACCES|EPERM memfd-exec
		$memfd memfd-create
		ok exec /bin/true
	END
}

@test "a program of the agent's runs when @rw is listed" {
	agent --policy '{"filesystem":{"readwritePaths":["/workspace"]},"exec":{"paths":["@base","@rw"]}}'
	attack <<-END
		ok exec /workspace/true
		EACCES|EPERM memfd-exec
	END
}

@test "only the listed programs run" {
	cp "$MXC_TEST_WORK/probe" "$BATS_TEST_TMPDIR/ref/true"
	agent --policy '{"filesystem":{"readonlyPaths":["/ref"]},"exec":{"paths":["/bin/probe"]}}'
	attack <<-END
		ok exec /bin/probe print x
		EACCES exec /ref/true
		EACCES exec /bin/busybox true
	END
}

@test "nothing under /proc or /sys can be written" {
	agent
	attack <<-END
		EACCES|EROFS open-write /proc/sys/kernel/hostname
		EACCES|EROFS open-write /proc/sys/kernel/core_pattern
		EACCES|EROFS open-write /proc/sys/vm/memfd_noexec
		EACCES|EROFS open-write /proc/sys/net/ipv4/ip_forward
		EACCES|EROFS|EPERM|ENOENT open-write /proc/sysrq-trigger
		EACCES|EROFS open-write /proc/self/oom_score_adj
		EACCES|EROFS open-write /proc/self/comm
		EACCES|EROFS|EPERM open-write /proc/self/mem
		EACCES|EROFS|EPERM open-write /proc/self/uid_map
		EACCES|EROFS|EPERM|ENOENT open-write /proc/self/attr/exec
		EACCES|EROFS|EPERM|ENOENT open-write /proc/1/mem
		EACCES|EROFS|EPERM|ENOENT open-write /sys/kernel/uevent_helper
		EACCES|EROFS mkdir /sys/fs/cgroup/escape
		EACCES|EROFS open-write /sys/fs/cgroup/cgroup.procs
		EACCES|ok|ENOENT cat /proc/kcore
		EACCES|EROFS|ENOENT create /proc/new
	END
}

@test "an agent cannot mount, unmount or move its root" {
	agent
	attack <<-END
		EPERM mount tmpfs /workspace tmpfs
		EPERM mount proc /workspace proc
		EPERM bind /etc /workspace
		EPERM remount /workspace/.git
		EPERM remount /
		EPERM make-shared /
		EPERM umount /workspace/.env
		EPERM umount /workspace
		EPERM umount /proc
		EPERM fsopen tmpfs
		EPERM fspick /
		EPERM open-tree /workspace
		EPERM move-mount /workspace /ref
		EPERM mount-setattr /workspace/.git
		EPERM chroot /workspace
		EPERM pivot /workspace /workspace
	END
}

@test "an agent makes and joins no namespaces" {
	agent
	attack <<-END
		EPERM unshare user
		EPERM unshare mount
		EPERM unshare pid
		EPERM unshare network
		EPERM unshare cgroup
		EPERM unshare ipc
		EPERM unshare uts
		EPERM unshare time
		EPERM setns /proc/self/ns/net
		EPERM setns /proc/self/ns/mnt
		EPERM clone user
		EPERM clone mount
		EPERM clone network
		EPERM clone pid
		ENOSYS clone3
		ok clone
	END
}

@test "an agent does not reach into other processes" {
	agent
	attack <<-END
		EPERM ptrace
		EPERM ptrace 1
		EPERM ptrace-me
		EPERM vm-read
		EPERM vm-write
		EPERM vm-write 1
		EPERM kcmp
		EPERM pidfd-getfd
	END
}

@test "the kernel's rarer doors are closed" {
	agent
	attack <<-END
		EPERM io_uring
		EPERM keyctl
		EPERM add-key
		EPERM request-key
		EPERM bpf
		EPERM userfaultfd
		EPERM perf
		EPERM vmsplice
		EPERM init-module
		EPERM reboot
		ENOSYS|EPERM unknown-call
		EPERM|ENOSYS x32
		EPERM i386
		EPERM tiocsti
		EPERM tiocsti-high
		EPERM tioclinux
		EPERM sethostname other
	END
}

@test "only ordinary socket families are open" {
	agent
	attack <<-END
		ok socket unix
		ok socket inet
		ok socket inet6
		ok socket udp
		ok socket netlink
		EPERM|EAFNOSUPPORT socket netlink 9
		EPERM|EAFNOSUPPORT socket netlink 12
		EPERM|EACCES|EAFNOSUPPORT socket raw 1
		EPERM|EAFNOSUPPORT socket packet
		EPERM|EAFNOSUPPORT socket vsock
		EPERM|EAFNOSUPPORT socket alg
		EPERM|EAFNOSUPPORT socket bluetooth
		EPERM|EAFNOSUPPORT socket xdp
		EPERM|EAFNOSUPPORT socket can
	END
}

@test "an agent may still sandbox its own tools" {
	agent
	attack <<-END
		ok seccomp-self
		ok landlock-self
	END
}

@test "an agent has no capabilities unless the policy allows them" {
	agent -- /bin/probe caps -- seccomp-status -- '!' setuid 1000 -- '!' chown /workspace/file 1 1 -- '!' nice -5
	run mxc-runtime run agent
	assert_match "CapEff:.0000000000000000"
	assert_match "CapPrm:.0000000000000000"
	assert_match "CapBnd:.0000000000000000"
	assert_match "CapInh:.0000000000000000"
	assert_match "CapAmb:.0000000000000000"
	assert_match "NoNewPrivs:.1"
	assert_match "Seccomp:.2"
	probe_said "nice -5" "EPERM|EACCES"
}

@test "a policy allows capabilities within those of config.json, never beyond" {
	agent --policy '{"capabilities":{"allow":["CAP_KILL","CAP_SYS_ADMIN"]}}' -- /bin/probe caps
	run mxc-runtime run agent
	[[ $status -ne 0 ]] || assert_match "CapEff:.0000000000000020"
}

@test "an agent has no new privileges, whatever config.json says" {
	agent --jq '.process.noNewPrivileges = false' -- /bin/probe seccomp-status
	run -0 mxc-runtime run agent
	assert_match "NoNewPrivs:.1"
}

@test "config.json's own filter holds beside the policy's" {
	agent --jq '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: ["mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 38 }] }'
	attack <<-END
		ENOSYS mkdir /workspace/x
		EPERM io_uring
	END
}

@test "the strict profile has no sockets" {
	agent --policy '{"syscalls":{"profile":"strict"}}'
	attack <<-END
		EPERM|EAFNOSUPPORT socket unix
		EPERM|EAFNOSUPPORT socket inet
		EPERM|EAFNOSUPPORT socket netlink
		EPERM ptrace
		ok clone
	END
}

@test "the developer profile traces within the container, and opens nothing else" {
	agent --policy '{"syscalls":{"profile":"developer"}}'
	attack <<-END
		ok ptrace-me
		EPERM bpf
		EPERM io_uring
		EPERM mount tmpfs /workspace tmpfs
	END
}

@test "the policy's own lists refine the profile, deny wins" {
	agent --policy '{"filesystem":{"readwritePaths":["/workspace"]},"syscalls":{"allow":["vmsplice","keyctl"],"deny":["keyctl","mkdirat"]}}'
	attack <<-END
		ok vmsplice
		EPERM keyctl
		EPERM mkdir /workspace/x
	END
}

@test "an agent's network is a loopback and nothing else" {
	agent -- /bin/probe interfaces
	run -0 mxc-runtime run agent
	assert_equal "$(grep -c ^interface: <<< "$output")" 1
	assert_line "interface: lo"
}

@test "a policy without network on the host's network is refused" {
	agent --no-net --policy '{"network":{"egress":{"default":"deny"}}}' -- /bin/probe exit 0
	run mxc-runtime run agent
	assert_refusal network
	no_state
}

@test "an agent connects to no abstract socket of a neighbour and signals no neighbour" {
	needs root
	bundle --name neighbour -- /bin/probe unix-listen neighbour -- sleep 60
	start_container neighbour
	local pid
	pid=$(pid_of neighbour)
	agent --jq ".linux.namespaces |= map(if IN(.type; \"network\", \"pid\") then .path = \"/proc/$pid/ns/\" + ({ network: \"net\" }[.type] // .type) else . end)" -- \
		/bin/probe '!' unix-connect neighbour -- '!' signal 1 0 -- '!' signal 1 9
	run mxc-runtime run agent
	mxc-runtime delete --force neighbour
	probe_said "unix-connect neighbour" EPERM
	probe_said "signal 1 0" "EPERM|ESRCH"
	probe_said "signal 1 9" "EPERM|ESRCH"
}

@test "a neighbour without a policy is reached, or the test above shows nothing" {
	needs root
	bundle --name neighbour -- /bin/probe unix-listen neighbour -- sleep 60
	start_container neighbour
	local pid
	pid=$(pid_of neighbour)
	bundle --jq ".linux.namespaces |= map(if IN(.type; \"network\", \"pid\") then .path = \"/proc/$pid/ns/\" + ({ network: \"net\" }[.type] // .type) else . end)" -- \
		/bin/probe unix-connect neighbour -- signal 1 0
	run -0 mxc-runtime run agent
	mxc-runtime delete --force neighbour
}

@test "an agent cannot leave a descriptor or working directory of the host behind" {
	agent -- /bin/probe fds -- cwd -- read ../../../../../../etc/passwd
	exec 9< "$WORKSPACE/.env"
	run mxc-runtime run agent
	exec 9<&-
	refute_match "fd: ([3-9]|[1-9][0-9]+) "
	local fd
	for fd in 3 4 5 6 7 8 9; do
		config --arg cwd "/proc/self/fd/$fd" '.process.cwd = $cwd | .process.args = ["/bin/probe", "cwd", "--", "listdir", "."]'
		run mxc-runtime run agent
		[[ $status -ne 0 ]] || fail "descriptor $fd was a working directory"
	done
}

@test "single fields in annotations make a policy" {
	agent --annotation io.mxc.filesystem.readwritePaths=/workspace --annotation io.mxc.filesystem.deniedPaths=/workspace/.env,/workspace/secret
	attack <<-END
		ok create /workspace/new
		ok unlink /workspace/new
		EACCES read /workspace/.env
		EACCES read /workspace/secret/key
		EACCES|EROFS create /etc/new
		EPERM mount tmpfs /workspace tmpfs
	END
}

@test "a later source refines an earlier one: lists are replaced, denied paths accumulate" {
	agent --policy '{"filesystem":{"readwritePaths":["/ref"],"deniedPaths":["/workspace/.env"]}}' \
		--annotation io.mxc.filesystem.readwritePaths=/workspace --annotation io.mxc.filesystem.deniedPaths=/workspace/secret
	attack <<-END
		ok write /workspace/file
		EACCES read /workspace/.env
		EACCES read /workspace/secret/key
		EACCES|EROFS write /ref/file
	END
}

@test "the coding profile: the workspace is writable and executable, what others would run is not writable, no network" {
	coding --jq '.process.cwd = "/workspace"'
	touch "$WORKSPACE/.env"
	attack <<-END
		ok write /workspace/file
		ok exec /workspace/true
		ok read /workspace/.git/config
		EACCES|EROFS write /workspace/.git/config
		EACCES|EROFS create /workspace/.git/hooks/post-commit
		EACCES read /workspace/.env
		EACCES|EROFS create /etc/new
		EPERM mount tmpfs /workspace tmpfs
		EPERM ptrace
	END
}

@test "a name in the workspace that changes while the container is made opens nothing" {
	mkdir "$WORKSPACE/real"
	ln -s /etc "$WORKSPACE/fake"
	agent --policy '{"filesystem":{"readwritePaths":["/workspace"],"deniedPaths":["/workspace/real"]}}' -- \
		/bin/probe '!' create /etc/raced -- '!' read /etc/passwd
	"$MXC_TEST_WORK/probe" race "$WORKSPACE/real" "$WORKSPACE/fake" 4000 > /dev/null 3>&- &
	local job=$! i
	for (( i = 0; i < 30; i++ )); do
		run mxc-runtime run agent
		[[ $output != *"create /etc/raced: ok"* ]]
	done
	kill "$job" 2>/dev/null || true
	wait "$job" || true
	[[ ! -e $ROOTFS/etc/raced && ! -e /etc/raced ]]
}

@test "the wall-clock limit ends the container with everything in it" {
	agent --policy '{"process":{"timeout":500}}' -- /bin/probe ignore 15 -- spawn 600 -- sleep 600
	local before=$SECONDS
	run mxc-runtime run agent
	(( SECONDS - before < 20 ))
	[[ $status -ne 0 ]]
}

@test "an exec'd process cannot be given more than the container has" {
	agent -- /bin/probe sleep 60
	start_container agent
	jq -n '{ user: { uid: 0, gid: 0 }, args: ["/bin/probe", "caps", "--", "seccomp-status", "--", "!", "read", "/workspace/.env"], cwd: "/",
		env: ["PATH=/bin"], noNewPrivileges: false, capabilities: (["CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE"] | { bounding: ., effective: ., permitted: ., inheritable: . }) }' > process.json
	run mxc-runtime exec --process process.json agent
	mxc-runtime delete --force agent
	if [[ $output == *CapEff* ]]; then
		assert_match "CapEff:.0000000000000000"
		assert_match "CapBnd:.0000000000000000"
		assert_match "NoNewPrivs:.1"
		assert_match "Seccomp:.2"
		probe_said "read /workspace/.env" EACCES
	else
		[[ $status -ne 0 ]]
	fi
}
