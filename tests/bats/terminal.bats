# SPDX-License-Identifier: Apache-2.0
# The console socket and the terminal.
load ../lib/container

# Receives one terminal over a socket and copies what it says to a file, as conmon does. $1 socket, $2 file, $3 text to type.
receive_terminal() {
	python3 - "$@" 3>&- <<'END' &
import array, os, socket, sys
path, out, typed = sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else ""
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
with open(out, "wb", 0) as log:
    log.write(b"descriptors: %d\n" % len(fds))
    if typed:
        os.write(fds[0], typed.encode())
    while True:
        try:
            data = os.read(fds[0], 4096)
        except OSError:
            break
        if not data:
            break
        log.write(data)
    log.write(b"end\n")
END
	RECEIVER=$!
	eventually test -S "$1"
}

teardown_more() {
	[[ ! ${RECEIVER:-} ]] || kill "$RECEIVER" 2>/dev/null || true
}

@test "the terminal goes to the console socket, the process has its other end" {
	bundle --jq '.process.terminal = true' -- /bin/probe tty -- pids
	receive_terminal "$BATS_TEST_TMPDIR/sock" "$BATS_TEST_TMPDIR/said"
	run -0 detached mxc-runtime create --console-socket "$BATS_TEST_TMPDIR/sock" agent
	run -0 mxc-runtime start agent
	eventually grep -q ^end "$BATS_TEST_TMPDIR/said"
	output=$(tr -d '\r' < "$BATS_TEST_TMPDIR/said")
	assert_match "descriptors: 1"
	assert_match "tty: 0 /dev/(pts/0|console) "
	assert_match "tty: 1 /dev/(pts/0|console) "
	assert_match "tty: 2 /dev/(pts/0|console) "
	assert_match "controlling: yes"
	eventually has_status agent stopped
	run -0 mxc-runtime delete agent
}

@test "the terminal has the size of config.json" {
	bundle --jq '.process.terminal = true | .process.consoleSize = { height: 37, width: 91 }' -- /bin/probe tty
	receive_terminal "$BATS_TEST_TMPDIR/sock" "$BATS_TEST_TMPDIR/said"
	run -0 detached mxc-runtime create --console-socket "$BATS_TEST_TMPDIR/sock" agent
	run -0 mxc-runtime start agent
	eventually grep -q ^end "$BATS_TEST_TMPDIR/said"
	grep -q "tty: 0 /dev/[a-z0-9/]* 37 91" "$BATS_TEST_TMPDIR/said"
	eventually has_status agent stopped
	mxc-runtime delete agent
}

@test "/dev/console is the terminal" {
	bundle --jq '.process.terminal = true' -- /bin/probe write /dev/console "to the console"
	receive_terminal "$BATS_TEST_TMPDIR/sock" "$BATS_TEST_TMPDIR/said"
	run -0 detached mxc-runtime create --console-socket "$BATS_TEST_TMPDIR/sock" agent
	run -0 mxc-runtime start agent
	eventually grep -q ^end "$BATS_TEST_TMPDIR/said"
	grep -q "to the console" "$BATS_TEST_TMPDIR/said"
	eventually has_status agent stopped
	mxc-runtime delete agent
}

@test "what is typed reaches the process" {
	needs busybox
	bundle --jq '.process.terminal = true' -- /bin/sh -c 'read line; echo "got $line"'
	receive_terminal "$BATS_TEST_TMPDIR/sock" "$BATS_TEST_TMPDIR/said" $'hello\n'
	run -0 detached mxc-runtime create --console-socket "$BATS_TEST_TMPDIR/sock" agent
	run -0 mxc-runtime start agent
	eventually grep -q ^end "$BATS_TEST_TMPDIR/said"
	grep -q "got hello" "$BATS_TEST_TMPDIR/said"
	eventually has_status agent stopped
	mxc-runtime delete agent
}

@test "exec with a terminal sends its own to its console socket" {
	bundle -- /bin/probe sleep 60
	start_container agent
	receive_terminal "$BATS_TEST_TMPDIR/sock" "$BATS_TEST_TMPDIR/said"
	run -0 detached mxc-runtime exec --tty --detach --console-socket "$BATS_TEST_TMPDIR/sock" agent /bin/probe tty
	eventually grep -q ^end "$BATS_TEST_TMPDIR/said"
	grep -q "tty: 0 /dev/pts/" "$BATS_TEST_TMPDIR/said"
	grep -q "controlling: yes" "$BATS_TEST_TMPDIR/said"
	mxc-runtime delete --force agent
}

@test "create with a terminal and without a console socket is an error" {
	bundle --jq '.process.terminal = true' -- /bin/probe exit 0
	run detached mxc-runtime create agent
	[[ $status -ne 0 ]]
}

@test "create with a console socket that nobody listens on is an error that leaves nothing" {
	needs mxc
	bundle --jq '.process.terminal = true' -- /bin/probe exit 0
	run detached mxc-runtime create --console-socket "$BATS_TEST_TMPDIR/nobody" agent
	[[ $status -ne 0 ]]
	assert_match nobody
	no_state
}

@test "a console of the image that is a link is not followed to the host" {
	bundle --writable --jq '.process.terminal = true | .mounts |= map(select(.destination | startswith("/dev") | not))' -- /bin/probe exit 0
	echo precious > "$BATS_TEST_TMPDIR/precious"
	ln -s "$BATS_TEST_TMPDIR/precious" "$ROOTFS/dev/console"
	receive_terminal "$BATS_TEST_TMPDIR/sock" "$BATS_TEST_TMPDIR/said"
	run detached mxc-runtime create --console-socket "$BATS_TEST_TMPDIR/sock" agent
	assert_equal "$(cat "$BATS_TEST_TMPDIR/precious")" precious
	mxc-runtime delete --force agent
}

@test "run with a terminal relays it to the caller's" {
	bundle --jq '.process.terminal = true' -- /bin/probe tty
	run -0 script --quiet --return --command "'$MXC_RUNTIME' --root '$STATE' run agent" /dev/null
	assert_match "tty: 0 /dev/"
}
