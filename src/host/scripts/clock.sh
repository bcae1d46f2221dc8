# Deadlines are seconds of /proc/uptime: nobody sets that clock, and it goes on while the host sleeps. All is read by the
# shell itself: those who wait ask ten times a second, and each program costs a small host a few milliseconds.
uptime_seconds() {
	read -r uptime _ </proc/uptime
	echo "${uptime%%.*}"
}

# set_deadline SECONDS: says by when the transaction has left its state; the rollback unit reads it.
set_deadline() {
	printf '%s\n' "$(($(uptime_seconds) + $1))" >"$dir/deadline.new" && mv -f "$dir/deadline.new" "$dir/deadline"
}

# deadline_passed [GRACE-SECONDS]: a deadline that is missing or unreadable has passed: silence means no.
deadline_passed() {
	deadline=
	read -r deadline 2>/dev/null <"$dir/deadline"
	case $deadline in
	'' | *[!0-9]*) return 0 ;;
	esac
	read -r uptime _ </proc/uptime
	[ "${uptime%%.*}" -ge "$((deadline + ${1:-0}))" ]
}

# seconds_since FILE: since the uptime that is noted in it. Of a file that is missing, or empty as a full /run leaves one,
# that is long ago.
seconds_since() {
	noted=$(cat "$1" 2>/dev/null)
	case $noted in
	'' | *[!0-9]*) noted=0 ;;
	esac
	echo "$(($(uptime_seconds) - noted))"
}
