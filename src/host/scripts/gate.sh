# What is asked before the first change, by the transaction and, beforehand, by a plan (foresee.sh), which have their own
# `finish` and `switch_to`. The environment is that of steps.sh, with SELF_CHECK and SELF_CHECK_LIMIT, INHIBITED and DEGRADED.
#
# gate: any no ends the transaction with nothing touched. The build may have taken hours, so the cheap questions about the
# host's health are asked once more.
gate() {
	[ -e "$NEW/nixos-version" ] || finish refused 'code no-nixos-version'
	look_again
	case $GOAL in
	test | promote)
		[ "$(cat "$RUNS/init-interface-version")" = "$(cat "$OLD/init-interface-version")" ] ||
			finish refused 'code reboot-needed'
		;;
	esac
	check=$SELF_CHECK
	if [ -z "$check" ] && [ -e "$RUNS/pre-activate-safety-checks" ]; then check=pre-activate-safety-checks; fi
	if [ -n "$check" ]; then
		[ -e "$RUNS/$check" ] || finish refused 'code self-check-missing' "path $check"
		self_check "$check"
	fi
	# It compares inhibitors whatever the goal; `boot`, which they are no matter to, runs the checks once more.
	if [ "$INHIBITED" = yes ] && [ "$GOAL" = boot ]; then return; fi
	# An older switch-to-configuration does not know `check`, and would answer as to a failed one: exit 1.
	case $(timeout -k 5 20 "$RUNS/bin/switch-to-configuration" --help 2>&1 </dev/null) in
	*check*)
		switch_to gate "$RUNS" check "$SELF_CHECK_LIMIT"
		case $code in
		0) ;;
		locked) finish refused 'code switch-locked' "after $LOCK_LIMIT" ;;
		*) finish refused 'code pre-switch-check-failed' "exit ${code}" ;;
		esac
		;;
	esac
}

# self_check PATH: below the system that is to run.
self_check() {
	timeout -k 5 "$SELF_CHECK_LIMIT" "$RUNS/$1" </dev/null
	code=$?
	case $code in
	0) ;;
	124 | 137) finish refused 'code self-check-timeout' "path $1" "after $SELF_CHECK_LIMIT" ;;
	*) finish refused 'code self-check-failed' "path $1" "exit $code" ;;
	esac
}

# look_again: the cheap questions. A host that is well now need not have been so when the build began.
look_again() {
	now=$(readlink -f /run/current-system)
	[ "$now" = "$OLD" ] || finish refused 'code changed-by-someone-else' "expected $OLD" "found $now"
	failed_units >"$dir/failed-now" || finish refused 'code not-running' 'system-state unknown'
	bad=$(unless_in "$dir/ignore-units" <"$dir/failed-now")
	[ -z "$bad" ] || [ "$DEGRADED" = allow ] || finish refused 'code degraded' "$bad"
	health=$(systemctl is-system-running)
	case $health in
	maintenance | stopping) finish refused 'code not-running' "system-state $health" ;;
	esac
	free=$(df -Pk /run | awk 'NR == 2 { print $4 }')
	[ "$free" -ge 98304 ] || finish refused 'code run-full' "free-kib $free"
	inodes=$(df -Pi /run | awk 'NR == 2 { print $4 }')
	case $inodes in
	'' | *[!0-9]*) ;;
	*) [ "$inodes" -ge 1000 ] || finish refused 'code run-full' "free-kib 0" ;;
	esac
}

# unless_in FILE...: reads units, and prints those as lines `unit NAME` that are in none of the files.
unless_in() {
	while read -r unit; do
		excused=no
		for file in "$@"; do if grep -qxF -e "$unit" "$file"; then excused=yes; fi; done
		# dash's echo would read the backslashes of a name.
		[ "$excused" = yes ] || printf 'unit %s\n' "$unit"
	done
}
