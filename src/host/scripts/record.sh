# What a transaction records of itself. The release is a JSON object that the coordinator wrote.
write_begun() {
	write_history "{\"event\":\"begun\",\"id\":$(json_text "$id"),\"at\":\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\",\"boot\":\"$(boot_id)\",\"by\":$(json_text "$OWNER"),\"goal\":\"$GOAL\",\"old\":$(json_text "$OLD"),\"new\":$(json_text "$NEW"),\"release\":$(cat "$dir/release.json")}"
}

# write_ended VERDICT [LINE...]: the lines "KEY VALUE" of the end become a list of texts.
write_ended() {
	verdict=$1
	shift
	facts=$(printf '%s\n' "$@" | tr -d '\000-\011\013-\037' | sed '/^$/d; s/[\\"]/\\&/g; s/.*/"&"/' | paste -s -d , -)
	seconds=$(($(uptime_seconds) - $(cat "$dir/begun-at" 2>/dev/null || uptime_seconds)))
	write_history "{\"event\":\"ended\",\"id\":$(json_text "$id"),\"at\":\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\",\"verdict\":\"$verdict\",\"facts\":[$facts],\"seconds\":$seconds}"
}

# has_ended: whether the history has a verdict of this deployment.
has_ended() {
	grep -q "^{\"event\":\"ended\",\"id\":\"$id\"" "$records/history.jsonl" 2>/dev/null
}

# write_intent: what a promotion is about to do, on disk before it does it.
write_intent() {
	mkdir -p "$records" &&
		printf '{"id":%s,"boot":"%s","old":%s,"oldProfile":%s,"new":%s}\n' "$(json_text "$id")" "$(boot_id)" \
			"$(json_text "$OLD")" "$(json_text "$OLD_PROFILE")" "$(json_text "$NEW")" >"$records/pending.new" &&
		sync -f "$records" && mv -f "$records/pending.new" "$records/pending.json" && sync -f "$records"
}
