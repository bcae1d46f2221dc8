# The transaction, as the unit flurry-activate: it refuses, or tests the new system, waits to be confirmed, and promotes
# it. Where it cannot go on it writes why and leaves; so does whatever kills it. Its ExecStopPost then starts the
# rollback unit, and a timer starts that as well: the way back never depends on this script.
main() {
	uptime_seconds >"$dir/begun-at"
	printf '%s\n' "$INVOCATION_ID" >"$dir/invocation"
	set_state locked
	lock
	set_state gating
	set_deadline "$((2 * SELF_CHECK_LIMIT + LOCK_LIMIT + 30))"
	gate
	if [ "$GOAL" = dry-activate ]; then preview; fi
	if [ "$GATED" = wait ]; then await_release; fi
	arm
	set_deadline "$((ACTIVATION_LIMIT + LOCK_LIMIT + 30))"
	set_state armed

	if [ "$GOAL" != boot ]; then
		set_state testing || give_up 'code run-full'
		test_system
		set_deadline "$((${SETTLE%.*} + 60))"
		set_state verifying
		verify
		set_deadline "$CONFIRM_LIMIT"
		: >"$dir/waiting"
		set_state waiting
		if [ -e "$dir/abort-wanted" ]; then mv -T "$dir/waiting" "$dir/aborted" 2>/dev/null; fi
		await_confirmation
	fi
	if [ "$GOAL" = test ]; then finish tested "$(warned_units)"; fi
	set_deadline "$((LOADER_LIMIT + LOCK_LIMIT + 60))"
	# What is armed still would pass for untouched.
	set_state promoting || [ "$GOAL" != boot ] || give_up 'code run-full'
	go_forward
	# shellcheck disable=SC2086 # one line a word group, made by us
	give_up 'code promotion-failed' "$trouble"
}

# give_up LINE...: the lines say why. The rollback unit does the rest, started by our end.
give_up() {
	for line in "$@"; do printf '%s\n' "$line"; done >"$dir/why.new" && mv -f "$dir/why.new" "$dir/why"
	exit 1
}

# lock: systemd keeps the unit's name, once at a time. The other half: nobody else's transaction may be without an end,
# be it that its units were killed. Such a one is put back first.
lock() {
	reconcile
	for other in /run/flurry/*/; do
		other=${other%/}
		if [ "$other" = "$dir" ] || [ ! -e "$other/state" ]; then continue; fi
		if is_over "$other"; then
			clear_forgotten "$other"
			continue
		fi
		# We hold the name: one that was not armed is dead, and touched nothing.
		if [ ! -e "$other/begun" ]; then
			if ! grep -q "^{\"event\":\"begun\",\"id\":\"${other##*/}\"" "$records/history.jsonl" 2>/dev/null; then
				clear_deployment "${other##*/}"
				continue
			fi
			: >"$other/begun"
		fi
		restart_way_back "${other##*/}"
		# One that is about to end is worth a moment.
		moments=0
		while [ "$moments" -lt 30 ] && ! is_over "$other"; do
			moments=$((moments + 1))
			sleep 0.1
		done
		if is_over "$other"; then continue; fi
		finish refused 'code locked' "id ${other##*/}" "owner $(cat "$other/owner" 2>/dev/null)" \
			"since $(cat "$other/since" 2>/dev/null)" "state $(cat "$other/state" 2>/dev/null)"
	done
	if unit_works nixos-rebuild-switch-to-configuration.service; then
		finish refused 'code locked' 'owner nixos-rebuild' 'state switching'
	fi
}

# clear_forgotten FOLDER: who stopped all of our units stopped as well what would have removed the folder.
clear_forgotten() {
	ended=$(cat "$1/ended-at" 2>/dev/null)
	if [ -n "$ended" ] && [ $(($(uptime_seconds) - ended)) -ge 60 ]; then clear_deployment "${1##*/}"; fi
}

# is_over FOLDER: whether that deployment has its verdict.
is_over() {
	[ -e "$1/end" ] || [ ! -e "$1/state" ] ||
		grep -q "^{\"event\":\"ended\",\"id\":\"${1##*/}\"" "$records/history.jsonl" 2>/dev/null
}

# The token `gate-waiting` is renamed once, by whoever decides: released, dismissed (another host of the run failed),
# aborted, or gate-expired here. Nothing has been touched, so there is no cap: who moves the deadline lives.
await_release() {
	cap=
	set_deadline "$CONFIRM_LIMIT"
	: >"$dir/gate-waiting"
	set_state gated
	if [ -e "$dir/abort-wanted" ]; then mv -T "$dir/gate-waiting" "$dir/aborted" 2>/dev/null; fi
	while [ -e "$dir/gate-waiting" ]; do
		if [ -e "$dir/extend" ]; then extend; fi
		if deadline_passed; then mv -T "$dir/gate-waiting" "$dir/gate-expired" 2>/dev/null; fi
		sleep 0.1
	done
	if [ -e "$dir/dismissed" ]; then finish refused 'code others-failed'; fi
	if [ -e "$dir/aborted" ]; then finish refused 'code not-released' 'by abort'; fi
	[ -e "$dir/released" ] || finish refused 'code not-released' 'by deadline'
	rm -f "$dir/extend"
	set_deadline 60
	look_again
}

preview() {
	set_state previewing
	switch_to preview "$RUNS" dry-activate "$ACTIVATION_LIMIT"
	[ "$code" = 0 ] || finish failed 'code preview-failed' "exit $code"
	finish previewed
}

# arm: all that the way back needs, made while nothing has changed yet.
arm() {
	# Only now nobody else moves them: while we waited for the lock, another deployment was promoted or put back.
	now=$(readlink -f /run/current-system)
	[ "$now" = "$OLD" ] || finish refused 'code changed-by-someone-else' "expected $OLD" "found $now"
	# Side by side with what systemd is asked: each takes a while.
	nix-store --realise "$OLD" --add-root "$dir/old" --indirect >/dev/null &
	rooting=$!
	# Deleted first by a rollback, so that it has room in a full /run.
	head -c 33554432 /dev/zero >"$dir/ballast" &
	filling=$!
	OLD_PROFILE=$(readlink -f "$profile")
	OLD_GENERATION=$(readlink "$profile" | sed -n 's/^system-\([0-9]*\)-link$/\1/p')
	default=$(boot_default)
	OLD_BOOT_DEFAULT=${default#* }
	failed_units >"$dir/failed-before" || finish failed 'code arming-failed' 'step units'
	active_units >"$dir/active-before"
	# Something always runs: nothing means that systemd did not answer, and a way back could not be judged.
	[ -s "$dir/active-before" ] || finish failed 'code arming-failed' 'step units'
	mkdir -p "$dir/lists"
	for list in start restart reload; do
		if [ -e "/run/nixos/$list-list" ]; then cp "/run/nixos/$list-list" "$dir/lists/"; fi
	done
	wait "$rooting" || finish failed 'code arming-failed' 'step root'
	wait "$filling" || finish failed 'code arming-failed' 'step ballast'
	write_settings || finish failed 'code arming-failed' 'step settings'
	write_begun || finish refused 'code history-unwritable'
	: >"$dir/begun"
	started=$(systemctl show --property=ExecMainStartTimestampMonotonic --value flurry-activate.service)
	booted=$(systemctl show --property=UserspaceTimestampMonotonic --value)
	# Both are CLOCK_MONOTONIC, as is the timer.
	first=$(((started - booted) / 1000000 + $(uptime_seconds) - $(cat "$dir/begun-at") + 12))
	start_way_back "$id" "$first" || finish failed 'code arming-failed' 'step timer'
}

test_system() {
	switch_to test "$RUNS" test "$ACTIVATION_LIMIT"
	case $code in
	# 4: a unit failed, which may have been failing before, or be well again by the time units are judged.
	0 | 4) ;;
	locked) give_up 'code switch-locked' "after $LOCK_LIMIT" ;;
	timeout) give_up 'code activation-timeout' "after $ACTIVATION_LIMIT" ;;
	*) give_up 'code activation-failed' "exit $code" ;;
	esac
}

verify() {
	sleep "$SETTLE"
	now=$(readlink -f /run/current-system)
	[ "$now" = "$RUNS" ] || give_up 'code changed-by-someone-else' "expected $RUNS" "found $now"
	failed_units >"$dir/failed-after" || give_up 'code units-failed' 'unit (systemd does not answer)'
	bad=$(unless_in "$dir/failed-before" "$dir/ignore-units" <"$dir/failed-after")
	if [ -n "$bad" ]; then
		if [ "$ON_UNIT_FAILURE" = warn ]; then
			printf '%s\n' "$bad" >"$dir/warned"
			printf 'failed, and let pass as asked: %s\n' "$bad"
		else
			give_up 'code units-failed' "$bad"
		fi
	fi
}

# The token `waiting` is renamed once, by whoever decides: confirmed, aborted, or expired here. The coordinator may wish
# for more time while it has reason to wait.
await_confirmation() {
	cap=$(($(uptime_seconds) + CONFIRM_CAP))
	looks=0
	while [ -e "$dir/waiting" ]; do
		if [ -e "$dir/extend" ]; then extend; fi
		if deadline_passed; then mv -T "$dir/waiting" "$dir/expired" 2>/dev/null; fi
		looks=$((looks + 1))
		look_later "$looks"
	done
	if [ -e "$dir/confirmed" ]; then return; fi
	if [ -e "$dir/aborted" ] && [ -s "$dir/abort-why" ]; then give_up "$(cat "$dir/abort-why")"; fi
	if [ -e "$dir/aborted" ]; then give_up 'code not-confirmed' 'by abort'; fi
	give_up 'code not-confirmed' 'by deadline'
}

# The deadline moves to as many seconds from now as were wished for, but never past the cap, where there is one.
extend() {
	wish=$(cat "$dir/extend")
	rm -f "$dir/extend"
	case $wish in
	'' | *[!0-9]*) return ;;
	esac
	if [ -n "$cap" ]; then
		left=$((cap - $(uptime_seconds)))
		if [ "$wish" -gt "$left" ]; then wish=$left; fi
	fi
	set_deadline "$wish"
}

main
