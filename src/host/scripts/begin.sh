# Makes the deployment's folder and puts the scripts of its units there: $1 is its id, then NAME CONTENT pairs.
# They are files, since a unit needs something to run that no login brings along.
set -eu
umask 077
id=$1
dir=/run/flurry/$id
shift
mkdir -p "$dir"
while [ "$#" -ge 2 ]; do
	printf '%s' "$2" >"$dir/$1.new"
	mv -f "$dir/$1.new" "$dir/$1"
	shift 2
done
set +eu
