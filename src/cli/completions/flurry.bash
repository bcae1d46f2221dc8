# Completion of flurry for bash. What may stand at the cursor is asked of flurry, and nothing of its answer is evaluated.
# bash 3.2, which macOS brings, has no compopt: files are not completed there.
_flurry() {
	local kind='' answer
	COMPREPLY=()
	{
		IFS= read -r kind
		while IFS= read -r answer; do COMPREPLY+=("$answer"); done
	} < <(command flurry completion bash -- "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null </dev/null)
	case $kind in
	files) compopt -o default ;;
	directories) compopt -o dirnames ;;
	esac 2>/dev/null
}
complete -F _flurry flurry
