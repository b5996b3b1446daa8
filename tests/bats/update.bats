# SPDX-License-Identifier: Apache-2.0
# The verb update: limits of a container that runs, changed whole or not at all. What needs controllers is in tests/vm.
load ../lib/container

group=/sys/fs/cgroup/bundle

# A running container in /bundle, with a limit that needs no controller.
limited() {
	bundle --set-id --jq '.linux.resources.unified = { "cgroup.max.depth": "3" }' "$@" -- /bin/probe sleep 60
	start_container agent
}

# update JSON: of resources, by standard input.
update() {
	mxc-runtime update --resources - agent <<< "$1"
}

holds() {
	assert_equal "$1 $(cat "$group/$1")" "$1 $2"
}

# What later verbs go by.
recorded() {
	jq -c "$1" "$STATE/agent/config.json"
}

@test "update changes what it is asked to, and nothing else" {
	needs mxc
	limited
	run -0 update '{ "unified": { "cgroup.max.descendants": "9" } }'
	assert_equal "$output" ""
	holds cgroup.max.descendants 9
	holds cgroup.max.depth 3
	echo '{ "unified": { "cgroup.max.depth": "7" }, "memory": { "limit": 0 }, "cpu": { "shares": 0, "cpus": "" } }' > resources.json
	run -0 mxc-runtime update -r resources.json agent
	holds cgroup.max.depth 7
	mxc-runtime delete --force agent
}

@test "a later update and exec go by what an earlier one set" {
	needs mxc
	limited --jq '.process.args += ["--", "print", "ü\u0007"]'
	run -0 update '{ "unified": { "cgroup.max.descendants": "9" } }'
	run -0 update '{ "unified": { "cgroup.max.depth": "4" } }'
	assert_equal "$(recorded .linux.resources.unified)" '{"cgroup.max.depth":"4","cgroup.max.descendants":"9"}'
	assert_equal "$(recorded 'del(.linux.resources)')" "$(jq -c 'del(.linux.resources)' config.json)"
	run -0 mxc-runtime exec agent /bin/probe print hello
	assert_match "print: hello"
	mxc-runtime delete --force agent
}

@test "a created and a paused container can be updated, a stopped one cannot" {
	needs mxc
	bundle --set-id -- /bin/probe sleep 60
	run -0 detached mxc-runtime create agent
	run -0 update '{ "unified": { "cgroup.max.depth": "5" } }'
	holds cgroup.max.depth 5
	mxc-runtime start agent
	mxc-runtime pause agent
	run -0 update '{ "unified": { "cgroup.max.depth": "6" } }'
	holds cgroup.max.depth 6
	has_status agent paused
	mxc-runtime resume agent
	mxc-runtime kill agent KILL
	eventually has_status agent stopped
	run update '{ "unified": { "cgroup.max.depth": "7" } }'
	[[ $status -ne 0 ]]
	mxc-runtime delete agent
}

@test "an update that fails in one limit changes none" {
	needs mxc
	limited
	local before
	before=$(recorded .)
	run -1 update '{ "unified": { "cgroup.max.depth": "8", "cgroup.max.descendants": "many" } }'
	assert_match "cgroup.max.descendants"
	run -1 update '{ "unified": { "cgroup.max.depth": "8", "nonesuch.max": "1" } }'
	assert_match "nonesuch"
	holds cgroup.max.depth 3
	holds cgroup.max.descendants max
	assert_equal "$(recorded .)" "$before"
	mxc-runtime delete --force agent
}

@test "what is not understood is refused with its name" {
	needs mxc
	limited
	run -1 update '{ "memory": { "limit": "1G" } }'
	assert_match "resources memory.limit"
	run -1 update '{ "memory": '
	run -1 update '[]'
	run -1 update '{ "unified": { "cgroup.kill": "1" } }'
	assert_match "cgroup.kill"
	run -1 mxc-runtime update --memory lots agent
	assert_match "option --memory: 'lots' is not a size"
	run -1 mxc-runtime update --pids-limit 1.5 agent
	assert_match "option --pids-limit"
	run -1 mxc-runtime update --cpu-rt-runtime 950000 agent
	assert_match "realtimeRuntime"
	run -1 mxc-runtime update --l3-cache-schema 'L3:0=f' agent
	assert_match "no group of resctrl.*l3-cache-schema"
	run -1 mxc-runtime update --mem-bw-schema 'L3:0=f' agent
	assert_match "memBwSchema"
	run -1 mxc-runtime update --resources /nonexistent agent
	run -1 mxc-runtime update nobody
	holds cgroup.max.depth 3
	has_status agent running
	mxc-runtime delete --force agent
}

@test "kernel memory and zeros change nothing, the first with a warning" {
	needs mxc
	limited
	run -0 mxc-runtime update --kernel-memory 1M --memory 0 --cpu-share 0 --cpu-quota 0 --blkio-weight 0 --cpu-rt-period 0 agent
	assert_match "kernel's memory"
	holds cgroup.max.depth 3
	mxc-runtime delete --force agent
}

@test "a limit whose controller is missing is refused with its name" {
	! grep -qw memory /sys/fs/cgroup/cgroup.controllers || skip "a host without the memory controller"
	limited
	run mxc-runtime update --memory 100M agent
	[[ $status -ne 0 ]]
	assert_match memory
	mxc-runtime delete --force agent
}

@test "huge pages are limited, reserved ones too" {
	needs mxc
	needs root
	[[ -e $(echo /sys/fs/cgroup/runner/hugetlb.2MB.rsvd.max) ]] || grep -qw hugetlb /sys/fs/cgroup/cgroup.controllers || skip "the hugetlb controller"
	bundle --set-id --jq '.linux.resources.hugepageLimits = [{ pageSize: "2MB", limit: 8388608 }]' -- /bin/probe sleep 60
	start_container agent
	holds hugetlb.2MB.max 8388608
	holds hugetlb.2MB.rsvd.max 8388608
	run -0 update '{ "hugepageLimits": [{ "pageSize": "2MB", "limit": 4194304 }] }'
	holds hugetlb.2MB.max 4194304
	holds hugetlb.2MB.rsvd.max 4194304
	mxc-runtime delete --force agent
}

@test "new device rules replace the filter, for processes that run too" {
	needs root
	needs mxc
	bundle --set-id --jq '.linux.devices = [{ path: "/dev/other", type: "c", major: 1, minor: 11, fileMode: 438 }]
		| .process.capabilities = ({ bounding: ["CAP_SYSLOG"], effective: ["CAP_SYSLOG"], permitted: ["CAP_SYSLOG"] })' -- /bin/probe sleep 60
	start_container agent
	run mxc-runtime exec agent /bin/probe open-write /dev/other
	probe_said "open-write /dev/other" EPERM
	run -0 update '{ "devices": [{ "allow": false, "access": "rwm" }, { "allow": true, "type": "c", "major": 1, "minor": 11, "access": "rw" }] }'
	run -0 mxc-runtime exec agent /bin/probe open-write /dev/other -- read /dev/zero
	# As engines send them along with every update, unchanged: nothing happens.
	run -0 update '{ "devices": [{ "allow": false, "access": "rwm" }, { "allow": true, "type": "c", "major": 1, "minor": 11, "access": "rw" }] }'
	# Taken back with the rest.
	run -1 update '{ "devices": [{ "allow": false, "access": "rwm" }], "unified": { "nonesuch.max": "1" } }'
	run -0 mxc-runtime exec agent /bin/probe open-write /dev/other
	run -0 update '{ "devices": [{ "allow": false, "access": "rwm" }] }'
	run mxc-runtime exec agent /bin/probe open-write /dev/other
	probe_said "open-write /dev/other" EPERM
	mxc-runtime delete --force agent
}

@test "under a policy the devices stay, and the trail has what was asked" {
	needs root
	needs mxc
	bundle --set-id --policy '{}' -- /bin/probe sleep 60
	start_container agent
	run -1 update '{ "devices": [{ "allow": true, "access": "rwm" }] }'
	assert_match "under a policy the devices of a container do not change \\(resources devices\\)"
	jq -e '.outcome != "success" and .resources.devices[0].allow' <<< "$(audit_event container.update)"
	run -0 update '{ "devices": [{ "allow": false, "access": "rwm" }], "unified": { "cgroup.max.depth": "5" } }'
	holds cgroup.max.depth 5
	jq -e '.outcome == "success" and .resources.unified."cgroup.max.depth" == "5"' <<< "$(audit_event container.update)"
	mxc-runtime delete --force agent
}

@test "a container without a cgroup cannot be limited" {
	needs mxc
	bundle --jq 'del(.linux.resources, .linux.cgroupsPath)' -- /bin/probe sleep 60
	run -0 detached mxc-runtime --cgroup-manager=disabled create agent
	run -1 update '{ "unified": { "cgroup.max.depth": "5" } }'
	assert_match "no cgroup"
	mxc-runtime delete --force agent
}
