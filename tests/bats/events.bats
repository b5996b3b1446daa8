# SPDX-License-Identifier: Apache-2.0
# The verb events, and the pidfd that create, run and exec hand to an engine.
load ../lib/container

# Takes one descriptor over a socket, as an engine does, says whose pidfd it is, and signals it.
# $1 socket, $2 file for what it says, $3 signal.
receive_pidfd() {
	python3 - "$@" 3>&- <<'END' &
import array, os, signal, socket, sys, time
path, out, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
server.bind(path)
server.listen(1)
server.settimeout(20)
conn, _ = server.accept()
message, ancillary, _, _ = conn.recvmsg(4096, socket.CMSG_SPACE(16))
fds = array.array("i")
for level, kind, data in ancillary:
    if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
        fds.frombytes(data[: len(data) - len(data) % 4])
pid = [line.split()[1] for line in open("/proc/self/fdinfo/%d" % fds[0]) if line.startswith("Pid:")]
with open(out + ".new", "w") as log:
    log.write("%s %d %s\n" % (message.decode(), len(fds), pid[0]))
os.rename(out + ".new", out)
while number and not os.path.exists(out + ".go"):
    time.sleep(0.02)
if number:
    signal.pidfd_send_signal(fds[0], number)
END
	RECEIVER=$!
	eventually test -S "$1"
}

teardown_more() {
	[[ ! ${RECEIVER:-} ]] || kill "$RECEIVER" 2>/dev/null || true
}

@test "events --stats is one line of JSON with what the container has used" {
	needs root
	bundle --set-id -- /bin/probe sleep 60
	start_container agent
	run -0 mxc-runtime events --stats agent
	[[ ${#lines[@]} -eq 1 && $output == '{"type":"stats","id":"agent","data":{'* ]]
	jq -e '.data.cpu.usage | .total > 0 and .total >= .kernel' <<< "$output"
	jq -e '.data | (.memory.usage | has("limit") and has("usage") and has("failcnt")) and (.memory.raw | type) == "object"
		and (.pids | has("current") and has("limit")) and (.blkio.ioServiceBytesRecursive | type) == "array" and (.hugetlb | type) == "object"' <<< "$output"
	mxc-runtime delete --force agent
}

@test "events tells the pressure that the kernel measures" {
	needs root
	[[ -e /proc/pressure/cpu ]] || skip "pressure"
	bundle --set-id -- /bin/probe sleep 60
	start_container agent
	run -0 mxc-runtime events --stats agent
	jq -e '.data | .cpu.psi.some.total >= 0 and .memory.psi.full.avg10 >= 0 and .blkio.psi.some.avg300 >= 0' <<< "$output"
	mxc-runtime delete --force agent
}

@test "events prints again and again until the container ends" {
	needs root
	bundle --set-id -- /bin/probe sleep 60
	start_container agent
	mxc-runtime events --interval 50ms agent > events 2>&1 3>&- &
	local job=$!
	eventually three_lines
	run -0 mxc-runtime kill agent KILL
	wait "$job"
	[[ $(jq -r .type events | sort -u) == stats ]]
	run -0 mxc-runtime delete agent
}

three_lines() {
	[[ $(wc -l < events) -ge 3 ]]
}

@test "an interval is a duration greater than 0" {
	needs mxc
	local interval
	for interval in 0 0s -1s 5 s "" 1x 1m30 1.2.3s 10000000h; do
		run mxc-runtime events --interval="$interval" agent
		assert_refusal --interval
	done
	for interval in 1.5h 1m30s 300us 2µs 1ns; do
		run mxc-runtime events --interval="$interval" nobody
		assert_refusal "does not exist"
	done
}

@test "events of a container that has ended, or never was, is an error" {
	needs root
	bundle --set-id -- /bin/probe exit 0
	start_container agent
	eventually has_status agent stopped
	run mxc-runtime events --stats agent
	[[ $status -eq 1 ]]
	assert_match "not running"
	mxc-runtime delete agent
	run mxc-runtime events nobody
	[[ $status -eq 1 ]]
	assert_match "does not exist"
}

@test "create hands a pidfd of init to the pidfd socket" {
	needs mxc
	bundle -- /bin/probe sleep 60
	receive_pidfd "$BATS_TEST_TMPDIR/sock" "$BATS_TEST_TMPDIR/said" 9
	run -0 detached mxc-runtime create --pidfd-socket "$BATS_TEST_TMPDIR/sock" agent
	eventually test -e "$BATS_TEST_TMPDIR/said"
	assert_equal "$(cat "$BATS_TEST_TMPDIR/said")" "standard 1 $(pid_of agent)"
	touch "$BATS_TEST_TMPDIR/said.go"
	eventually has_status agent stopped
	mxc-runtime delete agent
}

@test "run hands it over too" {
	needs mxc
	bundle -- /bin/probe sleep 60
	receive_pidfd "$BATS_TEST_TMPDIR/sock" "$BATS_TEST_TMPDIR/said" 0
	run -0 detached mxc-runtime run --detach --pidfd-socket "$BATS_TEST_TMPDIR/sock" agent
	eventually test -e "$BATS_TEST_TMPDIR/said"
	assert_equal "$(cat "$BATS_TEST_TMPDIR/said")" "standard 1 $(pid_of agent)"
	mxc-runtime delete --force agent
}

@test "exec hands over a pidfd of its own process" {
	needs mxc
	bundle -- /bin/probe sleep 60
	start_container agent
	receive_pidfd "$BATS_TEST_TMPDIR/sock" "$BATS_TEST_TMPDIR/said" 9
	run -0 detached mxc-runtime exec --detach --pid-file "$BATS_TEST_TMPDIR/pid" --pidfd-socket "$BATS_TEST_TMPDIR/sock" agent /bin/probe sleep 50
	eventually test -e "$BATS_TEST_TMPDIR/said"
	local pid
	pid=$(cat "$BATS_TEST_TMPDIR/pid")
	assert_equal "$(cat "$BATS_TEST_TMPDIR/said")" "setns 1 $pid"
	touch "$BATS_TEST_TMPDIR/said.go"
	eventually test ! -e "/proc/$pid/root"
	has_status agent running
	mxc-runtime delete --force agent
}

@test "a pidfd socket that nobody listens on refuses, and nothing is left" {
	needs mxc
	bundle -- /bin/probe exit 0
	run detached mxc-runtime create --pidfd-socket "$BATS_TEST_TMPDIR/nobody" agent
	assert_refusal "pidfd socket" nobody
	no_state
}
