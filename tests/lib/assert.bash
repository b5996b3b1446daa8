# SPDX-License-Identifier: Apache-2.0
# Assertions on what "run" caught; each says what it wanted and what came.

fail() {
	printf '%s\n' "$@" "--- output:" "${output:-}"
	return 1
}

# One whole line of the output.
assert_line() {
	local line
	for line in "${lines[@]}"; do
		[[ $line != "$1" ]] || return 0
	done
	fail "no line: $1"
}

refute_line() {
	! assert_line "$1" > /dev/null || fail "unwanted line: $1"
}

assert_match() {
	[[ $output =~ $1 ]] || fail "output does not match: $1"
}

refute_match() {
	[[ ! $output =~ $1 ]] || fail "output matches: $1"
}

assert_equal() {
	[[ $1 == "$2" ]] || fail "wanted: $2" "got:    $1"
}

errno_text() {
	case $1 in
	ok) echo ok ;;
	EPERM) echo "Operation not permitted" ;;
	ENOENT) echo "No such file or directory" ;;
	ESRCH) echo "No such process" ;;
	EACCES) echo "Permission denied" ;;
	EBUSY) echo "Device or resource busy" ;;
	EEXIST) echo "File exists" ;;
	EXDEV) echo "Invalid cross-device link" ;;
	ENOTDIR) echo "Not a directory" ;;
	EINVAL) echo "Invalid argument" ;;
	EROFS) echo "Read-only file system" ;;
	ENOSYS) echo "Function not implemented" ;;
	ELOOP) echo "Too many levels of symbolic links" ;;
	ENXIO) echo "No such device or address" ;;
	EAFNOSUPPORT) echo "Address family not supported by protocol" ;;
	EPROTONOSUPPORT) echo "Protocol not supported" ;;
	EPROTOTYPE) echo "Protocol wrong type for socket" ;;
	ESOCKTNOSUPPORT) echo "Socket type not supported" ;;
	ENETUNREACH) echo "Network is unreachable" ;;
	*) echo "assert: unknown errno '$1'" >&2; exit 1 ;;
	esac
}

# probe_said "ACT WORD..." ERRNO[|ERRNO]: the probe's line for the act, with one of these outcomes.
probe_said() {
	local errno
	for errno in ${2//|/ }; do
		! assert_line "probe: $1: $(errno_text "$errno")" > /dev/null || return 0
	done
	fail "wanted of the probe: $1: $2" "got:    $(grep -F "probe: $1: " <<< "$output" || echo nothing)"
}

# A table on standard input: rows of "ERRNO[|ERRNO]  ACT WORD..."; all rows are looked at before it fails.
probe_said_all() {
	local want act wrong=()
	while read -r want act; do
		[[ $want ]] || continue
		probe_said "$act" "$want" > /dev/null || wrong+=("wanted $want: $(grep -F "probe: $act: " <<< "$output" || echo "nothing of: $act")")
	done
	(( ${#wrong[@]} == 0 )) || fail "${wrong[@]}"
}

# The acts of such a table, as the words of one probe command.
table_acts() {
	local want act
	while read -r want act; do
		[[ ! $want ]] || printf '! %s -- ' "$act"
	done
}

# A refusal as people and engines want it: exit status 1, one line on standard error, with these words in it.
assert_refusal() {
	local word
	[[ $status -eq 1 ]] || fail "wanted exit status 1, got $status"
	[[ ${#lines[@]} -eq 1 ]] || fail "wanted one line, got ${#lines[@]}"
	for word; do
		[[ $output == *"$word"* ]] || fail "the message does not say: $word"
	done
}
