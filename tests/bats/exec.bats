# SPDX-License-Identifier: Apache-2.0
# The verb exec: another process in a running container.
load ../lib/container

running() {
	bundle "$@" -- /bin/probe sleep 60
	start_container agent
}

@test "exec gives the program's output and exit status" {
	running
	run -9 mxc-runtime exec agent /bin/probe print hello -- exit 9
	assert_line "print: hello"
	mxc-runtime delete --force agent
}

@test "exec joins every namespace of the container" {
	running
	local pid kind
	pid=$(pid_of agent)
	run -0 mxc-runtime exec agent /bin/probe readlink /proc/self/ns/pid -- readlink /proc/self/ns/net -- readlink /proc/self/ns/ipc \
		-- readlink /proc/self/ns/uts -- readlink /proc/self/ns/mnt -- readlink /proc/self/ns/cgroup -- readlink /proc/self/ns/user
	for kind in pid net ipc uts mnt cgroup user; do
		assert_line "$(readlink "/proc/$pid/ns/$kind")"
	done
	mxc-runtime delete --force agent
}

@test "exec joins the container's cgroup" {
	needs root
	running --set-id
	detached mxc-runtime exec --detach --pid-file "$BATS_TEST_TMPDIR/pid" agent /bin/probe sleep 50
	assert_equal "$(sed -n 's/^0:://p' "/proc/$(cat "$BATS_TEST_TMPDIR/pid")/cgroup")" /bundle
	mxc-runtime delete --force agent
}

@test "exec takes user, working directory and environment as options, and keeps the container's other variables" {
	needs root
	needs mxc
	running
	run -0 mxc-runtime exec --user 7:8 --cwd /etc --env COLOR=red --env SIZE=5 agent /bin/probe id -- cwd -- env COLOR -- env SIZE -- env PATH
	assert_line "id: 7 7 8 8"
	assert_line "cwd: /etc"
	assert_line "env: COLOR=red"
	assert_line "env: SIZE=5"
	assert_line "env: PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	mxc-runtime delete --force agent
}

@test "exec takes an OCI process from a file, as podman and containerd do" {
	running
	jq -n '{ terminal: false, user: { uid: 0, gid: 0, umask: 63 }, args: ["/bin/probe", "cwd", "--", "env", "--", "umask", "--", "caps", "--", "rlimit", "CORE"],
		env: ["PATH=/bin", "COLOR=blue"], cwd: "/etc", capabilities: { bounding: ["CAP_KILL"], effective: ["CAP_KILL"], permitted: ["CAP_KILL"] },
		rlimits: [{ type: "RLIMIT_CORE", soft: 0, hard: 0 }], noNewPrivileges: true }' > process.json
	run -0 mxc-runtime exec --process process.json agent
	assert_line "cwd: /etc"
	assert_line "env: COLOR=blue"
	assert_line "umask: 0077"
	assert_match "CapEff:.0000000000000020"
	assert_match "CapBnd:.0000000000000020"
	assert_line "rlimit: CORE 0 0"
	mxc-runtime delete --force agent
}

@test "exec without options has the container's own user, environment, directory and capabilities" {
	needs mxc
	running --jq '.process.cwd = "/etc" | .process.env += ["COLOR=green"]'
	run -0 mxc-runtime exec agent /bin/probe cwd -- env COLOR -- caps -- seccomp-status
	assert_line "cwd: /etc"
	assert_line "env: COLOR=green"
	assert_match "CapBnd:.0000000020000420"
	assert_match "CapEff:.0000000020000420"
	assert_match "NoNewPrivs:.1"
	mxc-runtime delete --force agent
}

@test "exec detached returns at once and writes the pid file" {
	running
	run -0 detached mxc-runtime exec --detach --pid-file "$BATS_TEST_TMPDIR/pid" agent /bin/probe sleep 50
	local pid
	pid=$(cat "$BATS_TEST_TMPDIR/pid")
	[[ $(tr '\0' ' ' < "/proc/$pid/cmdline") == "/bin/probe sleep 50 " ]]
	mxc-runtime delete --force agent
	eventually test ! -d "/proc/$pid"
}

@test "exec of a program that does not exist says so, and the container goes on" {
	running
	run mxc-runtime exec agent /bin/nonesuch
	[[ $status -ne 0 ]]
	assert_match /bin/nonesuch
	has_status agent running
	mxc-runtime delete --force agent
}

@test "exec in a container that is not there, or has stopped, is an error" {
	run mxc-runtime exec nobody /bin/probe
	[[ $status -ne 0 ]]
	assert_match nobody
	bundle -- /bin/probe exit 0
	start_container agent
	eventually has_status agent stopped
	run mxc-runtime exec agent /bin/probe
	[[ $status -ne 0 ]]
	mxc-runtime delete agent
}

@test "exec of a name that is no user id is refused, not taken for root" {
	needs mxc
	running
	local user
	for user in nobody 0x0 -1 99999999999 "0:-1" ":" "1:2:3"; do
		run mxc-runtime exec --user "$user" agent /bin/probe id
		[[ $status -ne 0 ]] || fail "'$user' was taken"
	done
	mxc-runtime delete --force agent
}

@test "exec with more groups and capabilities" {
	needs mxc
	needs root
	running
	run -0 mxc-runtime exec --additional-gids 20 --additional-gids 30 agent /bin/probe id
	assert_match "id: 0 0 0 0 .*20 30"
	mxc-runtime delete --force agent
}

@test "a working directory that does not exist is refused by exec" {
	running
	run mxc-runtime exec --cwd /nonesuch agent /bin/probe cwd
	[[ $status -ne 0 ]]
	mxc-runtime delete --force agent
}

@test "a working directory that is a link to a descriptor of the runtime is not followed to the host" {
	bundle --writable -- /bin/probe sleep 60
	start_container agent
	local fd
	for fd in 3 4 5 6 7 8 9 10 11 12; do
		run mxc-runtime exec --cwd "/proc/self/fd/$fd" agent /bin/probe cwd -- listdir . -- read ../../../../etc/hostname
		[[ $status -ne 0 ]] || fail "descriptor $fd was a working directory"
	done
	mxc-runtime delete --force agent
}

@test "no descriptor of the runtime reaches an exec'd process" {
	running
	run -0 mxc-runtime exec agent /bin/probe fds
	refute_match "fd: ([3-9]|[1-9][0-9]+) "
	mxc-runtime delete --force agent
}

@test "twenty execs at once all succeed" {
	running
	local i jobs=()
	for (( i = 0; i < 20; i++ )); do
		mxc-runtime exec agent /bin/probe exit 0 < /dev/null > /dev/null 2>&1 3>&- &
		jobs+=($!)
	done
	for i in "${jobs[@]}"; do
		wait "$i"
	done
	mxc-runtime delete --force agent
}

@test "exec --cgroup runs in a group below the container's, and nowhere else" {
	needs root
	bundle --set-id -- /bin/probe sleep 60
	start_container agent
	mkdir /sys/fs/cgroup/bundle/sub
	run -0 mxc-runtime exec --cgroup sub agent /bin/probe cat /proc/self/cgroup
	assert_line "0::/sub"
	run -0 mxc-runtime exec --cgroup / agent /bin/probe cat /proc/self/cgroup
	assert_line "0::/"
	needs mxc
	local path
	for path in .. ../runner sub/../..; do
		run mxc-runtime exec --cgroup "$path" agent /bin/probe exit 0
		[[ $status -ne 0 ]] || fail "'$path' was taken"
		assert_match "$path is not a sub cgroup path"
	done
	run mxc-runtime exec --cgroup nonesuch agent /bin/probe exit 0
	[[ $status -ne 0 ]]
	assert_match "nonesuch.*No such file"
	mxc-runtime delete --force agent
}

@test "exec in a paused container is refused, or waits until it is resumed" {
	needs root
	bundle --set-id -- /bin/probe sleep 60
	start_container agent
	run -0 mxc-runtime pause agent
	run mxc-runtime exec agent /bin/probe exit 0
	[[ $status -ne 0 ]]
	assert_match "paused"
	needs mxc
	mxc-runtime exec --ignore-paused agent /bin/probe print late < /dev/null > out 2>&1 3>&- &
	local job=$!
	sleep 0.3
	[[ ! -s out ]]
	run -0 mxc-runtime resume agent
	wait "$job"
	grep -q late out
	mxc-runtime delete --force agent
}

@test "exec --ignore-paused of a container that is killed meanwhile ends with an error" {
	needs root
	needs mxc
	bundle --set-id -- /bin/probe sleep 60
	start_container agent
	run -0 mxc-runtime pause agent
	mxc-runtime exec --ignore-paused agent /bin/probe exit 0 < /dev/null > out 2>&1 3>&- &
	local job=$! status=0
	mxc-runtime kill agent KILL
	wait "$job" || status=$?
	[[ $status -ne 0 ]]
	eventually has_status agent stopped
	mxc-runtime delete agent
}

@test "exec itself fails with 255, so that it is not taken for the program" {
	running
	local words
	for words in "agent /bin/nonesuch" "agent nonesuch" "agent /etc" "agent /etc/passwd" "--cwd /nonesuch agent /bin/probe cwd"; do
		run -255 mxc-runtime exec $words
		refute_match "probe:"
	done
	run -1 mxc-runtime exec agent /bin/probe exit 1
	mxc-runtime delete --force agent
}

@test "exec in a container that is only created works" {
	needs root
	bundle -- /bin/probe sleep 60
	run -0 detached mxc-runtime create agent
	run -0 mxc-runtime exec agent /bin/probe print hello
	assert_line "print: hello"
	run -0 mxc-runtime start agent
	mxc-runtime delete --force agent
}
