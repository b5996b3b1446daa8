# SPDX-License-Identifier: Apache-2.0
# The verb events and what container.exit tells, on real controllers.
# Users: root

load helper

setup() {
	mark_start
	only_mxc
	bundle=$BATS_TEST_TMPDIR/bundle
	id=mxc-events-$BATS_TEST_NUMBER
	mkdir -p "$bundle/rootfs"/{bin,dev,proc,sys,tmp,etc}
	cp /bin/busybox "$bundle/rootfs/bin/"
	for applet in sh sleep cat dd true; do
		ln -s busybox "$bundle/rootfs/bin/$applet"
	done
	(cd "$bundle" && "$R" spec)
	change '.process.terminal = false | .process.args = ["/bin/sleep", "1000"]
		| .linux.resources.memory = { limit: 67108864, swap: 67108864 } | .linux.resources.pids = { limit: 77 }'
}

teardown() {
	"$R" delete --force "$id" > /dev/null 2>&1 || true
	teardown_check
}

change() {
	jq "$@" "$bundle/config.json" > "$bundle/config.json.new"
	mv "$bundle/config.json.new" "$bundle/config.json"
}

begin() {
	"$R" "$@" run --detach --bundle "$bundle" "$id" < /dev/null > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- ||
		{ cat "$BATS_TEST_TMPDIR/out"; return 1; }
}

@test "events --stats has the figures of every controller, by file and by systemd" {
	for manager in "" --systemd-cgroup; do
		begin $manager
		run -0 "$R" events --stats "$id"
		jq -e '.type == "stats" and (.data | .cpu.usage.total > 0 and .memory.usage.limit == 67108864 and .memory.usage.usage > 0
			and .memory.raw.anon > 0 and .pids == { current: 1, limit: 77 } and (.cpuset.cpus | length) > 0
			and .memory.event_count.oom_kill == 0 and .memory.swap.limit == 67108864)' <<< "$output" || { echo "$output"; return 1; }
		"$R" delete --force "$id"
	done
}

@test "events tells of a process that is ended for want of memory" {
	begin
	"$R" events --interval 100ms "$id" > "$BATS_TEST_TMPDIR/events" 3>&- &
	local job=$!
	run -137 "$R" exec "$id" dd if=/dev/zero of=/dev/null bs=200M count=1
	eventually 10 grep -qxF "{\"type\":\"oom\",\"id\":\"$id\"}" "$BATS_TEST_TMPDIR/events"
	"$R" delete --force "$id"
	wait "$job"
	expect "$(grep -c '"type":"oom"' "$BATS_TEST_TMPDIR/events")" 1
}

@test "run by systemd knows what the container has used, though its scope goes with its last process" {
	change '.annotations = { "io.mxc.policy": "{\"filesystem\":{\"readwritePaths\":[\"/tmp\"]}}" } | .process.args = ["/bin/dd", "if=/dev/zero", "of=/dev/null", "bs=1M", "count=100"]'
	printf '{ "audit": { "sinks": ["file"], "file": "%s" } }' "$BATS_TEST_TMPDIR/audit.jsonl" > "$BATS_TEST_TMPDIR/mxc.conf"
	# systemd may win the race all the same: then there is nothing, and never half of it.
	for attempt in 1 2 3; do
		run -0 "$R" --config "$BATS_TEST_TMPDIR/mxc.conf" --systemd-cgroup run --bundle "$bundle" "$id"
		run -0 jq -c 'select(.event == "container.exit") | [.exit_code, .cpu_usec > 0, .memory_peak_bytes > 0, .pids_peak > 0]' "$BATS_TEST_TMPDIR/audit.jsonl"
		[[ ${lines[-1]} != '[0,true,true,true]' ]] || return 0
	done
	cat "$BATS_TEST_TMPDIR/audit.jsonl"
	return 1
}
