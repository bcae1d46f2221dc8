# set_state WORD: says where the transaction stands. Written aside and renamed: a reader sees a whole word or the one
# before, and a full /run leaves the old word instead of an empty file.
set_state() {
	printf '%s\n' "$1" >"$dir/state.new" && mv -f "$dir/state.new" "$dir/state"
}
