# SPDX-License-Identifier: Apache-2.0
# The other side of the attacks: without a policy, and with every capability, the same acts succeed, so their failure means something.
load ../lib/container
load ../lib/agent

setup_more() {
	volumes_make
}

all_capabilities='(.process.capabilities[]) = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_KILL", "CAP_SETUID", "CAP_SYS_ADMIN", "CAP_SYS_CHROOT",
	"CAP_SYS_PTRACE", "CAP_MKNOD", "CAP_NET_RAW", "CAP_NET_ADMIN", "CAP_BPF", "CAP_PERFMON"] | .process.noNewPrivileges = false'

@test "without a policy the acts on files succeed" {
	agent --no-policy
	attack <<-END
		ok read /workspace/.env
		ok write /workspace/.env
		ok opath-read /workspace/.env
		ok listdir /workspace/secret
		ok read /data/file
		ok write /etc/passwd
		ok create /etc/new
		ok truncate /etc/new
		ok rename /etc/new /etc/newer
		ok link /etc/newer /etc/hard
		ok unlink /etc/hard
		ok unlink /etc/newer
		ok symlink passwd /etc/link
		ok unlink /etc/link
		ok mknod /etc/fifo p
		ok unlink /etc/fifo
		ok mkdir /etc/dir
		ok rmdir /etc/dir
		ok tmpfile /etc
		ok rename /workspace/a /workspace/z
		ok rename /workspace/z /workspace/a
		ok exec /workspace/true
		ok execveat /workspace/true
		ok memfd-exec
		ok open-write /proc/self/comm
		ok open-write /proc/self/oom_score_adj
	END
}

@test "without a policy the acts on the kernel succeed, or fail for another reason than a filter" {
	needs root
	agent --no-policy --jq "$all_capabilities"
	attack <<-END
		ok io_uring
		ok keyctl
		ok add-key
		ok userfaultfd
		ok vmsplice
		ok ptrace
		ok ptrace-me
		ok vm-read
		ok vm-write
		ok kcmp
		ok pidfd-getfd
		ok open-by-handle /workspace
		ok tiocsti
		ok tiocsti-high
		ok bpf
		ok perf
		ok clone user
		ok clone mount
		ok clone3
		ok socket packet
		ok socket raw 1
		ok socket netlink 12
		ok i386
		ENOSYS unknown-call
	END
}

@test "without a policy mounts, roots and namespaces can be changed" {
	needs root
	agent --no-policy --jq "$all_capabilities" -- /bin/probe mount tmpfs /work tmpfs -- bind /etc /work -- umount /work -- fsopen tmpfs -- open-tree /workspace -- \
		unshare uts -- setns /proc/self/ns/net -- remount / -- chroot /
	run -0 mxc-runtime run agent
}
