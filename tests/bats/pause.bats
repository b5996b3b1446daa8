# SPDX-License-Identifier: Apache-2.0
# The verbs pause and resume.
load ../lib/container

frozen() {
	[[ $(grep -h frozen /sys/fs/cgroup/bundle/cgroup.events) == "frozen $1" ]]
}

@test "pause freezes every process, resume thaws them" {
	bundle --set-id -- /bin/probe sleep 60
	start_container agent
	run -0 mxc-runtime pause agent
	has_status agent paused
	frozen 1
	run -0 mxc-runtime resume agent
	has_status agent running
	frozen 0
	mxc-runtime delete --force agent
}

@test "pause of a paused container is harmless or an error, and it stays paused" {
	bundle --set-id -- /bin/probe sleep 60
	start_container agent
	run -0 mxc-runtime pause agent
	run mxc-runtime pause agent
	has_status agent paused
	mxc-runtime resume agent
	mxc-runtime delete --force agent
}

@test "a paused container can be deleted by force" {
	bundle --set-id -- /bin/probe sleep 60
	start_container agent
	run -0 mxc-runtime pause agent
	run -0 mxc-runtime delete --force agent
}

@test "a paused container that is killed ends" {
	bundle --set-id -- /bin/probe sleep 60
	start_container agent
	run -0 mxc-runtime pause agent
	run -0 mxc-runtime kill agent KILL
	run mxc-runtime resume agent
	eventually has_status agent stopped
	run -0 mxc-runtime delete agent
}

@test "pause of a stopped container is an error" {
	bundle --set-id -- /bin/probe exit 0
	start_container agent
	eventually has_status agent stopped
	run mxc-runtime pause agent
	[[ $status -ne 0 ]]
	mxc-runtime delete agent
}

@test "pause of what is paused and resume of what is not say so" {
	needs mxc
	bundle --set-id -- /bin/probe sleep 60
	start_container agent
	run mxc-runtime resume agent
	assert_refusal "container not paused" agent
	run -0 mxc-runtime pause agent
	run mxc-runtime pause agent
	assert_refusal "container not running" agent
	mxc-runtime delete --force agent
}
