# SPDX-License-Identifier: Apache-2.0
# The audit trail: what is in it, whose it is, and that a change of it shows.
load ../lib/container
load ../lib/agent

setup_more() {
	needs mxc
	volumes_make
}

# A trail of one governed container, from create to delete.
trail_make() {
	agent --annotation io.mxc.agent.id=spiffe://example.org/agent/coder --policy "$default_policy" -- /bin/probe sleep 60
	start_container agent
	mxc-runtime exec agent /bin/probe print hello
	mxc-runtime kill agent KILL
	eventually has_status agent stopped
	mxc-runtime delete agent
}

verify() {
	mxc-runtime audit verify "$AUDIT"
}

@test "every act on a governed container is in the trail, in order, with the agent's id" {
	trail_make
	run -0 jq -r .event "$AUDIT"
	assert_equal "$(grep -v exit <<< "$output" | xargs)" "container.create container.start container.exec container.kill container.delete"
	assert_line container.exit
	run -0 jq -r 'select(.agent.id != "spiffe://example.org/agent/coder" or .agent.source != "asserted") | .event' "$AUDIT"
	assert_equal "$output" ""
	run -0 jq -r 'select(.container.id != "agent" or .outcome != "success" or .v != 1) | .event' "$AUDIT"
	assert_equal "$output" ""
}

@test "an agent without an id has a local one" {
	agent -- /bin/probe exit 0
	run -0 mxc-runtime run agent
	jq -e '.agent.source == "local" and (.agent.id | test("^local:"))' <<< "$(audit_event container.create)"
}

@test "create says which policy, by digest, and which layers keep it" {
	agent -- /bin/probe exit 0
	run -0 mxc-runtime run agent
	jq -e '(.policy.sha256 | test("^[0-9a-f]{64}$")) and .policy.layers.landlock.abi >= 1 and .policy.layers.seccomp.profile == "agent"' <<< "$(audit_event container.create)"
	jq -e '(.time | test("^20[0-9-]+T[0-9:]+\\.[0-9]+Z$")) and .container.pid > 1 and .container.bundle != null' <<< "$(audit_event container.create)"
}

@test "exit says how the container ended and what it used" {
	agent -- /bin/probe exit 7
	run -7 mxc-runtime run agent
	jq -e '[.. | numbers] | index(7) != null' <<< "$(audit_event container.exit)"
	needs root
	jq -e '[paths(scalars) | map(tostring) | join(".")] | any(test("cpu"))' <<< "$(audit_event container.exit)"
}

@test "a refused container is in the trail with the field and the reason" {
	agent --policy '{"filesystem":{"nonesuch":1}}' -- /bin/probe exit 0
	run -1 mxc-runtime run agent
	jq -e '.error.field | test("nonesuch")' <<< "$(audit_event policy.refused)"
}

@test "a container without a policy leaves no record" {
	agent --no-policy -- /bin/probe exit 0
	run -0 mxc-runtime run agent
	[[ ! -s $AUDIT ]]
}

@test "verify accepts a trail that nobody touched, of several containers" {
	trail_make
	trail_make
	run -0 verify
	assert_equal "$(jq -s 'map(.seq) | . == (sort | unique)' "$AUDIT")" true
}

@test "verify finds a changed, removed, inserted or reordered record and says which" {
	trail_make
	cp "$AUDIT" whole
	local count
	count=$(wc -l < whole)

	sed '3s/success/failure/' whole > "$AUDIT"
	run -1 verify
	assert_match "[34]"
	sed 3d whole > "$AUDIT"
	run -1 verify
	assert_match "[34]"
	sed '3{p;p}' whole > "$AUDIT"
	run -1 verify
	assert_match "[345]"
	sed -n '1p;2{h;n;p;g;p};4,$p' whole > "$AUDIT"
	run -1 verify
	assert_match "[23]"
	# A trail may begin where an older, rotated file ended: that it does is said.
	sed 1d whole > "$AUDIT"
	run verify
	[[ $status -eq 1 || $output == *"earlier file"* ]]
	echo nonsense >> whole
	cp whole "$AUDIT"
	run -1 verify
	assert_match "$((count + 1))"
}

@test "the trail goes on where it ended, and a torn last line shows" {
	trail_make
	run -0 verify
	agent -- /bin/probe exit 0
	run -0 mxc-runtime run agent
	run -0 verify
}

@test "the file is not readable by others" {
	trail_make
	[[ $(stat -c %a "$AUDIT") == 640 ]]
}

@test "a trail that cannot be written refuses a governed container, and no other" {
	needs root
	agent -- /bin/probe exit 0
	jq -n '{ audit: { sinks: ["file"], file: "/proc/nonesuch/audit.jsonl" } }' > "$CONFIG"
	run mxc-runtime run agent
	assert_refusal audit
	no_state
	agent --no-policy -- /bin/probe exit 0
	run -0 mxc-runtime run agent
}

@test "a full disk refuses new containers and loses no earlier record" {
	needs root
	mkdir small
	mount -t tmpfs -o size=16k tmpfs small
	jq -n --arg file "$PWD/small/audit.jsonl" '{ audit: { sinks: ["file"], file: $file } }' > "$CONFIG"
	AUDIT=$PWD/small/audit.jsonl
	local dir=$PWD refused='' i
	agent -- /bin/probe exit 0
	for (( i = 0; i < 30; i++ )); do
		run mxc-runtime run agent
		[[ $status -eq 0 ]] || { refused=1; break; }
	done
	local records
	records=$(wc -l < "$AUDIT")
	run verify
	local verified=$status
	umount "$dir/small"
	[[ $refused && $records -gt 3 && $verified -eq 0 ]]
	no_state
}

@test "no text of the agent or its arguments can forge a line or a field" {
	agent -- /bin/probe sleep 60
	start_container agent
	mxc-runtime exec agent /bin/probe print $'x"}\n{"v":1,"event":"container.create","outcome":"forged"}' $'\x1b[2J' || true
	mxc-runtime delete --force agent
	! grep -q $'\x1b' "$AUDIT"
	run jq -r 'select(.outcome == "forged") | .event' "$AUDIT"
	assert_equal "$output" ""
	run -0 verify
}

@test "the container cannot see or touch the trail" {
	agent -- /bin/probe '!' read "$AUDIT" -- '!' write "$AUDIT"
	run -0 mxc-runtime run agent
	probe_said "read $AUDIT" "ENOENT|EACCES"
}

@test "fifty events at once make one unbroken chain" {
	agent -- /bin/probe sleep 60
	start_container agent
	local i jobs=()
	for (( i = 0; i < 20; i++ )); do
		mxc-runtime exec agent /bin/probe exit 0 < /dev/null > /dev/null 2>&1 3>&- &
		jobs+=($!)
	done
	wait "${jobs[@]}"
	mxc-runtime delete --force agent
	run -0 verify
	assert_equal "$(jq -r 'select(.event == "container.exec") | .event' "$AUDIT" | wc -l)" 20
}
