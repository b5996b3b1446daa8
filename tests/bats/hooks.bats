# SPDX-License-Identifier: Apache-2.0
# Hooks of all six kinds: when, where, in which order, with what on standard input.
load ../lib/container

kinds=(prestart createRuntime createContainer startContainer poststart poststop)

# A hook that notes its words, and keeps the state it was given.
setup_more() {
	cat > "$BATS_TEST_TMPDIR/note" <<-END
		#!/bin/sh
		echo "\$*" >> $BATS_TEST_TMPDIR/order
		cat > $BATS_TEST_TMPDIR/state.\$1
		readlink /proc/self/ns/mnt > $BATS_TEST_TMPDIR/ns.\$1
		env > $BATS_TEST_TMPDIR/env.\$1
	END
	chmod 755 "$BATS_TEST_TMPDIR/note"
}

note() {
	config --arg path "$BATS_TEST_TMPDIR/note" --arg kind "$1" --argjson args "$(jq -cn '$ARGS.positional' --args note "$@")" \
		'.hooks[$kind] += [{ path: $path, args: $args }]'
}

@test "the hooks of the host run in the order of the specification" {
	bundle -- /bin/probe exit 0
	local kind
	for kind in poststop poststart createContainer createRuntime prestart; do
		note "$kind" first
		note "$kind" second
	done
	run -0 detached mxc-runtime create agent
	assert_equal "$(xargs < "$BATS_TEST_TMPDIR/order")" "prestart first prestart second createRuntime first createRuntime second createContainer first createContainer second"
	run -0 mxc-runtime start agent
	eventually has_status agent stopped
	assert_equal "$(tail -n +7 "$BATS_TEST_TMPDIR/order" | xargs)" "poststart first poststart second"
	run -0 mxc-runtime delete agent
	assert_equal "$(tail -n 2 "$BATS_TEST_TMPDIR/order" | xargs)" "poststop first poststop second"
}

@test "every hook gets the container's state on standard input" {
	bundle --annotation org.example.note=hello -- /bin/probe exit 0
	local kind
	for kind in prestart createRuntime createContainer poststart poststop; do
		note "$kind"
	done
	run -0 mxc-runtime run agent
	for kind in prestart createRuntime createContainer poststart poststop; do
		jq -e --arg bundle "$BUNDLE" '.id == "agent" and .bundle == $bundle and (.ociVersion | length > 0) and .annotations."org.example.note" == "hello"' \
			"$BATS_TEST_TMPDIR/state.$kind" || fail "state of $kind: $(cat "$BATS_TEST_TMPDIR/state.$kind")"
	done
	jq -e '.status == "stopped"' "$BATS_TEST_TMPDIR/state.poststop"
	jq -e '.status == "creating" or .status == "created"' "$BATS_TEST_TMPDIR/state.createRuntime"
	jq -e '.pid > 1' "$BATS_TEST_TMPDIR/state.createRuntime"
}

@test "createRuntime runs in the runtime's mount namespace, createContainer in the container's" {
	bundle -- /bin/probe exit 0
	note createRuntime
	note createContainer
	note poststop
	run -0 mxc-runtime run agent
	assert_equal "$(cat "$BATS_TEST_TMPDIR/ns.createRuntime")" "$(readlink /proc/self/ns/mnt)"
	assert_equal "$(cat "$BATS_TEST_TMPDIR/ns.poststop")" "$(readlink /proc/self/ns/mnt)"
	[[ $(cat "$BATS_TEST_TMPDIR/ns.createContainer") != "$(readlink /proc/self/ns/mnt)" ]]
}

@test "startContainer runs inside, from the container's files, before the program" {
	bundle --writable --jq '.hooks.startContainer = [{ path: "/bin/probe", args: ["probe", "create", "/work/hook"] }]' -- /bin/probe stat /work/hook
	run -0 detached mxc-runtime create agent
	[[ ! -e $ROOTFS/work/hook ]]
	run -0 mxc-runtime start agent
	eventually has_status agent stopped
	[[ $(said) == *"stat: /work/hook f"* ]]
	mxc-runtime delete agent
}

@test "a hook has the environment of config.json and no other" {
	bundle -- /bin/probe exit 0
	note createRuntime
	config '.hooks.createRuntime[0].env = ["ONE=1", "PATH=/usr/bin:/bin"]'
	export SECRET_OF_THE_CALLER=1
	run -0 mxc-runtime run agent
	grep -q ^ONE=1 "$BATS_TEST_TMPDIR/env.createRuntime"
	! grep -q SECRET_OF_THE_CALLER "$BATS_TEST_TMPDIR/env.createRuntime"
}

@test "a hook that fails before the start refuses the container, runs poststop and leaves nothing" {
	local kind
	for kind in prestart createRuntime createContainer; do
		rm -f "$BATS_TEST_TMPDIR/order"
		bundle --writable --name "b-$kind" --jq ".hooks.$kind = [{ path: \"/bin/false\" }]" -- /bin/probe create /work/ran
		note poststop
		run detached mxc-runtime create agent
		[[ $status -ne 0 ]] || fail "$kind that failed was ignored"
		[[ ! -e $ROOTFS/work/ran ]]
		no_state
		[[ $MXC_TEST_KIND != mxc ]] || assert_match "error running $kind hook #0"
		[[ $MXC_TEST_KIND != mxc ]] || grep -q "^poststop" "$BATS_TEST_TMPDIR/order"
	done
}

@test "a hook that fails at start ends the container, and poststop runs" {
	needs mxc
	local kind
	for kind in startContainer poststart; do
		rm -f "$BATS_TEST_TMPDIR/order"
		bundle --writable --name "b-$kind" --jq ".hooks.$kind = [{ path: \"/bin/false\" }]" -- /bin/probe sleep 60
		printf '#!/bin/probe exit 1\n' > "$ROOTFS/bin/false"
		chmod 755 "$ROOTFS/bin/false"
		note poststop
		run -0 detached mxc-runtime create agent
		run mxc-runtime start agent
		[[ $status -eq 1 ]]
		assert_match "error running $kind hook #0"
		grep -q "^poststop" "$BATS_TEST_TMPDIR/order"
		run mxc-runtime state agent
		assert_refusal "does not exist"
		no_state
	done
}

@test "a container that is refused before it has a process runs no hook, poststop neither" {
	needs mxc
	# The root file system is opened before by root, and by the process itself otherwise.
	needs root
	bundle -- /bin/probe exit 0
	note createRuntime
	note poststop
	rm -r rootfs
	run detached mxc-runtime create agent
	[[ $status -ne 0 ]]
	[[ ! -e $BATS_TEST_TMPDIR/order ]]
	no_state
}

@test "a startContainer hook that fails keeps the program from starting" {
	bundle --writable --jq '.hooks.startContainer = [{ path: "/bin/probe", args: ["probe", "exit", "3"] }]' -- /bin/probe create /work/ran
	run mxc-runtime run agent
	[[ $status -ne 0 ]]
	[[ ! -e $ROOTFS/work/ran ]]
	no_state
}

@test "a poststop hook that fails is a warning: the others run and the container is gone" {
	bundle --jq '.hooks.poststop = [{ path: "/bin/false" }]' -- /bin/probe exit 0
	note poststop after
	start_container agent
	eventually has_status agent stopped
	run -0 mxc-runtime delete agent
	grep -q "poststop after" "$BATS_TEST_TMPDIR/order"
}

@test "a hook that does not exist is an error that names it" {
	bundle --jq '.hooks.createRuntime = [{ path: "/nonesuch/hook" }]' -- /bin/probe exit 0
	run detached mxc-runtime create agent
	[[ $status -ne 0 ]]
	needs mxc
	assert_match /nonesuch/hook
}

@test "a hook that takes longer than its timeout is ended, and the container refused" {
	bundle --jq '.hooks.createRuntime = [{ path: "/bin/sleep", args: ["sleep", "50"], timeout: 1 }]' -- /bin/probe exit 0
	local before=$SECONDS
	run detached mxc-runtime create agent
	[[ $status -ne 0 ]]
	(( SECONDS - before < 15 ))
	! pgrep -f "^sleep 50$" > /dev/null
}

@test "a hook path that is not absolute is refused" {
	needs mxc
	bundle --jq '.hooks.createRuntime = [{ path: "hook" }]' -- /bin/probe exit 0
	run mxc-runtime run agent
	assert_refusal config.json 'hooks.createRuntime[0]' path
}
