# SPDX-License-Identifier: Apache-2.0
# Without root: id ranges, groups, cgroups that may or may not be had, forbidden namespaces; and a container within a container.
load ../lib/container

teardown_more() {
	[[ ! ${CLOSED:-} ]] || chmod 755 "${CLOSED[@]}"
}

# Takes the cgroup tree, or what is named of it, away from the user for the rest of the test.
cgroups_close() {
	CLOSED=("${@:-/sys/fs/cgroup}")
	[[ $# -gt 0 ]] || CLOSED+=(/sys/fs/cgroup/runner)
	chmod 555 "${CLOSED[@]}"
}

# As the caller maps itself: root inside, the own id outside.
own_map() {
	printf '[{ containerID: 0, hostID: %d, size: 1 }]' "$(id -"$1")"
}

ranges_filter='.linux.uidMappings += [{ containerID: 1, hostID: 100000, size: 1000 }, { containerID: 5000, hostID: 101000, size: 10 }]
	| .linux.gidMappings += [{ containerID: 1, hostID: 100000, size: 1000 }]'

@test "ranges of ids are mapped by the set-user-id helpers, and groups can be set in them" {
	needs rootless; needs mxc; needs newuidmap
	bundle --jq "$ranges_filter" --jq '.process.user = { uid: 33, gid: 44, additionalGids: [55, 66] }' -- \
		/bin/probe cat /proc/self/uid_map -- cat /proc/self/gid_map -- id
	run -0 mxc-runtime run agent
	assert_match "0 +$(id -u) +1"
	assert_match "1 +100000 +1000"
	assert_match "5000 +101000 +10"
	assert_match "id: 33 33 44 44 .*55.*66"
}

@test "PATH does not lead to another helper" {
	needs rootless; needs mxc; needs newuidmap
	mkdir evil
	printf '#!/bin/sh\ntouch "%s/called"\nexit 1\n' "$BATS_TEST_TMPDIR" > evil/newuidmap
	chmod 755 evil/newuidmap
	bundle --jq "$ranges_filter" -- /bin/probe exit 0
	PATH=$BATS_TEST_TMPDIR/evil:$PATH run -0 mxc-runtime run agent
	[[ ! -e $BATS_TEST_TMPDIR/called ]]
}

@test "a range that is not the user's is refused in the helper's own words" {
	needs rootless; needs mxc; needs newuidmap
	bundle --jq '.linux.uidMappings += [{ containerID: 1, hostID: 500000, size: 10 }]' -- /bin/probe exit 0
	run mxc-runtime run agent
	assert_refusal linux.uidMappings "newuidmap: uid range" /etc/subuid
	bundle --jq '.linux.gidMappings += [{ containerID: 1, hostID: 500000, size: 10 }]' -- /bin/probe exit 0
	run mxc-runtime run agent
	assert_refusal linux.gidMappings "newgidmap: gid range" /etc/subgid
}

@test "ids that the runtime's own user namespace does not have are refused with the place to look" {
	needs rootless; needs mxc
	bundle --jq '.linux.uidMappings = [{ containerID: 0, hostID: 0, size: 5 }] | .linux.gidMappings = [{ containerID: 0, hostID: 0, size: 1 }]' -- /bin/probe exit 0
	run inside_user_namespace true run agent
	assert_refusal "user ids 0 to 4" "linux.uidMappings[0]" /proc/self/uid_map
}

@test "an additional group that setgroups cannot give is refused, the process's own is not" {
	needs rootless; needs mxc
	bundle --jq '.process.user.additionalGids = [10]' -- /bin/probe id
	run mxc-runtime run agent
	assert_refusal process.user.additionalGids "group 10" newgidmap
	config '.process.user.additionalGids = [0]'
	run -0 mxc-runtime run agent
	config '.process.user = { uid: 0, gid: 0 } | .process.args = ["/bin/probe", "sleep", "60"]'
	start_container agent
	run mxc-runtime exec --additional-gids 10 agent /bin/probe id
	[[ $status -ne 0 ]]
	assert_match process.user.additionalGids
	mxc-runtime delete --force agent
}

@test "exec enters a container that was created and not started" {
	needs mxc
	bundle -- /bin/probe sleep 60
	detached mxc-runtime create agent
	local i
	for i in 1 2; do
		run -0 mxc-runtime exec agent /bin/probe id -- cat /proc/self/uid_map -- readlink /proc/self/ns/pid
		assert_line "id: 0 0 0 0"
	done
	# What init holds until then is the host's: the descriptors of a process that hides.
	run mxc-runtime exec agent /bin/probe '!' readlink /proc/1/fd/0 -- '!' readlink /proc/1/exe -- '!' readlink /proc/1/root
	probe_said_all <<-END
		EACCES|EPERM  readlink /proc/1/fd/0
		EACCES|EPERM  readlink /proc/1/exe
		EACCES|EPERM  readlink /proc/1/root
	END
	assert_equal "$(status_of agent)" created
	mxc-runtime start agent
	has_status agent running
	run -0 mxc-runtime exec agent /bin/probe id
	mxc-runtime delete --force agent
}

@test "what connects to the start socket and says nothing starts nothing" {
	needs mxc
	bundle --rootless -- /bin/probe sleep 60
	detached mxc-runtime create agent
	python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind("")
s.connect(sys.argv[1])' "$STATE/agent/start"
	run -0 mxc-runtime exec agent /bin/probe id
	assert_equal "$(status_of agent)" created
	mxc-runtime start agent
	mxc-runtime delete --force agent
}

# inside_user_namespace COMMAND ARG...: the runtime as root of a user namespace of its own, after COMMAND has changed that.
inside_user_namespace() {
	unshare --user --map-root-user --mount bash -c "$1; shift; exec \"\$0\" --root '$STATE' --config '$CONFIG' \"\$@\"" "$MXC_RUNTIME" "$@" 3>&-
}

@test "user.max_user_namespaces=0 is named by the refusal" {
	needs rootless; needs mxc
	bundle --jq '.linux.uidMappings[].hostID = 0 | .linux.gidMappings[].hostID = 0' -- /bin/probe exit 0
	run inside_user_namespace 'echo 0 > /proc/sys/user/max_user_namespaces' run agent
	assert_refusal "sysctl user.max_user_namespaces is 0" linux.namespaces "sysctl -w user.max_user_namespaces"
	run inside_user_namespace 'echo 0 > /proc/sys/user/max_pid_namespaces' run agent
	assert_refusal "sysctl user.max_pid_namespaces is 0"
}

@test "the limit of a namespace that init makes is named too" {
	needs rootless; needs mxc
	bundle --jq '.linux.namespaces |= map(select(.type != "user")) | del(.linux.uidMappings, .linux.gidMappings)' -- /bin/probe exit 0
	run inside_user_namespace 'echo 0 > /proc/sys/user/max_ipc_namespaces' run agent
	assert_refusal "sysctl user.max_ipc_namespaces is 0" linux.namespaces
	run inside_user_namespace 'echo 0 > /proc/sys/user/max_cgroup_namespaces' run agent
	assert_refusal "sysctl user.max_cgroup_namespaces is 0"
}

@test "a user without a user namespace in config.json is told to add one" {
	needs rootless; needs mxc
	bundle --jq '.linux.namespaces |= map(select(.type != "user")) | del(.linux.uidMappings, .linux.gidMappings)' -- /bin/probe exit 0
	run mxc-runtime run agent
	assert_refusal linux.namespaces '"user"'
}

@test "spec --rootless writes a config.json that runs as it is, terminal and all" {
	needs rootless; needs mxc; needs busybox; needs script
	rootfs_make "$BATS_TEST_TMPDIR/b/rootfs"
	cd "$BATS_TEST_TMPDIR/b"
	run -0 mxc-runtime spec --rootless
	run -0 script -qec "$MXC_RUNTIME --root '$STATE' --config '$CONFIG' run agent" /dev/null <<< "tty; exit 0"
	assert_match '/dev/(pts/0|console)'
}

@test "without any cgroup to be had a container runs, and is listed, signalled and removed" {
	needs rootless; needs mxc
	cgroups_close
	bundle -- /bin/probe sleep 60
	start_container agent
	assert_equal "$(cat "/proc/$(pid_of agent)/cgroup")" "$(cat /proc/self/cgroup)"
	run -0 mxc-runtime exec agent /bin/probe id
	run -0 mxc-runtime kill agent KILL
	eventually has_status agent stopped
	run -0 mxc-runtime delete agent
}

@test "a limit without a cgroup is refused with its field and a remedy" {
	needs rootless; needs mxc
	cgroups_close
	bundle --jq '.linux.resources.pids.limit = 10' -- /bin/probe exit 0
	run mxc-runtime run agent
	assert_refusal linux.resources.pids.limit Delegate=
	run mxc-runtime --cgroup-manager disabled run agent
	assert_refusal linux.resources.pids.limit --cgroup-manager
	run mxc-runtime --systemd-cgroup run agent
	assert_refusal linux.resources.pids.limit
	config 'del(.linux.resources)'
	run -0 mxc-runtime --cgroup-manager disabled run agent
}

@test "--rootless=false insists on a cgroup" {
	needs rootless; needs mxc
	cgroups_close
	bundle -- /bin/probe exit 0
	run mxc-runtime --rootless false run agent
	assert_refusal cgroup Delegate=
	run -0 mxc-runtime --rootless true run agent
	run -0 mxc-runtime --rootless auto run agent
}

@test "a user who owns only the own cgroup gets the container's below it" {
	needs rootless; needs mxc
	cgroups_close /sys/fs/cgroup
	bundle -- /bin/probe sleep 60
	start_container agent
	grep -qx 0::/runner/mxc-agent "/proc/$(pid_of agent)/cgroup"
	mxc-runtime delete --force agent
	[[ ! -d /sys/fs/cgroup/runner/mxc-agent ]]
}

@test "a cgroup that cannot be entered from where the runtime is says so" {
	needs rootless; needs mxc
	bundle --jq '.linux.cgroupsPath = "/given/agent"' -- /bin/probe exit 0
	mkdir -p /sys/fs/cgroup/given
	CLOSED=(/sys/fs/cgroup/given /sys/fs/cgroup/cgroup.procs)
	chmod 555 /sys/fs/cgroup/cgroup.procs
	run mxc-runtime run agent
	chmod 644 /sys/fs/cgroup/cgroup.procs
	CLOSED=()
	rmdir /sys/fs/cgroup/given
	assert_refusal linux.cgroupsPath delegated
}

@test "the score against running out of memory can be raised, not lowered" {
	needs rootless; needs mxc
	bundle --jq '.process.oomScoreAdj = 500' -- /bin/probe cat /proc/self/oom_score_adj
	run -0 mxc-runtime run agent
	assert_line 500
	config '.process.oomScoreAdj = -500'
	run mxc-runtime run agent
	assert_refusal process.oomScoreAdj raised
}

@test "a hard limit can be lowered, not raised" {
	needs rootless; needs mxc
	local hard
	hard=$(ulimit -Hu)
	[[ $hard != unlimited ]] || { ulimit -Hu 5000; hard=5000; }
	bundle --jq ".process.rlimits = [{ type: \"RLIMIT_NPROC\", soft: 100, hard: $((hard + 1)) }]" -- /bin/probe exit 0
	run mxc-runtime run agent
	assert_refusal process.rlimits RLIMIT_NPROC "hard limit"
	config ".process.rlimits[0].hard = $((hard - 1))"
	run -0 mxc-runtime run agent
}

@test "sysctls of the container's namespaces can be set, others are refused" {
	needs rootless; needs mxc
	bundle --jq '.linux.sysctl = { "net.ipv4.ip_unprivileged_port_start": "80" }' -- /bin/probe cat /proc/sys/net/ipv4/ip_unprivileged_port_start
	run -0 mxc-runtime run agent
	assert_line 80
	bundle --no-net --jq '.linux.sysctl = { "net.ipv4.ip_unprivileged_port_start": "80" }' -- /bin/probe exit 0
	run mxc-runtime run agent
	assert_refusal sysctl network
}

@test "sysfs without an own network is the host's, read-only" {
	needs rootless; needs mxc
	bundle --jq '.linux.namespaces |= map(select(.type != "network"))' -- /bin/probe mount-flags /sys -- listdir /sys/class
	run -0 mxc-runtime run agent
	assert_match "flags: /sys ro "
	assert_line net
}

@test "mqueue without an own IPC namespace is the host's, or refused with the remedy" {
	needs rootless; needs mxc
	bundle --jq '.linux.namespaces |= map(select(.type != "ipc"))' -- /bin/probe access /dev/mqueue 0
	run mxc-runtime run agent
	if mountpoint -q /dev/mqueue; then
		assert_equal "$status" 0
	else
		assert_refusal mqueue "mounts[4]" "'ipc' namespace"
	fi
}

@test "devices are the host's, bound" {
	needs rootless; needs mxc
	bundle --jq '.linux.devices = [{ path: "/dev/kmsg", type: "c", major: 1, minor: 11 }]' -- \
		/bin/probe write /dev/null -- read /dev/zero -- access /dev/kmsg 0
	run -0 mxc-runtime run agent
	bundle --jq '.linux.devices = [{ path: "/dev/none", type: "c", major: 240, minor: 99 }]' -- /bin/probe exit 0
	run mxc-runtime run agent
	assert_refusal "linux.devices[0]" "240:99"
}

@test "an overlay is mounted in the user namespace" {
	needs rootless; needs mxc
	mkdir -p {lower,upper,work}
	echo below > lower/file
	bundle --jq ".mounts += [{ destination: \"/work\", type: \"overlay\", source: \"overlay\", options: [
		\"lowerdir=$BATS_TEST_TMPDIR/lower\", \"upperdir=$BATS_TEST_TMPDIR/upper\", \"workdir=$BATS_TEST_TMPDIR/work\", \"userxattr\"] }]" -- \
		/bin/probe cat /work/file -- create /work/new above
	run mxc-runtime run agent
	[[ $status -eq 0 ]] || skip "overlay in a user namespace: $output"
	assert_line below
	[[ -e $BATS_TEST_TMPDIR/upper/new ]]
}

@test "a mount that would need other ids is refused with its field" {
	needs rootless; needs mxc
	mkdir -p "$BATS_TEST_TMPDIR/data"
	bundle --jq ".mounts += [{ destination: \"/data\", type: \"bind\", source: \"$BATS_TEST_TMPDIR/data\", options: [\"bind\"],
		uidMappings: [{ containerID: 0, hostID: 1000, size: 1 }], gidMappings: [{ containerID: 0, hostID: 1000, size: 1 }] }]" -- /bin/probe exit 0
	run mxc-runtime run agent
	assert_refusal "mounts[7]"
}

capabilities_all='(.process.capabilities[]) = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
	"CAP_SETPCAP", "CAP_NET_ADMIN", "CAP_SYS_ADMIN", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SETFCAP", "CAP_MKNOD", "CAP_NET_BIND_SERVICE"]'

# What the runtime needs within a container: itself and its libraries, a writable root, its cgroup.
outer_filter='.root.readonly = false
	| .mounts += [{ destination: "/rt", type: "bind", source: ($runtime | sub("/[^/]*$"; "")), options: ["bind", "ro"] },
		{ destination: "/usr/lib", type: "bind", source: "/usr/lib", options: ["rbind", "ro"] },
		{ destination: "/usr/lib64", type: "bind", source: "/usr/lib64", options: ["rbind", "ro"] }]
	| (.mounts[] | select(.type == "cgroup").options) -= ["ro"]
	| .process.rlimits = []
	| .process.args = ["/rt/" + ($runtime | sub(".*/"; "")), "--root", "/run/st", "run", "--bundle", "/inner", "nested"]'

# nest FILTER INNER...: the bundle made last becomes /inner of a new one, changed by the filter, which runs it.
nest() {
	local inner=$BUNDLE filter=$1
	bundle --name outer -- /bin/probe
	mkdir -p "$ROOTFS"/{rt,run,usr/lib,usr/lib64}
	ln -s usr/lib "$ROOTFS/lib"
	ln -s usr/lib64 "$ROOTFS/lib64"
	mv "$inner" "$ROOTFS/inner"
	config --arg runtime "$MXC_RUNTIME" "$outer_filter | $capabilities_all | $filter"
}

# The inner bundle of a user: its root is the outer root.
inner_bundle() {
	bundle --name inner --rootless --jq '.linux.uidMappings[].hostID = 0 | .linux.gidMappings[].hostID = 0' "$@"
}

unmasked='del(.linux.maskedPaths, .linux.readonlyPaths)'

@test "a container runs in a container" {
	needs mxc; needs busybox
	if rootless; then
		inner_bundle -- /bin/probe id -- listdir /proc -- write /dev/null
	else
		bundle --name inner -- /bin/probe id -- listdir /proc -- write /dev/null
	fi
	nest "$unmasked"
	run -0 mxc-runtime run agent
	assert_line "id: 0 0 0 0"
	assert_equal "$(grep -cE '^[0-9]+$' <<< "$output")" 1
}

@test "every verb works in a container" {
	needs mxc; needs busybox
	inner_bundle -- /bin/probe sleep 60
	nest "$unmasked"
	cat > "$ROOTFS/script" <<-'END'
		set -e
		rt() { "$RT" --root /run/st "$@"; }
		rt create --bundle /inner nested < /dev/null > /dev/null 2>&1
		rt exec nested /bin/probe print created
		rt start nested
		rt state nested | grep '"status"'
		rt exec nested /bin/probe print running
		rt list -q
		rt kill nested KILL
		while rt state nested | grep -q running; do sleep 0.05; done
		rt delete nested
		rt list -q
		echo end
	END
	config '.process.env += ["RT=" + .process.args[0]] | .process.args = ["/bin/busybox", "sh", "/script"]'
	run -0 mxc-runtime run agent
	assert_line "print: created"
	assert_match '"status": *"running"'
	assert_line "print: running"
	assert_equal "$(grep -cx nested <<< "$output")" 1
	assert_line end
}

@test "a container with a user namespace runs in root's container" {
	needs root; needs mxc
	inner_bundle -- /bin/probe id -- cat /proc/self/uid_map
	nest "$unmasked"
	run -0 mxc-runtime run agent
	assert_line "id: 0 0 0 0"
	assert_match "0 +0 +1"
}

@test "in a container whose /proc is masked a new proc is refused with the way out" {
	needs mxc
	inner_bundle -- /bin/probe exit 0
	nest .
	run mxc-runtime run agent
	assert_refusal "proc" masked unmask=ALL procMount
}

@test "in a container whose /proc is masked one that shares its processes runs, and keeps the masks" {
	needs mxc
	inner_bundle --jq '.linux.namespaces |= map(select(.type != "pid"))
		| .mounts |= map(select(.type != "cgroup" and .type != "sysfs")) | del(.linux.maskedPaths, .linux.readonlyPaths)' -- \
		/bin/probe id -- cat /proc/timer_list -- listdir /proc
	nest '.linux.maskedPaths = ["/proc/timer_list"]'
	run -0 mxc-runtime run agent
	assert_line "id: 0 0 0 0"
	[[ $(grep -cE '^[0-9]+$' <<< "$output") -ge 2 ]]
	refute_match "Timer List"
}

@test "in a container with a read-only cgroup tree one runs without a cgroup, not without a limit" {
	needs mxc
	inner_bundle --jq '.mounts |= map(select(.type != "cgroup"))' -- /bin/probe id
	nest "$unmasked | (.mounts[] | select(.type == \"cgroup\").options) += [\"ro\"]"
	config '.linux.namespaces += (if any(.linux.namespaces[]; .type == "user") then [] else [{ type: "user" }] end)'
	rootless || config '.linux.uidMappings = [{ containerID: 0, hostID: 0, size: 1 }] | .linux.gidMappings = .linux.uidMappings'
	run -0 mxc-runtime run agent
	assert_line "id: 0 0 0 0"
	jq '.linux.resources.pids.limit = 5' < "$ROOTFS/inner/config.json" > changed
	cp changed "$ROOTFS/inner/config.json"
	run mxc-runtime run agent
	assert_refusal linux.resources.pids.limit
}

@test "without the helpers a range of ids is refused by their package and files" {
	needs root; needs mxc
	inner_bundle --jq "$ranges_filter" --jq '.linux.uidMappings[0].hostID = 4242 | .linux.gidMappings[0].hostID = 4242' -- /bin/probe exit 0
	nest "$unmasked | .process.user = { uid: 4242, gid: 4242 } | .process.capabilities = {}"
	chmod 1777 "$ROOTFS/run"
	run mxc-runtime run agent
	assert_refusal newuidmap uidmap /etc/subuid linux.uidMappings
}

@test "the filter of a container around that forbids clone3 is named" {
	needs mxc
	inner_bundle -- /bin/probe exit 0
	nest "$unmasked"
	config '.linux.seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: 38 }] }'
	run mxc-runtime run agent
	assert_refusal "seccomp filter" clone3 seccomp=unconfined
	config '.linux.seccomp.syscalls[0].errnoRet = 1'
	run mxc-runtime run agent
	assert_refusal "seccomp filter" seccomp=unconfined
}
