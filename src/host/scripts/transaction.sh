# The transaction: refuses, or tests the new system, waits to be confirmed, then promotes it or puts the host back.
# It runs as the unit flurry-activate, which systemd starts once at a time, and decides by itself: coordinators watch
# the files in its folder, and confirm by renaming `waiting`. How it ended stands in `end`, as lines "KEY VALUE".
#
# Environment: ID, NEW (toplevel), GOAL (dry-activate, test, boot, promote), SELF_CHECK (path below NEW, or empty), and
# in seconds SELF_CHECK_LIMIT, ACTIVATION_LIMIT, SETTLE, CONFIRM_LIMIT, ROLLBACK_LIMIT, LOADER_LIMIT, LOCK_LIMIT.
# The file ignore-units in its folder names units that do not count, one a line.
umask 022
cd /
id=$ID
dir=/run/flurry/$id
profile=/nix/var/nix/profiles/system
old=$(readlink -f /run/current-system)
shell=$(readlink -f "$(command -v sh)")

main() {
	set_state gating
	gate
	if [ "$GOAL" = dry-activate ]; then preview; fi

	failed_units >"$dir/failed-before"
	active_units >"$dir/active-before"
	old_profile=$(readlink -f "$profile")
	old_generation=$(readlink "$profile" | sed -n 's/^system-\([0-9]*\)-link$/\1/p')
	nix-store --realise "$old" --add-root "$dir/old" --indirect >/dev/null 2>&1
	set_state armed

	if [ "$GOAL" != boot ]; then
		set_state testing
		test_system
		set_state verifying
		verify
		set_state waiting
		await_confirmation
	fi
	if [ "$GOAL" = test ]; then end_with tested; fi
	set_state promoting
	promote
	if [ "$GOAL" = boot ]; then end_with staged; fi
	end_with promoted
}

# end_with VERDICT [LINE...]: writes how it ended, last of all the state that readers wait for.
end_with() {
	verdict=$1
	shift
	{
		echo "verdict $verdict"
		for line in "$@"; do printf '%s\n' "$line"; done
	} >"$dir/end.new" && mv -f "$dir/end.new" "$dir/end"
	set_state ended
	exit 0
}

# gate: any no ends the transaction with nothing touched.
gate() {
	[ -e "$NEW/nixos-version" ] || end_with refused 'code no-nixos-version'
	check=$SELF_CHECK
	if [ -z "$check" ] && [ -e "$NEW/pre-activate-safety-checks" ]; then check=pre-activate-safety-checks; fi
	if [ -n "$check" ]; then
		[ -e "$NEW/$check" ] || end_with refused 'code self-check-missing' "path $check"
		timeout -k 5 "$SELF_CHECK_LIMIT" "$NEW/$check" </dev/null
		code=$?
		[ "$code" != 124 ] || end_with refused 'code self-check-timeout' "path $check"
		[ "$code" = 0 ] || end_with refused 'code self-check-failed' "path $check" "exit $code"
	fi
	# An older switch-to-configuration does not know `check`, and would answer as to a failed one: exit 1.
	case $("$NEW/bin/switch-to-configuration" --help 2>&1 </dev/null) in
	*check*)
		switch_to gate "$NEW" check "$SELF_CHECK_LIMIT"
		case $code in
		0) ;;
		locked) end_with refused 'code switch-locked' ;;
		*) end_with refused 'code pre-switch-check-failed' "exit $code" ;;
		esac
		;;
	esac
}

preview() {
	set_state previewing
	switch_to preview "$NEW" dry-activate "$ACTIVATION_LIMIT"
	[ "$code" = 0 ] || end_with failed 'code preview-failed' "exit $code"
	end_with previewed
}

test_system() {
	switch_to test "$NEW" test "$ACTIVATION_LIMIT"
	case $code in
	# 4: a unit failed, which may have been failing before, or be well again by the time units are judged.
	0 | 4) ;;
	locked) end_with refused 'code switch-locked' ;;
	timeout) roll_back 'code activation-timeout' ;;
	100) roll_back 'code reboot-needed' ;;
	*) roll_back 'code activation-failed' "exit $code" ;;
	esac
}

verify() {
	sleep "$SETTLE"
	now=$(readlink -f /run/current-system)
	[ "$now" = "$NEW" ] || end_with in-doubt 'code changed-by-someone-else' "expected $NEW" "found $now"
	bad=$(failed_units | while read -r unit; do
		grep -qxF -e "$unit" "$dir/failed-before" || grep -qxF -e "$unit" "$dir/ignore-units" || echo "unit $unit"
	done)
	if [ -n "$bad" ]; then
		roll_back 'code units-failed' "$bad"
	fi
}

# The token `waiting` is renamed once, by whoever decides: confirmed, aborted, or expired here. The clock is the
# uptime, which nobody sets and which goes on while the host sleeps: silence means no.
await_confirmation() {
	deadline=$(($(uptime_seconds) + CONFIRM_LIMIT))
	: >"$dir/waiting"
	while [ -e "$dir/waiting" ]; do
		if [ "$(uptime_seconds)" -ge "$deadline" ]; then mv -T "$dir/waiting" "$dir/expired" 2>/dev/null; fi
		sleep 0.1
	done
	if [ ! -e "$dir/confirmed" ]; then
		if [ -e "$dir/aborted" ]; then roll_back 'code not-confirmed' 'by abort'; fi
		roll_back 'code not-confirmed' 'by deadline'
	fi
}

# promote: profile, boot loader, both read back. Whatever goes wrong, both are restored and the host put back.
promote() {
	[ "$(readlink -f "$profile")" = "$old_profile" ] ||
		end_with in-doubt 'code changed-by-someone-else' "expected $old_profile" "found $(readlink -f "$profile")"
	if ! nix-env --profile "$profile" --set "$NEW"; then undo_promotion 'step profile'; fi
	sync -f /nix/var/nix/profiles
	switch_to boot "$NEW" boot "$LOADER_LIMIT"
	[ "$code" = 0 ] || undo_promotion 'step bootloader' "exit $code"
	if [ -d /boot ]; then sync -f /boot; fi
	[ "$(readlink -f "$profile")" = "$NEW" ] || undo_promotion 'step profile'
	default=$(boot_default)
	case $default in
	"unknown -" | *" $NEW") ;;
	*) undo_promotion 'step boot-entry' "found ${default#* }" ;;
	esac
}

# undo_promotion LINE...: generations are never deleted, so the profile goes back to its generation by number.
undo_promotion() {
	if [ -n "$old_generation" ] && [ "$(readlink -f "$profile")" != "$old_profile" ]; then
		nix-env --profile "$profile" --switch-generation "$old_generation"
	fi
	switch_to old-boot "$old_profile" boot "$LOADER_LIMIT" unchecked
	if [ "$GOAL" = boot ]; then
		if [ "$(readlink -f "$profile")" = "$old_profile" ]; then end_with failed 'code promotion-failed' "$@"; fi
		end_with in-doubt 'code promotion-failed' "$@"
	fi
	roll_back 'code promotion-failed' "$@"
}

# roll_back LINE...: the lines say why. Judged by what then runs, not by the exit code of the old system's program.
roll_back() {
	set_state rolling-back
	now=$(readlink -f /run/current-system)
	if [ "$now" != "$NEW" ] && [ "$now" != "$old" ]; then
		end_with in-doubt 'code changed-by-someone-else' "expected $NEW" "found $now"
	fi
	# The old system's own checks would compare it with the new one, and refuse.
	switch_to rollback "$old" test "$ROLLBACK_LIMIT" unchecked
	while read -r unit; do
		if ! systemctl is-active --quiet "$unit"; then systemctl start --no-block "$unit" 2>/dev/null; fi
	done <"$dir/active-before"
	sleep "$SETTLE"
	lost=$(failed_units | while read -r unit; do
		grep -qxF -e "$unit" "$dir/failed-before" || echo "$unit"
	done)
	if [ "$(readlink -f /run/current-system)" = "$old" ] && [ -z "$lost" ]; then end_with rolled-back "$@"; fi
	end_with in-doubt "$@" "rollback-exit $code" "$(printf '%s\n' "$lost" | sed '/^$/d; s/^/lost-unit /')"
}

# switch_to NAME TOPLEVEL ACTION LIMIT [unchecked]: runs the toplevel's switch-to-configuration in a unit of its own and sets
# `code` to its exit code, `timeout` or `locked`. A lock held by somebody is waited for, within LOCK_LIMIT.
switch_to() {
	name=flurry-$1-$id.service
	patience=$(($(uptime_seconds) + LOCK_LIMIT))
	while :; do
		rm -f "$dir/$1.exit"
		start_unit "$name" "$4" -- "$shell" "$dir/switch.sh" "$dir/$1.exit" "$2" "$3" "${5:-checked}"
		await_file "$dir/$1.exit" "$name" >/dev/null
		if [ -e "$dir/$1.exit" ]; then
			code=$(cat "$dir/$1.exit")
		else
			code=timeout
		fi
		[ "$code" = 11 ] || break
		code=locked
		[ "$(uptime_seconds)" -lt "$patience" ] || break
		echo "another program is switching this host; waiting for its lock"
		sleep 1
	done
}

failed_units() {
	systemctl list-units --all --full --plain --no-legend --no-pager --state=failed,auto-restart | cut -d ' ' -f 1
}

active_units() {
	systemctl list-units --full --plain --no-legend --no-pager --state=active --type=service,socket,timer,path,mount |
		cut -d ' ' -f 1 | grep -v -e '^flurry-' -e '^session-' -e '^user@' -e '^user-runtime-dir@'
}

uptime_seconds() {
	cut -d . -f 1 /proc/uptime
}

main
