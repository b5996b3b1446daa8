# SPDX-License-Identifier: Apache-2.0
# Attacks on the policy from inside: each fails with the errno that the manual promises, by the program and by exec.
load ../lib/container
load ../lib/agent

setup_more() {
	needs mxc
	volumes_make
}

@test "an agent does in its read-write paths what it likes" {
	agent
	attack <<-END
		ok create /workspace/new
		ok write /workspace/new
		ok rename /workspace/new /workspace/newer
		ok open-truncate /workspace/newer
		ok truncate /workspace/newer
		ok chmod /workspace/newer 0600
		ok link /workspace/newer /workspace/hard
		ok unlink /workspace/hard
		ok unlink /workspace/newer
		ok mkdir /workspace/dir
		ok create /workspace/dir/file
		ok rename /workspace/dir/file /workspace/moved
		ok unlink /workspace/moved
		ok rmdir /workspace/dir
		ok symlink file /workspace/link
		ok read /workspace/link
		ok unlink /workspace/link
		ok mknod /workspace/fifo p
		ok unlink /workspace/fifo
		ok tmpfile /workspace
		ok listdir /workspace
	END
}

@test "an agent reads and runs what the image holds" {
	agent
	attack <<-END
		ok read /etc/passwd
		ok listdir /etc
		ok listdir /
		ok exec /bin/true
		ok|EPERM execveat /bin/true
		ok clone
		ok read /dev/zero
		ok read /dev/urandom
		ok open-write /dev/null
		ok read /proc/self/status
		ok unix-listen inner
		ok unix-connect inner
	END
}

@test "an agent cannot write, create, rename, link, truncate or make nodes outside its read-write paths" {
	agent
	attack <<-END
		EACCES|EROFS write /etc/passwd
		EACCES|EROFS open-truncate /etc/passwd
		EACCES|EROFS truncate /etc/passwd
		EACCES|EROFS create /etc/new
		EACCES|EROFS create /new
		EACCES|EROFS create /bin/new
		EACCES|EROFS create /home/new
		EACCES|EROFS tmpfile /etc
		EACCES|EROFS unlink /etc/passwd
		EACCES|EROFS mkdir /etc/dir
		EACCES|EROFS rmdir /home
		EACCES|EROFS symlink /etc/passwd /etc/link
		EACCES|EROFS mknod /etc/fifo p
		EACCES|EROFS mknod /etc/sock s
		EACCES|EROFS mknod /etc/file f
		EACCES|EROFS create /dev/new
		EACCES|EROFS|EXDEV rename /etc/passwd /etc/renamed
		EACCES|EROFS|EXDEV exchange /etc/passwd /etc/group
		EACCES|EROFS|EXDEV rename /workspace/file /etc/file
		EACCES|EROFS|EXDEV rename /etc/passwd /workspace/passwd
		EACCES|EROFS|EXDEV link /etc/passwd /etc/hard
		EACCES|EROFS|EXDEV link /etc/passwd /workspace/hard
		EACCES|EROFS|EXDEV link /workspace/file /etc/hard
		EACCES|EPERM|EROFS unix-listen /etc/sock
	END
}

@test "an agent cannot make devices, not even in its read-write paths" {
	agent
	attack <<-END
		EPERM|EACCES mknod /workspace/disk b 8 0
		EPERM|EACCES mknod /workspace/null c 1 3
		EPERM|EACCES mknod /workspace/mem c 1 1
	END
}

@test "an agent reads its read-only paths and does not change them, beneath a read-write path too" {
	agent
	attack <<-END
		ok read /ref/file
		ok listdir /ref
		ok read /workspace/.git/config
		ok listdir /workspace/.git
		EACCES|EROFS write /ref/file
		EACCES|EROFS create /ref/new
		EACCES|EROFS unlink /ref/file
		EACCES|EROFS write /workspace/.git/config
		EACCES|EROFS open-truncate /workspace/.git/config
		EACCES|EROFS truncate /workspace/.git/config
		EACCES|EROFS create /workspace/.git/hooks/post-commit
		EACCES|EROFS unlink /workspace/.git/config
		EACCES|EROFS mkdir /workspace/.git/dir
		EACCES|EROFS|EPERM chmod /workspace/.git/config 0777
		EACCES|EROFS|EPERM utime /workspace/.git/config
		EACCES|EROFS|EXDEV rename /workspace/.git/config /workspace/.git/other
		EACCES|EROFS|EXDEV rename /workspace/.git/config /workspace/config
		EACCES|EROFS|EXDEV rename /workspace/file /workspace/.git/file
		EACCES|EROFS|EXDEV link /workspace/.git/config /workspace/config
		EACCES|EBUSY|EXDEV rename /workspace/.git /workspace/git
		EACCES|EBUSY|EXDEV exchange /workspace/.git /workspace/a
		EACCES|EBUSY rmdir /workspace/.git
	END
	assert_equal "$(cat "$WORKSPACE/.git/config")" config
}

@test "an agent cannot open a denied path, yet sees that it is there" {
	agent
	attack <<-END
		EACCES read /workspace/.env
		EACCES write /workspace/.env
		EACCES|EROFS open-truncate /workspace/.env
		EACCES opath-read /workspace/.env
		EACCES exec /workspace/.env
		EACCES listdir /workspace/secret
		EACCES read /workspace/secret/key
		EACCES create /workspace/secret/new
		EACCES unlink /workspace/secret/key
		EACCES rename /workspace/secret/key /workspace/key
		EACCES rename /workspace/file /workspace/secret/file
		EACCES read /workspace/a/b/inner
		EACCES listdir /workspace/a/b
		ok stat /workspace/.env
		ok stat /workspace/secret
		ok listdir /workspace
	END
	assert_line .env
	assert_line secret
	assert_equal "$(cat "$WORKSPACE/.env")" token
}

@test "an agent cannot remove, move, change or replace a denied path" {
	agent
	local before
	before=$(workspace_now)
	attack <<-END
		EACCES|EROFS truncate /workspace/.env
		EACCES|EROFS|EPERM chmod /workspace/.env 0777
		EACCES|EROFS|EPERM chmod /workspace/secret 0777
		EACCES|EROFS|EPERM chown /workspace/.env 0 0
		EACCES|EBUSY|EROFS unlink /workspace/.env
		EACCES|EBUSY|EROFS rmdir /workspace/secret
		EACCES|EBUSY|EROFS|EXDEV rename /workspace/.env /workspace/env
		EACCES|EBUSY|EROFS|EXDEV rename /workspace/secret /workspace/open
		EACCES|EBUSY|EROFS|EXDEV rename /workspace/file /workspace/.env
		EACCES|EBUSY|EROFS|EXDEV exchange /workspace/file /workspace/.env
		EACCES|EROFS|EXDEV link /workspace/.env /workspace/env
		EACCES read /workspace/.env
	END
	assert_equal "$(workspace_now)" "$before"
}

@test "an agent cannot reach a denied path by another name" {
	ln -s .env "$WORKSPACE/link"
	ln -s /proc/self/root/workspace/secret "$WORKSPACE/linked"
	agent
	attack <<-END
		EACCES read /workspace/link
		EACCES opath-read /workspace/link
		EACCES read /workspace/linked/key
		EACCES read /workspace/../workspace/.env
		EACCES read /workspace/./.env
		EACCES read //workspace//.env
		EACCES read /proc/self/root/workspace/.env
		EACCES read /proc/thread-self/root/workspace/.env
		EACCES read /proc/self/root/workspace/secret/key
		EACCES|ENOENT read /proc/1/root/workspace/.env
		EPERM open-by-handle /workspace
	END
}

@test "a hard link that a list names is as denied as the file, whatever list it is in" {
	ln "$WORKSPACE/.env" "$BATS_TEST_TMPDIR/ref/hard" || skip "hard links"
	agent --policy '{"filesystem":{"readwritePaths":["/workspace"],"readonlyPaths":["/ref/hard"],"deniedPaths":["/workspace/.env"]}}'
	attack <<-END
		EACCES read /workspace/.env
		EACCES read /ref/hard
	END
}

@test "a symbolic link that a list names is as denied as what it leads to" {
	ln -s .env "$WORKSPACE/link"
	agent --policy '{"filesystem":{"readwritePaths":["/workspace"],"deniedPaths":["/workspace/link"]}}'
	attack <<-END
		EACCES read /workspace/link
		EACCES read /workspace/.env
	END
}

@test "a second bind of the workspace does not show what is denied in the first" {
	agent --policy '{"filesystem":{"readwritePaths":["/workspace","/work"],"deniedPaths":["/workspace/.env"]}}' \
		--jq '.mounts += [{ destination: "/work", type: "bind", source: "../workspace", options: ["rbind", "rw"] }]' -- \
		/bin/probe '!' read /workspace/.env -- '!' read /work/.env
	run mxc-runtime run agent
	[[ $output != *"read /work/.env: ok"* ]]
	[[ $output != *"read /workspace/.env: ok"* ]]
}

@test "an agent cannot rename what is above a denied path out of the way" {
	agent
	attack <<-END
		EACCES|EBUSY|EXDEV|EPERM rename /workspace/a /workspace/z
		EACCES|EBUSY|EXDEV|EPERM exchange /workspace/a /workspace/.git
		EACCES|EBUSY|EXDEV|EPERM|EROFS rename /workspace /moved
		EACCES read /workspace/a/b/inner
	END
	[[ -f $WORKSPACE/a/b/inner && ! -e $WORKSPACE/z ]]
}

@test "an agent cannot rename what is above a read-only path out of the way" {
	mkdir -p "$WORKSPACE/deep/er/kept"
	agent --policy '{"filesystem":{"readwritePaths":["/workspace"],"readonlyPaths":["/workspace/deep/er/kept"]}}'
	attack <<-END
		EACCES|EBUSY|EXDEV|EPERM rename /workspace/deep /workspace/z
		EACCES|EBUSY|EXDEV|EPERM rename /workspace/deep/er /workspace/deep/z
		EACCES|EROFS create /workspace/deep/er/kept/new
		ok create /workspace/deep/er/new
		ok unlink /workspace/deep/er/new
	END
}

@test "a denied path that does not exist cannot come into being, and leaves no trace" {
	local before
	before=$(workspace_now)
	agent --policy '{"filesystem":{"readwritePaths":["/workspace"],"deniedPaths":["/workspace/.mcp.json","/workspace/conf/deep/hooks"]}}'
	attack <<-END
		EACCES write /workspace/.mcp.json
		EACCES read /workspace/.mcp.json
		EACCES|EEXIST create /workspace/.mcp.json
		EACCES|EEXIST mkdir /workspace/.mcp.json
		EACCES|EEXIST symlink file /workspace/.mcp.json
		EACCES|EBUSY|EROFS|EXDEV rename /workspace/file /workspace/.mcp.json
		EACCES|EBUSY|EROFS unlink /workspace/.mcp.json
		EACCES|EEXIST create /workspace/conf/deep/hooks
		EACCES|EBUSY|EXDEV|EPERM rename /workspace/conf /workspace/c
	END
	assert_equal "$(workspace_now)" "$before"
}

@test "the most specific path wins, in both directions, whatever the order" {
	mkdir -p "$WORKSPACE/secret/open/shut"
	echo inner > "$WORKSPACE/secret/open/file"
	echo shut > "$WORKSPACE/secret/open/shut/file"
	agent --policy '{"filesystem":{"deniedPaths":["/workspace/secret/open/shut","/workspace/secret"],"readonlyPaths":["/workspace/.git"],
		"readwritePaths":["/workspace/.git/hooks","/workspace/secret/open","/workspace"]}}'
	attack <<-END
		ok read /workspace/secret/open/file
		ok write /workspace/secret/open/file
		EACCES|ENOENT read /workspace/secret/key
		EACCES read /workspace/secret/open/shut/file
		EACCES|EROFS write /workspace/.git/config
		ok create /workspace/.git/hooks/x
		ok unlink /workspace/.git/hooks/x
	END
}

@test "the same path in two lists gets the strictest of them" {
	agent --policy '{"filesystem":{"readwritePaths":["/workspace","/workspace/.env","/ref"],"readonlyPaths":["/workspace/.env","/ref"],"deniedPaths":["/workspace/.env"]}}'
	attack <<-END
		EACCES read /workspace/.env
		ok read /ref/file
		EACCES|EROFS write /ref/file
	END
}

@test "a volume of the engine that no grant covers is denied" {
	agent
	attack <<-END
		EACCES read /data/file
		EACCES listdir /data
		EACCES|EROFS write /data/file
		EACCES|EROFS create /data/new
	END
}

@test "a grant does not make a read-only volume writable" {
	agent --jq '(.mounts[] | select(.destination == "/workspace").options) = ["rbind", "ro"]'
	attack <<-END
		ok read /workspace/file
		EROFS|EACCES write /workspace/file
		EROFS|EACCES create /workspace/new
		EACCES read /workspace/.env
	END
}

@test "an agent without any grant reads the image and writes nothing" {
	agent --policy '{}'
	attack <<-END
		ok read /etc/passwd
		EACCES|EROFS create /tmp/new
		EACCES read /workspace/file
		EACCES|EROFS create /workspace/new
	END
}

@test "with base none only what is granted can be opened" {
	agent --policy '{"filesystem":{"base":"none","readonlyPaths":["/bin"]},"exec":{"paths":["/bin"]}}'
	attack <<-END
		EACCES read /etc/passwd
		EACCES listdir /etc
		ok read /bin/probe
		ok exec /bin/true
	END
}

@test "a program that the agent could have written does not run" {
	# Where vm.memfd_noexec is not ours to set, anonymous memory is closed altogether.
	local memfd=ok
	! rootless || memfd='ok|EPERM'
	agent
	attack <<-END
		EACCES exec /workspace/true
		EACCES|EPERM execveat /workspace/true
		EACCES|EPERM memfd-exec
		$memfd memfd-create
		ok exec /bin/true
	END
}

@test "a program of the agent's runs when @rw is listed" {
	agent --policy '{"filesystem":{"readwritePaths":["/workspace"]},"exec":{"paths":["@base","@rw"]}}'
	attack <<-END
		ok exec /workspace/true
		EACCES|EPERM memfd-exec
	END
}

@test "only the listed programs run" {
	cp "$MXC_TEST_WORK/probe" "$BATS_TEST_TMPDIR/ref/true"
	agent --policy '{"filesystem":{"readonlyPaths":["/ref"]},"exec":{"paths":["/bin/probe"]}}'
	attack <<-END
		ok exec /bin/probe print x
		EACCES exec /ref/true
		EACCES exec /bin/busybox true
	END
}
