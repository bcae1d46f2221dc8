# reconcile: a deployment that a crash or a reboot cut off gets its verdict late, from what the host now is; a profile
# that was set for a promotion that never came to be goes back. Prints "reconciled ID VERDICT" for each.
reconcile() {
	remove_dangling_roots
	if [ -e "$records/pending.json" ]; then reconcile_intent "$(cat "$records/pending.json")"; fi
	if [ ! -e "$records/history.jsonl" ]; then return; fi
	tail -n 20 "$records/history.jsonl" | grep '^{"event":"begun"' | while read -r line; do
		cut_off=$(field id "$line")
		if [ "$(field boot "$line")" = "$(boot_id)" ] || grep -q "^{\"event\":\"ended\",\"id\":\"$cut_off\"" "$records/history.jsonl"; then
			continue
		fi
		close_late "$cut_off" "$(field old "$line")" "$(field new "$line")"
	done
}

# A reboot takes the deployments' folders, and leaves the links that made roots of what was in them.
remove_dangling_roots() {
	find /nix/var/nix/gcroots/auto -lname '/run/flurry/*' | while read -r link; do
		root=$(readlink "$link")
		if [ ! -d "${root%/*}" ]; then rm -f "$link"; fi
	done
}

reconcile_intent() {
	if [ "$(field boot "$1")" = "$(boot_id)" ]; then return; fi
	new=$(field new "$1")
	before=$(field oldProfile "$1")
	case $(boot_default) in
	"unknown -" | *" $new") ;;
	*)
		# Set, but never written into the boot loader: any later run of the loader's program would have made it the default.
		if [ "$(readlink -f /nix/var/nix/profiles/system)" = "$new" ]; then
			for link in /nix/var/nix/profiles/system-*-link; do
				if [ "$(readlink -f "$link")" = "$before" ]; then generation=$link; fi
			done
			generation=${generation##*/system-}
			nix-env --profile /nix/var/nix/profiles/system --switch-generation "${generation%-link}"
			sync -f /nix/var/nix/profiles
		fi
		;;
	esac
	close_late "$(field id "$1")" "$(field old "$1")" "$new"
	remove_intent
}

close_late() {
	if [ -e "$records/history.jsonl" ] && grep -q "^{\"event\":\"ended\",\"id\":\"$1\"" "$records/history.jsonl"; then return; fi
	profile_now=$(readlink -f /nix/var/nix/profiles/system)
	running=$(readlink -f /run/current-system)
	begun=$(grep "^{\"event\":\"begun\",\"id\":\"$1\"" "$records/history.jsonl" 2>/dev/null | tail -n 1)
	# A trial: it was booted once, and nobody came to make it the default.
	if [ "$(field trial "$begun")" = yes ] && [ "$profile_now" != "$3" ] && [ "$running" = "$3" ]; then
		late=tested
	elif [ "$profile_now" = "$3" ] && [ "$running" = "$3" ]; then
		late=promoted
	elif [ "$profile_now" != "$3" ] && [ "$running" = "$2" ]; then
		late=rolled-back
	# The promotion behind a trial: what it began with was booted once, and the reboot brought back what was before that.
	elif [ "$2" = "$3" ] && [ "$profile_now" != "$3" ] && [ "$running" = "$(field oldProfile "$begun")" ]; then
		late=rolled-back
	else
		late=in-doubt
	fi
	write_late "$1" "$late"
	echo "reconciled $1 $late"
}

# field NAME LINE: the value of a text in a line that we wrote.
field() {
	printf '%s\n' "$2" | sed -n "s/.*\"$1\":\"\\([^\"]*\\)\".*/\\1/p"
}
