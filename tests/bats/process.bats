# SPDX-License-Identifier: Apache-2.0
# The process as config.json describes it: user, groups, directory, environment, limits, capabilities.
load ../lib/container

@test "the process has the working directory, environment and arguments of config.json" {
	bundle --jq '.process.cwd = "/etc" | .process.env = ["PATH=/bin", "GREETING=good day", "EMPTY="]' -- /bin/probe cwd -- env -- print "two words"
	run -0 mxc-runtime run agent
	assert_line "cwd: /etc"
	assert_line "env: GREETING=good day"
	assert_line "env: EMPTY="
	assert_line "print: two words"
}

@test "nothing of the caller's environment reaches the process" {
	bundle -- /bin/probe env
	export SECRET_OF_THE_CALLER=1
	run -0 mxc-runtime run agent
	refute_match SECRET_OF_THE_CALLER
	assert_match "env: TERM=xterm"
}

@test "a working directory that does not exist is made, or refused by name" {
	bundle --jq '.process.cwd = "/nonesuch"' -- /bin/probe cwd
	run mxc-runtime run agent
	if [[ $status -eq 0 ]]; then
		assert_line "cwd: /nonesuch"
	else
		assert_match nonesuch
	fi
}

@test "the process runs as the user, group and additional groups of config.json" {
	needs root
	bundle --jq '.process.user = { uid: 1000, gid: 1001, additionalGids: [5, 6] }' -- /bin/probe id
	run -0 mxc-runtime run agent
	assert_match "id: 1000 1000 1001 1001 ([0-9]+ )*5 6"
}

@test "a process that is not root has no capabilities but ambient ones" {
	needs root
	bundle --jq '.process.user = { uid: 1000, gid: 1000 } | .process.capabilities = { bounding: ["CAP_KILL", "CAP_CHOWN"],
		permitted: ["CAP_KILL", "CAP_CHOWN"], effective: ["CAP_KILL"], inheritable: ["CAP_KILL"], ambient: ["CAP_KILL"] }' -- /bin/probe caps
	run -0 mxc-runtime run agent
	assert_match "CapEff:.0000000000000020"
	assert_match "CapPrm:.0000000000000020"
	assert_match "CapInh:.0000000000000020"
	assert_match "CapAmb:.0000000000000020"
	assert_match "CapBnd:.0000000000000021"
}

@test "a process that is root has the capabilities of config.json and no other" {
	bundle -- /bin/probe caps
	run -0 mxc-runtime run agent
	assert_match "CapInh:.0000000000000000"
	assert_match "CapPrm:.0000000020000420"
	assert_match "CapEff:.0000000020000420"
	assert_match "CapBnd:.0000000020000420"
	assert_match "CapAmb:.0000000000000000"
}

@test "without capabilities in config.json the process has none" {
	bundle --jq 'del(.process.capabilities)' -- /bin/probe caps
	run -0 mxc-runtime run agent
	assert_match "CapEff:.0000000000000000"
	assert_match "CapBnd:.0000000000000000"
	assert_match "CapInh:.0000000000000000"
}

@test "a capability that is not known is left out with a warning" {
	needs mxc
	bundle --jq '.process.capabilities.bounding += ["CAP_NONESUCH"]' -- /bin/probe exit 0
	run mxc-runtime run agent
	assert_match CAP_NONESUCH
}

@test "no_new_privs is set when config.json asks for it" {
	bundle -- /bin/probe seccomp-status
	run -0 mxc-runtime run agent
	assert_match "NoNewPrivs:.1"
	config '.process.noNewPrivileges = false'
	run -0 mxc-runtime run agent
	assert_match "NoNewPrivs:.0"
}

@test "resource limits are set, soft and hard" {
	bundle --jq '.process.rlimits = [{ type: "RLIMIT_NOFILE", soft: 100, hard: 200 }, { type: "RLIMIT_CORE", soft: 0, hard: 0 },
		{ type: "RLIMIT_FSIZE", soft: 4096, hard: 8192 }]' -- /bin/probe rlimit NOFILE -- rlimit CORE -- rlimit FSIZE
	run -0 mxc-runtime run agent
	assert_line "rlimit: NOFILE 100 200"
	assert_line "rlimit: CORE 0 0"
	assert_line "rlimit: FSIZE 4096 8192"
}

@test "a resource limit that is not known is an error that names it" {
	bundle --jq '.process.rlimits = [{ type: "RLIMIT_NONESUCH", soft: 1, hard: 1 }]' -- /bin/probe exit 0
	run mxc-runtime run agent
	[[ $status -ne 0 ]]
	assert_match RLIMIT_NONESUCH
}

@test "a resource limit that the caller may not raise is an error, never ignored" {
	bundle --jq '.process.rlimits = [{ type: "RLIMIT_NOFILE", soft: 10, hard: 999999999 }]' -- /bin/probe exit 0
	run mxc-runtime run agent
	[[ $status -ne 0 ]]
}

@test "the umask of config.json is the process's" {
	bundle --jq '.process.user.umask = 63' -- /bin/probe umask
	run -0 mxc-runtime run agent
	assert_line "umask: 0077"
}

@test "the umask without one in config.json is the caller's" {
	bundle -- /bin/probe umask
	umask 077
	run -0 mxc-runtime run agent
	assert_line "umask: 0077"
}

@test "the oom score adjustment of config.json is the process's" {
	bundle --jq '.process.oomScoreAdj = 500' -- /bin/probe cat /proc/self/oom_score_adj
	run -0 mxc-runtime run agent
	assert_line 500
}

@test "the process is the leader of its session and has pid 1" {
	bundle -- /bin/probe pids
	run -0 mxc-runtime run agent
	assert_match "pids: 1 0 1 1"
}

@test "no signal is blocked or ignored in the process" {
	bundle -- /bin/probe signals
	run -0 mxc-runtime run agent
	assert_match "SigBlk:.0000000000000000"
	assert_match "SigIgn:.0000000000000000"
}

@test "no descriptor but the standard streams reaches the process" {
	bundle -- /bin/probe fds
	exec 9< /etc/passwd 20< /etc/passwd
	run -0 mxc-runtime run agent
	exec 9<&- 20<&-
	refute_match "fd: ([3-9]|[1-9][0-9]+) "
}

@test "--preserve-fds passes as many descriptors as it says, and no more" {
	bundle -- /bin/probe fds
	(
		exec 3< /etc/passwd 4< /etc/group 5< /etc/hostname
		exec "$MXC_RUNTIME" --root "$STATE" run --preserve-fds 2 agent
	) > out 2>&1
	output=$(cat out)
	assert_match "fd: 3 [^ ]*passwd"
	assert_match "fd: 4 [^ ]*group"
	refute_match "hostname"
}

@test "the process cannot overwrite the runtime through its own exe link" {
	needs root
	bundle --writable -- /bin/probe '!' write /proc/self/exe x
	local before
	before=$(sha256sum < "$MXC_RUNTIME")
	ln -sfn /proc/self/exe "$ROOTFS/bin/me"
	config '.process.args = ["/bin/me", "open-write", "/proc/self/exe"]'
	run mxc-runtime run agent
	assert_equal "$(sha256sum < "$MXC_RUNTIME")" "$before"
	config '.process.args = ["/proc/self/exe", "--version"]'
	run mxc-runtime run agent
	assert_equal "$(sha256sum < "$MXC_RUNTIME")" "$before"
	refute_match "mxc-runtime [0-9]"
}

@test "hostname and domain name are the container's" {
	bundle --jq '.hostname = "worker" | .domainname = "example.org"' -- /bin/probe hostname
	run -0 mxc-runtime run agent
	assert_line "hostname: worker"
	assert_line "domainname: example.org"
	[[ $(hostname) != worker ]]
}

@test "a hostname without a namespace of its own is refused, the host keeps its name" {
	local before
	before=$(uname -n)
	bundle --jq '.linux.namespaces |= map(select(.type != "uts"))' -- /bin/probe hostname
	run mxc-runtime run agent
	[[ $status -ne 0 ]]
	assert_equal "$(uname -n)" "$before"
}

@test "sysctls are set in the container's namespaces" {
	bundle --jq '.linux.sysctl = { "net.ipv4.ip_unprivileged_port_start": "80", "kernel.shm_rmid_forced": "1" }' -- \
		/bin/probe cat /proc/sys/net/ipv4/ip_unprivileged_port_start -- cat /proc/sys/kernel/shm_rmid_forced
	run mxc-runtime run agent
	rootless && [[ $status -ne 0 ]] && skip "sysctls in a user namespace"
	assert_line 80
	assert_line 1
}

@test "a sysctl that belongs to the host is refused and not set" {
	local before
	before=$(cat /proc/sys/vm/swappiness)
	bundle --jq '.linux.sysctl = { "vm.swappiness": "1" }' -- /bin/probe exit 0
	run mxc-runtime run agent
	[[ $status -ne 0 ]]
	assert_match vm.swappiness
	assert_equal "$(cat /proc/sys/vm/swappiness)" "$before"
}

@test "a network sysctl without a network namespace is refused" {
	needs root
	local before
	before=$(cat /proc/sys/net/ipv4/ip_forward)
	bundle --no-net --jq '.linux.sysctl = { "net.ipv4.ip_forward": "1" }' -- /bin/probe exit 0
	run mxc-runtime run agent
	[[ $status -ne 0 ]]
	assert_equal "$(cat /proc/sys/net/ipv4/ip_forward)" "$before"
}

@test "every resource limit of the kernel has its name" {
	local name names=(AS CORE CPU DATA FSIZE LOCKS MEMLOCK MSGQUEUE NICE NOFILE NPROC RSS RTPRIO RTTIME SIGPENDING STACK)
	bundle -- /bin/probe print x
	for name in "${names[@]}"; do
		config --arg name "$name" '.process.args += ["--", "rlimit", $name]'
	done
	# The limits of the caller, so that none is raised.
	run -0 mxc-runtime run agent
	local limits=$output
	config --arg limits "$limits" '.process.rlimits = [$limits | split("\n")[] | select(startswith("rlimit: ")) | split(" ")
		| { type: "RLIMIT_\(.[1])", soft: (.[2] | if . == "18446744073709551615" then 18446744073709551615 else tonumber end), hard: (.[3] | if . == "18446744073709551615" then 18446744073709551615 else tonumber end) }]'
	# Numbers of 64 bits are beyond jq.
	sed -i -E 's/1844674407370955[0-9]+/18446744073709551615/' config.json
	assert_equal "$(jq '.process.rlimits | length' config.json)" "${#names[@]}"
	run -0 mxc-runtime run agent
	assert_equal "$(grep ^rlimit: <<< "$output")" "$(grep ^rlimit: <<< "$limits")"
}

@test "a resource limit that is given twice is an error" {
	needs mxc
	bundle --jq '.process.rlimits = [{ type: "RLIMIT_CORE", soft: 0, hard: 0 }, { type: "RLIMIT_CORE", soft: 0, hard: 0 }]' -- /bin/probe exit 0
	run mxc-runtime run agent
	assert_refusal 'process.rlimits[1]' RLIMIT_CORE
}

@test "LINUX32 is a 32-bit machine to the process, LINUX is not" {
	[[ $(uname -m) == x86_64 ]] || skip "x86_64"
	bundle --jq '.linux.personality = { domain: "LINUX32" }' -- /bin/probe machine
	run -0 mxc-runtime run agent
	assert_line "machine: i686"
	config '.linux.personality = { domain: "LINUX" }'
	run -0 mxc-runtime run agent
	assert_line "machine: x86_64"
}

@test "a further process has the personality of the first" {
	[[ $(uname -m) == x86_64 ]] || skip "x86_64"
	needs mxc
	bundle --jq '.linux.personality = { domain: "LINUX32" }' -- /bin/probe sleep 60
	start_container agent
	run -0 mxc-runtime exec agent /bin/probe machine
	assert_line "machine: i686"
	mxc-runtime delete --force agent
}

@test "flags of the personality are none, and any is an error" {
	needs mxc
	bundle --jq '.linux.personality = { domain: "LINUX", flags: [] }' -- /bin/probe exit 0
	run -0 mxc-runtime run agent
	config '.linux.personality.flags = ["ADDR_NO_RANDOMIZE"]'
	run mxc-runtime run agent
	assert_refusal linux.personality.flags ADDR_NO_RANDOMIZE
	config '.linux.personality = { domain: "BSD" }'
	run mxc-runtime run agent
	assert_refusal linux.personality.domain BSD
}

@test "labels of a security module that is not there are refused, but unconfined" {
	needs mxc
	[[ ! -e /sys/kernel/security/apparmor && ! -e /sys/fs/selinux/enforce ]] || skip "there is one"
	bundle --jq '.process.apparmorProfile = "agent-profile"' -- /bin/probe exit 0
	run mxc-runtime run agent
	assert_refusal process.apparmorProfile AppArmor agent-profile
	config '.process.apparmorProfile = "unconfined"'
	run -0 mxc-runtime run agent
	config '.process.apparmorProfile = "" | .process.selinuxLabel = ""'
	run -0 mxc-runtime run agent
	config '.process.selinuxLabel = "system_u:system_r:container_t:s0"'
	run mxc-runtime run agent
	assert_refusal process.selinuxLabel SELinux container_t
	config 'del(.process.selinuxLabel) | .linux.mountLabel = "system_u:object_r:container_file_t:s0"'
	run mxc-runtime run agent
	assert_refusal linux.mountLabel SELinux
}

@test "the size of a terminal that there is none of is ignored" {
	needs mxc
	bundle --jq '.process.consoleSize = { height: "tall" }' -- /bin/probe exit 0
	run -0 mxc-runtime run agent
	config '.process.terminal = true'
	run mxc-runtime run agent
	assert_refusal process.consoleSize.height
}

@test "sections of other platforms, and unknown ones, are ignored" {
	needs mxc
	bundle --jq '. + ([["vm", "windows", "solaris", "zos", "freebsd", "unheard-of"][] | { key: ., value: { any: [1, { at: "all" }] } }] | from_entries)
		| .process.commandLine = "x" | .linux.unheardOf = 7 | .process.user.username = "nobody"' -- /bin/probe exit 0
	run -0 mxc-runtime run agent
}

@test "a capability that no kernel names is a warning, whatever it looks like" {
	needs mxc
	bundle --jq '.process.capabilities.bounding += ["NONESUCH"]' -- /bin/probe print ran
	run -0 mxc-runtime run agent
	assert_line "print: ran"
	assert_match NONESUCH
}

@test "an oom score that is not given stays the caller's, and one beyond the kernel's is an error" {
	bundle -- /bin/probe cat /proc/self/oom_score_adj
	run -0 mxc-runtime run agent
	assert_line "$(cat /proc/self/oom_score_adj)"
	config '.process.oomScoreAdj = 1001'
	run mxc-runtime run agent
	[[ $status -ne 0 ]]
}
