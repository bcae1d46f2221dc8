# Waits for the end of the build of deployment $1, which somebody else began, and then for a while for its transaction to
# begin. $2 is the mark that closes the build's log. The last lines printed are "KEY VALUE".
id=$1 mark=$2
dir=/run/flurry/$id
unit=flurry-build-$id.service
# The unit keeps its own limit, which is not known here.
await_file "$dir/build.end" "$unit" 2000000
mark_log "$mark"
echo "memory-kib $(sed -n 's/^MemTotal:[[:space:]]*\([0-9]*\) kB$/\1/p' /proc/meminfo)"
if [ -e "$dir/build.end" ]; then
	cat "$dir/build.end"
elif [ -d "$dir" ]; then
	echo "vanished-after $(seconds_since "$dir/build.begun")"
# Whoever began it has cleared it away already. systemd notes a unit that failed under this id of its message.
elif [ -n "$(journalctl --quiet --boot --no-pager --output=cat --lines=1 _PID=1 UNIT="$unit" \
	MESSAGE_ID=d9b373ed55a64feb8242e02dbe79a49c 2>/dev/null)" ]; then
	echo 'exit 1'
else
	echo 'exit 0'
fi
moments=0
while [ -d "$dir" ] && [ ! -e "$dir/state" ] && [ "$moments" -lt 150 ] && grep -qx 'exit 0' "$dir/build.end"; do
	moments=$((moments + 1))
	say_alive
	sleep 0.1
done 2>/dev/null
if [ -e "$dir/state" ]; then echo 'transaction begun'; elif [ -d "$dir" ]; then echo 'transaction none'; else echo 'transaction cleared'; fi
