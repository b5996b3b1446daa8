# SPDX-License-Identifier: Apache-2.0
# The verb run: create, start, wait and delete in one.
load ../lib/container

@test "run gives the program's output and exit status" {
	bundle -- /bin/probe print hello -- exit 7
	run -7 mxc-runtime run agent
	assert_line "print: hello"
}
