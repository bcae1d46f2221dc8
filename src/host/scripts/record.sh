# What a transaction records of itself. The release is a JSON object that the coordinator wrote.
write_begun() {
	write_history "{\"event\":\"begun\",\"id\":$(json_text "$id"),\"at\":\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\",\"boot\":\"$(boot_id)\",\"by\":$(json_text "$OWNER"),\"goal\":\"$GOAL\",\"trial\":\"${TRIAL:-no}\",\"old\":$(json_text "$OLD"),\"new\":$(json_text "$NEW"),\"runs\":$(json_text "${RUNS:-$NEW}"),\"oldProfile\":$(json_text "$OLD_PROFILE"),\"release\":$(cat "$dir/release.json")}"
}

# texts_of LINE...: the lines "KEY VALUE" of an end as the texts of a JSON list.
texts_of() {
	printf '%s\n' "$@" | tr -d '\000-\011\013-\037' | sed '/^$/d; s/[\\"]/\\&/g; s/.*/"&"/' | paste -s -d , -
}

# write_rebooting LINE...: the host reboots since it could not put itself back. Its end is written at the next contact,
# from what it then is, with these lines.
write_rebooting() {
	write_history "{\"event\":\"rebooting\",\"id\":$(json_text "$id"),\"at\":\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\",\"facts\":[$(texts_of "$@")]}"
}

# write_ended VERDICT [LINE...]
write_ended() {
	verdict=$1
	shift
	facts=$(texts_of "$@")
	seconds=$(seconds_since "$dir/begun-at")
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

# intent_is_ours: whether the intent on disk is of this deployment. Another's way back may be promoting while we are refused.
intent_is_ours() {
	grep -q "^{\"id\":\"$id\"" "$records/pending.json" 2>/dev/null
}
