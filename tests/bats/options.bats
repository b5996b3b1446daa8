# SPDX-License-Identifier: Apache-2.0
# The program's own face: spec, features, version, help, global options, the log file.
load ../lib/container

@test "--version names the program and the OCI version" {
	run -0 mxc-runtime --version
	assert_match "spec: 1\.[0-9]"
	needs mxc
	[[ ${lines[0]} =~ ^mxc-runtime\ (version\ )?[0-9]+\.[0-9]+ ]]
	run -0 mxc-runtime -v
}

@test "--help lists every verb" {
	run -0 mxc-runtime --help
	local verb
	for verb in create start state kill delete run exec list ps pause resume spec features; do
		assert_match "$verb"
	done
}

@test "every verb explains its options" {
	needs mxc
	local verb
	for verb in create start state kill delete run exec list ps events pause resume spec features; do
		run -0 mxc-runtime "$verb" --help
		assert_match "$verb"
	done
}

@test "an unknown verb or option is an error on one line that names it" {
	needs mxc
	run mxc-runtime frobnicate
	[[ $status -ne 0 && ${#lines[@]} -eq 1 ]]
	assert_match frobnicate
	run mxc-runtime state --frobnicate agent
	[[ $status -ne 0 && ${#lines[@]} -eq 1 ]]
	assert_match frobnicate
}

@test "spec writes a config.json that runs" {
	needs root
	rootfs_make "$BATS_TEST_TMPDIR/b/rootfs"
	cd "$BATS_TEST_TMPDIR/b"
	run -0 mxc-runtime spec
	jq -e '.process.terminal == true and .root.path == "rootfs"' config.json
	config '.process.terminal = false | .process.args = ["/bin/probe", "print", "hello"]'
	run -0 mxc-runtime run agent
	assert_line "print: hello"
}

@test "spec --rootless writes a config.json that a user can run" {
	needs rootless
	rootfs_make "$BATS_TEST_TMPDIR/b/rootfs"
	cd "$BATS_TEST_TMPDIR/b"
	run -0 mxc-runtime spec --rootless
	config '.process.terminal = false | .process.args = ["/bin/probe", "print", "hello"]'
	run -0 mxc-runtime run agent
	assert_line "print: hello"
}

@test "spec does not overwrite a config.json" {
	mkdir b
	cd b
	echo mine > config.json
	run mxc-runtime spec
	[[ $status -ne 0 ]]
	assert_equal "$(cat config.json)" mine
}

@test "features prints what the OCI features document asks for" {
	run -0 mxc-runtime features
	jq -e '(.ociVersionMin | test("^1\\.")) and (.ociVersionMax | test("^1\\."))
		and (.hooks | contains(["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]))
		and (.mountOptions | contains(["ro", "rw", "nosuid", "nodev", "noexec", "bind", "rbind", "private", "rprivate", "shared", "rslave"]))
		and (.linux.namespaces | contains(["cgroup", "ipc", "mount", "network", "pid", "user", "uts"]))
		and (.linux.capabilities | contains(["CAP_CHOWN", "CAP_SYS_ADMIN"]))
		and .linux.cgroup.v2 == true and .linux.seccomp.enabled == true
		and (.linux.seccomp.actions | contains(["SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO"]))' <<< "$output"
}

@test "features does not claim cgroup v1" {
	needs mxc
	run -0 mxc-runtime features
	jq -e '.linux.cgroup.v1 == false' <<< "$output"
}

@test "an error goes to the log file as JSON, as containerd reads it" {
	mkdir empty
	cd empty
	run mxc-runtime --log "$BATS_TEST_TMPDIR/log" --log-format json create agent
	[[ $status -ne 0 ]]
	tail -n 1 "$BATS_TEST_TMPDIR/log" | jq -e '.level == "error" and (.msg | test("config.json")) and (.time | test("^20[0-9][0-9]-"))'
}

@test "an error goes to the log file as text" {
	run mxc-runtime --log "$BATS_TEST_TMPDIR/log" state nobody
	[[ $status -ne 0 ]]
	grep -q nobody "$BATS_TEST_TMPDIR/log"
}

@test "an error of the command line goes to the log file too" {
	needs mxc
	local words
	for words in "state --frobnicate agent" "frobnicate" "state" "kill agent NONESUCH" "exec agent" "list --format xml"; do
		rm -f log
		run mxc-runtime --log log --log-format json $words
		[[ $status -eq 1 || ( $words == exec* && $status -eq 255 ) ]]
		[[ ${#lines[@]} -eq 1 ]]
		jq -e '.level == "error" and .code == "malformed_request"' log
	done
	run "$MXC_RUNTIME" --log log2 --log-format json --frobnicate list
	assert_equal "$status" 1
	jq -e '.msg | test("frobnicate")' log2
}

@test "a configuration that is named and not there is an error, as is one that cannot be read" {
	needs mxc
	bundle -- /bin/probe exit 0
	run "$MXC_RUNTIME" --root "$STATE" --config "$BATS_TEST_TMPDIR/nonesuch" run agent
	assert_equal "$status" 1
	assert_match nonesuch
	: > "$CONFIG.d"
	run mxc-runtime run agent
	assert_equal "$status" 1
	assert_match "mxc.conf.d"
}

@test "the log file is appended to" {
	echo earlier > "$BATS_TEST_TMPDIR/log"
	run mxc-runtime --log "$BATS_TEST_TMPDIR/log" state nobody
	assert_equal "$(head -n 1 "$BATS_TEST_TMPDIR/log")" earlier
}

@test "a success leaves standard error empty" {
	needs mxc
	bundle -- /bin/probe exit 0
	run -0 --separate-stderr mxc-runtime run agent
	assert_equal "$stderr" ""
}

@test "--debug tells more, and changes nothing else" {
	bundle -- /bin/probe print hello
	run -0 mxc-runtime --debug run agent
	assert_line "print: hello"
}

@test "a container that is created with a debug log can be started" {
	bundle -- /bin/probe sleep 60
	run -0 detached mxc-runtime --debug --log log create agent
	run -0 mxc-runtime --debug --log log2 start agent
	[[ $MXC_TEST_KIND != mxc ]] || eventually grep -q "before-exec/exec" log
	mxc-runtime delete --force agent
}

@test "two state roots do not know each other's containers" {
	bundle -- /bin/probe sleep 60
	start_container agent
	run -0 "$MXC_RUNTIME" --root "$BATS_TEST_TMPDIR/other" list -q
	assert_equal "$output" ""
	mxc-runtime delete --force agent
}

@test "a relative state root is the same as its absolute path" {
	needs mxc
	bundle -- /bin/probe sleep 60
	cd "$BATS_TEST_TMPDIR"
	run -0 detached "$MXC_RUNTIME" --config "$CONFIG" --root state create --bundle "$BUNDLE" agent
	cd /
	has_status agent created
	mxc-runtime delete --force agent
}

@test "levels of the log have the names that engines use" {
	needs mxc
	local level
	for level in error warning info debug warn fatal panic trace; do
		run -0 mxc-runtime --log-level "$level" list -q
	done
	run mxc-runtime --log-level loud list -q
	[[ $status -ne 0 ]]
}

@test "options that ask for what is so anyway are taken" {
	bundle -- /bin/probe print hello
	run -0 mxc-runtime run --no-subreaper agent
	assert_line "print: hello"
}
