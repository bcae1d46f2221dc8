# Builds in a unit of its own and waits for its end; the last lines printed are "KEY VALUE".
# $1 id, $2 limit in seconds, $3 the mark that closes the log, then the arguments of `nix build`.
id=$1 limit=$2 mark=$3
shift 3
dir=/run/flurry/$id
unit=flurry-build-$id.service
start_unit "$unit" "$limit" OOMScoreAdjust=900 Nice=10 IOWeight=20 -- \
	"$(readlink -f "$(command -v sh)")" "$dir/build.sh" "$dir" "$@" || exit 3
await_file "$dir/build.end" "$unit" "$((limit + 30))" || echo 'end vanished'
mark_log "$mark"
if [ -e "$dir/build.end" ]; then cat "$dir/build.end"; fi
