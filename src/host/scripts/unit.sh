# The limits of the journal are of each unit and given as two: an interval of 0 means journald's own (systemd 257), which
# drops what a long activation prints.
#
# start_unit NAME LIMIT-SECONDS [PROPERTY...] -- COMMAND...: starts a transient unit that logs to the journal and
# belongs to the host alone: nothing of it hangs on a connection. The name stays free for systemd to refuse.
start_unit() {
	unit=$1
	limit=$2
	shift 2
	properties=
	while [ "$1" != -- ]; do
		properties="$properties --property=$1"
		shift
	done
	shift
	# shellcheck disable=SC2086 # our own literal words, split on purpose
	systemd-run --quiet --collect --no-ask-password --unit="$unit" --service-type=exec \
		--description="flurry deployment $id" \
		--property=StandardOutput=journal --property=StandardError=journal \
		--property=SyslogIdentifier="flurry-$id" --property=LogRateLimitIntervalSec=1s --property=LogRateLimitBurst=4000000000 \
		--property=RuntimeMaxSec="$limit" --property=TimeoutStopSec=10 --property=OOMPolicy=continue \
		--property=DefaultDependencies=no --property=IgnoreOnIsolate=yes \
		--property=Before=shutdown.target --property=Conflicts=shutdown.target $properties \
		--setenv=PATH="$PATH" --setenv=HOME=/root --setenv=LC_ALL=C \
		-- "$@"
}

# Tells whether the unit is still at work; a unit that is gone, or never was, is not. No answer says nothing about it.
unit_works() {
	case $(systemctl is-active -- "$1" 2>/dev/null) in
	active | activating | deactivating | reloading | '') return 0 ;;
	*) return 1 ;;
	esac
}

# Prints an empty line every few seconds, so that a reader who is gone ends a wait by SIGPIPE, and one who is there knows
# that we are. By the clock: on a busy host a tenth of a second takes longer.
say_alive() {
	read -r uptime _ </proc/uptime
	: "${said_alive:=${uptime%%.*}}"
	[ "$((${uptime%%.*} - said_alive))" -ge 4 ] || return 0
	echo
	said_alive=${uptime%%.*}
}

# look_later LOOKS: the pause behind so many looks at what is waited for. Much of it is there within half a second, and
# looked at closely that long; but each pause is a program, and a wait must not keep a small host busy.
look_later() {
	if [ "$1" -le 10 ]; then sleep 0.02; elif [ "$1" -le 16 ]; then sleep 0.05; else sleep 0.1; fi
}

# await_file FILE UNIT SECONDS: returns when the unit has written its result; fails when it is gone without one, or after
# so long.
await_file() {
	looks=0
	while [ ! -e "$1" ]; do
		looks=$((looks + 1))
		[ "$looks" -lt $((11 + 10 * $3)) ] || return 1
		if [ "$looks" -ge 20 ] && [ $((looks % 10)) = 0 ] && ! unit_works "$2"; then
			[ -e "$1" ]
			return
		fi
		say_alive
		look_later "$looks"
	done
}

# While systemd is executed anew (daemon-reexec) it answers nobody for a moment. Waits for it, 30 s at most.
await_systemd() {
	silences=0
	until systemctl show --property=Version >/dev/null 2>&1; do
		silences=$((silences + 1))
		[ "$silences" -lt 60 ] || return 1
		sleep 0.5
	done
}

# property_of UNIT PROPERTY: what systemd says of a unit, asked once more where it did not answer.
property_of() {
	systemctl show --property="$2" --value -- "$1" 2>/dev/null && return
	await_systemd
	systemctl show --property="$2" --value -- "$1"
}

# Fails where systemd does not answer: no answer is not the same as no failed unit.
failed_units() {
	failed_now=$(list_failed_units) || { await_systemd && failed_now=$(list_failed_units); } || return 1
	if [ -n "$failed_now" ]; then printf '%s\n' "$failed_now" | cut -d ' ' -f 1; fi
}

list_failed_units() {
	systemctl list-units --all --full --plain --no-legend --no-pager --state=failed,auto-restart
}

# Writes a line into the journal behind all lines of the unit: whoever follows the log has seen everything once it comes.
# journald tells its readers only now and then that there is more to read, up to half a second later (its post-change
# timer). They look as well at any change of the file, be it that it gets the times that it has.
mark_log() {
	journalctl --sync 2>/dev/null
	printf '%s\n' "$1" | systemd-cat -t "flurry-$id" 2>/dev/null
	journalctl --sync 2>/dev/null
	for journal in /run/log/journal/*/system.journal /var/log/journal/*/system.journal; do
		if [ -e "$journal" ]; then touch -c -r "$journal" "$journal"; fi
	done
}

# Tells whether deployment $id has a unit that will yet bring it to an end.
anybody_works() {
	unit_works flurry-activate.service || unit_works "flurry-rollback-$id.service" ||
		systemctl is-active --quiet "flurry-rollback-$id.timer"
}

# Tells whether the host is going down. It has ended our units then, and what it comes up in decides: whoever asks how
# a deployment ended is better off looking for it in the next boot.
goes_down() {
	[ "$(systemctl is-system-running 2>/dev/null)" = stopping ]
}
