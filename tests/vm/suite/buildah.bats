# SPDX-License-Identifier: Apache-2.0
# buildah: RUN steps and "buildah run" by --runtime.
# Users: root agent

load helper

setup() {
	mark_start
}

teardown() {
	build rm -a > /dev/null 2>&1 || true
	build rmi -f localhost/built > /dev/null 2>&1 || true
	teardown_check
}

build() {
	buildah "$@" 3>&-
}

@test "buildah build runs its RUN steps, and fails with a step that fails" {
	cat > "$BATS_TEST_TMPDIR/Containerfile" <<-END
		FROM $IMAGE
		ENV WORD=there
		RUN echo "hello \$WORD" > /made && id -u >> /made
		USER 1000:1000
		WORKDIR /workspace
		RUN --mount=type=tmpfs,target=/scratch pwd > /tmp/where && id -u >> /tmp/where && touch /scratch/x
	END
	run -0 build build --runtime "$R" --network none -t localhost/built -f "$BATS_TEST_TMPDIR/Containerfile" "$BATS_TEST_TMPDIR"
	container=$(build from localhost/built)
	run -0 build run --runtime "$R" --network none "$container" cat /made /tmp/where
	expect "$output" $'hello there\n0\n/workspace\n1000'
	printf 'FROM %s\nRUN exit 5\n' "$IMAGE" > "$BATS_TEST_TMPDIR/Containerfile"
	run build build --runtime "$R" --network none -f "$BATS_TEST_TMPDIR/Containerfile" "$BATS_TEST_TMPDIR"
	(( status != 0 ))
	expect_match "$output" 'exit status 5'
}

@test "buildah run passes options, input, a terminal and the exit status" {
	container=$(build from "$IMAGE")
	run -3 build run --runtime "$R" --network none --env A=b --user 1000 --workingdir /tmp --cap-drop ALL \
		-v "$BATS_TEST_TMPDIR:/given:ro" "$container" sh -c 'read line; echo $line $A $(id -u) $(pwd); touch /given/x; grep CapBnd /proc/self/status; exit 3' <<< hello
	expect_match "$output" 'hello b 1000 /tmp'
	expect_match "$output" 'touch: /given/x: Read-only file system'
	expect_match "$output" 'CapBnd:.0000000000000000'
	run -0 script -qec "buildah run --runtime $R --network none --tty $container sh -c 'tty; test -t 1 && echo terminal'" /dev/null
	expect_match "$output" '/dev/(pts/0|console)'
	expect_match "$output" 'terminal'
	run build run --runtime "$R" --network none "$container" /no/such/program
	(( status != 0 ))
	expect_match "$output" '/no/such/program'
}
