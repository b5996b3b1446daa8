# SPDX-License-Identifier: Apache-2.0
# The verbs state, list and ps: what is known of a container.
load ../lib/container

@test "state is the OCI state: version, id, status, pid, bundle, annotations" {
	bundle --annotation org.example.note=hello -- /bin/probe sleep 60
	run -0 detached mxc-runtime create agent
	run -0 --separate-stderr mxc-runtime state agent
	assert_equal "$(jq -r '[.id, .status, .bundle, .annotations."org.example.note"] | join(" ")' <<< "$output")" "agent created $BUNDLE hello"
	jq -e '(.ociVersion | test("^1\\.[0-9]")) and (.pid > 1)' <<< "$output"
	run -0 mxc-runtime start agent
	has_status agent running
	run -0 mxc-runtime kill agent KILL
	eventually has_status agent stopped
	run -0 mxc-runtime state agent
	jq -e '.pid == 0 or (has("pid") | not)' <<< "$output"
	run -0 mxc-runtime delete agent
}

@test "state of a container that is not there is an error that names it" {
	run mxc-runtime state nobody
	[[ $status -ne 0 ]]
	assert_match nobody
}

@test "state without an id is an error" {
	run mxc-runtime state
	[[ $status -ne 0 ]]
}

@test "list knows every container, as a table, as ids and as JSON" {
	bundle -- /bin/probe sleep 60
	start_container one
	run -0 detached mxc-runtime create two
	run -0 mxc-runtime list
	assert_match one
	assert_match two
	run -0 mxc-runtime list --quiet
	assert_equal "$(sort <<< "$output" | xargs)" "one two"
	run -0 mxc-runtime list -q
	run -0 mxc-runtime list --format json
	assert_equal "$(jq -r 'sort_by(.id) | map(.id + "=" + .status) | join(" ")' <<< "$output")" "one=running two=created"
	mxc-runtime delete --force one
	mxc-runtime delete --force two
	run -0 mxc-runtime list -q
	assert_equal "$output" ""
}

@test "list without any container is empty, not an error" {
	run -0 mxc-runtime list -q
	assert_equal "$output" ""
	run -0 mxc-runtime list --format json
	jq -e '. == [] or . == null' <<< "$output"
}

@test "ps shows the processes of a container" {
	needs root
	bundle --set-id -- /bin/probe spawn 60 -- sleep 60
	start_container agent
	eventually two_processes
	run -0 mxc-runtime ps --format json agent
	jq -e --argjson pid "$(pid_of agent)" 'index($pid) != null and length == 2' <<< "$output"
	run -0 mxc-runtime ps agent
	assert_match "$(pid_of agent)"
	mxc-runtime delete --force agent
}

two_processes() {
	mxc-runtime ps --format json agent | jq -e 'length == 2'
}
