# SPDX-License-Identifier: Apache-2.0
# The verbs create and start: the two halves of a container's beginning.
load ../lib/container

@test "create does not run the program, start does" {
	bundle --writable -- /bin/probe create /work/ran
	run -0 detached mxc-runtime create agent
	has_status agent created
	[[ ! -e $ROOTFS/work/ran ]]
	run -0 mxc-runtime start agent
	eventually test -e "$ROOTFS/work/ran"
	eventually has_status agent stopped
	run -0 mxc-runtime delete agent
}

@test "create writes the pid file" {
	bundle -- /bin/probe sleep 60
	run -0 detached mxc-runtime create --pid-file "$BATS_TEST_TMPDIR/pid" agent
	assert_equal "$(cat "$BATS_TEST_TMPDIR/pid")" "$(pid_of agent)"
	[[ -d /proc/$(pid_of agent) ]]
	run -0 mxc-runtime delete --force agent
}

@test "create refuses an id that is in use" {
	bundle -- /bin/probe sleep 60
	run -0 detached mxc-runtime create agent
	run detached mxc-runtime create agent
	[[ $status -ne 0 ]]
	has_status agent created
	run -0 mxc-runtime delete --force agent
}

@test "an id may be used again after delete" {
	bundle -- /bin/probe exit 0
	run -0 mxc-runtime run agent
	run -0 mxc-runtime run agent
}

@test "a change of config.json after create has no effect" {
	bundle -- /bin/probe print before
	run -0 detached mxc-runtime create agent
	config '.process.args = ["/bin/probe", "print", "after"]'
	run -0 mxc-runtime start agent
	eventually has_status agent stopped
	output=$(said)
	assert_match "print: before"
	run -0 mxc-runtime delete agent
}

@test "start of a running container is an error without effect" {
	bundle -- /bin/probe sleep 60
	start_container agent
	local pid
	pid=$(pid_of agent)
	run mxc-runtime start agent
	[[ $status -ne 0 ]]
	has_status agent running
	assert_equal "$(pid_of agent)" "$pid"
	run -0 mxc-runtime delete --force agent
}

@test "start of a stopped container is an error" {
	bundle -- /bin/probe exit 0
	start_container agent
	eventually has_status agent stopped
	run mxc-runtime start agent
	[[ $status -ne 0 ]]
	run -0 mxc-runtime delete agent
}

@test "start of a container that is not there is an error that names it" {
	run mxc-runtime start nobody
	[[ $status -ne 0 ]]
	assert_match nobody
}

@test "start reports that the program cannot be executed" {
	bundle -- /bin/nonesuch
	run detached mxc-runtime create agent
	if [[ $status -eq 0 ]]; then
		run mxc-runtime start agent
		[[ $status -ne 0 ]]
		mxc-runtime delete --force agent
	else
		no_state
	fi
}

@test "an id with a slash, dots alone, nothing or too much in it is refused" {
	needs mxc
	bundle -- /bin/probe exit 0
	local id long
	printf -v long 'a%.0s' {1..1025}
	for id in .. . "" a/b ../a /a "a b" $'a\nb' -- "$long"; do
		[[ $id != -- ]] || continue
		run mxc-runtime run -- "$id"
		[[ $status -eq 1 ]] || fail "id '${id:0:20}' gave $status"
		[[ ${#lines[@]} -eq 1 ]] || fail "id '${id:0:20}' gave ${#lines[@]} lines"
	done
	[[ ! -e $STATE/../config.json && -d $BATS_TEST_TMPDIR ]]
	no_state
}

@test "an id that every engine uses is taken" {
	bundle -- /bin/probe exit 0
	local id
	for id in a 0123456789abcdef_ABC.def-1+2 c0ffee0123456789c0ffee0123456789c0ffee0123456789c0ffee0123456789; do
		run -0 mxc-runtime run "$id"
	done
}

@test "create without a bundle says that config.json is missing" {
	mkdir empty
	cd empty
	run detached mxc-runtime create agent
	[[ $status -ne 0 ]]
	assert_match config.json
	no_state
}
