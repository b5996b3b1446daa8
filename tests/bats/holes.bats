# SPDX-License-Identifier: Apache-2.0
# Holes that other runtimes had. Each test fails with a runtime that tests/holes/weaken/NAME weakened, NAME being its title's beginning.
load ../lib/container
load ../lib/agent

# Where tests/holes/run put the weakened runtimes: each test gets its own.
setup_more() {
	needs mxc
	local name=${BATS_TEST_DESCRIPTION%%:*}
	[[ ! ${MXC_TEST_WEAKENED:-} ]] || MXC_RUNTIME=$MXC_TEST_WEAKENED/${name// /-}
	OUTSIDE=$BATS_TEST_TMPDIR/outside
	mkdir "$OUTSIDE"
	echo host > "$OUTSIDE/marker"
}

teardown_more() {
	local pid
	for pid in ${HELPERS:-}; do
		kill -KILL "$pid" 2>/dev/null || true
	done
}

# What the attack achieved; tests/holes/run wants to see this line, and not just any failure.
hole() {
	fail "hole: $1"
}

outside_is_untouched() {
	[[ $(cd "$OUTSIDE" && find . | sort | xargs) == ". ./marker" && $(< "$OUTSIDE/marker") == host ]] ||
		hole "on the host: $(cd "$OUTSIDE" && find . -printf '%p %y ')"
}

# The image's own /dev, as an engine could leave it.
own_dev='.mounts |= map(select(.destination | startswith("/dev") | not))'

# On the host, with the devices made and before the container's process goes on.
swap_by_hook() {
	printf '#!/bin/sh\n%s\n' "$1" > "$BATS_TEST_TMPDIR/swap"
	chmod 755 "$BATS_TEST_TMPDIR/swap"
	config --arg path "$BATS_TEST_TMPDIR/swap" --arg kind "${2:-createRuntime}" '.hooks[$kind] = [{ path: $path }]'
}

# A process of another container in the same pid namespace: the runtime waits there to be started, as pods with a shared one have it.
@test "CVE-2019-5736: the runtime's program cannot be overwritten through /proc/PID/exe" {
	needs root
	gcc -O2 -static -o "$BATS_TEST_TMPDIR/thief" "$MXC_TEST_SOURCE/tests/holes/thief.c"
	# Of a program that nobody else executes.
	cp "$MXC_RUNTIME" "$BATS_TEST_TMPDIR/runtime"
	bundle --writable --jq '.linux.namespaces |= map(select(.type != "pid"))
		| (.process.capabilities[]) += ["CAP_SYS_PTRACE", "CAP_DAC_OVERRIDE", "CAP_SYS_ADMIN"]' -- /bin/probe sleep 60
	cp "$BATS_TEST_TMPDIR/thief" "$ROOTFS/bin/thief"
	start_container thief
	MXC_RUNTIME=$BATS_TEST_TMPDIR/runtime detached mxc-runtime create victim
	mxc-runtime exec thief /bin/thief steal "$(pid_of victim)" > stolen 2>&1 3>&- &
	HELPERS=$!
	eventually grep -q take stolen
	mxc-runtime delete --force victim
	wait "$HELPERS"
	mxc-runtime delete --force thief
	output=$(< stolen)
	[[ $output != *"write: ok"* ]] || hole "the runtime's program was opened for writing"
	assert_match "take: "

	# Under a policy no executable but its own can even be opened.
	volumes_make
	agent --policy '{}' -- /bin/probe sleep 60
	cp "$BATS_TEST_TMPDIR/thief" "$ROOTFS/bin/thief"
	start_container agent
	mxc-runtime exec agent /bin/thief watch 1500 > watched 2>&1 3>&- &
	HELPERS=$!
	local i
	for i in {1..20}; do
		mxc-runtime exec agent /bin/probe print x > /dev/null
	done
	wait "$HELPERS"
	mxc-runtime delete --force agent
	output=$(< watched)
	assert_match "taken 0"
}

@test "CVE-2024-21626 descriptors: none of the caller's or the runtime's reaches a program, by create, run or exec" {
	bundle -- /bin/probe fds -- '!' read /proc/self/fd/7/marker
	local policy
	for policy in '' '{"filesystem":{}}'; do
		[[ ! $policy ]] || config --arg policy "$policy" '.annotations."io.mxc.policy" = $policy'
		config '.process.args = ["/bin/probe", "fds", "--", "!", "read", "/proc/self/fd/7/marker"]'
		exec 7< "$OUTSIDE" 19< "$OUTSIDE/marker"
		run -0 mxc-runtime run agent
		! grep -qE 'fd: ([3-9]|[1-9][0-9]+) |marker: ok' <<< "$output" || hole "run passed a descriptor"
		detached mxc-runtime create agent
		mxc-runtime start agent
		eventually has_status agent stopped
		output=$(said)
		assert_match "fd: 1 "
		! grep -qE 'fd: ([3-9]|[1-9][0-9]+) |marker: ok' <<< "$output" || hole "create passed a descriptor"
		mxc-runtime delete agent

		config '.process.args = ["/bin/probe", "sleep", "60"]'
		start_container agent
		run -0 mxc-runtime exec agent /bin/probe fds -- '!' read /proc/self/fd/7/marker
		! grep -qE 'fd: ([3-9]|[1-9][0-9]+) |marker: ok' <<< "$output" || hole "exec passed a descriptor"
		cp "$MXC_TEST_WORK/probe" "$OUTSIDE/program"
		run mxc-runtime exec agent /proc/self/fd/7/program print escaped
		[[ $output != *escaped* ]] || hole "exec found its program through a descriptor"
		rm "$OUTSIDE/program"
		exec 7<&- 19<&-
		mxc-runtime delete --force agent
	done
}

@test "CVE-2024-21626 directory: none of the runtime's descriptors is a working directory, by create, run or exec" {
	local fd
	bundle --writable -- /bin/probe cwd -- listdir .
	exec 7< "$OUTSIDE"
	for fd in {3..12}; do
		ln -sfn "/proc/self/fd/$fd" "$ROOTFS/here"
		config --arg cwd "/proc/self/fd/$fd" '.process.cwd = $cwd'
		run mxc-runtime run agent
		[[ $status -ne 0 ]] || hole "run stood in descriptor $fd: $output"
		config '.process.cwd = "/here"'
		run detached mxc-runtime create agent
		[[ $status -ne 0 ]] || mxc-runtime start agent || true
		! grep -q 'cwd: ' "$BATS_TEST_TMPDIR/output" || hole "create stood in descriptor $fd by a link"
		mxc-runtime delete --force agent
	done
	config '.process.cwd = "/" | .process.args = ["/bin/probe", "sleep", "60"]'
	start_container agent
	for fd in {3..12}; do
		run mxc-runtime exec --cwd "/proc/self/fd/$fd" agent /bin/probe cwd
		[[ $status -ne 0 ]] || hole "exec stood in descriptor $fd: $output"
	done
	exec 7<&-
	mxc-runtime delete --force agent
}

@test "CVE-2025-31133: what covers a masked path is the null device, though /dev/null becomes a link meanwhile" {
	bundle --writable --jq "$own_dev" --jq '.linux.maskedPaths += ["/etc/secret"]' -- /bin/probe '!' cat /etc/secret -- '!' cat /etc/hidden
	echo planted > "$ROOTFS/etc/decoy"
	swap_by_hook "rm -f '$ROOTFS/dev/null'; ln -s /etc/decoy '$ROOTFS/dev/null'"
	run mxc-runtime run agent
	[[ $output != *planted* ]] || hole "a file of the image's choice covers the masked path"
	[[ $output != *secret$'\n'* ]] || hole "the masked path shows"

	# A link below the container's root stays there, for masked and read-only paths alike.
	bundle --writable --jq '.linux.maskedPaths += ["/etc/hidden"] | .linux.readonlyPaths += ["/etc/kept"]' -- \
		/bin/probe '!' cat /etc/hidden -- '!' write /etc/kept/file
	ln -s "../../../../../../../..$OUTSIDE/marker" "$ROOTFS/etc/hidden"
	ln -s "$OUTSIDE" "$ROOTFS/etc/kept"
	run mxc-runtime run agent
	outside_is_untouched
}

@test "CVE-2025-52565: the terminal is mounted on no link that stands at /dev/console" {
	local how
	for how in image race; do
		bundle --writable --jq "$own_dev" --jq '.process.terminal = true | .mounts += [
			{ destination: "/dev/pts", type: "devpts", source: "devpts", options: ["newinstance", "ptmxmode=0666"] }]' -- /bin/probe stat /etc/decoy
		mkdir "$ROOTFS/dev/pts"
		echo decoy > "$ROOTFS/etc/decoy"
		if [[ $how == image ]]; then
			ln -s /etc/decoy "$ROOTFS/dev/console"
		else
			swap_by_hook "rm -f '$ROOTFS/dev/console'; ln -s /etc/decoy '$ROOTFS/dev/console'"
		fi
		run script --quiet --return --command "'$MXC_RUNTIME' --root '$STATE' --config '$CONFIG' run agent" /dev/null
		[[ $output != *"/etc/decoy c "* ]] || hole "the terminal covers what the link names"
		assert_match "/dev/console|/etc/decoy f "
	done
	# A /dev/pts of the image is no place to take a terminal from.
	bundle --writable --jq "$own_dev" --jq '.process.terminal = true' -- /bin/probe print started
	mkdir "$ROOTFS/dev/pts"
	ln -s pts/ptmx "$ROOTFS/dev/ptmx"
	mkfifo "$ROOTFS/dev/pts/ptmx"
	run script --quiet --return --command "'$MXC_RUNTIME' --root '$STATE' --config '$CONFIG' run agent" /dev/null
	[[ $status -ne 0 && $output != *started* ]] || fail "a terminal came from the image's /dev/pts"
}

@test "CVE-2025-52881: what the runtime writes below /proc goes to the kernel, whatever is mounted there" {
	bundle --writable --jq '.linux.sysctl = { "net.ipv4.ip_forward": "1" }' -- /bin/probe print started
	echo decoy > "$BATS_TEST_TMPDIR/decoy"
	chmod 666 "$BATS_TEST_TMPDIR/decoy"
	swap_by_hook "mount --bind '$BATS_TEST_TMPDIR/decoy' '$ROOTFS/proc/sys/net/ipv4/ip_forward'" createContainer
	run mxc-runtime run agent
	[[ $(< "$BATS_TEST_TMPDIR/decoy") == decoy ]] || hole "a write for the kernel went to a file"
	assert_line "print: started"
}

@test "CVE-2026-47766: a /dev of the image that is a link puts nothing on the host" {
	local to
	for to in "$OUTSIDE" "../../../../../../../..$OUTSIDE"; do
		bundle --writable --jq "$own_dev" -- /bin/probe exit 0
		rmdir "$ROOTFS/dev"
		ln -s "$to" "$ROOTFS/dev"
		run mxc-runtime run agent
		outside_is_untouched
		# With a console, and under a policy.
		config '.process.terminal = true'
		run script --quiet --return --command "'$MXC_RUNTIME' --root '$STATE' --config '$CONFIG' run agent" /dev/null
		outside_is_untouched
		config '.process.terminal = false | .annotations."io.mxc.policy" = "{}"'
		run mxc-runtime run agent
		outside_is_untouched
	done
	bundle --writable --jq "$own_dev" --jq '.process.terminal = true' -- /bin/probe exit 0
	ln -s "$OUTSIDE/console" "$ROOTFS/dev/console"
	run script --quiet --return --command "'$MXC_RUNTIME' --root '$STATE' --config '$CONFIG' run agent" /dev/null
	outside_is_untouched
}

@test "CVE-2025-24965: a file that the runtime makes in the image does not follow a link to the host" {
	local policy
	for policy in '' '{"filesystem":{"readwritePaths":["/etc/conf"]}}'; do
		bundle --writable --jq '.mounts += [
			{ destination: "/etc/conf", type: "bind", source: "../given", options: ["bind"] },
			{ destination: "/.krun_config.json", type: "bind", source: "../given", options: ["bind", "ro"] }]' -- /bin/probe exit 0
		[[ ! $policy ]] || config --arg policy "$policy" '.annotations."io.mxc.policy" = $policy'
		echo given > "$BATS_TEST_TMPDIR/given"
		ln -s "$OUTSIDE/new" "$ROOTFS/etc/conf"
		ln -s "../../../../../../../..$OUTSIDE/marker" "$ROOTFS/.krun_config.json"
		run mxc-runtime run agent
		outside_is_untouched
	done
	# Nor does what it writes for the engine: a link in the pid file's place is replaced.
	bundle -- /bin/probe exit 0
	ln -s "$OUTSIDE/marker" pid
	detached mxc-runtime create --pid-file pid agent
	mxc-runtime delete --force agent
	outside_is_untouched
}

@test "CVE-2024-45310: a directory that the runtime makes is never on the host, while names change too" {
	bundle --writable --jq '.mounts += [{ destination: "/link/deep/er", type: "bind", source: "../given", options: ["bind"] }]' -- /bin/probe exit 0
	mkdir "$BATS_TEST_TMPDIR/given"
	ln -s "$OUTSIDE" "$ROOTFS/link"
	run mxc-runtime run agent
	outside_is_untouched

	local i
	mkdir -p "$BATS_TEST_TMPDIR/volume/real"
	ln -s "$OUTSIDE" "$BATS_TEST_TMPDIR/volume/link"
	config '.mounts = [.mounts[] | select(.destination != "/link/deep/er")] + [
		{ destination: "/vol", type: "bind", source: "../volume", options: ["rbind", "rw"] },
		{ destination: "/vol/real/a/b/c", type: "bind", source: "../given", options: ["bind"] }]'
	mkdir "$ROOTFS/vol"
	"$MXC_TEST_WORK/probe" race "$BATS_TEST_TMPDIR/volume/real" "$BATS_TEST_TMPDIR/volume/link" 1500 > /dev/null 3>&- &
	HELPERS=$!
	for i in {1..25}; do
		run mxc-runtime run agent
		outside_is_untouched
		rm -rf "$BATS_TEST_TMPDIR"/volume/*/a 2>/dev/null || true
	done
	wait "$HELPERS" || true
}

@test "CVE-2022-27650: no capability is inheritable that config.json does not make so" {
	bundle -- /bin/probe caps
	run -0 mxc-runtime run agent
	assert_match "CapPrm:"
	grep -q $'CapInh:\t0*$' <<< "$output" || hole "run: $(grep CapInh <<< "$output")"
	config '.process.args = ["/bin/probe", "sleep", "60"]'
	start_container agent
	run -0 mxc-runtime exec agent /bin/probe caps
	grep -q $'CapInh:\t0*$' <<< "$output" || hole "exec: $(grep CapInh <<< "$output")"
	run -0 mxc-runtime exec --cap CAP_KILL --cap CAP_NET_BIND_SERVICE agent /bin/probe caps
	grep -q $'CapInh:\t0*$' <<< "$output" || hole "exec --cap: $(grep CapInh <<< "$output")"
	grep -q $'CapAmb:\t0*$' <<< "$output" || hole "exec --cap: $(grep CapAmb <<< "$output")"
	jq '.process | .args = ["/bin/probe", "caps"]' config.json > process.json
	run -0 mxc-runtime exec --process process.json agent
	grep -q $'CapInh:\t0*$' <<< "$output" || hole "exec --process: $(grep CapInh <<< "$output")"
	mxc-runtime delete --force agent
}

@test "CVE-2026-30892: a user of exec is exactly the number that was given, or refused" {
	bundle -- /bin/probe sleep 60
	rootless || config '.process.user = { uid: 7, gid: 8 }'
	start_container agent
	local user
	for user in root nobody 1x x1 " 1" "1 " +1 -1 0x0 1: :1 : 1:2:3 1:x 4294967295 4294967296 18446744073709551616 99999999999999999999 ""; do
		run mxc-runtime exec --user "$user" agent /bin/probe id
		[[ $status -ne 0 ]] || hole "'$user' became $(grep id: <<< "$output")"
	done
	if ! rootless; then
		run -0 mxc-runtime exec -u 1 agent /bin/probe id
		assert_match "id: 1 1 8 8"
		run -0 mxc-runtime exec -u 1000:1001 agent /bin/probe id
		assert_match "id: 1000 1000 1001 1001"
		run -0 mxc-runtime exec --user=4294967294:0 agent /bin/probe id
		assert_match "id: 4294967294 4294967294 0 0"
		run -0 mxc-runtime exec agent /bin/probe id
		assert_match "id: 7 7 8 8"
	fi
	mxc-runtime delete --force agent
}

@test "CVE-2025-59532 directory: the directory that an agent chooses to start in is granted nothing" {
	volumes_make
	agent --policy '{"filesystem":{"readwritePaths":["@workspace"],"readonlyPaths":["/ref"]}}' --jq '.process.cwd = "/workspace"' -- /bin/probe sleep 60
	start_container agent
	run mxc-runtime exec --cwd /ref agent /bin/probe '!' create /ref/new -- '!' create new -- '!' create /workspace/ours -- '!' unlink /workspace/ours
	probe_said "create /workspace/ours" ok || hole "the workspace went along with the directory"
	probe_said "create /ref/new" "EACCES|EROFS"
	probe_said "create new" "EACCES|EROFS"
	jq '.process | .cwd = "/ref" | .args = ["/bin/probe", "!", "create", "/ref/new", "--", "!", "create", "/workspace/ours", "--", "!", "unlink", "/workspace/ours"]' config.json > process.json
	run mxc-runtime exec --process process.json agent
	probe_said "create /workspace/ours" ok || hole "the workspace went along with the directory"
	probe_said "create /ref/new" "EACCES|EROFS"
	mxc-runtime delete --force agent
}

@test "CVE-2025-59532 source: what is mounted from an agent's own volume is no place that a link of its leads to" {
	volumes_make
	agent --policy '{"filesystem":{"readwritePaths":["/workspace","/cache"]}}' \
		--jq '.mounts += [{ destination: "/cache", type: "bind", source: "../workspace/a/cache", options: ["rbind", "rw"] }]' -- \
		/bin/probe '!' create /cache/new -- '!' unlink /cache/new
	mkdir "$WORKSPACE/a/cache"
	run -0 mxc-runtime run agent
	probe_said "create /cache/new" ok

	# What an agent before left in its place: a link, then a link above it.
	rmdir "$WORKSPACE/a/cache"
	ln -s "$OUTSIDE" "$WORKSPACE/a/cache"
	run mxc-runtime run agent
	[[ $output != *"/cache/new: ok"* ]] || hole "the host's directory was mounted, and written to"
	assert_refusal "workspace/a/cache" "mounts[" link
	rm "$WORKSPACE/a/cache"
	rm -r "$WORKSPACE/a"
	mkdir "$OUTSIDE/cache"
	ln -s "$OUTSIDE" "$WORKSPACE/a"
	run mxc-runtime run agent
	[[ $output != *"/cache/new: ok"* ]] || hole "the host's directory was mounted, and written to"
	assert_refusal "workspace/a/cache" link
	rmdir "$OUTSIDE/cache"
	outside_is_untouched
}

@test "identifier: an id names one directory below the state root, for every verb" {
	bundle -- /bin/probe exit 0
	mxc-runtime run first
	mkdir "$STATE/../precious"
	echo kept > "$STATE/../precious/file"
	local id verb
	for id in ../precious ../outside .. . a/b /tmp "" "a/../../precious"; do
		for verb in "delete --force" delete start state "kill" pause resume ps; do
			# shellcheck disable=SC2086 # two words
			run mxc-runtime $verb "$id"
			[[ $status -ne 0 ]] || hole "'$verb' took the id '$id'"
		done
		run mxc-runtime exec "$id" /bin/probe exit 0
		[[ $status -ne 0 ]] || hole "'exec' took the id '$id'"
		run detached mxc-runtime create "$id"
		[[ $status -ne 0 ]] || hole "'create' took the id '$id'"
		run mxc-runtime run "$id"
		[[ $status -ne 0 ]] || hole "'run' took the id '$id'"
	done
	[[ $(< "$STATE/../precious/file") == kept ]] || hole "a directory beside the state root was removed"
	outside_is_untouched
	[[ ! -e $BATS_TEST_TMPDIR/config.json ]]
}
