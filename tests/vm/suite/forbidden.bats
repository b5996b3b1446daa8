# SPDX-License-Identifier: Apache-2.0
# A user on a machine that forbids user namespaces, or lacks the helpers: what the refusal says. Changes the machine: nothing else runs meanwhile.
# Users: alone

load helper

setup() {
	mark_start
	only_mxc
	changed=()
	bundle=$(mktemp -d /tmp/mxc-test-XXXXXX)
	mkdir -p "$bundle/rootfs"/{bin,dev,proc,sys,tmp,etc}
	cp /bin/busybox "$bundle/rootfs/bin/"
	chown -R agent:agent "$bundle"
	cd "$bundle"
	as_agent "$R" spec --rootless
	change '.process.terminal = false | .process.args = ["/bin/busybox", "true"] | .mounts |= map(select(.type != "cgroup"))'
}

teardown() {
	local row
	for row in "${changed[@]}"; do
		sysctl -qw "$row"
	done
	[[ ! -e /usr/bin/newuidmap.away ]] || mv /usr/bin/newuidmap.away /usr/bin/newuidmap
	cd /
	rm -rf "$bundle"
}

as_agent() {
	setpriv --reuid 1000 --regid 1000 --init-groups env HOME=/home/agent XDG_RUNTIME_DIR=/run/user/1000 "$@"
}

change() {
	jq "$@" config.json > config.json.new
	cat config.json.new > config.json
}

# forbid NAME VALUE: until the end of the test; skips where the kernel has no such setting.
forbid() {
	local before
	before=$(sysctl -n "$1" 2>/dev/null) || skip "sysctl $1"
	changed+=("$1=$before")
	sysctl -qw "$1=$2"
}

refused() {
	run -1 as_agent "$R" run mxc-test-forbidden
	local word
	for word; do
		[[ $output == *"$word"* ]] || { echo "does not say: $word"; echo "$output"; return 1; }
	done
}

@test "as long as nothing forbids it the container runs" {
	run -0 as_agent "$R" run mxc-test-forbidden
}

@test "user.max_user_namespaces=0" {
	forbid user.max_user_namespaces 0
	refused "sysctl user.max_user_namespaces is 0" "sysctl -w user.max_user_namespaces" linux.namespaces
}

@test "kernel.unprivileged_userns_clone=0" {
	forbid kernel.unprivileged_userns_clone 0
	refused "sysctl kernel.unprivileged_userns_clone is 0" "sysctl -w kernel.unprivileged_userns_clone=1"
}

@test "kernel.apparmor_restrict_unprivileged_userns=1" {
	[[ -d /sys/kernel/security/apparmor ]] || skip AppArmor
	forbid kernel.apparmor_restrict_unprivileged_userns 1
	refused "kernel.apparmor_restrict_unprivileged_userns is 1" userns
}

@test "a missing newuidmap is named with its package" {
	mv /usr/bin/newuidmap /usr/bin/newuidmap.away
	change '.linux.uidMappings += [{ containerID: 1, hostID: 100000, size: 1000 }]'
	refused newuidmap uidmap /etc/subuid linux.uidMappings
}
