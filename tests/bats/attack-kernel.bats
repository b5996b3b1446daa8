# SPDX-License-Identifier: Apache-2.0
# Attacks on what is no file: the kernel, other processes, the network; and what a policy is made of. Beside attack.bats.
load ../lib/container
load ../lib/agent

teardown_more() {
	[[ ! ${HOLDER:-} ]] || kill -KILL "$HOLDER" 2>/dev/null || true
}

setup_more() {
	needs mxc
	volumes_make
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

@test "a network that the engine gave with an interface in it is refused by create" {
	needs root
	needs ip
	unshare --net sh -c 'ip link add mxc0 type veth peer name mxc1 && exec sleep 60' 3>&- &
	HOLDER=$!
	eventually grep -q mxc0 "/proc/$HOLDER/net/dev"
	agent --jq "(.linux.namespaces[] | select(.type == \"network\")).path = \"/proc/$HOLDER/ns/net\"" -- /bin/probe exit 0
	run -1 mxc-runtime create agent
	assert_match "network interface 'mxc[01]'"
	assert_match "--network=none"
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
