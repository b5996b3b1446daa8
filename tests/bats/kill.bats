# SPDX-License-Identifier: Apache-2.0
# The verbs kill and delete: signals, and the end of a container.
load ../lib/container

@test "kill sends SIGTERM when no signal is named" {
	bundle -- /bin/probe catch 15
	start_container agent
	eventually grep -q ready "$BATS_TEST_TMPDIR/output"
	run -0 mxc-runtime kill agent
	eventually has_status agent stopped
	[[ $(said) == *"caught 15"* ]]
	run -0 mxc-runtime delete agent
}

@test "kill takes a signal as name, short name, in small letters and as number" {
	bundle -- /bin/probe catch 10
	local signal
	for signal in SIGUSR1 USR1 10; do
		start_container agent
		eventually grep -q ready "$BATS_TEST_TMPDIR/output"
		run -0 mxc-runtime kill agent "$signal"
		eventually has_status agent stopped
		[[ $(said) == *"caught 10"* ]]
		run -0 mxc-runtime delete agent
	done
}

@test "kill refuses a signal that does not exist" {
	bundle -- /bin/probe sleep 60
	start_container agent
	run mxc-runtime kill agent NONESUCH
	[[ $status -ne 0 ]]
	run mxc-runtime kill agent 999
	[[ $status -ne 0 ]]
	has_status agent running
	mxc-runtime delete --force agent
}

@test "kill reaches a container that was created and not started" {
	bundle -- /bin/probe sleep 60
	run -0 detached mxc-runtime create agent
	run -0 mxc-runtime kill agent KILL
	eventually has_status agent stopped
	run -0 mxc-runtime delete agent
}

@test "kill of a stopped container is an error" {
	bundle -- /bin/probe exit 0
	start_container agent
	eventually has_status agent stopped
	run mxc-runtime kill agent KILL
	[[ $status -ne 0 ]]
	run -0 mxc-runtime delete agent
}

@test "kill of a container that is not there is an error that names it" {
	run mxc-runtime kill nobody KILL
	[[ $status -ne 0 ]]
	assert_match nobody
}

@test "kill --all reaches every process, also without a pid namespace" {
	needs root
	bundle --set-id --jq '.linux.namespaces |= map(select(.type != "pid"))' -- /bin/probe spawn 60 -- sleep 60
	start_container agent
	run -0 mxc-runtime kill --all agent KILL
	eventually has_status agent stopped
	run -0 mxc-runtime delete agent
}

@test "delete of a running container is refused, and it goes on running" {
	bundle -- /bin/probe sleep 60
	start_container agent
	run mxc-runtime delete agent
	[[ $status -ne 0 ]]
	has_status agent running
	run -0 mxc-runtime delete --force agent
	run mxc-runtime state agent
	[[ $status -ne 0 ]]
}

@test "delete --force removes a container that ignores SIGTERM" {
	bundle -- /bin/probe ignore 15 -- sleep 60
	start_container agent
	run -0 mxc-runtime delete --force agent
}

@test "delete --force removes a container that was only created" {
	bundle -- /bin/probe sleep 60
	run -0 detached mxc-runtime create agent
	run -0 mxc-runtime delete --force agent
}

@test "delete of a container that is not there is an error, with --force it is none" {
	run mxc-runtime delete nobody
	[[ $status -ne 0 ]]
	assert_match nobody
	run -0 mxc-runtime delete --force nobody
}

@test "delete ends what is left of a container without a pid namespace" {
	needs root
	bundle --set-id --jq '.linux.namespaces |= map(select(.type != "pid"))' -- /bin/probe spawn 600
	start_container agent
	eventually has_status agent stopped
	run -0 mxc-runtime delete --force agent
}

@test "kill KILL ends every process, also without a pid namespace and when init has gone" {
	needs root
	bundle --set-id --jq '.linux.namespaces |= map(select(.type != "pid"))' -- /bin/probe spawn 600 -- sleep 600
	start_container agent
	eventually eval '[[ $(wc -l < /sys/fs/cgroup/bundle/cgroup.procs) -eq 2 ]]'
	kill -9 "$(pid_of agent)"
	eventually has_status agent stopped
	grep -q . /sys/fs/cgroup/bundle/cgroup.procs
	run -0 mxc-runtime kill agent KILL
	eventually grep -q "populated 0" /sys/fs/cgroup/bundle/cgroup.events
	run mxc-runtime kill agent TERM
	[[ $status -ne 0 ]]
	assert_match "not running"
	run -0 mxc-runtime delete agent
}

@test "kill takes real-time signals by name, and 0 sends nothing" {
	needs mxc
	bundle -- /bin/probe catch 37
	start_container agent
	eventually grep -q ready "$BATS_TEST_TMPDIR/output"
	run -0 mxc-runtime kill agent 0
	has_status agent running
	run -0 mxc-runtime kill agent SIGRTMIN+3
	eventually has_status agent stopped
	[[ $(said) == *"caught 37"* ]]
	mxc-runtime delete agent
}

@test "kill --all of a container that has stopped is none" {
	needs root
	bundle --set-id -- /bin/probe exit 0
	start_container agent
	eventually has_status agent stopped
	run -0 mxc-runtime kill --all agent KILL
	mxc-runtime delete agent
}
