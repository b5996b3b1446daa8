# SPDX-License-Identifier: Apache-2.0
# What fails around the runtime: space, descriptors, memory, processes, the bus, the record. A clear error, and nothing of it stays.
load ../lib/container
load ../lib/agent

# A container that has nothing to do with any of it, and must not notice.
setup_more() {
	needs mxc
	bundle --name other -- /bin/probe sleep 600
	start_container bystander
	BYSTANDER=$(pid_of bystander)
	GROUPS_BEFORE=$(groups_now)
	PROCESSES=$(processes_now)
	bundle -- /bin/probe sleep 600
	MESSAGE=$BATS_TEST_TMPDIR/message
}

teardown_more() {
	local pid
	for pid in ${HELPERS:-}; do
		kill -KILL "$pid" 2>/dev/null || true
	done
	if [[ ${BATS_TEST_COMPLETED:-} ]]; then
		[[ $(pid_of bystander) == "$BYSTANDER" ]] && has_status bystander running || fail "the other container was touched"
	fi
	mxc-runtime delete --force bystander
	# One whose record was damaged is in no list.
	[[ ${BATS_TEST_COMPLETED:-} ]] || mxc-runtime delete --force agent > /dev/null 2>&1 || true
	! mountpoint -q "$BATS_TEST_TMPDIR/small" 2>/dev/null || umount -l "$BATS_TEST_TMPDIR/small"
}

# tried COMMAND...: bounded in time; its status in TRIED, what it printed in $MESSAGE.
tried() {
	TRIED=0
	timeout --foreground -k 1 30 "$@" < /dev/null > "$MESSAGE" 2>&1 3>&- || TRIED=$?
}

runtime_tried() {
	tried "$MXC_RUNTIME" --root "$STATE" --config "$CONFIG" "$@"
}

# 0, or an error of the runtime's own (or the loader's) with a message: no signal, no time-out, no silence.
is_clear() {
	(( TRIED == 0 )) || { (( TRIED < 124 || TRIED == 127 || TRIED == 255 )) && [[ -s $MESSAGE ]]; }
}

agent_is_gone() {
	local left=("$STATE"/agent /sys/fs/cgroup/*mxc-agent* /sys/fs/cgroup/*/mxc-agent*)
	local path
	for path in "${left[@]}"; do
		[[ ! -e $path ]] || { echo "left: $path"; return 1; }
	done
}

nothing_but_the_bystander() {
	eventually nothing_but processes_now "$PROCESSES" || { echo "processes left:"; processes_now; return 1; }
	eventually nothing_but groups_now "$GROUPS_BEFORE" || { echo "cgroups left:"; groups_now; return 1; }
	nothing_but mounts_now "$MOUNTS" || { echo "mounts left"; return 1; }
	[[ ! $(find "$STATE" -mindepth 1 -maxdepth 1 ! -name '.*' ! -name 'seccomp@*' ! -name bystander) ]] || { echo "state left:"; find "$STATE"; return 1; }
}

# --- the record ---

# Every verb gives an answer about the container at hand, and delete --force removes all of it.
verbs_answer() {
	local verb
	for verb in "state agent" "kill agent 0" "start agent" "exec agent /bin/true" "ps agent" "pause agent" "resume agent" "delete agent" list; do
		# shellcheck disable=SC2086 # several words
		runtime_tried $verb
		is_clear || fail "$1: $verb: status $TRIED: $(cat "$MESSAGE")"
	done
	[[ ! -e $STATE/agent ]] || runtime_tried delete --force agent
	(( TRIED == 0 )) || fail "$1: delete --force: $(cat "$MESSAGE")"
	agent_is_gone || fail "$1: not everything is removed"
}

@test "a record that was cut off anywhere is answered for by every verb, and removed with all it stood for" {
	local record=$STATE/agent/record.json size line_ends cut
	detached mxc-runtime create agent
	size=$(stat -c %s "$record")
	line_ends=$(grep -abo $'$' "$record" | cut -d : -f 1)
	cp "$record" "$BATS_TEST_TMPDIR/whole"
	for (( cut = 0; cut < size; cut += 13 )); do
		head -c "$cut" "$BATS_TEST_TMPDIR/whole" > "$record"
		runtime_tried state agent
		is_clear || fail "cut at $cut: status $TRIED: $(cat "$MESSAGE")"
	done
	cp "$BATS_TEST_TMPDIR/whole" "$record"
	mxc-runtime delete --force agent
	for cut in 0 1 100 $line_ends $(( size - 1 )) $(( size - 2 )); do
		detached mxc-runtime create agent
		truncate -s "$(( cut < $(stat -c %s "$record") ? cut : 0 ))" "$record"
		verbs_answer "cut at $cut"
	done
	# One byte more than a line is a writer that was killed in the next.
	detached mxc-runtime create agent
	printf '{"id":"agent","bun' >> "$record"
	has_status agent created
	mxc-runtime start agent
	verbs_answer "cut in the next line"
	nothing_but_the_bystander
}

@test "a record that is anything but one is answered for by every verb, and removed with all it stood for" {
	local record=$STATE/agent/record.json what
	for what in random zeros empty-lines json array deep other large directory fifo link; do
		start_container agent
		case $what in
		random) head -c 5000 /dev/urandom > "$record" ;;
		zeros) truncate -s 0 "$record"; truncate -s 4096 "$record" ;;
		empty-lines) yes '' | head -n 3000 > "$record" ;;
		json) echo '{"id":"agent","bundle":7,"pid":"1"}' > "$record" ;;
		array) echo '[1,2,3]' > "$record" ;;
		deep) { printf '[%.0s' {1..5000}; echo; } > "$record" ;;
		other) cp "$STATE/bystander/record.json" "$record" ;;
		large) head -c 2000000 /dev/zero | tr '\0' 'a' > "$record"; echo >> "$record" ;;
		directory) rm "$record"; mkdir "$record" ;;
		fifo) rm "$record"; mkfifo "$record" ;;
		link) ln -sf ../bystander/record.json "$record" ;;
		esac
		runtime_tried state agent
		if [[ $what != empty-lines ]]; then
			grep -qE 'record .*damaged|"creating"' "$MESSAGE" || fail "$what: status $TRIED: $(cat "$MESSAGE")"
			runtime_tried list
			grep -q agent "$MESSAGE" || fail "$what: list does not tell of it"
		fi
		verbs_answer "$what"
		has_status bystander running
	done
	nothing_but_the_bystander
}

# Behind lines that say less or nothing the last good one counts.
@test "what a crash wrote behind the last good line of a record changes nothing" {
	start_container agent
	head -c 3000 /dev/zero >> "$STATE/agent/record.json"
	has_status agent running
	printf '\n{"id":"agent"}\n\n' >> "$STATE/agent/record.json"
	has_status agent running
	run -0 mxc-runtime exec agent /bin/true
	run -0 mxc-runtime delete --force agent
	nothing_but_the_bystander
}

# --- space ---

small() {
	mkdir -p "$BATS_TEST_TMPDIR/small"
	mount -t tmpfs -o "$1" small "$BATS_TEST_TMPDIR/small"
}

@test "a state root without space or inodes refuses the container and keeps nothing" {
	needs root
	local option refused=0 created=0
	for option in size={4,8,12,16,20,24,28,32,64}k nr_inodes={1,2,3,4,5,6,8,20}; do
		small "$option"
		tried "$MXC_RUNTIME" --root "$BATS_TEST_TMPDIR/small/state" --config "$CONFIG" create agent
		is_clear || fail "$option: status $TRIED: $(cat "$MESSAGE")"
		if (( TRIED == 0 )); then
			created=$(( created + 1 ))
			"$MXC_RUNTIME" --root "$BATS_TEST_TMPDIR/small/state" delete --force agent
		else
			refused=$(( refused + 1 ))
			grep -q 'No space left' "$MESSAGE" || fail "$option: $(cat "$MESSAGE")"
		fi
		[[ ! -e $BATS_TEST_TMPDIR/small/state/agent ]] || fail "$option: state left"
		agent_is_gone || fail "$option"
		umount "$BATS_TEST_TMPDIR/small"
	done
	(( refused > 3 && created > 3 )) || fail "refused $refused, created $created"
	nothing_but_the_bystander
}

@test "an audit file, a pid file or a log without space: refused where it is required, a warning where not" {
	needs root
	agent --policy '{"filesystem":{}}' --jq '.mounts |= map(select(.destination | IN("/workspace", "/data", "/ref") | not))' -- /bin/probe print started
	small size=8k
	MOUNTS=$(mounts_now)
	jq -n --arg file "$BATS_TEST_TMPDIR/small/audit" '{ audit: { sinks: ["file"], file: $file } }' > "$CONFIG"
	head -c 8192 /dev/zero > "$BATS_TEST_TMPDIR/small/audit" || true
	runtime_tried run agent
	(( TRIED != 0 )) && grep -q 'audit' "$MESSAGE" || fail "status $TRIED: $(cat "$MESSAGE")"
	nothing_but_the_bystander
	rm "$BATS_TEST_TMPDIR/small/audit"
	head -c 8192 /dev/zero > "$BATS_TEST_TMPDIR/small/full" || true
	runtime_tried run agent
	(( TRIED != 0 )) && grep -q 'No space left' "$MESSAGE" || fail "status $TRIED: $(cat "$MESSAGE")"
	nothing_but_the_bystander
	config '.annotations."io.mxc.policy" = ({ filesystem: {}, audit: { required: false } } | tojson)'
	runtime_tried run agent
	(( TRIED == 0 )) && grep -q 'print: started' "$MESSAGE" || fail "status $TRIED: $(cat "$MESSAGE")"

	config 'del(.annotations)'
	runtime_tried create --pid-file "$BATS_TEST_TMPDIR/small/pid" agent
	(( TRIED == 1 )) && grep -q 'No space left' "$MESSAGE" || fail "status $TRIED: $(cat "$MESSAGE")"
	[[ ! -e $BATS_TEST_TMPDIR/small/pid ]]
	nothing_but_the_bystander
	tried "$MXC_RUNTIME" --root "$STATE" --log /dev/full run agent
	(( TRIED == 0 )) && grep -q 'print: started' "$MESSAGE" || fail "status $TRIED: $(cat "$MESSAGE")"
}

@test "a state root that cannot be written is named" {
	if rootless; then
		mkdir -m 555 "$BATS_TEST_TMPDIR/closed"
	else
		small ro,mode=755
		ln -s small "$BATS_TEST_TMPDIR/closed"
	fi
	MOUNTS=$(mounts_now)
	local root
	for root in "$BATS_TEST_TMPDIR/closed" "$BATS_TEST_TMPDIR/closed/below" "$BATS_TEST_TMPDIR/closed/."; do
		run "$MXC_RUNTIME" --root "$root" --config "$CONFIG" create agent
		[[ $status -eq 1 ]] || fail "status $status"
		assert_match "Read-only file system|Permission denied"
		run "$MXC_RUNTIME" --root "$root" state agent
		[[ $status -eq 1 ]] || fail "status $status"
	done
	nothing_but_the_bystander
}

# --- descriptors, memory, processes ---

# limited LIMIT VALUE VERB...
limited() {
	local limit=$1 value=$2
	shift 2
	tried prlimit "--$limit=$value:$value" "$MXC_RUNTIME" --root "$STATE" --config "$CONFIG" "$@"
}

@test "with too few descriptors each verb succeeds or says so, and nothing stays" {
	local n refused=0 created=0 denials='{"filesystem":{"deniedPaths":["/etc/secret"]}}'
	config 'del(.process.rlimits)'
	for n in {4..34} 40 64; do
		# Every second time with what needs more of them.
		(( n % 2 )) && config --arg policy "$denials" '.annotations."io.mxc.policy" = $policy' || config 'del(.annotations)'
		limited nofile "$n" create agent
		is_clear || fail "create with $n: status $TRIED: $(cat "$MESSAGE")"
		if (( TRIED == 0 )); then
			created=$(( created + 1 ))
			limited nofile "$n" start agent
			is_clear || fail "start with $n: status $TRIED: $(cat "$MESSAGE")"
			limited nofile "$n" exec agent /bin/true
			is_clear || fail "exec with $n: status $TRIED: $(cat "$MESSAGE")"
			limited nofile "$n" delete --force agent
			is_clear || fail "delete with $n: status $TRIED: $(cat "$MESSAGE")"
			mxc-runtime delete --force agent
		else
			refused=$(( refused + 1 ))
		fi
		agent_is_gone || fail "with $n descriptors: $(cat "$MESSAGE")"
	done
	(( refused > 3 && created > 3 )) || fail "refused $refused, created $created"
	nothing_but_the_bystander
}

@test "with too little memory each verb succeeds or says so, and delete --force removes what stays" {
	local kb refused=0 created=0
	for (( kb = 2400; kb < 12000; kb += 150 )); do
		limited as $(( kb * 1024 )) create agent
		is_clear || fail "create with $kb kB: status $TRIED: $(cat "$MESSAGE")"
		if (( TRIED == 0 )); then
			created=$(( created + 1 ))
			limited as $(( kb * 1024 )) start agent
			is_clear || fail "start with $kb kB: status $TRIED: $(cat "$MESSAGE")"
			limited as $(( kb * 1024 )) exec agent /bin/true
			is_clear || fail "exec with $kb kB: status $TRIED: $(cat "$MESSAGE")"
		else
			refused=$(( refused + 1 ))
		fi
		mxc-runtime delete --force agent
		agent_is_gone || fail "with $kb kB"
		(( created < 8 )) || break
	done
	(( refused > 3 && created > 3 )) || fail "refused $refused, created $created"
	nothing_but_the_bystander
}

@test "where no further process may be made, create, run and exec say so" {
	needs rootless
	start_container agent
	limited nproc 1 exec agent /bin/true
	(( TRIED != 0 )) && grep -q 'Resource temporarily unavailable' "$MESSAGE" || fail "status $TRIED: $(cat "$MESSAGE")"
	has_status agent running
	mxc-runtime delete --force agent
	local verb
	for verb in create run; do
		limited nproc 1 "$verb" agent
		(( TRIED == 1 )) && grep -q 'Resource temporarily unavailable' "$MESSAGE" || fail "status $TRIED: $(cat "$MESSAGE")"
		agent_is_gone
	done
	nothing_but_the_bystander
}

# --- a frozen cgroup ---

@test "a frozen container: exec and delete are refused, kill and delete --force work" {
	local group how
	for how in pause freezer; do
		start_container agent
		group=$(find /sys/fs/cgroup -type d -name '*mxc-agent*')
		if [[ $how == pause ]]; then
			mxc-runtime pause agent
		else
			echo 1 > "$group/cgroup.freeze"
			eventually grep -q 'frozen 1' "$group/cgroup.events"
		fi
		has_status agent paused
		runtime_tried exec agent /bin/true
		(( TRIED != 0 )) && grep -q paused "$MESSAGE" || fail "exec: status $TRIED: $(cat "$MESSAGE")"
		runtime_tried delete agent
		(( TRIED == 1 )) && grep -q paused "$MESSAGE" || fail "delete: status $TRIED: $(cat "$MESSAGE")"
		[[ $how == pause ]] || mxc-runtime kill agent KILL
		runtime_tried delete --force agent
		(( TRIED == 0 )) || fail "delete --force: $(cat "$MESSAGE")"
		agent_is_gone
	done
	start_container agent
	mxc-runtime pause agent
	mxc-runtime kill agent KILL
	eventually has_status agent stopped
	mxc-runtime delete agent

	# One that somebody left frozen takes nobody.
	group=${group%/*}/mxc-agent
	mkdir "$group"
	echo 1 > "$group/cgroup.freeze"
	eventually grep -q 'frozen 1' "$group/cgroup.events"
	runtime_tried create agent
	rmdir "$group"
	(( TRIED == 1 )) && grep -q frozen "$MESSAGE" || fail "create: status $TRIED: $(cat "$MESSAGE")"
	nothing_but_the_bystander
}

# --- the bus ---

# Listens on $1: accepts nobody ("deaf"), says nothing ("mute"), or lets in and then says nothing ("stuck").
bus_listen() {
	python3 - "$1" "$2" 3>&- <<'END' &
import socket, sys, threading, time
server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
server.bind(sys.argv[1])
server.listen(8)
kept = []
def talk(conn):
    data = b""
    while b"BEGIN" not in data:
        more = conn.recv(4096)
        if not more:
            return
        data += more
    conn.sendall(b"DATA\r\nOK 0123456789abcdef0123456789abcdef\r\nAGREE_UNIX_FD\r\n")
while sys.argv[2] != "deaf":
    conn, _ = server.accept()
    kept.append(conn)
    if sys.argv[2] == "stuck":
        threading.Thread(target=talk, args=(conn,), daemon=True).start()
time.sleep(60)
END
	HELPERS+=" $!"
	eventually test -S "$1"
}

@test "a bus that does not answer ends create in bounded time, and does not keep delete from its work" {
	ldconfig -p | grep -q libsystemd.so.0 || skip "libsystemd"
	local how began
	# The path that podman gives with --systemd-cgroup.
	config '.linux.cgroupsPath = "user.slice:mxc:agent"'
	for how in none deaf mute stuck; do
		[[ $how == none ]] || bus_listen "$BATS_TEST_TMPDIR/$how" "$how"
		export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$BATS_TEST_TMPDIR/$how DBUS_SESSION_BUS_ADDRESS=unix:path=$BATS_TEST_TMPDIR/$how SYSTEMD_BUS_TIMEOUT=1s
		began=$SECONDS
		runtime_tried --systemd-cgroup create agent
		# Rootless goes on without a cgroup where none may be made.
		if rootless && (( TRIED == 0 )); then
			mxc-runtime delete --force agent
		else
			(( TRIED == 1 )) && grep -q "systemd" "$MESSAGE" || fail "$how: status $TRIED: $(cat "$MESSAGE")"
		fi
		(( SECONDS - began < 6 )) || fail "$how: took $(( SECONDS - began )) s"
		agent_is_gone || fail "$how"
	done
	# A scope that nobody stops any more: its cgroup is known.
	config 'del(.linux.cgroupsPath)'
	start_container agent
	sed -i 's/"is_rootless"/"scope":"mxc-agent.scope","is_rootless"/' "$STATE/agent/record.json"
	grep -q agent.scope "$STATE/agent/record.json"
	began=$SECONDS
	runtime_tried delete --force agent
	(( TRIED == 0 )) || fail "delete: $(cat "$MESSAGE")"
	(( SECONDS - began < 6 )) || fail "delete took $(( SECONDS - began )) s"
	nothing_but_the_bystander
}

# --- two verbs at once ---

# at_once "VERB..." "VERB...": both ends are clear; the messages are in at.1 and at.2.
at_once() {
	local n=0 verb status pids=()
	for verb; do
		n=$(( n + 1 ))
		# shellcheck disable=SC2086 # several words
		timeout -k 1 30 "$MXC_RUNTIME" --root "$STATE" --config "$CONFIG" $verb < /dev/null > "$BATS_TEST_TMPDIR/at.$n" 2>&1 3>&- &
		pids+=($!)
	done
	for n in "${!pids[@]}"; do
		status=0
		wait "${pids[n]}" || status=$?
		(( status == 0 || status == 137 && n >= 0 )) || [[ -s $BATS_TEST_TMPDIR/at.$(( n + 1 )) ]] || fail "$*: $(( n + 1 )) is silent with status $status"
		(( status < 124 || status == 137 || status == 143 || status == 255 )) || fail "$*: $(( n + 1 )) ended with $status: $(cat "$BATS_TEST_TMPDIR/at.$(( n + 1 ))")"
	done
}

@test "two verbs at once on one container: each ends with an answer, and the container is whole or gone" {
	local round pair
	for round in {1..5}; do
		for pair in "start agent|delete --force agent" "kill agent KILL|delete --force agent" "delete --force agent|delete --force agent" \
			"start agent|start agent" "start agent|kill agent KILL" "state agent|delete --force agent"; do
			detached mxc-runtime create agent
			at_once "${pair%|*}" "${pair#*|}"
			! grep -qE 'ended before|SIGABRT|Assertion' "$BATS_TEST_TMPDIR"/at.? || [[ $pair == start* ]] || fail "$pair: $(cat "$BATS_TEST_TMPDIR"/at.?)"
			[[ $pair != *delete* ]] || agent_is_gone || fail "$pair"
			mxc-runtime delete --force agent
			agent_is_gone || fail "$pair"
		done
		for pair in "exec agent /bin/true|delete --force agent" "exec agent /bin/probe sleep 30|delete --force agent" "pause agent|delete --force agent" \
			"kill agent KILL|delete agent"; do
			start_container agent
			at_once "${pair%|*}" "${pair#*|}"
			mxc-runtime delete --force agent
			agent_is_gone || fail "$pair"
		done
	done
	nothing_but_the_bystander
}

@test "an exec that comes while a container without its own pid namespace is deleted leaves no process" {
	local round
	config '.linux.namespaces |= map(select(.type != "pid"))'
	! rootless || config '.mounts = [.mounts[] | if .destination == "/proc" then { destination: "/proc", type: "none", source: "/proc", options: ["rbind"] } else . end]'
	for round in {1..6}; do
		start_container agent
		at_once "exec agent /bin/probe sleep 30" "exec agent /bin/probe sleep 30" "delete --force agent" "exec agent /bin/probe sleep 30"
		mxc-runtime delete --force agent
		agent_is_gone || fail "round $round"
	done
	nothing_but_the_bystander
}

@test "state and list during create and delete tell of a whole container or of none" {
	local i looker wrong=$BATS_TEST_TMPDIR/wrong
	: > "$wrong"
	touch "$BATS_TEST_TMPDIR/go"
	while [[ -e $BATS_TEST_TMPDIR/go ]]; do
		if "$MXC_RUNTIME" --root "$STATE" state agent > "$BATS_TEST_TMPDIR/look" 2>&1; then
			jq -e '.id == "agent" and (.status | IN("creating", "created", "running", "stopped"))' "$BATS_TEST_TMPDIR/look" > /dev/null || cat "$BATS_TEST_TMPDIR/look" >> "$wrong"
		else
			grep -q "does not exist" "$BATS_TEST_TMPDIR/look" || cat "$BATS_TEST_TMPDIR/look" >> "$wrong"
		fi
		"$MXC_RUNTIME" --root "$STATE" list --format json > "$BATS_TEST_TMPDIR/look" 2> "$BATS_TEST_TMPDIR/looked" || echo "list failed" >> "$wrong"
		jq -e 'any(.[]; .id == "bystander" and .status == "running")' "$BATS_TEST_TMPDIR/look" > /dev/null || cat "$BATS_TEST_TMPDIR/look" >> "$wrong"
		cat "$BATS_TEST_TMPDIR/looked" >> "$wrong"
	done 3>&- < /dev/null &
	looker=$!
	for i in {1..25}; do
		detached mxc-runtime create agent
		(( i % 2 )) || mxc-runtime start agent
		mxc-runtime delete --force agent
	done
	rm "$BATS_TEST_TMPDIR/go"
	wait "$looker"
	[[ ! -s $wrong ]] || fail "$(sort "$wrong" | uniq -c | head -n 20)"
	nothing_but_the_bystander
}

# --- any system call ---

# What a full disk, a full table or a bad one makes of a call.
error_of() {
	case $1 in
	open*|socket*|*_open|dup*|fsopen|fsmount|fspick|signalfd*|memfd_create|accept*|pipe2|epoll_create*) echo EMFILE ;;
	write*|mkdir*|ftruncate|rename*|symlink*|mknod*|link*|pwrite*) echo ENOSPC ;;
	clone*|fork|vfork) echo EAGAIN ;;
	read*|recv*|send*|close|unlink*|fstat*|newfstat*|stat*) echo EIO ;;
	*) echo ENOMEM ;;
	esac
}

# What ends or waits for processes, or is only told about, cannot be refused by a kernel; and brk has no errno.
readonly NEVER='brk|exit|exit_group|rt_sigreturn|restart_syscall|getpid|gettid|getuid|geteuid|getgid|getegid|umask|execve|nanosleep|clock_nanosleep'

# injections VERB...: rows "CALL N", from the calls of every process of a run that succeeded: the last of each process; and for root one
# in the middle.
injections() {
	rm -f "$BATS_TEST_TMPDIR"/trace.*
	strace -D -ff -qq -o "$BATS_TEST_TMPDIR/trace" "$MXC_RUNTIME" --root "$STATE" --config "$CONFIG" "$@" < /dev/null > "$MESSAGE" 2>&1 3>&- || fail "$(cat "$MESSAGE")"
	[[ ! ${AFTER:-} ]] || $AFTER
	local file
	for file in "$BATS_TEST_TMPDIR"/trace.*; do
		awk -F '(' -v never="^($NEVER)$" -v root="$(rootless || echo 1)" '$1 ~ /^[a-z_0-9]+$/ && $1 !~ never { n[$1]++ }
			END { for (call in n) { print call, n[call]; if (root && n[call] > 3) print call, int((n[call] + 1) / 2) } }' "$file"
	done | sort -u
}

# inject CALL N VERB...: the Nth of these calls fails, in each process that gets so far.
inject() {
	local call=$1 n=$2
	shift 2
	tried strace -D -f -qq -o /dev/null -e "trace=$call" -e "inject=$call:error=$(error_of "$call"):when=$n" \
		"$MXC_RUNTIME" --root "$STATE" --config "$CONFIG" "$@"
}

force_away() {
	mxc-runtime delete --force agent
}

# every_call VERB...: BEFORE makes what the verb needs, CHECK looks at what it left.
every_call() {
	local call n rows=0 wrong=()
	while read -r call n; do
		rows=$(( rows + 1 ))
		[[ ! ${BEFORE:-} ]] || $BEFORE
		inject "$call" "$n" "$@"
		is_clear || wrong+=("$call $n: status $TRIED: '$(tail -n 2 "$MESSAGE")'")
		$CHECK "$call" "$n" > "$BATS_TEST_TMPDIR/checked" 2>&1 || wrong+=("$call $n: status $TRIED: $(tail -n 3 "$BATS_TEST_TMPDIR/checked"): '$(tail -n 2 "$MESSAGE")'")
		mxc-runtime delete --force agent > "$BATS_TEST_TMPDIR/deleted" 2>&1 || wrong+=("$call $n: delete: $(cat "$BATS_TEST_TMPDIR/deleted")")
		agent_is_gone > "$BATS_TEST_TMPDIR/deleted" 2>&1 || wrong+=("$call $n: $(cat "$BATS_TEST_TMPDIR/deleted")")
		(( ${#wrong[@]} < 10 )) || break
	done < "$BATS_TEST_TMPDIR/injections"
	echo "# $* with $rows failures" >&3
	(( ${#wrong[@]} == 0 )) || fail "${wrong[@]}"
	(( rows > 20 )) || fail "only $rows calls"
	nothing_but_the_bystander
}

nothing_asked() {
	:
}

# A create or run that failed has undone all of it; only one without memory was as good as killed, and where the call failed a second
# time (it does so once in each process) it says so.
undone() {
	(( TRIED == 0 )) || [[ ! -e $STATE/agent ]] || grep -qE 'out of memory|after a failed create: ' "$MESSAGE" || { echo "state left"; return 1; }
}

@test "any call that fails in create and start: refused and undone, or overcome" {
	needs strace
	BEFORE='' AFTER=force_away CHECK=undone
	injections run --detach agent > "$BATS_TEST_TMPDIR/injections"
	every_call run --detach agent
}

@test "any call that fails in create under a policy: refused and undone, or overcome" {
	needs strace
	volumes_make
	agent --policy '{"filesystem":{"readwritePaths":["/workspace"],"readonlyPaths":["/workspace/.git"],
		"deniedPaths":["/workspace/.env","/workspace/.mcp.json"]}}' -- /bin/probe sleep 600
	local before
	before=$(workspace_now)
	BEFORE='' AFTER=force_away CHECK=undone
	injections create agent > "$BATS_TEST_TMPDIR/injections"
	every_call create agent
	assert_equal "$(workspace_now)" "$before"
}

running_still() {
	has_status agent running || { echo "the container does not run"; return 1; }
	mxc-runtime exec agent /bin/true || { echo "exec does not work any more"; return 1; }
}

agent_start() {
	[[ -e $STATE/agent ]] || start_container agent
}

@test "any call that fails in exec: the container goes on" {
	needs strace
	BEFORE=agent_start AFTER='' CHECK=running_still
	agent_start
	injections exec agent /bin/true > "$BATS_TEST_TMPDIR/injections"
	every_call exec agent /bin/true
}

@test "any call that fails in delete: the next delete finishes it" {
	needs strace
	BEFORE=agent_start AFTER='' CHECK=nothing_asked
	agent_start
	injections delete --force agent > "$BATS_TEST_TMPDIR/injections"
	every_call delete --force agent
}
