#compdef flurry
# Completion of flurry for zsh. What may stand at the cursor is asked of flurry, and nothing of its answer is evaluated.
_flurry() {
	local kind answer
	local -a answers described
	answers=("${(@f)$(command flurry completion zsh -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null </dev/null)}")
	kind=${answers[1]}
	answers=("${(@)answers[2,-1]}")
	case $kind in
	files) compset -P '--*='; _files ;;
	directories) compset -P '--*='; _files -/ ;;
	words)
		for answer in "${(@)answers}"; do
			[[ -n $answer ]] && described+=("${${answer%%$'\t'*}//:/\\:}:${answer#*$'\t'}")
		done
		_describe -t flurry flurry described
		;;
	esac
}

# As a file in fpath it is the function's body; sourced, it has to be made known.
if [[ ${funcstack[1]} == _flurry ]]; then _flurry "$@"; else compdef _flurry flurry; fi
