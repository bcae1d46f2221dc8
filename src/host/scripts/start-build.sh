# Builds in a unit of its own and waits for its end; the last lines printed are "KEY VALUE". Asked again, since contact was
# lost, it waits for the build that goes on.
# $1 id, $2 limit in seconds, $3 the mark that closes the log, $4 the specialisation that is
# to run, or empty, then the arguments of `nix build`.
id=$1 limit=$2 mark=$3 specialisation=$4
shift 4
dir=/run/flurry/$id
unit=flurry-build-$id.service
if [ ! -e "$dir/build.begun" ]; then
	if ! start_unit "$unit" "$limit" OOMScoreAdjust=900 Nice=10 IOWeight=20 -- \
		"$(readlink -f "$(command -v sh)")" "$dir/build.sh" "$dir" "$@"; then
		[ -e "$dir/build.end" ] || unit_works "$unit" || exit 3
	fi
	uptime_seconds >"$dir/build.begun"
fi
await_file "$dir/build.end" "$unit" "$((limit + 30))" || echo "vanished-after $(seconds_since "$dir/build.begun")"
mark_log "$mark"
if [ -e "$dir/build.end" ]; then cat "$dir/build.end"; fi
if built=$(readlink -e "$dir/toplevel"); then tell_change "$built" "$specialisation"; fi
