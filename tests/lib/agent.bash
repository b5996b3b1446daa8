# SPDX-License-Identifier: Apache-2.0
# Agents under a policy: a workspace with something to protect in it, and acts tried by run and by exec alike.

# The host's directories that the containers get: a workspace, data that no grant covers, a reference to read.
volumes_make() {
	WORKSPACE=$BATS_TEST_TMPDIR/workspace
	mkdir -p "$WORKSPACE"/{.git/hooks,secret,a/b} "$BATS_TEST_TMPDIR"/{data,ref}
	echo work > "$WORKSPACE/file"
	echo token > "$WORKSPACE/.env"
	echo key > "$WORKSPACE/secret/key"
	echo inner > "$WORKSPACE/a/b/inner"
	echo config > "$WORKSPACE/.git/config"
	cp "$MXC_TEST_WORK/probe" "$WORKSPACE/true"
	echo uncovered > "$BATS_TEST_TMPDIR/data/file"
	echo reference > "$BATS_TEST_TMPDIR/ref/file"
}

# Lists everything in the workspace, so that what a container left there shows.
workspace_now() {
	(cd "$WORKSPACE" && find . -printf '%p %y %m %U %s\n' | sort)
}

volumes_filter='.mounts += [
	{ destination: "/workspace", type: "bind", source: "../workspace", options: ["rbind", "rw"] },
	{ destination: "/data", type: "bind", source: "../data", options: ["rbind", "rw"] },
	{ destination: "/ref", type: "bind", source: "../ref", options: ["rbind", "rw"] }]'

# As engines make them: a writable root, more capabilities than an agent may keep, the three volumes.
engine_filter='.root.readonly = false
	| (.process.capabilities[]) = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_NET_BIND_SERVICE",
		"CAP_NET_RAW", "CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT", "CAP_MKNOD"]'

default_policy='{
	"filesystem": {
		"readwritePaths": ["/workspace"],
		"readonlyPaths": ["/ref", "/workspace/.git"],
		"deniedPaths": ["/workspace/.env", "/workspace/secret", "/workspace/a/b"]
	}
}'

# agent [OPTION of bundle...] -- ARG...: a bundle as an engine makes one; with the default policy when no other is given.
agent() {
	local option policy=(--policy "$default_policy")
	for option; do
		[[ $option != -- ]] || break
		[[ $option != --policy && $option != --annotation && $option != --no-policy ]] || policy=()
	done
	local arguments=()
	for option; do
		[[ $option == --no-policy ]] || arguments+=("$option")
	done
	bundle "${policy[@]}" --jq "$engine_filter" --jq "$volumes_filter" "${arguments[@]}"
}

# The same under the profile "coding": by its name where it is installed, as a document where the program is tried as built.
coding() {
	local profile=/etc/mxc/profiles/coding.json
	[[ -e $profile ]] || profile=$(dirname "$(dirname "$MXC_RUNTIME")")/share/mxc/profiles/coding.json
	if [[ -e $profile ]]; then
		agent --annotation io.mxc.profile=coding "$@"
	else
		agent --policy "$(< "$MXC_TEST_SOURCE/contrib/profiles/coding.json")" "$@"
	fi
}

# Tries the acts of a table in the bundle at hand, as its program and by exec; what came must be what the table says.
attack() {
	local table acts
	table=$(cat)
	read -ra acts <<< "$(table_acts <<< "$table")"
	config '.process.args = ["/bin/probe"] + $ARGS.positional' --args -- "${acts[@]}"
	run mxc-runtime run agent
	echo "by run:"
	probe_said_all <<< "$table"

	config '.process.args = ["/bin/probe", "sleep", "60"]'
	start_container agent
	run mxc-runtime exec agent /bin/probe "${acts[@]}"
	echo "by exec:"
	mxc-runtime delete --force agent
	probe_said_all <<< "$table"
}
