# SPDX-License-Identifier: Apache-2.0
# seccomp as config.json describes it.
load ../lib/container

@test "a call that the filter names fails with the errno of its rule" {
	bundle --jq '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{ names: ["mkdirat"], action: "SCMP_ACT_ERRNO" }, { names: ["unlinkat"], action: "SCMP_ACT_ERRNO", errnoRet: 38 }] }' -- \
		/bin/probe '!' mkdir /dev/shm/x -- '!' unlink /dev/shm/y -- create /dev/shm/z -- seccomp-status
	run -0 mxc-runtime run agent
	probe_said "mkdir /dev/shm/x" EPERM
	probe_said "unlink /dev/shm/y" ENOSYS
	probe_said "create /dev/shm/z" ok
	assert_match "Seccomp:.2"
}

@test "a rule on an argument applies to that argument alone" {
	bundle --jq '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: ["socket"], action: "SCMP_ACT_ERRNO", errnoRet: 97,
		args: [{ index: 0, value: 16, op: "SCMP_CMP_EQ" }] }] }' -- /bin/probe '!' socket netlink -- socket unix
	run -0 mxc-runtime run agent
	probe_said "socket netlink" EAFNOSUPPORT
	probe_said "socket unix" ok
}

@test "the default action applies to what no rule names" {
	bundle --jq '.linux.seccomp = { defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 1, syscalls: [{ action: "SCMP_ACT_ALLOW", names: [
		"read", "write", "exit_group", "exit", "brk", "mmap", "munmap", "mprotect", "fstat", "newfstatat", "execve", "arch_prctl", "uname", "readlink", "readlinkat",
		"set_tid_address", "set_robust_list", "rseq", "prlimit64", "getrandom", "close", "futex", "ioctl", "openat", "prctl", "seccomp", "fcntl", "close_range", "getpid", "capset", "setuid", "setgid", "chdir"] }] }' -- \
		/bin/probe '!' mkdir /dev/shm/x
	run -0 mxc-runtime run agent
	probe_said "mkdir /dev/shm/x" EPERM
}

@test "a call that is killed for ends the program by SIGSYS" {
	bundle --jq '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: ["mkdirat"], action: "SCMP_ACT_KILL_PROCESS" }] }' -- /bin/probe mkdir /dev/shm/x
	run -159 mxc-runtime run agent
}

@test "the filter holds without no_new_privs too" {
	needs root
	bundle --jq '.process.noNewPrivileges = false | .linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: ["mkdirat"], action: "SCMP_ACT_ERRNO" }] }' -- \
		/bin/probe '!' mkdir /dev/shm/x -- seccomp-status
	run -0 mxc-runtime run agent
	probe_said "mkdir /dev/shm/x" EPERM
	assert_match "NoNewPrivs:.0"
}

@test "exec is under the filter too" {
	bundle --jq '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: ["mkdirat"], action: "SCMP_ACT_ERRNO" }] }' -- /bin/probe sleep 60
	start_container agent
	run mxc-runtime exec agent /bin/probe '!' mkdir /dev/shm/x
	probe_said "mkdir /dev/shm/x" EPERM
	mxc-runtime delete --force agent
}

@test "a system call that no library knows is passed over, as engines' profiles need" {
	bundle --jq '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: ["nonesuch_call", "mkdirat"], action: "SCMP_ACT_ERRNO" }] }' -- /bin/probe '!' mkdir /dev/shm/x
	run -0 mxc-runtime run agent
	probe_said "mkdir /dev/shm/x" EPERM
}

@test "an action that does not exist is an error that names it" {
	bundle --jq '.linux.seccomp = { defaultAction: "SCMP_ACT_NONESUCH" }' -- /bin/probe exit 0
	run mxc-runtime run agent
	[[ $status -ne 0 ]]
	assert_match SCMP_ACT_NONESUCH
}

@test "an operator that does not exist is an error that names it" {
	needs mxc
	bundle --jq '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: ["socket"], action: "SCMP_ACT_ERRNO", args: [{ index: 0, value: 1, op: "SCMP_CMP_NONESUCH" }] }] }' -- /bin/probe exit 0
	run mxc-runtime run agent
	assert_refusal config.json SCMP_CMP_NONESUCH
}
