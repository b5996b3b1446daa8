# SPDX-License-Identifier: Apache-2.0
# seccomp as config.json describes it.
load ../lib/container

teardown_more() {
	[[ ! ${AGENT:-} ]] || kill -KILL "$AGENT" 2>/dev/null || true
}

# with_rules RULES [FILTER]: the bundle's filter: everything is allowed but what the rules say.
with_rules() {
	config --argjson rules "$1" '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls: $rules }'
	config "${2:-.}"
}

# agent_listens continue|ERRNO: who answers the notifications.
agent_listens() {
	rm -f "$BATS_TEST_TMPDIR/agent.sock" "$BATS_TEST_TMPDIR/agent.json"
	"$MXC_TEST_SOURCE/tests/lib/seccomp-agent" "$BATS_TEST_TMPDIR/agent.sock" "$BATS_TEST_TMPDIR/agent.json" "$1" 3>&- > /dev/null 2>&1 &
	AGENT=$!
	eventually test -S "$BATS_TEST_TMPDIR/agent.sock"
}

# What the agent noted, once it has nobody left to answer.
agent_noted() {
	wait "$AGENT" || fail "the agent failed"
	AGENT=
	jq -e "$@" "$BATS_TEST_TMPDIR/agent.json" > /dev/null || fail "the agent noted: $(< "$BATS_TEST_TMPDIR/agent.json")"
}

listening() {
	config --arg path "$BATS_TEST_TMPDIR/agent.sock" '.linux.seccomp += { listenerPath: $path, listenerMetadata: "meta data" }'
}

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

@test "each action does what it is named for" {
	bundle -- /bin/probe mkdir /dev/shm/x
	local action
	for action in KILL KILL_THREAD KILL_PROCESS TRAP; do
		with_rules "[{ \"names\": [\"mkdirat\"], \"action\": \"SCMP_ACT_$action\" }]"
		run -159 mxc-runtime run agent
	done
	for action in ALLOW LOG; do
		with_rules "[{ \"names\": [\"mkdirat\"], \"action\": \"SCMP_ACT_$action\" }]"
		run -0 mxc-runtime run agent
		probe_said "mkdir /dev/shm/x" ok
	done
	with_rules '[{ "names": ["mkdirat"], "action": "SCMP_ACT_ERRNO" }]'
	run mxc-runtime run agent
	probe_said "mkdir /dev/shm/x" EPERM
	# Nobody traces: the call is not there.
	with_rules '[{ "names": ["mkdirat"], "action": "SCMP_ACT_TRACE", "errnoRet": 7 }]'
	run mxc-runtime run agent
	probe_said "mkdir /dev/shm/x" ENOSYS
}

@test "each operator compares as it is named" {
	bundle -- /bin/probe '!' nice 4 -- '!' nice 5 -- '!' nice 6
	local operator first second third
	while read -r operator first second third; do
		with_rules "[{ \"names\": [\"setpriority\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 38,
			\"args\": [{ \"index\": 2, \"value\": 5, \"op\": \"SCMP_CMP_$operator\" }] }]"
		run -0 mxc-runtime run agent
		probe_said "nice 4" "$first"
		probe_said "nice 5" "$second"
		probe_said "nice 6" "$third"
	done <<- END
		NE ENOSYS ok     ENOSYS
		LT ENOSYS ok     ok
		LE ENOSYS ENOSYS ok
		EQ ok     ENOSYS ok
		GE ok     ENOSYS ENOSYS
		GT ok     ok     ENOSYS
	END
	with_rules '[{ "names": ["setpriority"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38,
		"args": [{ "index": 2, "value": 1, "valueTwo": 1, "op": "SCMP_CMP_MASKED_EQ" }] }]'
	run -0 mxc-runtime run agent
	probe_said "nice 4" ok
	probe_said "nice 5" ENOSYS
	probe_said "nice 6" ok
}

@test "conditions on several arguments must all hold, those on one argument are alternatives" {
	bundle -- /bin/probe '!' nice 4 -- '!' nice 5 -- '!' nice 6
	with_rules '[{ "names": ["setpriority"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38,
		"args": [{ "index": 0, "value": 0, "op": "SCMP_CMP_EQ" }, { "index": 2, "value": 5, "op": "SCMP_CMP_EQ" }] }]'
	run -0 mxc-runtime run agent
	probe_said "nice 4" ok
	probe_said "nice 5" ENOSYS
	with_rules '[{ "names": ["setpriority"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38,
		"args": [{ "index": 2, "value": 4, "op": "SCMP_CMP_EQ" }, { "index": 2, "value": 6, "op": "SCMP_CMP_EQ" }] }]'
	run -0 mxc-runtime run agent
	probe_said "nice 4" ENOSYS
	probe_said "nice 5" ok
	probe_said "nice 6" ENOSYS
}

@test "of two rules about one call the first counts, and a rule that only repeats the default changes nothing" {
	bundle -- /bin/probe '!' mkdir /dev/shm/x -- '!' nice 5
	with_rules '[{ "names": ["mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38 }, { "names": ["mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38 },
		{ "names": ["setpriority"], "action": "SCMP_ACT_ALLOW" }, { "names": ["setpriority"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38 }]'
	run -0 mxc-runtime run agent
	probe_said "mkdir /dev/shm/x" ENOSYS
	probe_said "nice 5" ENOSYS
}

@test "an errno that the action cannot return is an error" {
	needs mxc
	bundle -- /bin/probe exit 0
	with_rules '[{ "names": ["mkdirat"], "action": "SCMP_ACT_KILL", "errnoRet": 1 }]'
	run mxc-runtime run agent
	assert_refusal SCMP_ACT_KILL 'linux.seccomp.syscalls[0]'
	with_rules '[]' '.linux.seccomp.defaultErrnoRet = 1'
	run mxc-runtime run agent
	assert_refusal SCMP_ACT_ALLOW linux.seccomp.defaultAction
	with_rules '[{ "names": ["mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 4096 }]'
	run mxc-runtime run agent
	assert_refusal 4096 'linux.seccomp.syscalls[0]'
	with_rules '[{ "names": [], "action": "SCMP_ACT_ERRNO" }]'
	run mxc-runtime run agent
	assert_refusal 'linux.seccomp.syscalls[0]'
}

@test "the flags of config.json are the kernel's; those that mean nothing here are left out" {
	needs mxc
	needs root
	bundle -- /bin/probe seccomp-status
	with_rules '[{ "names": ["mkdirat"], "action": "SCMP_ACT_ERRNO" }]' '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"]'
	run -0 strace -f -qq -e trace=seccomp -o "$BATS_TEST_TMPDIR/trace" "$MXC_RUNTIME" --root "$STATE" run agent
	grep -qE 'seccomp\(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG\|SECCOMP_FILTER_FLAG_SPEC_ALLOW, ' "$BATS_TEST_TMPDIR/trace"
	config '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]'
	run -0 strace -f -qq -e trace=seccomp -o "$BATS_TEST_TMPDIR/trace" "$MXC_RUNTIME" --root "$STATE" run agent
	grep -qE 'seccomp\(SECCOMP_SET_MODE_FILTER, 0, ' "$BATS_TEST_TMPDIR/trace"
}

@test "architectures of other machines are taken and change nothing" {
	needs mxc
	bundle -- /bin/probe '!' mkdir /dev/shm/x
	with_rules '[{ "names": ["mkdirat"], "action": "SCMP_ACT_ERRNO" }]' \
		'.linux.seccomp.architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64", "SCMP_ARCH_S390X", "SCMP_ARCH_PPC", "SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_SHEB"]'
	run -0 mxc-runtime run agent
	probe_said "mkdir /dev/shm/x" EPERM
}

@test "a call of the 32-bit interface is judged where config.json names it, and kills where it does not" {
	[[ $(uname -m) == x86_64 ]] || skip "x86_64"
	bundle -- /bin/probe '!' i386
	with_rules '[{ "names": ["getpid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38 }]' '.linux.seccomp.architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]'
	run -0 mxc-runtime run agent
	probe_said i386 ENOSYS
	config '.linux.seccomp.architectures = ["SCMP_ARCH_X86_64"]'
	run -0 mxc-runtime run agent
	assert_match "i386: killed by signal 31"
}

@test "the listener gets the descriptor and the container process state" {
	needs mxc
	agent_listens 38
	bundle --annotation com.example.key=value -- /bin/probe '!' mkdir /dev/shm/x -- sleep 0
	with_rules '[{ "names": ["mkdirat"], "action": "SCMP_ACT_NOTIFY" }]'
	listening
	run -0 mxc-runtime run agent
	probe_said "mkdir /dev/shm/x" ENOSYS
	agent_noted --arg bundle "$BUNDLE" '.fds == 1 and .closed and .calls == [258] and (.state | .ociVersion == "1.3.0" and .fds == ["seccompFd"] and .pid > 1
		and .metadata == "meta data" and .state.id == "agent" and .state.pid == .pid and .state.status == "created" and .state.bundle == $bundle
		and .state.annotations == { "com.example.key": "value" })'
}

@test "a further process has a listener of its own" {
	needs mxc
	agent_listens 38
	bundle -- /bin/probe sleep 60
	with_rules '[{ "names": ["mkdirat"], "action": "SCMP_ACT_NOTIFY" }]'
	listening
	start_container agent
	local pid first=$AGENT
	pid=$(pid_of agent)
	eventually test -s "$BATS_TEST_TMPDIR/agent.json"
	agent_listens continue
	run -0 mxc-runtime exec agent /bin/probe mkdir /dev/shm/x
	probe_said "mkdir /dev/shm/x" ok
	agent_noted --argjson pid "$pid" '.calls == [258] and (.state | .pid != $pid and .pid > 1 and .state.pid == $pid and .state.status == "running")'
	mxc-runtime delete --force agent
	wait "$first"
}

@test "calls that the runtime itself would need may be asked about too" {
	needs mxc
	agent_listens continue
	bundle -- /bin/probe mkdir /dev/shm/x
	with_rules '[{ "names": ["mkdirat", "sendmsg", "write", "close", "execve", "sched_yield", "futex"], "action": "SCMP_ACT_NOTIFY" }]'
	listening
	run -0 mxc-runtime run agent
	probe_said "mkdir /dev/shm/x" ok
	agent_noted '.fds == 1 and .closed and (.calls | index(59) and index(258) and index(1))'
}

@test "the listener is there without no_new_privs too" {
	needs mxc
	needs root
	agent_listens 38
	bundle -- /bin/probe '!' mkdir /dev/shm/x
	with_rules '[{ "names": ["mkdirat", "sendmsg"], "action": "SCMP_ACT_NOTIFY" }]' '.process.noNewPrivileges = false'
	listening
	run -0 mxc-runtime run agent
	probe_said "mkdir /dev/shm/x" ENOSYS
	agent_noted '.fds == 1 and .closed'
}

@test "under a policy the listener answers what the policy leaves, and no more" {
	needs mxc
	agent_listens continue
	bundle --policy '{}' -- /bin/probe '!' mkdir /dev/shm/x -- '!' keyctl -- seccomp-status
	with_rules '[{ "names": ["mkdirat", "keyctl"], "action": "SCMP_ACT_NOTIFY" }]'
	listening
	run -0 mxc-runtime run agent
	assert_match "Seccomp_filters:.2"
	refute_match "keyctl: ok"
	agent_noted '.fds == 1 and .closed and (.calls | index(258))'
}

@test "a listener that nobody listens on, or that is not named, is an error" {
	needs mxc
	bundle -- /bin/probe exit 0
	with_rules '[{ "names": ["mkdirat"], "action": "SCMP_ACT_NOTIFY" }]'
	run mxc-runtime run agent
	assert_refusal linux.seccomp.listenerPath SCMP_ACT_NOTIFY
	config '.linux.seccomp.listenerPath = "/nonesuch/agent.sock"'
	run mxc-runtime run agent
	assert_refusal /nonesuch/agent.sock
	config 'del(.linux.seccomp.listenerPath) | .linux.seccomp.listenerMetadata = "x"'
	run mxc-runtime run agent
	assert_refusal linux.seccomp.listenerMetadata
	with_rules '[]' '.linux.seccomp.listenerPath = "/nonesuch/agent.sock"'
	run -0 mxc-runtime run agent
}
