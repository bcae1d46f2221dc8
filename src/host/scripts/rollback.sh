# The way back, as a unit of its own: complete before the first change, started by the transaction's end and by a timer
# every ten seconds until a verdict stands. systemd runs it once at a time. It looks, and goes away again while the
# transaction works within its deadline; otherwise it ends what still runs, and restores what ran before. It may be
# killed anywhere and starts again from what it finds.
main() {
	if [ -e "$dir/end" ]; then tidy; fi
	# It ends itself at its deadline; the grace is for what it does then.
	if transaction_works && ! deadline_passed 10; then exit 0; fi
	end_the_forward
	# A verdict of the history stands, be it that it was killed right behind it, or that there was no room for the file.
	if has_ended; then
		if intent_is_ours; then remove_intent; fi
		tidy
	fi
	# Only now, when nobody moves it any more. It may be behind what was done, where /run was full.
	state=$(cat "$dir/state" 2>/dev/null)
	case $state in
	# Nothing has been started yet: the state is written before the test begins, or the test does not begin.
	locked | gating | gated | armed) finish failed 'code transaction-died' "state $state" ;;
	rolling-back | holding) ;;
	*)
		mv -T "$dir/waiting" "$dir/expired" 2>/dev/null
		if [ "$state" = promoting ] || [ -e "$dir/confirmed" ]; then resume_promotion; fi
		;;
	esac
	leave_if_shutting_down
	go_back
}

# Only our own transaction counts, and not one that is on its way out: its end is why we are here.
transaction_works() {
	case $(property_of flurry-activate.service ActiveState) in
	active | activating | reloading) ;;
	*) return 1 ;;
	esac
	[ "$(property_of flurry-activate.service InvocationID)" = "$(cat "$dir/invocation")" ]
}

# A test that hangs would keep the lock, and a frozen unit everything; SIGTERM is asking too nicely.
end_the_forward() {
	ours=flurry-activate.service
	if ! [ "$(property_of "$ours" InvocationID)" = "$(cat "$dir/invocation")" ]; then ours=; fi
	for unit in $ours "flurry-gate-$id.service" "flurry-test-$id.service" "flurry-boot-$id.service" \
		"flurry-trial-$id.service"; do
		systemctl thaw "$unit" 2>/dev/null
		systemctl kill --signal=KILL "$unit" 2>/dev/null
		if [ "$unit" != flurry-activate.service ]; then systemctl stop "$unit" 2>/dev/null; fi
	done
	rm -f "$dir/ballast"
}

# The token was confirmed, so the promise stands: promote, or restore everything.
resume_promotion() {
	if [ "$GOAL" = test ]; then finish tested "$(warned_units)"; fi
	set_deadline "$((2 * LOADER_LIMIT + 60))"
	set_state promoting
	if [ -e "$dir/why" ]; then trouble=$(sed -n 's/^step /step /p' "$dir/why"); else go_forward; fi
	[ -e "$dir/why" ] || printf 'code promotion-failed\n%s\n' "$trouble" >"$dir/why"
	undo_promotion
	if [ "$GOAL" = boot ]; then
		if [ "$restored" = yes ]; then finish failed 'code promotion-failed' "$trouble"; fi
		finish in-doubt 'code promotion-failed' "$trouble"
	fi
}

# While the manager stops, nothing can be started any more; the next boot comes up in the boot default anyway.
leave_if_shutting_down() {
	if [ "$(systemctl is-system-running)" = stopping ]; then
		if [ -e "$dir/rebooting" ]; then exit 0; fi
		finish in-doubt 'code ended-by-shutdown' "boots $(boot_default | cut -d ' ' -f 2)"
	fi
}

go_back() {
	set_state rolling-back
	reason=$(cat "$dir/why" 2>/dev/null)
	[ -n "$reason" ] || reason="code transaction-died
state ${state:-unknown}"
	now=$(readlink -f /run/current-system)
	if [ -n "$now" ] && [ -e "$now" ] && [ "$now" != "$RUNS" ] && [ "$now" != "$OLD" ]; then
		leave_to_others "$RUNS" "$now"
	fi
	leave_emergency
	mend_logins
	restore_lists
	# The old system compares itself with the running one first, and cannot where the link leads nowhere.
	if [ ! -e /run/current-system ]; then ln -sfn "$OLD" /run/current-system; fi
	# The old system's own checks would compare it with the new one, and refuse.
	give_up_at=$(($(uptime_seconds) + ROLLBACK_LIMIT))
	switch_to back "$OLD" test "$ROLLBACK_LIMIT" unchecked
	# While /run is full no unit can be started; that may pass.
	while [ "$code" = unstarted ] && [ "$(uptime_seconds)" -lt "$give_up_at" ]; do
		sleep 1
		switch_to back "$OLD" test "$ROLLBACK_LIMIT" unchecked
	done
	start_what_was_active
	sleep "$SETTLE"
	judge_the_way_back
}

# A mount that fails takes a host to emergency mode, and dbus with it, without which nothing can be switched. Starting
# dbus ends that mode; the targets come back once their queue is empty.
leave_emergency() {
	if systemctl is-active --quiet emergency.target || systemctl is-active --quiet rescue.target ||
		! systemctl is-active --quiet sysinit.target; then
		tries=0
		while [ -n "$(queued_jobs)" ] && [ "$tries" -lt 100 ]; do
			tries=$((tries + 1))
			sleep 0.1
		done
		systemctl start dbus.socket dbus.service 2>/dev/null
		start_sockets
		systemctl start --no-block default.target 2>/dev/null
	elif ! systemctl is-active --quiet dbus.service; then
		systemctl start dbus.socket dbus.service 2>/dev/null
	fi
}

# Our own start is one of them for as long as we run.
queued_jobs() {
	systemctl list-jobs --no-legend --no-pager | grep -vF " flurry-rollback-$id.service "
}

# A logind whose bus went away and came back is on no bus: every login would wait 25 s for it.
mend_logins() {
	bus=$(property_of dbus.service ActiveEnterTimestampMonotonic)
	logind=$(property_of systemd-logind.service ActiveEnterTimestampMonotonic)
	if [ "${logind:-0}" != 0 ] && [ "${bus:-0}" -gt "$logind" ]; then systemctl try-restart systemd-logind.service; fi
}

# A test that was cut off leaves names there that only the new system knows.
restore_lists() {
	rm -f /run/nixos/start-list /run/nixos/restart-list /run/nixos/reload-list
	for list in "$dir"/lists/*; do
		if [ -e "$list" ]; then cp "$list" /run/nixos/; fi
	done
}

# Before their services: a socket does not start where its service runs already, without it.
start_sockets() {
	grep '\.socket$' "$dir/active-before" | while read -r unit; do
		if [ "$(property_of "$unit" ActiveState)" != active ]; then systemctl start -- "$unit" 2>/dev/null; fi
	done
}

start_what_was_active() {
	start_sockets
	while read -r unit; do
		case $(property_of "$unit" ActiveState) in
		active | activating | reloading) ;;
		*) systemctl start --no-block -- "$unit" 2>/dev/null ;;
		esac
	done <"$dir/active-before"
}

# What counts is what then is: the system link, the profile, and the units that ran before. One that waits for another to
# be up is not lost yet.
judge_the_way_back() {
	patience=$(($(uptime_seconds) + ROLLBACK_LIMIT))
	while :; do
		# Asked first: what is lost with an empty queue is lost.
		jobs=$(queued_jobs)
		lost=$(lost_units)
		if [ -z "$lost" ] || [ -z "$jobs" ] || [ "$(uptime_seconds)" -ge "$patience" ]; then break; fi
		sleep 1
	done
	if [ "$(readlink -f /run/current-system)" = "$OLD" ] && [ -z "$lost" ] && boots_the_old; then
		finish rolled-back "$reason"
	fi
	hold_or_reboot "$(printf '%s\n' "$lost" | sort -u | sed '/^$/d')"
}

# dash's echo would read the backslashes of a name.
lost_units() {
	while read -r unit; do
		case $(property_of "$unit" ActiveState) in
		active | activating | reloading) ;;
		*) [ "$(systemctl show --property=Result --value -- "$unit")" = success ] && is_passing "$unit" || printf 'lost-unit %s\n' "$unit" ;;
		esac
	done <"$dir/active-before"
	{ failed_units || echo '(systemd does not answer)'; } | while read -r unit; do
		grep -qxF -e "$unit" "$dir/failed-before" || printf 'lost-unit %s\n' "$unit"
	done
}

# A unit that ended well by itself meanwhile: a oneshot, a timer that elapsed, a mount that was used.
is_passing() {
	case $1 in
	*.service) [ "$(systemctl show --property=RemainAfterExit --value -- "$1")" = no ] && [ "$(systemctl show --property=Type --value -- "$1")" = oneshot ] ;;
	*.timer | *.mount | *.path) true ;;
	*) false ;;
	esac
}

boots_the_old() {
	[ "$(readlink -f "$profile")" = "$OLD_PROFILE" ] || return 1
	if [ "$TRIAL" = yes ] && [ "$(boots_once)" = "$NEW" ]; then return 1; fi
	case $(boot_default) in
	# It cannot be read: it was never written, or its program said that it was restored.
	"unknown -") [ ! -e "$dir/unrestored" ] ;;
	*" $OLD_BOOT_DEFAULT") ;;
	*) return 1 ;;
	esac
}

# hold_or_reboot LINES: the host could not be put back. Somebody who still reaches it may hold it as it is, by a new
# connection; after the window the policy decides.
hold_or_reboot() {
	set_deadline "$HOLD_WINDOW"
	: >"$dir/unheld"
	set_state holding
	while [ -e "$dir/unheld" ] && ! deadline_passed; do sleep 0.2; done
	if [ "$IF_ROLLBACK_FAILS" = reboot ] && mv -T "$dir/unheld" "$dir/rebooting" 2>/dev/null; then
		write_rebooting "$reason" 'then reboot' "rollback-exit $code" "$1"
		sync
		reboot_now
		exit 0
	fi
	finish in-doubt "$reason" 'then hold' "rollback-exit $code" "$1"
}

# The verdict stands. Whoever watched has read it within ten seconds; then nothing of us is left but the history. Where
# that had no room for it, we stay and try again every ten seconds.
tidy() {
	if [ -e "$dir/begun" ] && ! has_ended; then
		write_ended "$(sed -n '1s/^verdict //p' "$dir/end")" "$(sed 1d "$dir/end")" || exit 0
	fi
	if [ "$(seconds_since "$dir/ended-at")" -ge 8 ]; then clear_deployment "$id"; fi
	exit 0
}

main
