# Tells what would become of the host if the transaction of deployment $1 began now, as lines "KEY VALUE", and begins
# nothing: what the gate would say, what dry activation says, and how the closures differ. Self-checks are not run: they
# may do as they please. $2 new and $3 running toplevel, $4 goal, $5 INHIBITED, $6 DEGRADED, $7 SELF_CHECK, then limits in
# seconds: of self-checks, of activation, and of a lock held by somebody; then what is to run of the new one: itself, or a
# specialisation of it.
id=$1
dir=/run/flurry/$id
NEW=$2 OLD=$3 GOAL=$4 INHIBITED=$5 DEGRADED=$6 SELF_CHECK=$7
SELF_CHECK_LIMIT=$8
ACTIVATION_LIMIT=$9
LOCK_LIMIT=${10}
RUNS=${11}
cd /

main() {
	if [ "$GOAL" != build ]; then gate; fi
	case $GOAL in
	dry-activate | test | promote) tell_units ;;
	esac
	tell_closure
}

# As the transaction's, for the gate: what it would end with is said.
finish() {
	printf 'verdict %s\n' "$1"
	shift
	printf '%s\n' "$@" | sed '/^$/d'
	tell_said
	exit 0
}

self_check() {
	printf 'self-check %s\n' "$1"
}

# switch_to NAME TOPLEVEL ACTION LIMIT: as the transaction's, but in no unit: what changes nothing may be cut off. What it
# prints goes to a file: its output must not hang on the connection.
switch_to() {
	patience=$(($(uptime_seconds) + LOCK_LIMIT))
	while :; do
		NIXOS_INSTALL_BOOTLOADER=0 timeout -k 5 "$4" "$2/bin/switch-to-configuration" "$3" >"$dir/said" 2>&1 </dev/null
		code=$?
		case $code in
		124 | 137) code=timeout ;;
		11) code=locked ;;
		esac
		[ "$code" = locked ] && [ "$(uptime_seconds)" -lt "$patience" ] || return
		sleep 1
	done
}

tell_said() {
	tail -c 200000 "$dir/said" 2>/dev/null | awk '{ print "said " $0 }'
}

tell_units() {
	switch_to preview "$RUNS" dry-activate "$ACTIVATION_LIMIT"
	if [ "$code" = 0 ]; then
		echo 'previewed yes'
		tell_said
		tell_new_units
	elif [ "$GOAL" = dry-activate ]; then
		finish failed 'code preview-failed' "exit $code"
	fi
}

# Dry activation does not tell of units that are new: targets pull them in. A target may be new itself.
tell_new_units() {
	units=$RUNS/etc/systemd/system
	coming=
	before=-
	while [ "$coming" != "$before" ]; do
		before=$coming
		for link in "$units"/*.wants/* "$units"/*.requires/*; do
			below=${link#"$units/"}
			if ! [ -L "$link" ] || [ -L "$OLD/etc/systemd/system/$below" ]; then continue; fi
			target=${below%/*}
			target=${target%.*}
			case $coming in *" ${link##*/} "*) continue ;; esac
			case $coming in
			*" $target "*) ;;
			*) systemctl is-active --quiet -- "$target" || continue ;;
			esac
			if systemctl is-active --quiet -- "${link##*/}"; then continue; fi
			printf 'new-unit %s\n' "${link##*/}"
			coming="$coming ${link##*/} "
		done
	done
}

tell_closure() {
	nix-store --query --requisites "$OLD" >"$dir/closure-old" && nix-store --query --requisites "$NEW" >"$dir/closure-new" || return
	sort -o "$dir/closure-old" "$dir/closure-old"
	sort -o "$dir/closure-new" "$dir/closure-new"
	tell_paths gone -23
	tell_paths come -13
}

# tell_paths KEY COLUMN: the store paths that only one of the two has: the size and the name of each, as far as an answer
# has room, and how many and how large they are in all.
tell_paths() {
	comm "$2" "$dir/closure-old" "$dir/closure-new" >"$dir/paths"
	if [ -s "$dir/paths" ]; then xargs nix-store --query --size <"$dir/paths"; fi | paste -d ' ' - "$dir/paths" | awk -v key="$1" '
		NF == 2 {
			paths++
			bytes += $1
			sub(/^\/nix\/store\/[^-]*-/, "", $2)
			if (paths <= 8000) print key, $1, $2
		}
		END { printf "%s-paths %d\n%s-bytes %.0f\n", key, paths, key, bytes }'
}

main
