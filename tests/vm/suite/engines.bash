# SPDX-License-Identifier: Apache-2.0
# What the bats files of containerd and docker share: the daemons, their images, and what they may leave.

# daemon_start UNIT COMMAND...: a daemon as a service of its own, with its processes delegated to it.
daemon_start() {
	local unit=$1
	shift
	systemd-run --quiet --collect --unit="$unit" -p Delegate=yes -p KillMode=process -p OOMScoreAdjust=-500 \
		-p LimitNOFILE=65536 -- "$@" 3>&-
}

daemon_stop() {
	systemctl stop "$1"
}

# containerd with the snippet for Kubernetes as its configuration, and what only a test would set.
containerd_start() {
	mkdir -p /etc/containerd /etc/mxc/cni.d /opt/cni/bin
	install -m 755 /mnt/contrib/kubernetes/mxc-loopback /opt/cni/bin/mxc-loopback
	# The engine brings up lo by a plugin of this name first, which ours does as well.
	install -m 755 /mnt/contrib/kubernetes/mxc-loopback /opt/cni/bin/loopback
	cp /mnt/contrib/kubernetes/mxc-loopback.conflist /etc/mxc/cni.d/
	{ cat /mnt/contrib/kubernetes/containerd.toml; containerd_settings; } |
		sed "s,/usr/bin/mxc-runtime,$(command -v "$R")," > /etc/containerd/config.toml
	daemon_start mxc-containerd containerd
	eventually 60 ctr version > /dev/null 2>&1
}

containerd_settings() {
	cat <<-'END'
		[plugins."io.containerd.grpc.v1.cri"]
		  sandbox_image = "localhost/pause:latest"
		  [plugins."io.containerd.grpc.v1.cri".cni]
		    bin_dir = "/opt/cni/bin"
		    conf_dir = "/etc/mxc/cni.d"
		[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.mxc-cgroupfs]
		  runtime_type = "io.containerd.runc.v2"
		  pod_annotations = ["io.mxc.*"]
		  container_annotations = ["io.mxc.*"]
		  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.mxc-cgroupfs.options]
		    BinaryName = "/usr/bin/mxc-runtime"
		    SystemdCgroup = false
	END
}

# containerd_image NAMESPACE: the suite's image, and one that pauses.
containerd_image() {
	local archive=$BATS_FILE_TMPDIR/images.tar
	podman import -q --change 'ENTRYPOINT ["/bin/sleep", "100000"]' "$BATS_SUITE_TMPDIR/image.tar" localhost/pause 3>&- > /dev/null
	podman save -q --multi-image-archive --format docker-archive -o "$archive" "$IMAGE" localhost/pause 3>&-
	ctr -n "$1" image import "$archive" > /dev/null
	rm "$archive"
}

# What an engine's containers may leave: shims, state, cgroups, mounts.
engine_leftovers() {
	find /run/containerd/runc /run/docker/runtime-* -mindepth 2 -maxdepth 2 -type d -printf 'state left: %p\n' 2>/dev/null
	find /sys/fs/cgroup -type d \( -name '*cri-containerd*' -o -name 'docker-*' -o -name 'mxc-ctr*' -o -name '*kubepods*' \) \
		-printf 'cgroup left: %p\n' 2>/dev/null
	sed -nE '\#/(rootfs|merged|shm)( |$)#{\#/run/containerd|/var/lib/docker|/overlay2/#s/^/mount left: /p}' /proc/self/mountinfo
	pgrep -a -f '^/usr/bin/containerd-shim' | sed 's/^/process left: /'
}

engine_left_nothing() {
	engine_leftovers > "$BATS_TEST_TMPDIR/left"
	[[ ! -s $BATS_TEST_TMPDIR/left ]]
}

# Ends a teardown: nothing stays, and the journal of a failure is kept.
engine_teardown() {
	local problem=''
	eventually 15 engine_left_nothing || { cat "$BATS_TEST_TMPDIR/left"; problem=1; }
	if [[ $problem || ! ${BATS_TEST_COMPLETED:-} ]]; then
		journal_keep
	fi
	[[ ! $problem ]]
}
