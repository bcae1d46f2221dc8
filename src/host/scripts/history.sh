# What outlives /run: the history, a line `begun` and a line `ended` for each deployment, and the intent that stands
# while a promotion is under way. Values from a host are escaped.
records=/var/lib/flurry

json_text() {
	case $1 in
	# Almost all are plain, and three programs for each would take a while.
	*[!-_./:@a-zA-Z0-9]*) printf '"%s"' "$(printf '%s' "$1" | tr -d '\000-\037' | sed 's/[\\"]/\\&/g')" ;;
	*) printf '"%s"' "$1" ;;
	esac
}

# write_history LINE: appends and syncs. A torn last line gets its line break first; the last 200 deployments are kept.
write_history() {
	mkdir -p "$records" || return 1
	if [ -s "$records/history.jsonl" ] && [ -n "$(tail -c 1 "$records/history.jsonl")" ]; then
		printf '\n' >>"$records/history.jsonl" || return 1
	fi
	printf '%s\n' "$1" >>"$records/history.jsonl" || return 1
	if [ "$(wc -l <"$records/history.jsonl")" -gt 400 ]; then
		tail -n 400 "$records/history.jsonl" >"$records/history.new" && mv -f "$records/history.new" "$records/history.jsonl"
	fi
	sync -f "$records"
}

# write_late ID VERDICT: the end of a deployment that did not come to write it; why, only it can have said before.
write_late() {
	said=$(sed -n "/^{\"event\":\"rebooting\",\"id\":\"$1\"/s/.*\"facts\":\[\(.*\)\]}\$/\1/p" "$records/history.jsonl" 2>/dev/null)
	[ -n "$said" ] || said='"code ended-by-reboot"'
	write_history "{\"event\":\"ended\",\"id\":$(json_text "$1"),\"at\":\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\",\"verdict\":\"$2\",\"facts\":[$said],\"seconds\":0}"
}

remove_intent() {
	rm -f "$records/pending.json" "$records/pending.new"
	sync -f "$records" 2>/dev/null || true
}

boot_id() {
	cat /proc/sys/kernel/random/boot_id
}
