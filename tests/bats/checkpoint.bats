# SPDX-License-Identifier: Apache-2.0
# What checkpoint and restore refuse, with field and remedy; with CRIU itself they run in the virtual machine.
load ../lib/container
load ../lib/agent

setup_more() {
	needs mxc
}

# A stand-in that is found instead of CRIU, and leaves a mark when it is started.
no_criu() {
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\ntouch %q\nexit 1\n' "$BATS_TEST_TMPDIR/criu-was-started" > "$BATS_TEST_TMPDIR/bin/criu"
	chmod +x "$BATS_TEST_TMPDIR/bin/criu"
}

with_path() {
	PATH=$1 "$MXC_RUNTIME" --root "$STATE" --config "$CONFIG" "${@:2}" 3>&-
}

up() {
	bundle --set-id -- /bin/probe sleep 60
	start_container agent
}

@test "the help of both verbs names their options" {
	run -0 mxc-runtime checkpoint --help
	for option in image-path work-path parent-path leave-running tcp-established ext-unix-sk shell-job lazy-pages page-server \
		file-locks pre-dump manage-cgroups-mode status-fd auto-dedup empty-ns tcp-skip-in-flight link-remap lsm-profile lsm-mount-context; do
		[[ $output == *"--$option"* ]] || fail "no --$option" "$output"
	done
	run -0 mxc-runtime restore --help
	for option in bundle image-path work-path detach pid-file console-socket no-pivot tcp-established tcp-close file-locks \
		shell-job ext-unix-sk manage-cgroups-mode lsm-profile lsm-mount-context no-subreaper; do
		[[ $output == *"--$option"* ]] || fail "no --$option" "$output"
	done
}

# podman finds out by these words whether a runtime can restore into a pod.
@test "an option without its value says that it requires one" {
	run -1 mxc-runtime restore --lsm-mount-context
	[[ $output == *"requires an argument"* ]] || fail "words" "$output"
}

@test "without the program criu both verbs name its package, and leave all as it was" {
	needs root
	up
	run -1 with_path /nonexistent checkpoint --image-path images agent
	[[ $output == *"criu is not installed"*"package 'criu'"* ]] || fail "message" "$output"
	[[ ! -e images ]]
	has_status agent running
	mxc-runtime delete --force agent
	mkdir images
	echo '[]' > images/descriptors.json
	run -1 with_path /nonexistent restore --detach --image-path images other
	[[ $output == *"criu is not installed"* ]] || fail "message" "$output"
	run ! mxc-runtime state other
}

@test "a program that is not CRIU fails both verbs cleanly" {
	needs root
	no_criu
	up
	run -1 with_path "$BATS_TEST_TMPDIR/bin:$PATH" checkpoint --image-path images agent
	[[ $output == *"criu ended without an answer"* && -e $BATS_TEST_TMPDIR/criu-was-started ]] || fail "message" "$output"
	has_status agent running
	mxc-runtime delete --force agent
	mkdir -p images
	echo '["pipe:[1]"]' > images/descriptors.json
	run -1 with_path "$BATS_TEST_TMPDIR/bin:$PATH" restore --detach --image-path images other
	[[ $output == *"criu ended without an answer"* ]] || fail "message" "$output"
	run ! mxc-runtime state other
}

@test "what is not supported, and values that mean nothing, are refused by their option" {
	needs root
	no_criu
	up
	while read -r words options; do
		# shellcheck disable=SC2086
		run -1 with_path "$BATS_TEST_TMPDIR/bin:$PATH" checkpoint --image-path images $options agent
		[[ $output == *"${words//_/ }"* ]] || fail "$options" "$output"
	done <<-'END'
		--lazy-pages_is_not_supported --lazy-pages
		--page-server_is_not_supported --page-server 127.0.0.1:99
	END
	[[ ! -e $BATS_TEST_TMPDIR/criu-was-started ]]
	mxc-runtime delete --force agent
}

@test "only a container that runs is checkpointed" {
	bundle --set-id -- /bin/probe sleep 60
	detached mxc-runtime create agent
	run -1 mxc-runtime checkpoint agent
	[[ $output == *"is created, not running"* ]] || fail "message" "$output"
	mxc-runtime delete --force agent
	run -1 mxc-runtime checkpoint agent
	[[ $output == *"does not exist"* ]] || fail "message" "$output"
}

@test "without root of the host both verbs are refused" {
	needs rootless
	up
	run -1 mxc-runtime checkpoint agent
	[[ $output == *"needs root of the host"*"as root"* ]] || fail "message" "$output"
	mxc-runtime delete --force agent
	run -1 mxc-runtime restore agent
	[[ $output == *"needs root of the host"* ]] || fail "message" "$output"
}

@test "a container under a policy goes neither way, CRIU is not even started, the audit knows" {
	needs root
	no_criu
	volumes_make
	agent -- /bin/probe sleep 60
	start_container agent
	run -1 with_path "$BATS_TEST_TMPDIR/bin:$PATH" checkpoint --image-path images agent
	[[ $output == *"annotation io.mxc.*"*"stop this container and start it anew"* ]] || fail "message" "$output"
	jq -e '.outcome == "failure" and .container.id == "agent" and .error.field == "annotation io.mxc.*"' \
		<<< "$(audit_event container.checkpoint)" || fail "event" "$(cat "$AUDIT")"
	has_status agent running
	mxc-runtime delete --force agent
	mkdir images
	echo '[]' > images/descriptors.json
	run -1 with_path "$BATS_TEST_TMPDIR/bin:$PATH" restore --detach --image-path images agent
	[[ $output == *"annotation io.mxc.*"*"stop this container"* ]] || fail "message" "$output"
	jq -e '.outcome != "success" and .error.remedy != ""' <<< "$(audit_event policy.refused)" || fail "event" "$(cat "$AUDIT")"
	run ! mxc-runtime state agent
	[[ ! -e $BATS_TEST_TMPDIR/criu-was-started ]]
}

@test "a restore over a container that is there is refused, and it stays" {
	needs root
	up
	mkdir images
	echo '[]' > images/descriptors.json
	run -1 mxc-runtime restore --detach --image-path images agent
	[[ $output == *"already exists"* ]] || fail "message" "$output"
	has_status agent running
	mxc-runtime delete --force agent
}
