# Makes the deployment's folder and puts the scripts of its units there: $1 is its id, then NAME CONTENT pairs.
# They are files, since a unit needs something to run that no login brings along. Says where /run has no room for them.
umask 077
id=$1
dir=/run/flurry/$id
shift

fill_folder() {
	mkdir -p "$dir" || return
	while [ "$#" -ge 2 ]; do
		printf '%s' "$2" >"$dir/$1.new" && mv -f "$dir/$1.new" "$dir/$1" || return
		shift 2
	done
}

if ! fill_folder "$@"; then
	free=$(df -Pk /run | awk 'NR == 2 { print $4 }')
	# Of a full file system dash says “I/O error”.
	[ "$free" -lt 1024 ] || exit 1
	echo "free-kib $free"
	exit 0
fi
