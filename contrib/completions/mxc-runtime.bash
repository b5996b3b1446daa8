# SPDX-License-Identifier: Apache-2.0
# Completes the words of mxc-runtime: verbs and options come from its own --help, ids from its list.

# The options of a help text: with their value's name behind a blank where they take one.
_mxc_runtime_options() {
	sed -nE 's/^  (-([a-zA-Z]), |    )--([a-z-]+)( ([^ ]+))?( .*)$/--\3 \5 -\2/p' <<<"$1" | sed -E 's/ -$//'
}

# What an option takes, "" for a flag: _mxc_runtime_value HELP OPTION.
_mxc_runtime_value() {
	local long value letter
	while read -r long value letter; do
		# A flag has its letter where the others have their value.
		[[ $value == -? ]] && letter=$value value=
		[[ $2 == "$long" || $2 == "$letter" ]] && printf '%s\n' "$value" && return
	done < <(_mxc_runtime_options "$1")
}

_mxc_runtime_ids() {
	"${1}" "${@:2}" list --quiet 2>/dev/null
}

_mxc_runtime() {
	local program=${COMP_WORDS[0]} current=${COMP_WORDS[COMP_CWORD]}
	local verb='' word value='' help globals=() words=0 i
	COMPREPLY=()

	# Words before the cursor: global options, the verb, its options, its words.
	help=$("$program" --help 2>/dev/null) || return
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		value=
		if [[ $word == -* ]]; then
			[[ $word == *=* ]] || value=$(_mxc_runtime_value "$help" "$word")
			[ -n "$verb" ] || globals+=("$word")
			# Its value is the next word.
			if [ -n "$value" ] && ((i + 1 < COMP_CWORD)); then
				[ "${COMP_WORDS[i + 1]}" = '=' ] && i=$((i + 1))
				i=$((i + 1))
				[ -n "$verb" ] || globals+=("${COMP_WORDS[i]}")
				value=
			fi
		elif [ -z "$verb" ]; then
			verb=$word
			help=$("$program" "$verb" --help 2>/dev/null) || return
		else
			words=$((words + 1))
		fi
	done

	case $value in
	'') ;;
	*'|'*) mapfile -t COMPREPLY < <(compgen -W "${value//|/ }" -- "$current"); return ;;
	LEVEL) mapfile -t COMPREPLY < <(compgen -W 'error warning info debug' -- "$current"); return ;;
	MANAGER) mapfile -t COMPREPLY < <(compgen -W 'cgroupfs systemd disabled' -- "$current"); return ;;
	DIR) mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
	FILE | PATH) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
	*) return ;;
	esac
	if [[ $current == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_mxc_runtime_options "$help" | cut -d ' ' -f 1)" -- "$current")
		return
	fi
	case $verb,$words in
	,*) mapfile -t COMPREPLY < <(compgen -W "$(sed -nE '/^Verbs:/,/^$/s/^  ([a-z]+) .*/\1/p' <<<"$help")" -- "$current") ;;
	create,* | run,* | restore,* | spec,* | features,* | list,*) ;;
	audit,0) mapfile -t COMPREPLY < <(compgen -W verify -- "$current") ;;
	audit,*) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
	kill,1) mapfile -t COMPREPLY < <(compgen -A signal -- "$current") ;;
	*,0) mapfile -t COMPREPLY < <(compgen -W "$(_mxc_runtime_ids "$program" "${globals[@]}")" -- "$current") ;;
	esac
}
complete -F _mxc_runtime mxc-runtime
