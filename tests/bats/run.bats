# SPDX-License-Identifier: Apache-2.0
# The verb run: create, start, wait and delete in one.
load ../lib/container

@test "run gives the program's output and exit status" {
	bundle -- /bin/probe print hello -- exit 7
	run -7 mxc-runtime run agent
	assert_line "print: hello"
}

@test "run passes standard input, output and error through" {
	needs busybox
	bundle -- /bin/sh -c 'cat; echo trouble >&2'
	echo question | { mxc-runtime run agent > out 2> err; }
	assert_equal "$(cat out)" question
	assert_equal "$(tail -n 1 err)" trouble
}

@test "run reports a program that a signal ended as 128 and the signal" {
	bundle -- /bin/probe print ready -- sleep 60
	mxc-runtime run agent < /dev/null > out 2>&1 3>&- &
	local job=$! status=0
	eventually grep -q ready out
	mxc-runtime kill agent KILL
	wait "$job" || status=$?
	assert_equal "$status" 137
}

@test "run of a program that does not exist says so, and leaves nothing" {
	bundle -- /bin/nonesuch
	run mxc-runtime run agent
	[[ $status -ne 0 ]]
	assert_match "/bin/nonesuch"
	assert_match "[Nn]o such file or directory"
	no_state
}

@test "run of a file that may not be executed says so, and leaves nothing" {
	bundle -- /etc/passwd
	run mxc-runtime run agent
	[[ $status -ne 0 ]]
	assert_match "[Pp]ermission denied|not executable"
	no_state
}

@test "a program without a slash is looked up in the container's PATH" {
	bundle -- probe print found
	run -0 mxc-runtime run agent
	assert_line "print: found"
}

@test "run takes the bundle as an option" {
	bundle -- /bin/probe print hello
	cd /
	run -0 mxc-runtime run --bundle "$BUNDLE" agent
	assert_line "print: hello"
	run -0 mxc-runtime run -b "$BUNDLE" agent
}

@test "run detached leaves a running container, and its pid in the pid file" {
	bundle -- /bin/probe sleep 60
	run -0 detached mxc-runtime run --detach --pid-file "$BATS_TEST_TMPDIR/pid" agent
	has_status agent running
	assert_equal "$(cat "$BATS_TEST_TMPDIR/pid")" "$(pid_of agent)"
	run -0 mxc-runtime delete --force agent
}

@test "run refuses an id that is in use, and leaves the container that has it alone" {
	bundle -- /bin/probe sleep 60
	start_container agent
	local pid
	pid=$(pid_of agent)
	run mxc-runtime run agent
	[[ $status -ne 0 ]]
	assert_match agent
	assert_equal "$(pid_of agent)" "$pid"
	mxc-runtime delete --force agent
}

@test "run forwards a signal to the program" {
	bundle -- /bin/probe catch 15
	mxc-runtime run agent < /dev/null > out 2>&1 3>&- &
	local job=$!
	eventually grep -q ready out
	# The job is a shell of bats; the runtime is its child.
	local runtime
	runtime=$(pgrep -P "$job") || runtime=$job
	kill -TERM "$runtime"
	wait "$job"
	grep -q "caught 15" out
}

@test "run ends well when somebody else deletes the container" {
	needs mxc
	bundle -- /bin/probe sleep 60
	mxc-runtime run agent < /dev/null > out 2>&1 3>&- &
	local job=$! status=0
	eventually has_status agent running
	mxc-runtime delete --force agent
	wait "$job" || status=$?
	assert_equal "$status" 137
	assert_equal "$(cat out)" ""
}

@test "an interrupt from the terminal reaches the program" {
	bundle -- /bin/probe catch 2
	run -0 python3 - "$MXC_RUNTIME" "$STATE" <<- 'END'
		import os, pty, select, sys, time
		pid, master = pty.fork()
		if pid == 0:
		    os.execv(sys.argv[1], [sys.argv[1], "--root", sys.argv[2], "run", "agent"])
		seen, end = b"", time.time() + 20
		while time.time() < end and b"caught" not in seen:
		    if not select.select([master], [], [], 1)[0]:
		        continue
		    try:
		        seen += os.read(master, 1000)
		    except OSError:
		        break
		    if b"ready" in seen:
		        os.write(master, b"\x03")
		        seen = seen.replace(b"ready", b"")
		os.waitpid(pid, 0)
		sys.exit(b"caught 2" not in seen)
	END
}

@test "a process that the program leaves behind dies with the container" {
	bundle -- /bin/probe spawn 600
	run -0 mxc-runtime run agent
}

@test "run --keep leaves the stopped container" {
	bundle -- /bin/probe exit 3
	run -3 mxc-runtime run --keep agent
	has_status agent stopped
	run -0 mxc-runtime delete agent
}

@test "a script without its interpreter is an error of one line that names it" {
	bundle --writable -- /run.sh
	printf '#!/nonesuch word\n' > "$ROOTFS/run.sh"
	chmod +x "$ROOTFS/run.sh"
	run mxc-runtime run agent
	[[ $status -ne 0 ]]
	needs mxc
	[[ ${#lines[@]} -eq 1 ]]
	assert_match 'exec "/run.sh".*No such file or directory'
}

@test "descriptors that are to be preserved must be there" {
	needs mxc
	bundle -- /bin/probe fds
	run mxc-runtime run --preserve-fds 1 agent
	assert_refusal "preserved-fd 0" "option --preserve-fds"
	no_state
}

@test "a container without a process can be created, and not started" {
	needs mxc
	bundle --jq 'del(.process)'
	config 'del(.process)'
	run -0 detached mxc-runtime create agent
	has_status agent created
	run mxc-runtime start agent
	[[ $status -ne 0 ]]
	assert_match "process"
	mxc-runtime delete --force agent
}

@test "HOME is the user's in the image where the environment has none, or an empty one" {
	needs root
	needs mxc
	bundle -- /bin/probe env HOME
	echo 'user:x:2000:2000::/home/user:/bin/sh' >> "$ROOTFS/etc/passwd"
	config '.process.user.uid = 2000'
	run -0 mxc-runtime run agent
	assert_line "env: HOME=/home/user"
	config '.process.env += ["HOME=/first", "HOME="]'
	run -0 mxc-runtime run agent
	assert_line "env: HOME=/home/user"
	config '.process.env += ["HOME=/own"]'
	run -0 mxc-runtime run agent
	assert_line "env: HOME=/own"
}

@test "the working directory is made where it is missing" {
	bundle --writable --jq '.process.cwd = "/new/directory"' -- /bin/probe cwd
	run -0 mxc-runtime run agent
	assert_line "cwd: /new/directory"
}

@test "the root may be the bundle itself" {
	bundle --name b -- /bin/probe print hello
	mv config.json rootfs
	cd rootfs
	config '.root.path = "."'
	run -0 mxc-runtime run agent
	assert_line "print: hello"
}

@test "where the root cannot be pivoted it is moved, and exec stands in it too" {
	needs mxc
	needs root
	bundle -- /bin/probe sleep 60
	detached mxc-runtime create --no-pivot agent
	mxc-runtime start agent
	run mxc-runtime exec agent /bin/probe cat "$PWD/config.json"
	[[ $status -ne 0 ]] || fail "exec reads the host's files"
	mxc-runtime delete --force agent
}

@test "in a chroot the root is not moved: exec would stand in the host's files" {
	needs mxc
	needs root
	bundle -- /bin/probe sleep 60
	local inside=$BATS_TEST_TMPDIR/inside
	mkdir "$inside"
	run unshare --mount --propagation private bash -c '
		mount --rbind / "$1" && shift && exec chroot "$@"' - "$inside" "$inside" "$MXC_RUNTIME" --root "$STATE" create --no-pivot \
		--bundle "$PWD" agent
	[[ $status -ne 0 ]] || fail "created"
	assert_match "stands in a chroot"
	no_state
}
