# SPDX-License-Identifier: Apache-2.0
# Many containers, in sequence and at once, leave nothing: no process, mount, cgroup, descriptor or file.
load ../lib/container
load ../lib/agent

# In sequence, and at once; fewer for a quick look: MXC_TEST_SOAK=100.
SEQUENCE=${MXC_TEST_SOAK:-1000}
AT_ONCE=50

setup_more() {
	volumes_make
	if [[ $MXC_TEST_KIND == mxc ]]; then
		agent --set-id -- /bin/true
	else
		agent --no-policy --set-id -- /bin/true
	fi
	config 'del(.linux.cgroupsPath)'
}

files_in_tmp() {
	find "$BATS_TEST_TMPDIR" ! -path "$STATE/.*" | grep -v -e '/audit\.jsonl' -e '/output$' -e '/log\.' | sort
}

@test "a thousand containers in sequence leave nothing" {
	local i before
	mxc-runtime run first
	before=$(files_in_tmp)
	for (( i = 0; i < SEQUENCE; i++ )); do
		mxc-runtime run "agent-$i" < /dev/null > "$BATS_TEST_TMPDIR/output" 2>&1 || fail "container $i: $(said)"
	done
	nothing_left
	assert_equal "$(files_in_tmp)" "$before"
}

@test "fifty containers at once all succeed and leave nothing" {
	local i jobs=() failed=0
	for (( i = 0; i < AT_ONCE; i++ )); do
		mxc-runtime run "agent-$i" < /dev/null > "$BATS_TEST_TMPDIR/log.$i" 2>&1 3>&- &
		jobs+=($!)
	done
	for i in "${jobs[@]}"; do
		wait "$i" || failed=$(( failed + 1 ))
	done
	[[ $failed -eq 0 ]] || fail "$failed failed: $(cat "$BATS_TEST_TMPDIR"/log.* | sort | uniq -c)"
	nothing_left
}

@test "fifty containers that run at once are listed, and deleted at once" {
	local i jobs=()
	config '.process.args = ["/bin/probe", "sleep", "120"]'
	for (( i = 0; i < AT_ONCE; i++ )); do
		mxc-runtime run --detach "agent-$i" < /dev/null > "$BATS_TEST_TMPDIR/log.$i" 2>&1 3>&- &
		jobs+=($!)
	done
	for i in "${jobs[@]}"; do
		wait "$i" || fail "$(cat "$BATS_TEST_TMPDIR"/log.* | sort | uniq -c)"
	done
	assert_equal "$(mxc-runtime list -q | wc -l)" "$AT_ONCE"
	jobs=()
	for (( i = 0; i < AT_ONCE; i++ )); do
		mxc-runtime delete --force "agent-$i" > /dev/null 2>&1 3>&- &
		jobs+=($!)
	done
	for i in "${jobs[@]}"; do
		wait "$i"
	done
	nothing_left
}

@test "two creates of one id at once: one wins, the other is refused, nothing is torn" {
	local round i jobs wins
	config '.process.args = ["/bin/probe", "sleep", "120"]'
	for (( round = 0; round < 10; round++ )); do
		jobs=() wins=0
		for i in 1 2 3; do
			mxc-runtime create agent < /dev/null > "$BATS_TEST_TMPDIR/log.$i" 2>&1 3>&- &
			jobs+=($!)
		done
		for i in "${jobs[@]}"; do
			! wait "$i" || wins=$(( wins + 1 ))
		done
		assert_equal "$wins" 1
		has_status agent created
		mxc-runtime delete --force agent
	done
	nothing_left
}
