# SPDX-License-Identifier: Apache-2.0
# Bad input: one line that names the file, the place in it and the problem; exit status 1; nothing left behind.
load ../lib/container
load ../lib/agent

setup_more() {
	needs mxc
	volumes_make
	LEFT=$(workspace_now)
}

# refused WORD...: by run and by create, with these words in the message, and without a trace.
refused() {
	run mxc-runtime run agent
	assert_refusal "$@"
	run detached mxc-runtime create agent
	assert_refusal "$@"
	no_state
	assert_equal "$(workspace_now)" "$LEFT"
	run mxc-runtime state agent
	[[ $status -ne 0 ]]
}

refused_config() {
	bundle --jq "$1" -- /bin/probe exit 0
	shift
	refused config.json "$@"
}

refused_policy() {
	agent --policy "$1" -- /bin/probe exit 0
	shift
	refused "$@"
	jq -e '.outcome != "success" and (.error | type == "object" or type == "string")' <<< "$(audit_event policy.refused)" || fail "no audit event" "$(cat "$AUDIT")"
}

refused_annotation() {
	agent --annotation "$1" -- /bin/probe exit 0
	shift
	refused "$@"
}

@test "a config.json that is no JSON is refused" {
	bundle -- /bin/probe exit 0
	echo '{ "ociVersion": ' > config.json
	refused config.json
	echo 'nonsense' > config.json
	refused config.json
	: > config.json
	refused config.json
	echo '[]' > config.json
	refused config.json
	head -c 4096 /dev/urandom > config.json
	refused config.json
}

@test "a config.json that is nested a thousand deep is refused" {
	bundle -- /bin/probe exit 0
	printf '{"annotations":%s%s}' "$(printf '[%.0s' {1..5000})" "$(printf ']%.0s' {1..5000})" > config.json
	refused config.json
}

@test "a key that is there twice is refused" {
	bundle -- /bin/probe exit 0
	sed -i '0,/"hostname"/s//"hostname": "other", "hostname"/' config.json
	refused config.json hostname
}

@test "a missing or wrong ociVersion is refused" {
	refused_config 'del(.ociVersion)' ociVersion
	refused_config '.ociVersion = "2.0.0"' ociVersion
	refused_config '.ociVersion = 1' ociVersion
}

@test "a wrong process is refused with the place" {
	refused_config '.process.cwd = "relative"' process.cwd
	refused_config '.process.args = []' process.args
	refused_config '.process.args = ["/bin/probe", 7]' 'process.args[1]'
	refused_config '.process.user.uid = -1' process.user.uid
	refused_config '.process.user.uid = "root"' process.user.uid
	refused_config '.process.rlimits[0].type = "RLIMIT_NONESUCH"' 'process.rlimits[0]' RLIMIT_NONESUCH
	refused_config '.process.terminal = "yes"' process.terminal
	refused_config '.process.env = ["NOEQUALS"]' 'process.env[0]'
}

@test "a wrong root or mount is refused with the place" {
	refused_config 'del(.root)' root
	refused_config '.root.path = "nonesuch"' nonesuch
	refused_config '.mounts[1].destination = 7' 'mounts[1].destination'
	refused_config 'del(.mounts[2].destination)' 'mounts[2]'
}

@test "a wrong namespace, mapping or device is refused with the place" {
	refused_config '.linux.namespaces[0].type = "nonesuch"' 'linux.namespaces[0]' nonesuch
	refused_config '.linux.namespaces[0].path = "relative"' 'linux.namespaces[0]'
	refused_config '.linux.devices = [{ path: "/dev/x", type: "z", major: 1, minor: 1 }]' 'linux.devices[0]'
	refused_config '.linux.seccomp = { defaultAction: "SCMP_ACT_NONESUCH" }' linux.seccomp.defaultAction SCMP_ACT_NONESUCH
}

@test "a policy that is no JSON is refused" {
	refused_annotation 'io.mxc.policy={ "filesystem": ' io.mxc.policy
	refused_annotation 'io.mxc.policy=' io.mxc.policy
	refused_annotation 'io.mxc.policy=[]' io.mxc.policy
}

@test "an unknown key of a policy is refused, with the nearest one" {
	refused_policy '{"filesystem":{"readwritePath":["/workspace"]}}' filesystem.readwritePath readwritePaths
	refused_policy '{"filesytem":{}}' filesytem filesystem
	refused_policy '{"syscalls":{"profil":"agent"}}' profil profile
}

@test "a key that a policy has twice is refused" {
	refused_annotation 'io.mxc.policy={"filesystem":{},"filesystem":{}}' filesystem
}

@test "wrong paths of a policy are refused with the place" {
	refused_policy '{"filesystem":{"readwritePaths":["workspace"]}}' 'filesystem.readwritePaths[0]'
	refused_policy '{"filesystem":{"readwritePaths":["/workspace","/workspace/../etc"]}}' 'filesystem.readwritePaths[1]' '..'
	refused_policy '{"filesystem":{"readonlyPaths":[7]}}' 'filesystem.readonlyPaths[0]'
	refused_policy '{"filesystem":{"deniedPaths":[""]}}' 'filesystem.deniedPaths[0]'
	refused_policy '{"filesystem":{"readwritePaths":"/workspace"}}' filesystem.readwritePaths
}

@test "a granted path that does not exist is refused by its field, with a minus it is passed over" {
	refused_policy '{"filesystem":{"readonlyPaths":["/ref","/nonesuch"]}}' 'filesystem.readonlyPaths[1]' /nonesuch
	agent --policy '{"filesystem":{"readonlyPaths":["-/nonesuch"]}}' -- /bin/probe exit 0
	run -0 mxc-runtime run agent
}

@test "what this version does not build is refused, never ignored" {
	refused_policy '{"network":{"egress":{"default":"allow"}}}' network.egress
	refused_policy '{"version":"0.8.0","network":{"egress":{"default":"deny","allow":[{"to":[{"cidr":"10.0.0.0/8"}]}]}}}' network.egress.allow
	refused_policy '{"ui":{"disable":false}}' ui
	refused_annotation io.mxc.policy.jws=a.b.c io.mxc.policy.jws
}

@test "containments other than a container are refused" {
	refused_policy '{"containment":"vm"}' containment
	refused_policy '{"containment":"microvm"}' containment
	agent --policy '{"containment":"process"}' -- /bin/probe exit 0
	run -0 mxc-runtime run agent
}

@test "fields without work here are refused when they ask for something" {
	refused_policy '{"containerId":"another"}' containerId
	refused_policy '{"process":{"commandLine":"x"}}' process.commandLine
	refused_policy '{"telemetry":{"enabled":true}}' telemetry
	refused_policy '{"phase":"create"}' phase
	refused_policy '{"lifecycle":{"preservePolicy":true}}' lifecycle
	agent --policy '{"containerId":"agent","telemetry":{"enabled":false},"lifecycle":{"destroyOnExit":true},"_comment":"x","$schema":"y"}' -- /bin/probe exit 0
	run -0 mxc-runtime run agent
}

@test "versions outside 0.6 to 1.0.0 are refused" {
	refused_policy '{"version":"0.5.0"}' version older
	refused_policy '{"version":"1.0.1"}' version newer
	refused_policy '{"version":"2.0"}' version newer
	refused_policy '{"version":"nonsense"}' version
	local version
	for version in 0.6 0.6.0-alpha 0.7.3 0.8 0.9.1 1.0.0; do
		agent --policy "{\"version\":\"$version\"}" -- /bin/probe exit 0
		run -0 mxc-runtime run agent
	done
}

@test "numbers out of range, unknown calls and capabilities are refused" {
	refused_policy '{"process":{"timeout":-1}}' process.timeout
	refused_policy '{"process":{"timeout":1.5}}' process.timeout
	refused_policy '{"syscalls":{"allow":["nonesuch"]}}' 'syscalls.allow[0]' nonesuch
	refused_policy '{"syscalls":{"profile":"nonesuch"}}' syscalls.profile nonesuch
	refused_policy '{"capabilities":{"allow":["CAP_NONESUCH"]}}' 'capabilities.allow[0]' CAP_NONESUCH
	refused_policy '{"resources":{"memory":"lots"}}' resources.memory
}

@test "a limit that this host cannot keep refuses the container" {
	! grep -qw memory /sys/fs/cgroup/cgroup.controllers || skip "a host without the memory controller"
	refused_policy '{"resources":{"memory":"64M"}}' resources.memory
}

@test "an unknown annotation of ours is refused, with the nearest one" {
	refused_annotation io.mxc.nonesuch=1 io.mxc.nonesuch
	refused_annotation io.mxc.filesystem.readwritePath=/workspace io.mxc.filesystem.readwritePath readwritePaths
	refused_annotation io.mxc.profil=coding io.mxc.profil "profile'"
}

@test "an annotation that is not ours does not matter" {
	agent --no-policy --annotation io.kubernetes.cri.container-name=x --annotation io.mxcother=1 -- /bin/probe exit 0
	run -0 mxc-runtime run agent
}

@test "a profile that does not exist, or whose name is a path, is refused" {
	refused_annotation io.mxc.profile=nonesuch nonesuch
	refused_annotation io.mxc.profile=../../etc/passwd io.mxc.profile
	refused_annotation io.mxc.profile=/etc/passwd io.mxc.profile
	refused_annotation io.mxc.profile=CODING io.mxc.profile
	refused_annotation io.mxc.profile= io.mxc.profile
}

@test "a wrong mxc.conf refuses every container that it governs, with its name" {
	agent -- /bin/probe exit 0
	echo '{ "audit": { "sinks": ["nonesuch"] } }' > "$CONFIG"
	refused mxc.conf nonesuch
	echo '{ "nonesuch": 1 }' > "$CONFIG"
	refused mxc.conf nonesuch
	echo '{' > "$CONFIG"
	refused mxc.conf
}

@test "an error as JSON has a code, a message, the field and the remedy" {
	agent --policy '{"filesystem":{"readwritePath":["/workspace"]}}' -- /bin/probe exit 0
	run --separate-stderr mxc-runtime --log "$BATS_TEST_TMPDIR/log" --log-format json create agent
	[[ $status -eq 1 ]]
	tail -n 1 "$BATS_TEST_TMPDIR/log" | jq -e '.level == "error" and (.msg | test("readwritePath"))'
}

@test "no byte of a bad input gets to the terminal raw" {
	agent --annotation $'io.mxc.profile=a\x1b[31mred\nsecond' -- /bin/probe exit 0
	run mxc-runtime run agent
	[[ $status -eq 1 && ${#lines[@]} -eq 1 ]]
	[[ $output != *$'\x1b'* ]]
}
