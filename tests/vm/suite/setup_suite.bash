# SPDX-License-Identifier: Apache-2.0
# Makes the test image, without a registry, once for each user the suite runs as.

setup_suite() {
	load helper
	local tree=$BATS_SUITE_TMPDIR/image applet
	mkdir -p "$tree"/{bin,etc,dev,proc,sys,tmp,root,workspace,opt/secret,srv/data,run,var/tmp}
	chmod 1777 "$tree/tmp" "$tree/var/tmp"
	cp /bin/busybox "$tree/bin/busybox"
	for applet in $("$tree/bin/busybox" --list); do
		[[ $applet == busybox ]] || ln -s busybox "$tree/bin/$applet"
	done
	printf 'root:x:0:0:root:/root:/bin/sh\nbin:x:1:1:bin:/bin:/bin/sh\nagent:x:1000:1000:agent:/workspace:/bin/sh\n' > "$tree/etc/passwd"
	printf 'root:x:0:\nbin:x:1:\nagent:x:1000:\n' > "$tree/etc/group"
	echo 'not for agents' > "$tree/opt/secret/key"
	echo 'read me' > "$tree/srv/data/readme"
	tar -C "$tree" --owner=0 --group=0 -cf "$BATS_SUITE_TMPDIR/image.tar" .
	podman import -q "$BATS_SUITE_TMPDIR/image.tar" "$IMAGE" > /dev/null 3>&-
}
