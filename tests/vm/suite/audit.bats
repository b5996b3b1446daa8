# SPDX-License-Identifier: Apache-2.0
# The audit trail of a container started by podman: in the journal, and in the hash-chained file.
# Users: root agent

load helper

setup_file() {
	only_mxc
}

setup() {
	mark_start
}

teardown() {
	pod_teardown
}

audit_file() {
	if [[ $WHO == root ]]; then
		echo /var/log/mxc/audit.jsonl
	else
		echo /home/agent/.local/state/mxc/audit.jsonl
	fi
}

events_file() {
	jq -r --arg id "$1" 'select(.container.id == $id) | .event' "$(audit_file)"
}

lifecycle() {
	up life --annotation io.mxc.agent.id=spiffe://example.org/agent/coder "$IMAGE" sh -c 'trap "exit 4" TERM; while :; do sleep 0.1; done'
	id=$cid
	pod exec life sh -c 'exit 0'
	pod stop -t 20 life > /dev/null
	pod rm life > /dev/null
}

@test "the journal has the container's life, by container and by agent" {
	lifecycle
	run -0 journalctl --no-pager -o json MXC_CONTAINER_ID="$id"
	for event in container.create container.start container.exec container.kill container.exit container.delete; do
		grep -q "\"$event\"" <<< "$output" || { echo "no $event in the journal"; return 1; }
	done
	run -0 journalctl --no-pager -o json MXC_AGENT_ID=spiffe://example.org/agent/coder MXC_CONTAINER_ID="$id"
	expect_match "$output" 'container.create'
	run -0 bash -c 'journalctl --no-pager -o json MXC_CONTAINER_ID="$0" | jq -r "select(.MESSAGE_ID == null) | .MESSAGE"' "$id"
	expect "$output" ""
}

@test "the file has the same events, chained, with identity and policy" {
	lifecycle
	expect "$(events_file "$id" | xargs)" "container.create container.start container.exec container.kill container.exit container.delete"
	run -0 jq -c --arg id "$id" 'select(.container.id == $id and .event == "container.create") |
		[.v, .outcome, .agent.id, .agent.source, .policy.profile, (.policy.sha256 | length), .policy.layers.seccomp.profile, .policy.layers.landlock.abi > 3]' "$(audit_file)"
	expect "$output" '[1,"success","spiffe://example.org/agent/coder","asserted","coding",64,"agent",true]'
	run -0 jq -c --arg id "$id" 'select(.container.id == $id and .event == "container.exit")' "$(audit_file)"
	# systemd removes a scope with its last process, before the engine deletes: what was used is then in systemd's own record.
	expect_match "$output" '"wall_ms":[0-9]'
	run -0 mxc-runtime audit verify
}

@test "audit verify finds a changed, a removed and an inserted record" {
	lifecycle
	copy=$BATS_TEST_TMPDIR/copy.jsonl
	cp "$(audit_file)" "$copy"
	run -0 mxc-runtime audit verify "$copy"
	sed -i '2s/"success"/"failure"/' "$copy"
	run -1 mxc-runtime audit verify "$copy"
	sed 2d "$(audit_file)" > "$copy"
	run -1 mxc-runtime audit verify "$copy"
	sed '2{p}' "$(audit_file)" > "$copy"
	run -1 mxc-runtime audit verify "$copy"
}

@test "the agent can neither read nor write its own trail" {
	[[ $WHO == root ]] || skip "the file is the user's own"
	lifecycle
	expect "$(stat -c %a "$(audit_file)")" 640
	run pod_run reader -v /var/log/mxc:/trail "$IMAGE" sh -c 'cat /trail/audit.jsonl || echo x >> /trail/audit.jsonl'
	(( status != 0 ))
	run -0 mxc-runtime audit verify
}
