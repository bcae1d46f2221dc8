# generations: prints "NUMBER TOPLEVEL" for each generation of the system profile.
profile=/nix/var/nix/profiles/system

generations() {
	for link in "$profile"-*-link; do
		number=${link#"$profile"-}
		number=${number%-link}
		case $number in
		'' | *[!0-9]*) ;;
		*) printf '%s %s\n' "$number" "$(readlink -f "$link")" ;;
		esac
	done
}
